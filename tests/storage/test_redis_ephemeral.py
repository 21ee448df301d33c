"""What is particular to copies, counts and leases on Redis: round trips, expiry, exact numbers, prefixes."""

from collections.abc import AsyncIterator

import pytest

from metrics import Metrics
from storage import CacheEntry
from storage.options import RedisOptions
from storage.redis.cache import RedisCache
from storage.redis.connection import RedisServer, open_redis
from storage.redis.counters import RedisCounters
from storage.redis.ephemeral import _drop, ephemeral_statistics, sweep
from storage.redis.leases import RedisLeases
from tests.clock import FrozenClock
from tests.storage.probes import counted
from tests.storage.real_redis import own_redis
from tests.storage.redis_probes import own_server, sent_commands

LONG_AGO = 1_000_000_000_000  # in 2001
END = LONG_AGO + 1_000
MARGIN = 600_000
COPY_MARGIN = 60_000


@pytest.fixture
async def server(clock: FrozenClock) -> AsyncIterator[RedisServer]:
    async with own_server(clock) as server:
        yield server


@pytest.fixture
def cache(server: RedisServer, metrics: Metrics) -> RedisCache:
    return RedisCache(server, metrics)


@pytest.fixture
def counters(server: RedisServer, metrics: Metrics) -> RedisCounters:
    return RedisCounters(server, metrics)


@pytest.fixture
def leases(server: RedisServer, metrics: Metrics) -> RedisLeases:
    return RedisLeases(server, metrics)


async def life(server: RedisServer, key: str) -> int:
    """Milliseconds until Redis collects a key, by its own clock."""
    return int(await server.call("PTTL", key))


async def test_reading_a_thousand_copies_is_one_command(
    server: RedisServer, cache: RedisCache, metrics: Metrics, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [f"key-{number}" for number in range(1_000)]
    await cache.set_many(dict.fromkeys(keys, CacheEntry(b"x", END)), now=LONG_AGO)
    sent = sent_commands(server, monkeypatch)

    found = [len(await cache.get_many(keys[:count], now=LONG_AGO)) for count in (1, 50, 1_000)]

    assert found == [1, 50, 1_000]
    assert sent == ["MGET"] * 3
    assert (counted(metrics, "reads", "cache"), counted(metrics, "writes", "cache")) == (3, 1)


async def test_redis_collects_after_the_end_whatever_the_year_of_the_caller(
    server: RedisServer, cache: RedisCache, counters: RedisCounters, leases: RedisLeases
) -> None:
    await cache.set_many({"a": CacheEntry(b"x", END)}, now=LONG_AGO)
    await counters.add("a", 1, now=LONG_AGO, expires_at=END)
    await leases.acquire("a", "mine", now=LONG_AGO, expires_at=END)

    lives = [await life(server, key) for key in (server.keys.counter("a"), server.keys.lease("a"))]

    assert COPY_MARGIN < await life(server, server.keys.cache("a")) <= COPY_MARGIN + 1_000
    assert [MARGIN < each <= MARGIN + 1_000 for each in lives] == [True, True]


async def test_a_renewed_lease_is_collected_later(server: RedisServer, leases: RedisLeases) -> None:
    await leases.acquire("a", "mine", now=LONG_AGO, expires_at=END)

    await leases.renew("a", "mine", now=LONG_AGO, expires_at=END + 3_600_000)

    assert MARGIN + 3_600_000 < await life(server, server.keys.lease("a")) <= MARGIN + 3_601_000


async def test_what_ended_before_it_was_kept_is_kept_and_not_seen(
    cache: RedisCache, counters: RedisCounters, leases: RedisLeases
) -> None:
    await cache.set_many({"a": CacheEntry(b"x", LONG_AGO - 10**12)}, now=LONG_AGO)
    sums = [await counters.add("a", 2, now=LONG_AGO, expires_at=0) for _ in range(2)]
    taken = [await leases.acquire("a", token, now=LONG_AGO, expires_at=0) for token in ("mine", "yours")]

    assert await cache.get_many(["a"], now=LONG_AGO) == {}
    assert await cache.delete(["a"]) == 1
    assert (sums, taken) == ([2, 2], [True, True])


async def test_an_end_beyond_what_redis_can_count_is_an_end_all_the_same(
    cache: RedisCache, counters: RedisCounters, leases: RedisLeases
) -> None:
    never = 2**63 - 1
    await cache.set_many({"a": CacheEntry(b"x", never)}, now=LONG_AGO)

    assert await cache.get_many(["a"], now=LONG_AGO) == {"a": CacheEntry(b"x", never)}
    assert await counters.add("a", 2, now=LONG_AGO, expires_at=never) == 2
    assert await leases.acquire("a", "mine", now=LONG_AGO, expires_at=never) is True
    assert await leases.acquire("a", "yours", now=LONG_AGO, expires_at=never) is False


@pytest.mark.parametrize(
    ("higher", "lower"), [(0, -1), (-1, -2), (2**63 - 1, 2**63 - 2), (1, -(2**63)), (2**32, 2**32 - 1)]
)
async def test_orders_of_sixty_four_bits_are_compared_exactly(
    cache: RedisCache, higher: int, lower: int
) -> None:
    high, low = CacheEntry(b"high", END, higher), CacheEntry(b"low", END, lower)

    await cache.set_many({"a": high, "b": low}, now=LONG_AGO)
    await cache.set_many({"a": low, "b": high}, now=LONG_AGO)

    assert await cache.get_many(["a", "b"], now=LONG_AGO) == {"a": high, "b": high}


async def test_counts_of_sixty_four_bits_are_exact(counters: RedisCounters) -> None:
    await counters.add("a", 2**62, now=LONG_AGO, expires_at=END)

    assert await counters.add("a", 1, now=LONG_AGO, expires_at=END) == 2**62 + 1
    assert await counters.get_many(["a"], now=LONG_AGO) == {"a": 2**62 + 1}


async def test_statistics_are_the_bytes_of_names_and_contents(
    server: RedisServer, cache: RedisCache, counters: RedisCounters, leases: RedisLeases
) -> None:
    await cache.set_many({"é": CacheEntry(b"x" * 100, END), "b": CacheEntry(b"", END)}, now=LONG_AGO)
    await counters.add("four", 12_345, now=LONG_AGO, expires_at=END)
    await leases.acquire("five5", "token", now=LONG_AGO, expires_at=END)

    kinds = await ephemeral_statistics(server, LONG_AGO)

    assert [(each.kind, each.count, each.size) for each in kinds] == [
        ("cache", 2, 103),
        ("counters", 1, 9),
        ("leases", 1, 10),
    ]


async def test_a_sweep_leaves_what_was_renewed_after_it_was_looked_at(
    server: RedisServer, cache: RedisCache, leases: RedisLeases
) -> None:
    await cache.set_many({"a": CacheEntry(b"x", END)}, now=LONG_AGO)
    await leases.acquire("a", "mine", now=LONG_AGO, expires_at=END)
    keys = [server.keys.cache("a").encode(), server.keys.lease("a").encode(), b"nobody's"]

    early = await _drop(server, keys, END - 1)
    late = await _drop(server, keys, END)

    assert (early, late) == (0, 2)


async def test_the_things_of_other_prefixes_are_neither_seen_nor_swept(
    clock: FrozenClock, metrics: Metrics
) -> None:
    async with own_redis() as options:
        odd = RedisOptions(options.url, key_prefix=f"{options.key_prefix}[a-z]*?:")
        like = RedisOptions(options.url, key_prefix=f"{options.key_prefix}bcd?:")
        async with open_redis(odd, clock) as one, open_redis(like, clock) as other:
            for server in (one, other):
                await RedisCache(server, metrics).set_many({"a": CacheEntry(b"x", END)}, now=LONG_AGO)

            swept = await sweep(one, END, 10)

            assert swept == 1
            assert await RedisCache(one, metrics).keys("", now=LONG_AGO, limit=10) == []
            assert await RedisCache(other, metrics).keys("", now=LONG_AGO, limit=10) == ["a"]
