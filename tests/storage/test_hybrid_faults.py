"""Hybrid in trouble: without Redis all goes on, without PostgreSQL what is copied is read, and both come back alone."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

import pytest

from clock import SystemClock
from errors import StorageUnavailable
from metrics import Metrics
from models.catalog import HEROES
from models.events import Pointer
from models.players import KeptPlayer
from storage import CacheEntry, Storage, open_storage
from tests.clock import FrozenClock
from tests.storage.load import eventually, load_on
from tests.storage.made import ID, NOW, OTHER, made_career, made_note, made_player
from tests.storage.made_catalog import made_list
from tests.storage.own_hybrid import TIMEOUT, Servers, opened, own_servers
from tests.storage.probes import counted

# Much for a fast machine and little for a person: what is asserted is that nobody hangs.
SOON = 5.0
TAG = "Ana-1234"
END = NOW + 60_000
LONGEST_PAUSE = 31.0  # seconds after which the breaker lets a trial through, whatever happened before


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Servers that the tests of this file may break, as long as they mend them."""
    with own_servers(tmp_path_factory.mktemp("redis")) as servers:
        yield servers


@pytest.fixture
async def storage(servers: Servers, clock: FrozenClock, metrics: Metrics) -> AsyncIterator[Storage]:
    async with opened(servers, clock, metrics) as storage:
        yield storage


async def use_everything(storage: Storage, eliminations: int) -> None:
    """Write and read of each kind; all of it has to work."""
    player = made_player(eliminations=eliminations, fetched_at=NOW + eliminations)
    entry = made_list(f"Ana {eliminations}", fetched_at=NOW + eliminations)
    record = await storage.players.save(player, [TAG])
    kept_entry = await storage.catalog.save(HEROES, "en-us", entry)
    assert await storage.players.get_many([ID, TAG]) == dict.fromkeys([ID, TAG], KeptPlayer(record))
    assert await storage.players.get_careers([ID]) == {ID: made_career(eliminations)}
    assert await storage.catalog.get_many(HEROES, ["en-us"]) == {"en-us": kept_entry}


async def test_emptying_redis_in_the_middle_loses_no_fact(servers: Servers, storage: Storage) -> None:
    await use_everything(storage, 1)
    await storage.players.save_unknown(made_note("nobody"), 0)
    kept = await storage.players.get_many([ID, TAG, "nobody"])

    servers.redis.ask("FLUSHDB")

    assert await storage.players.get_many([ID, TAG, "nobody"]) == kept
    await use_everything(storage, 2)
    assert storage.trouble() is None


async def test_without_redis_everything_durable_goes_on_and_the_rest_falls_back(
    servers: Servers, storage: Storage, metrics: Metrics
) -> None:
    await use_everything(storage, 1)
    servers.redis.kill()

    try:
        await use_everything(storage, 2)
        trouble = storage.trouble()
        await storage.cache.set_many({"a": CacheEntry(b"x", END)}, now=NOW)
        copies = await storage.cache.get_many(["a"], now=NOW), await storage.cache.delete(["a"])
        sums = [await storage.counters.add("limit", 1, now=NOW, expires_at=END) for _ in range(3)]
        counts = await storage.counters.get_many(["limit"], now=NOW)
        taken = [
            await storage.leases.acquire("a", token, now=NOW, expires_at=END) for token in ("mine", "yours")
        ]
        async with storage.bus.subscribe(["topic"]) as subscription, asyncio.timeout(SOON):
            await storage.bus.publish([Pointer("topic", 7)])
            told = await subscription.wait()
        await storage.ping()
        statistics = {each.kind: each.count for each in await storage.ephemeral_statistics(NOW)}
    finally:
        servers.redis.start()

    assert trouble is not None
    assert trouble.startswith("Redis does not answer")
    assert copies == ({}, 0)
    assert (sums, counts) == ([1, 2, 3], {"limit": 3})
    assert taken == [True, False]
    assert told == [Pointer("topic", 7)]
    assert statistics == {"cache": 0, "counters": 0, "leases": 1}
    assert counted(metrics, "errors", "cache") > 0


async def test_redis_is_used_again_when_it_is_back(
    servers: Servers, storage: Storage, clock: FrozenClock, metrics: Metrics
) -> None:
    servers.redis.kill()
    await use_everything(storage, 1)
    await storage.leases.acquire("a", "mine", now=NOW, expires_at=END)
    servers.redis.start()

    still_skipped = storage.trouble()
    clock.advance(LONGEST_PAUSE)
    await storage.ping()
    trouble = storage.trouble()
    await storage.players.get_many([TAG])
    hits = counted(metrics, "cache_hits", "players")
    await storage.players.get_many([TAG])

    assert still_skipped is not None
    assert trouble is None
    assert counted(metrics, "cache_hits", "players") == hits + 1
    assert await storage.leases.renew("a", "mine", now=NOW, expires_at=END) is True
    assert await storage.leases.release("a", "mine") is True
    assert await storage.sweep(END, 10) == 0


async def test_while_redis_is_away_calls_do_not_wait_for_it(servers: Servers, storage: Storage) -> None:
    await use_everything(storage, 1)
    servers.redis.freeze()

    try:
        begun = time.monotonic()
        await storage.players.get_many([TAG])
        first = time.monotonic() - begun
        begun = time.monotonic()
        for _ in range(20):
            await storage.players.get_many([TAG])
        others = time.monotonic() - begun
    finally:
        servers.redis.thaw()

    assert first < TIMEOUT + 1
    assert others < TIMEOUT


async def test_copies_of_before_an_outage_are_not_believed_after_it(
    servers: Servers, storage: Storage, clock: FrozenClock
) -> None:
    await use_everything(storage, 1)
    servers.redis.freeze()

    try:
        later = made_player(eliminations=9, fetched_at=NOW + 9)
        record = await storage.players.save(later, [])
        entry = await storage.catalog.save(HEROES, "en-us", made_list("Ana 9", fetched_at=NOW + 9))
    finally:
        servers.redis.thaw()
    clock.advance(LONGEST_PAUSE)
    await storage.ping()

    assert storage.trouble() is None
    assert await storage.players.get_many([ID, TAG]) == dict.fromkeys([ID, TAG], KeptPlayer(record))
    assert await storage.players.get_careers([ID]) == {ID: made_career(9)}
    assert await storage.catalog.get_many(HEROES, ["en-us"]) == {"en-us": entry}


async def test_without_postgres_copies_are_read_and_all_else_is_refused(
    servers: Servers, storage: Storage, clock: FrozenClock
) -> None:
    await use_everything(storage, 1)
    kept = await storage.players.get_many([ID, TAG])
    servers.postgres.kill()

    try:
        read = await storage.players.get_many([ID, TAG])
        career = await storage.players.get_careers([ID])
        catalog = await storage.catalog.get_many(HEROES, ["en-us"])
        counting = await storage.counters.add("limit", 1, now=NOW, expires_at=END)
        taken = await storage.leases.acquire("a", "mine", now=NOW, expires_at=END)
        begun = time.monotonic()
        for refused in (
            storage.players.get_many([TAG, "nobody"]),
            storage.players.get_sources([ID]),
            storage.players.save(made_player(OTHER), []),
            storage.players.save_unknown(made_note(TAG), 0),
            storage.catalog.save(HEROES, "fr-fr", made_list()),
            storage.ping(),
        ):
            with pytest.raises(StorageUnavailable) as refusal:
                await refused
            assert refusal.value.retry_after >= 1
            assert refusal.value.next_check_at > clock.now()
        waited = time.monotonic() - begun
    finally:
        servers.postgres.start()

    assert read == kept
    assert career == {ID: made_career(1)}
    assert catalog.keys() == {"en-us"}
    assert (counting, taken) == (1, True)
    assert waited < 6 * SOON
    await storage.ping()
    assert await storage.players.get_many([OTHER]) == {}
    await use_everything(storage, 2)


async def test_with_both_gone_everything_is_refused_and_both_are_used_again(
    servers: Servers, storage: Storage, clock: FrozenClock
) -> None:
    await use_everything(storage, 1)
    servers.redis.kill()
    servers.postgres.kill()

    try:
        for refused in (
            storage.players.get_many([TAG]),
            storage.players.save(made_player(), []),
            storage.leases.acquire("a", "mine", now=NOW, expires_at=END),
            storage.ping(),
        ):
            with pytest.raises(StorageUnavailable):
                await refused
        local = await storage.counters.add("limit", 1, now=NOW, expires_at=END)
    finally:
        servers.postgres.start()
        servers.redis.start()
    clock.advance(LONGEST_PAUSE)
    await storage.ping()

    assert local == 1
    assert storage.trouble() is None
    await use_everything(storage, 2)


async def test_a_redis_killed_and_started_again_under_load_refuses_nobody(
    servers: Servers, metrics: Metrics
) -> None:
    async with opened(servers, SystemClock(), metrics) as storage, load_on(storage) as load:
        await asyncio.to_thread(servers.redis.kill)
        reached = load.successes
        await eventually(lambda: load.successes > reached + 40)
        await asyncio.to_thread(servers.redis.start)
        await eventually(lambda: storage.trouble() is None)
        reached = load.successes
        await eventually(lambda: load.successes > reached + 40)

        assert await load.lost() == {}
        assert (load.refusals, load.unexpected) == ([], [])
        assert load.longest_wait < SOON


async def test_a_postgres_killed_and_started_again_under_load_loses_nothing_acknowledged(
    servers: Servers, metrics: Metrics
) -> None:
    async with opened(servers, SystemClock(), metrics) as storage:
        async with load_on(storage) as load:
            await asyncio.to_thread(servers.postgres.kill)
            await eventually(lambda: len(load.refusals) > 20)
            await asyncio.to_thread(servers.postgres.start)
            recovery = await load.next_success()

        assert await load.lost() == {}
        assert load.unexpected == []
        assert max(load.refusals) < SOON
        assert recovery < SOON
        items = await storage.archives["players"].get_many(list(load.acknowledged))
        assert {key: item.fetched_at - NOW >= load.acknowledged[key] for key, item in items.items()} == (
            dict.fromkeys(load.acknowledged, True)
        )


async def test_two_processes_hear_each_other_again_after_redis_was_away(
    servers: Servers, storage: Storage, clock: FrozenClock
) -> None:
    async with (
        open_storage(servers.options, clock=clock, metrics=Metrics()) as other,
        other.bus.subscribe(["topic"]) as subscription,
    ):
        await storage.bus.publish([Pointer("topic", 1)])
        async with asyncio.timeout(SOON):
            before = await subscription.wait()
        await asyncio.to_thread(servers.redis.restart)

        async with asyncio.timeout(20):
            gap = await subscription.wait()
            await storage.bus.publish([Pointer("topic", 2)])
            after = await subscription.wait()

    assert before == [Pointer("topic", 1)]
    assert gap == [Pointer("topic", 0)]
    assert after[-1] in (Pointer("topic", 2), Pointer("topic", 0))
