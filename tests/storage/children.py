"""Starts other processes on a database file, and ends those that a test leaves behind."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@asynccontextmanager
async def child(module: str, target: Path | str) -> AsyncIterator[Process]:
    """A process that runs a module of this folder on a file or a URL; killed at the end if it still runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", f"tests.storage.{module}", str(target), cwd=ROOT, stdin=PIPE, stdout=PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        # Reads what is left, so that the pipes are closed before the loop is.
        await process.communicate()


async def line_of(process: Process) -> str:
    """The next line that the process prints; empty when it has ended."""
    assert process.stdout is not None
    return (await process.stdout.readline()).decode().rstrip()
