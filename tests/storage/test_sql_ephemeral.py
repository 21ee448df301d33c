"""Copies, counts and leases in tables: portable statements, one for each call."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from metrics import Metrics
from storage import CacheEntry
from storage.sql.cache import SqlCache
from storage.sql.counters import SqlCounters
from storage.sql.database import foreign_words
from storage.sql.ephemeral import ephemeral_statistics, sweep
from storage.sql.leases import SqlLeases
from storage.sql.migrate import migrate, read_migrations
from storage.sql.player_ids import ids_of
from storage.sql.players import SqlPlayers
from storage.sql.sqlite import open_sqlite
from tests.clock import FrozenClock
from tests.storage.made import ID, NOW, made_player
from tests.storage.test_portable_sql import Recorder

END = NOW + 1_000


@pytest.fixture
async def recorder(tmp_path: Path, clock: FrozenClock) -> AsyncIterator[Recorder]:
    async with open_sqlite(tmp_path / "recorded.db", clock) as database:
        recorder = Recorder(database)
        await migrate(recorder, read_migrations(), clock)
        recorder.statements.clear()
        yield recorder


async def test_every_statement_of_what_may_go_is_portable(recorder: Recorder, metrics: Metrics) -> None:
    cache, leases = SqlCache(recorder, metrics), SqlLeases(recorder, metrics)
    counters = SqlCounters(recorder, metrics)

    await cache.set_many({"a": CacheEntry(b"x", END)}, now=NOW)
    await cache.get_many(["a"], now=NOW)
    await cache.exists(["a"], now=NOW)
    await cache.keys("a", now=NOW, limit=1)
    await cache.delete(["a"])
    await counters.add("a", 1, now=NOW, expires_at=END)
    await counters.get_many(["a"], now=NOW)
    await leases.acquire("a", "t", now=NOW, expires_at=END)
    await leases.renew("a", "t", now=NOW, expires_at=END)
    await leases.release("a", "t")
    await sweep(recorder, NOW, 10)
    await ephemeral_statistics(recorder, NOW)
    await ids_of(recorder, ID)

    assert len(recorder.statements) == len(set(recorder.statements)) == 15
    assert [word for sql in recorder.statements for word in foreign_words(sql)] == []


@pytest.mark.parametrize(("count", "statements"), [(5_000, 1), (5_001, 2)])
async def test_many_copies_are_put_in_one_transaction_of_few_statements(
    recorder: Recorder, metrics: Metrics, count: int, statements: int
) -> None:
    cache = SqlCache(recorder, metrics)
    entries = {str(number): CacheEntry(b"x", END) for number in range(count)}

    await cache.set_many(entries, now=NOW)

    assert len(recorder.statements) == statements
    assert metrics.registry.get_sample_value("playgraph_storage_writes_total", {"repository": "cache"}) == 1
    assert await cache.exists(list(entries), now=NOW) == entries.keys()


async def test_a_sweep_takes_what_ended_first(recorder: Recorder, metrics: Metrics) -> None:
    cache = SqlCache(recorder, metrics)
    ends = {"late": NOW + 3, "early": NOW + 1, "middle": NOW + 2}
    await cache.set_many({key: CacheEntry(b"x", end) for key, end in ends.items()}, now=NOW)

    await sweep(recorder, END, 2)

    assert await cache.keys("", now=NOW, limit=9) == ["late"]


async def test_the_ids_of_a_player_are_its_own_and_its_aliases(recorder: Recorder, metrics: Metrics) -> None:
    await SqlPlayers(recorder, metrics).save(made_player(), ["Ana-1234", "Ana-5678"])

    assert sorted(await ids_of(recorder, ID)) == ["Ana-1234", "Ana-5678", ID]
    assert await ids_of(recorder, "nobody") == []
