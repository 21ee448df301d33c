"""What callers of cache, counters and leases see when Redis is killed, frozen, cut off, busy, full or flushed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from errors import StorageUnavailable
from metrics import Metrics
from storage import CacheEntry
from storage.options import RedisOptions
from storage.redis.cache import RedisCache
from storage.redis.connection import RedisServer, open_redis
from storage.redis.counters import RedisCounters
from storage.redis.ephemeral import ephemeral_statistics, sweep
from storage.redis.leases import RedisLeases
from tests.clock import FrozenClock
from tests.servers.missing import require
from tests.servers.redis import RedisServer as OwnServer
from tests.servers.redis import redis_server
from tests.servers.waiting import wait_until
from tests.storage.made import NOW
from tests.storage.probes import take_turns
from tests.storage.real_cluster import complaint_about_redis_server

TIMEOUT = 0.4
END = NOW + 60_000
ENTRY = CacheEntry(b"x" * 1_000, END)
POOL = 4
CALLS = [
    "get",
    "set",
    "delete",
    "exists",
    "keys",
    "add",
    "counts",
    "acquire",
    "renew",
    "release",
    "sweep",
    "sizes",
]
WRITES = ["set", "add", "acquire"]


@pytest.fixture
def own(tmp_path: Path) -> Iterator[OwnServer]:
    require(complaint_about_redis_server())
    with redis_server(tmp_path, {"appendonly": "yes", "appendfsync": "always"}) as own:
        yield own


@pytest.fixture
async def server(own: OwnServer, clock: FrozenClock) -> AsyncIterator[RedisServer]:
    options = RedisOptions(own.url, timeout_seconds=TIMEOUT, pool_max=POOL)
    async with open_redis(options, clock) as server:
        yield server
        assert server.connections_in_use == 0


Call = Callable[[], Awaitable[object]]


@pytest.fixture
def calls(server: RedisServer, metrics: Metrics) -> dict[str, Call]:
    """Every method, by a short name."""
    cache, counters = RedisCache(server, metrics), RedisCounters(server, metrics)
    leases = RedisLeases(server, metrics)
    times = {"now": NOW, "expires_at": END}
    return {
        "get": partial(cache.get_many, ["a"], now=NOW),
        "set": partial(cache.set_many, {"a": ENTRY}, now=NOW),
        "delete": partial(cache.delete, ["a"]),
        "exists": partial(cache.exists, ["a"], now=NOW),
        "keys": partial(cache.keys, "a", now=NOW, limit=1),
        "add": partial(counters.add, "a", 1, **times),
        "counts": partial(counters.get_many, ["a"], now=NOW),
        "acquire": partial(leases.acquire, "a", "mine", **times),
        "renew": partial(leases.renew, "a", "mine", **times),
        "release": partial(leases.release, "a", "mine"),
        "sweep": partial(sweep, server, NOW, 10),
        "sizes": partial(ephemeral_statistics, server, NOW),
    }


async def refusal(call: Call) -> float:
    """Seconds until the call was refused with the error that clients know."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    with pytest.raises(StorageUnavailable) as refused:
        await call()
    assert refused.value.retry_after == 5
    return loop.time() - begun


@pytest.mark.parametrize("name", CALLS)
async def test_a_killed_server_refuses_at_once_and_a_restarted_one_is_used_again(
    own: OwnServer, calls: dict[str, Call], name: str
) -> None:
    before = await calls[name]()
    own.kill()

    took = await refusal(calls[name])
    await asyncio.to_thread(own.start)

    assert took < TIMEOUT
    assert type(await calls[name]()) is type(before)


async def test_all_calls_on_a_frozen_server_are_refused_in_time_and_none_holds_a_connection(
    own: OwnServer, server: RedisServer, calls: dict[str, Call]
) -> None:
    own.freeze()
    try:
        # Three times as many as there are connections: the others wait for a turn, within the same time.
        waits = await asyncio.gather(*(refusal(call) for call in calls.values()))
    finally:
        own.thaw()

    assert min(waits) >= TIMEOUT - 0.05
    assert max(waits) < TIMEOUT + 0.4
    assert server.connections_in_use == 0
    for call in calls.values():
        await call()


async def test_a_slow_answer_is_not_taken_for_that_of_the_next_question(
    own: OwnServer, calls: dict[str, Call], server: RedisServer, metrics: Metrics
) -> None:
    counters = RedisCounters(server, metrics)
    await counters.add("seven", 7, now=NOW, expires_at=END)
    own.ask("CLIENT", "PAUSE", 800, "ALL")

    waits = await asyncio.gather(*(refusal(calls["counts"]) for _ in range(POOL)))
    # Answered when the pause is over, and so are those above.
    await asyncio.to_thread(own.ask, "PING")

    answers = [await counters.get_many(["seven"], now=NOW) for _ in range(2 * POOL)]
    assert answers == [{"seven": 7}] * 2 * POOL
    assert max(waits) < TIMEOUT + 0.4


@pytest.mark.parametrize("name", CALLS)
async def test_flushed_scripts_are_noticed_by_nobody(
    own: OwnServer, calls: dict[str, Call], name: str
) -> None:
    await calls[name]()

    own.ask("SCRIPT", "FLUSH")

    await calls[name]()


async def test_idle_connections_that_were_cut_cost_no_call(
    own: OwnServer, server: RedisServer, calls: dict[str, Call]
) -> None:
    for call in calls.values():
        await asyncio.gather(*(server.ping() for _ in range(POOL)))
        await asyncio.to_thread(own.ask, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")

        # As many as there are connections, so that each of these would be met.
        await asyncio.gather(*(call() for _ in range(POOL)))


@pytest.mark.parametrize("name", WRITES)
async def test_a_full_server_refuses_writes(own: OwnServer, calls: dict[str, Call], name: str) -> None:
    own.ask("CONFIG", "SET", "maxmemory", "1")

    await refusal(calls[name])

    own.ask("CONFIG", "SET", "maxmemory", "0")
    await calls[name]()


@pytest.mark.parametrize("name", WRITES)
async def test_a_primary_made_a_replica_refuses_writes(
    own: OwnServer, calls: dict[str, Call], name: str
) -> None:
    own.ask("REPLICAOF", "127.0.0.1", own.port)

    await refusal(calls[name])

    own.ask("REPLICAOF", "NO", "ONE")
    await calls[name]()


async def test_counts_that_were_acknowledged_outlive_a_kill(
    own: OwnServer, server: RedisServer, metrics: Metrics
) -> None:
    counters = RedisCounters(server, metrics)
    acknowledged = refused = 0

    async def add_for_ever() -> None:
        nonlocal acknowledged, refused
        while True:
            try:
                await counters.add("a", 1, now=NOW, expires_at=END)
                acknowledged += 1
            except StorageUnavailable:
                refused += 1
                await asyncio.sleep(0)

    callers = [asyncio.create_task(add_for_ever()) for _ in range(8)]
    for _ in range(3):
        reached = acknowledged + 50
        await asyncio.to_thread(wait_until, lambda least=reached: acknowledged >= least)  # type: ignore[misc]
        await asyncio.to_thread(own.restart)
    reached = acknowledged + 50
    await asyncio.to_thread(wait_until, lambda: acknowledged >= reached)
    for caller in callers:
        caller.cancel()
    await asyncio.wait(callers)

    kept = (await counters.get_many(["a"], now=NOW))["a"]

    assert refused > 0
    # What was refused or cancelled may have happened; what was acknowledged has.
    assert acknowledged <= kept <= acknowledged + refused + len(callers)


async def test_cancelled_calls_leave_the_pool_as_it_was(
    own: OwnServer, server: RedisServer, calls: dict[str, Call], metrics: Metrics
) -> None:
    counters = RedisCounters(server, metrics)
    await counters.add("seven", 7, now=NOW, expires_at=END)

    for turns in range(12):
        tasks = [asyncio.ensure_future(call()) for call in calls.values()]
        await take_turns(turns)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    in_use = server.connections_in_use
    answers = await asyncio.gather(*(counters.get_many(["seven"], now=NOW) for _ in range(20)))

    assert in_use == 0
    assert answers == [{"seven": 7}] * 20
    await asyncio.to_thread(wait_until, lambda: _connections(own) <= POOL)


def _connections(own: OwnServer) -> int:
    """Connections of others than the one that asks."""
    with own.client() as client:
        return len(client.client_list()) - 1
