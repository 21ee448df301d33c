"""The schema with subscriptions in a process of its own, served as the product is: `python -m` this."""

import asyncio
import contextlib

from commands.serve import end_in_order_when_told, serve_app
from execution.subscriptions.options import StreamOptions
from metrics import Metrics
from settings import load_settings
from tests.execution.stream_schema import Board
from tests.execution.streaming import build


def _say(text: str) -> None:
    print(text, flush=True)


def main() -> None:
    """Serve on a free port; the first line is the address, and the last one, at the end, what subscriptions wrote."""
    board = Board()
    end_in_order_when_told()
    with contextlib.suppress(KeyboardInterrupt):
        app = build(board, Metrics(), StreamOptions())
        asyncio.run(serve_app(app, load_settings(port=0, _env_file=None), _say))
    _say(",".join(board.marks))


if __name__ == "__main__":
    main()
