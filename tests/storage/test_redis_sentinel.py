"""A primary that dies under a Sentinel: calls fail with their type for a moment, then the replica is the primary."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from errors import StorageUnavailable
from metrics import Metrics
from models.events import Pointer
from storage import CacheEntry, StorageOptions, open_storage
from storage.options import RedisOptions
from tests.clock import FrozenClock
from tests.servers.missing import require
from tests.servers.redis import WatchedPair, redis_sentinel
from tests.storage.made import ID, NOW, made_player
from tests.storage.real_cluster import complaint_about_redis_server
from tests.storage.redis_buses import TOPIC, look

END = NOW + 60_000
TIMEOUT = 0.5


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[WatchedPair]:
    require(complaint_about_redis_server())
    with redis_sentinel(tmp_path) as pair:
        yield pair


async def test_after_a_failover_everything_goes_on_with_the_replica(
    pair: WatchedPair, clock: FrozenClock, metrics: Metrics
) -> None:
    options = StorageOptions("redis", redis=RedisOptions(pair.url, timeout_seconds=TIMEOUT))
    async with (
        open_storage(options, clock=clock, metrics=metrics) as storage,
        open_storage(options, clock=clock, metrics=Metrics()) as other,
        other.bus.subscribe([TOPIC]) as theirs,
    ):
        record = await storage.players.save(made_player(), [])
        await storage.cache.set_many({"a": CacheEntry(b"x", END)}, now=NOW)
        replicated = pair.master.ask("WAIT", 1, 5_000)
        pair.master.kill()
        begun, waits = time.monotonic(), []
        while True:
            called = time.monotonic()
            try:
                await storage.counters.add("a", 1, now=NOW, expires_at=END)
                break
            except StorageUnavailable:
                waits.append(time.monotonic() - called)
                await asyncio.sleep(0.01)
        recovered = time.monotonic() - begun
        kept = (await storage.players.get_many([ID]))[ID].record
        copies = await storage.cache.get_many(["a"], now=NOW)
        gap = await look(theirs)
        await storage.bus.publish([Pointer(TOPIC, 8)])
        told = await look(theirs)

    assert replicated == 1
    assert waits
    assert max(waits) < TIMEOUT + 0.5
    assert recovered < 10.0
    assert (kept, copies) == (record, {"a": CacheEntry(b"x", END)})
    assert (gap, told) == ([Pointer(TOPIC, 0)], [Pointer(TOPIC, 8)])
