"""Waiting for a signal that may be lost: whoever waits looks for itself on a slow tick as well."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from clock import Clock
from models.events import JOBS_TOPIC
from storage import EventBus, Subscription


async def woken(wakes: Subscription, clock: Clock, tick_seconds: float) -> None:
    """Return when something was published, or `tick_seconds` from now at the latest."""
    waiting = [asyncio.ensure_future(wakes.wait()), asyncio.ensure_future(clock.sleep(tick_seconds))]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


@asynccontextmanager
async def ringing(bell: asyncio.Event, bus: EventBus) -> AsyncIterator[None]:
    """Until the end of the block, set `bell` whenever any process says that there is background work."""
    ready = asyncio.Event()

    async def listen() -> None:
        async with bus.subscribe([JOBS_TOPIC]) as wakes:
            ready.set()
            while True:
                await wakes.wait()
                bell.set()

    listening = asyncio.create_task(listen(), name="job bell")
    try:
        await ready.wait()
        yield
    finally:
        listening.cancel()
        await asyncio.wait([listening])
