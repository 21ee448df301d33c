"""A deadline of a call tells a server that is slow from a process that is busy."""

import asyncio
import time

import pytest

from storage.redis.deadline import Deadline


def stand_still(seconds: float) -> None:
    """What a burst of work does to the event loop."""
    time.sleep(seconds)


async def test_what_takes_longer_is_ended() -> None:
    with pytest.raises(TimeoutError):
        async with Deadline(0.05):
            await asyncio.Event().wait()


async def test_what_ends_in_time_is_left_alone() -> None:
    async with Deadline(60):
        done = await asyncio.sleep(0, "done")

    assert done == "done"


async def test_an_answer_that_lies_there_while_the_process_is_busy_is_in_time() -> None:
    answer = asyncio.get_running_loop().create_future()

    async with Deadline(0.05):
        asyncio.get_running_loop().call_later(0.01, answer.set_result, "there")
        # The whole loop stands still for longer than the deadline.
        stand_still(0.1)
        found = await answer

    assert found == "there"


async def test_a_busy_process_still_comes_to_an_end() -> None:
    turns = 0

    async def be_busy() -> None:
        nonlocal turns
        while True:
            stand_still(0.02)
            turns += 1
            await asyncio.sleep(0)

    busy = asyncio.create_task(be_busy())
    with pytest.raises(TimeoutError):
        async with Deadline(0.008):
            await asyncio.Event().wait()
    busy.cancel()

    assert turns >= 8


async def test_a_call_that_is_cancelled_is_cancelled_and_not_late() -> None:
    async def call() -> None:
        async with Deadline(60):
            await asyncio.Event().wait()

    task = asyncio.create_task(call())
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_error_of_the_call_stays_what_it_is() -> None:
    with pytest.raises(ConnectionError):
        async with Deadline(60):
            raise ConnectionError
