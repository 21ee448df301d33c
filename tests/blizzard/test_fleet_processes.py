"""Three real processes on a real server ask a simulated upstream: they keep one pace, one refusal stops all of them."""

import asyncio
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

from blizzard.simulator.faults import Fault
from blizzard.simulator.server import Simulator
from tests.storage.load import eventually
from tests.storage.real_postgres import own_postgres
from tests.storage.real_redis import own_redis

ROOT = Path(__file__).resolve().parents[2]
DEADLINE = 60.0


@asynccontextmanager
async def child(target: str, url: str) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.blizzard.fleet_child", target, url), cwd=ROOT, stdin=PIPE, stdout=PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        # Reads what is left, so that the pipes are closed before the loop is.
        await process.communicate()


async def line_of(process: Process) -> str:
    assert process.stdout is not None
    return (await asyncio.wait_for(process.stdout.readline(), DEADLINE)).decode().rstrip()


def go(process: Process) -> None:
    assert process.stdin is not None
    process.stdin.write(b"\n")


async def until_asked(simulator: Simulator, count: int) -> float:
    """The time at which upstream had been asked so often, by a clock that only goes forward."""
    await eventually(lambda: simulator.requests >= count, DEADLINE)
    return time.monotonic()


async def keep_one_pace(target: str) -> None:
    async with Simulator(players=1) as simulator, AsyncExitStack() as stack:
        processes = [await stack.enter_async_context(child(target, simulator.url)) for _ in range(3)]
        assert [await line_of(process) for process in processes] == ["ready"] * 3

        for process in processes:
            go(process)
        began_at = await until_asked(simulator, 10)
        lasted = await until_asked(simulator, 60) - began_at
        simulator.faults = replace(simulator.faults, shares={Fault.REFUSED: 1.0})
        before = simulator.requests
        answers = [(await line_of(process)).split() for process in processes]

    # Fifty requests, a tenth of a second apart. Turns go to whoever asks first: all have some, not equally many.
    assert 4.8 <= lasted <= 10
    assert min(int(asked) for asked, _ in answers) >= 1
    assert all(55 <= int(wait) <= 60 for _, wait in answers)
    # The refused one, and what had left before its answer was told.
    assert simulator.requests - before <= 4


async def test_three_processes_on_redis_keep_one_pace_and_stop_together() -> None:
    async with own_redis() as options:
        await keep_one_pace(f"{options.url}#{options.key_prefix}")


async def test_three_processes_on_postgres_keep_one_pace_and_stop_together() -> None:
    async with own_postgres() as options:
        await keep_one_pace(options.url)
