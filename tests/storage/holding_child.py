"""A server in miniature: opens the storage of the given file, says so, and holds it until its input closes.

Run as `python -m tests.storage.holding_child FILE`. Prints `open`, or `refused` and why.
"""

import asyncio
import sys
from pathlib import Path

import structlog

from clock import SystemClock
from errors import StartRefused
from metrics import Metrics
from storage import StorageOptions, open_storage


async def hold(path: Path) -> None:
    options = StorageOptions(backend="sqlite", path=path)
    try:
        async with open_storage(options, clock=SystemClock(), metrics=Metrics()):
            print("open", flush=True)
            await asyncio.to_thread(sys.stdin.read)
    except StartRefused as error:
        print(f"refused {error.message}", flush=True)


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # stdout is for the answers
    asyncio.run(hold(Path(sys.argv[1])))
