"""Buses on servers that tests break: opened with little patience, and what their subscribers were told."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from clock import SystemClock
from metrics import Metrics
from models.events import Pointer
from storage import RedisOptions, Subscription
from storage.bus.patience import Patience
from storage.bus.redis import open_redis_bus
from storage.bus.remote import RemoteBus
from storage.redis.connection import open_redis
from tests.servers.waiting import wait_until

TOPIC = "player:a"
GAP = Pointer(TOPIC, 0)
PATIENCE = Patience(answer=0.5, silence=0.2, first_pause=0.02, longest_pause=0.1)


@asynccontextmanager
async def opened_bus(
    url: str, metrics: Metrics | None = None, patience: Patience = PATIENCE
) -> AsyncIterator[RemoteBus]:
    """A bus as a process of its own would have it, whether its server is there or not."""
    options = RedisOptions(url, key_prefix="bus:", timeout_seconds=0.5)
    async with (
        open_redis(options, SystemClock(), is_required=False) as server,
        open_redis_bus(server, metrics or Metrics(), patience) as bus,
    ):
        yield bus


async def look(subscription: Subscription) -> Sequence[Pointer]:
    """What is told next, which has to come within some seconds."""
    async with asyncio.timeout(8.0):
        return await subscription.wait()


async def heard(subscription: Subscription, bus: RemoteBus, version: int) -> list[Pointer]:
    """All that is told from the time `bus` publishes this version to the time it is told."""
    await bus.publish([Pointer(TOPIC, version)])
    told: list[Pointer] = []
    while Pointer(TOPIC, version) not in told:
        # Signals of a time without connection are lost, so it is said again until it is heard.
        told += await look(subscription)
        if Pointer(TOPIC, version) not in told:
            await bus.publish([Pointer(TOPIC, version)])
    return told


async def until(is_so: Callable[[], bool]) -> None:
    """Let the loop go on until it is so; an AssertionError when that takes too long."""
    await asyncio.to_thread(wait_until, is_so)
