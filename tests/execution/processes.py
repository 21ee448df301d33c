"""Servers in processes of their own, ended as an operator ends them."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.architecture.sources import ROOT


@dataclass(frozen=True)
class Running:
    """A server process: its address, and its end."""

    process: asyncio.subprocess.Process
    url: str

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    async def terminate(self) -> tuple[str, float]:
        """Send SIGTERM and wait for the end: the rest of its output, and the seconds it took."""
        assert self.process.stdout is not None
        loop = asyncio.get_running_loop()
        started = loop.time()
        self.process.terminate()
        async with asyncio.timeout(20):
            rest = await self.process.stdout.read()
            await self.process.wait()
        return rest.decode(), loop.time() - started


@asynccontextmanager
async def running(
    arguments: Sequence[str] = ("-m", "tests.execution.stream_server"),
) -> AsyncIterator[Running]:
    """A Python program that prints its address first; killed at the end of the block if it still runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    try:
        address = await asyncio.wait_for(process.stdout.readline(), 20)
        yield Running(process, address.decode().strip())
    finally:
        if process.returncode is None:
            process.kill()
        await process.stdout.read()
        await process.wait()
