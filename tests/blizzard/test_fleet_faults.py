"""The shared pace on hybrid while its Redis is away: turns go on alone, nobody is told otherwise, and all find back."""

import asyncio
from collections.abc import Iterator

import pytest

from blizzard.pace import ThrottleSettings
from blizzard.throttle import Throttle
from errors import StorageUnavailable, UpstreamRateLimited
from metrics import Metrics
from refresh.pace import paces_of
from storage import CacheEntry, Storage, open_storage
from tests.clock import FrozenClock
from tests.storage.own_hybrid import Servers, own_servers

SETTINGS = ThrottleSettings(start_delay=0.5, min_delay=0.5)
LONGEST_PAUSE = (
    31.0  # seconds after which the breaker before Redis lets a trial through, whatever happened before
)


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with own_servers(tmp_path_factory.mktemp("redis")) as servers:
        yield servers


def joined(storage: Storage, clock: FrozenClock, metrics: Metrics) -> Throttle:
    """A process that takes its turns from the storage."""
    paces = paces_of(storage, SETTINGS, clock, metrics)
    return Throttle(SETTINGS, clock, metrics, paces=paces, jitter=lambda: 0.5)


def shared(metrics: Metrics) -> float | None:
    return metrics.registry.get_sample_value("playgraph_upstream_throttle_shared")


async def test_without_redis_turns_go_on_and_a_refusal_is_told_when_it_is_back(
    servers: Servers, clock: FrozenClock
) -> None:
    metrics, others_metrics = Metrics(), Metrics()
    async with (
        open_storage(servers.options, clock=clock, metrics=metrics) as storage,
        open_storage(servers.options, clock=clock, metrics=others_metrics) as others_storage,
    ):
        throttle = joined(storage, clock, metrics)
        other = joined(others_storage, clock, others_metrics)
        await throttle.turn()
        await other.turn()
        was_shared = (shared(metrics), shared(others_metrics))

        servers.redis.kill()
        try:
            for _ in range(3):
                await throttle.turn()
            with pytest.raises(StorageUnavailable):
                await storage.cache.replace("a", CacheEntry(b"", 1), expected_order=None, now=0)
            await throttle.refuse()
            alone_for = throttle.penalty_seconds
            was_alone = shared(metrics) == 0
        finally:
            servers.redis.start()
        clock.advance(60 + LONGEST_PAUSE)
        await throttle.turn()
        await throttle.refuse()
        others_outcome = (await asyncio.gather(other.turn(), return_exceptions=True))[0]

        assert was_shared == (1.0, 1.0)
        assert (was_alone, alone_for) == (True, 60.0)
        assert isinstance(others_outcome, UpstreamRateLimited)
        assert (shared(metrics), shared(others_metrics)) == (1.0, 1.0)
