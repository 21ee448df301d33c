"""A server in miniature: opens the storage of the given file or server, says so, and holds it until its input closes.

Run as `python -m tests.storage.holding_child TARGET`. Prints `open`, or `refused` and why.
"""

import asyncio
import sys

import structlog

from clock import SystemClock
from errors import StartRefused
from metrics import Metrics
from storage import open_storage
from tests.storage.targets import options_of


async def hold(target: str) -> None:
    try:
        async with open_storage(options_of(target), clock=SystemClock(), metrics=Metrics()):
            print("open", flush=True)
            await asyncio.to_thread(sys.stdin.read)
    except StartRefused as error:
        print(f"refused {error.message}", flush=True)


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # stdout is for the answers
    asyncio.run(hold(sys.argv[1]))
