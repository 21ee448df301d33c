"""PostgreSQL's driver: what it isolates, what it tries again, and what it leaves behind when a caller goes away."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import asyncpg
import pytest

from errors import StorageUnavailable
from storage import PostgresOptions
from storage.sql.database import Transaction
from storage.sql.postgres import PostgresDatabase, open_postgres
from tests.clock import FrozenClock
from tests.servers.postgres import run_sql
from tests.storage.load import eventually
from tests.storage.real_postgres import own_pooled_postgres, own_postgres

INSERT = "INSERT INTO marks (name, payload) VALUES ($1, $2)"
NAMES = "SELECT name FROM marks ORDER BY name"
TABLE = "CREATE TABLE marks (name TEXT NOT NULL PRIMARY KEY, payload BYTEA)"
SLEEP = "SELECT COUNT(*) AS count FROM pg_sleep(30)"


class BrokenRule(Exception):
    """What a transaction's own code may raise."""


@pytest.fixture(params=["direct", "pgbouncer"])
async def options(request: pytest.FixtureRequest) -> AsyncIterator[PostgresOptions]:
    source = own_postgres if request.param == "direct" else own_pooled_postgres
    async with source() as options:
        yield replace(options, pool_max=2, acquire_seconds=0.3, statement_seconds=1.0)


@pytest.fixture
async def postgres(options: PostgresOptions, clock: FrozenClock) -> AsyncIterator[PostgresDatabase]:
    """An open database with one table of its own, two connections, and no patience."""
    async with open_postgres(options, clock) as database:
        await database.transaction(lambda tx: tx.execute(TABLE))
        yield database
        assert database.connections_in_use == 0


def direct(options: PostgresOptions) -> str:
    return options.direct_url or options.url


def marking(name: str) -> Callable[[Transaction], Awaitable[str]]:
    async def work(tx: Transaction) -> str:
        await tx.execute(INSERT, name, b"x")
        return name

    return work


async def names(database: PostgresDatabase) -> list[str]:
    return [row["name"] for row in await database.fetch(NAMES)]


async def test_a_transaction_is_seen_after_it_returns(postgres: PostgresDatabase) -> None:
    assert await postgres.transaction(marking("a")) == "a"
    assert await names(postgres) == ["a"]


async def test_no_reader_sees_what_is_not_committed(postgres: PostgresDatabase) -> None:
    seen: list[list[str]] = []

    async def work(tx: Transaction) -> None:
        await tx.execute(INSERT, "a", b"")
        seen.append(await names(postgres))

    await postgres.transaction(work)

    assert seen == [[]]
    assert await names(postgres) == ["a"]


async def test_what_the_work_raises_reaches_the_caller_and_nothing_is_kept(
    postgres: PostgresDatabase,
) -> None:
    async def work(tx: Transaction) -> None:
        await tx.execute(INSERT, "a", b"")
        raise BrokenRule("a")

    with pytest.raises(BrokenRule, match="a"):
        await postgres.transaction(work)

    assert await names(postgres) == []


async def test_a_broken_constraint_is_no_trouble_of_the_database(postgres: PostgresDatabase) -> None:
    await postgres.transaction(marking("a"))

    with pytest.raises(asyncpg.UniqueViolationError):
        await postgres.transaction(marking("a"))

    assert await names(postgres) == ["a"]


async def test_a_mistake_in_a_statement_is_no_trouble_of_the_database(postgres: PostgresDatabase) -> None:
    with pytest.raises(asyncpg.UndefinedColumnError):
        await postgres.fetch("SELECT colour FROM marks")


async def test_a_table_that_is_gone_is_refused_and_read_again_when_it_is_back(
    postgres: PostgresDatabase,
) -> None:
    await postgres.transaction(marking("a"))
    await postgres.transaction(lambda tx: tx.execute("ALTER TABLE marks RENAME TO elsewhere"))

    with pytest.raises(StorageUnavailable):
        await names(postgres)

    await postgres.transaction(lambda tx: tx.execute("ALTER TABLE elsewhere RENAME TO marks"))
    assert await names(postgres) == ["a"]


async def test_work_that_overlooks_a_failed_statement_is_not_acknowledged(postgres: PostgresDatabase) -> None:
    async def work(tx: Transaction) -> None:
        await tx.execute(INSERT, "a", b"")
        with pytest.raises(asyncpg.UndefinedTableError):
            await tx.execute("DELETE FROM elsewhere")

    with pytest.raises(RuntimeError, match="did not notice"):
        await postgres.transaction(work)

    assert await names(postgres) == []


async def test_two_transactions_in_each_others_way_both_happen(postgres: PostgresDatabase) -> None:
    await postgres.transaction(marking("a"))
    await postgres.transaction(marking("b"))
    both_hold_one = asyncio.Barrier(2)
    runs: list[str] = []

    def swapping(first: str, second: str) -> Callable[[Transaction], Awaitable[None]]:
        async def work(tx: Transaction) -> None:
            runs.append(first)
            await tx.execute("UPDATE marks SET payload = $2 WHERE name = $1", first, first.encode())
            if len(runs) <= 2:
                await both_hold_one.wait()
            await tx.execute("UPDATE marks SET payload = $2 WHERE name = $1", second, first.encode())

        return work

    # Longer than the second after which the server looks for deadlocks.
    postgres._session = replace(
        postgres._session, options=replace(postgres._session.options, statement_seconds=10.0)
    )
    postgres._clock = clock = _PauseOfOne()
    async with asyncio.TaskGroup() as group:
        for first, second in ("ab", "ba"):
            group.create_task(_patient(postgres, swapping(first, second))).add_done_callback(clock.end_pause)

    assert len(clock.slept) == 1
    assert 0.05 <= clock.slept[0] <= 0.1
    assert len(runs) == 3
    rows = await postgres.fetch("SELECT name, payload FROM marks ORDER BY name")
    assert [bytes(row["payload"]) for row in rows] in ([b"a", b"a"], [b"b", b"b"])


class _PauseOfOne(FrozenClock):
    """A clock on which the one that pauses does so until the other is done."""

    def __init__(self) -> None:
        super().__init__()
        self._is_over = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds)
        await self._is_over.wait()

    def end_pause(self, _done: object) -> None:
        self._is_over.set()


async def _patient(database: PostgresDatabase, work: Callable[[Transaction], Awaitable[None]]) -> None:
    async def patient(tx: Transaction) -> None:
        await tx.execute("SET LOCAL deadlock_timeout = 50")
        await work(tx)

    await database.transaction(patient)


async def test_plans_that_a_migration_made_invalid_are_made_anew(
    postgres: PostgresDatabase, options: PostgresOptions
) -> None:
    async def work(tx: Transaction) -> list[str]:
        await tx.execute(INSERT, "b", b"")
        return [row["name"] for row in await tx.fetch("SELECT * FROM marks ORDER BY name")]

    await postgres.transaction(marking("a"))
    # Every connection has a plan for the statement before the table changes.
    await asyncio.gather(*(postgres.fetch("SELECT * FROM marks ORDER BY name") for _ in range(2)))
    await run_sql(direct(options), "ALTER TABLE marks ADD COLUMN colour TEXT")

    outcome = await postgres.transaction(work)
    rows = await postgres.fetch("SELECT * FROM marks ORDER BY name")

    assert outcome == ["a", "b"]
    assert [(row["name"], row["colour"]) for row in rows] == [("a", None), ("b", None)]


async def test_a_slow_statement_is_refused_with_a_time_to_retry(
    postgres: PostgresDatabase, clock: FrozenClock
) -> None:
    begun = time.monotonic()

    with pytest.raises(StorageUnavailable) as refusal:
        await postgres.fetch(SLEEP)

    assert 0.9 < time.monotonic() - begun < 5
    assert (refusal.value.retry_after, refusal.value.next_check_at) == (5, clock.now() + 5_000)
    assert await names(postgres) == []


async def test_a_row_locked_by_another_session_is_refused_in_time_and_then_written(
    postgres: PostgresDatabase, options: PostgresOptions
) -> None:
    await postgres.transaction(marking("a"))
    other = await asyncpg.connect(direct(options))
    await other.execute("BEGIN; DELETE FROM marks")
    begun = time.monotonic()

    with pytest.raises(StorageUnavailable):
        await postgres.transaction(lambda tx: tx.execute("UPDATE marks SET payload = $1", b"new"))
    waited = time.monotonic() - begun
    await other.execute("ROLLBACK")
    await other.close()
    await postgres.transaction(lambda tx: tx.execute("UPDATE marks SET payload = $1", b"new"))

    assert waited < 5
    assert [bytes(row["payload"]) for row in await postgres.fetch("SELECT payload FROM marks")] == [b"new"]


async def test_a_call_that_finds_all_connections_busy_is_refused_in_time(postgres: PostgresDatabase) -> None:
    gate, begun = asyncio.Event(), asyncio.Barrier(3)

    async def holding(tx: Transaction) -> None:
        await begun.wait()
        await gate.wait()

    holders = [asyncio.create_task(postgres.transaction(holding)) for _ in range(2)]
    await begun.wait()
    in_use, asked_at = postgres.connections_in_use, time.monotonic()
    with pytest.raises(StorageUnavailable):
        await names(postgres)
    waited = time.monotonic() - asked_at
    gate.set()
    await asyncio.gather(*holders)

    assert in_use == 2
    assert 0.2 < waited < 5
    assert await names(postgres) == []


async def test_a_caller_that_leaves_while_it_waits_for_a_connection_leaves_nothing(
    postgres: PostgresDatabase,
) -> None:
    gate, begun = asyncio.Event(), asyncio.Barrier(3)

    async def holding(tx: Transaction) -> None:
        await begun.wait()
        await gate.wait()

    holders = [asyncio.create_task(postgres.transaction(holding)) for _ in range(2)]
    await begun.wait()
    waiting = asyncio.create_task(postgres.transaction(marking("left")))
    await asyncio.sleep(0)
    waiting.cancel()
    gate.set()
    await asyncio.gather(*holders)
    await asyncio.gather(*(postgres.transaction(marking(name)) for name in "abc"))

    assert waiting.cancelled()
    assert await names(postgres) == ["a", "b", "c"]


async def test_a_caller_that_leaves_between_two_statements_leaves_nothing(postgres: PostgresDatabase) -> None:
    begun = asyncio.Event()

    async def work(tx: Transaction) -> None:
        await tx.execute(INSERT, "left", b"")
        begun.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(postgres.transaction(work))
    await begun.wait()
    task.cancel()
    await asyncio.wait([task])
    in_use = postgres.connections_in_use
    await asyncio.gather(*(postgres.transaction(marking(name)) for name in "abc"))

    assert task.cancelled()
    assert in_use == 0
    assert await names(postgres) == ["a", "b", "c"]


@pytest.mark.parametrize("is_writing", [False, True], ids=["reading", "writing"])
async def test_a_caller_that_leaves_during_a_statement_ends_it_on_the_server(
    postgres: PostgresDatabase, options: PostgresOptions, is_writing: bool
) -> None:
    async def work(tx: Transaction) -> None:
        await tx.execute(INSERT, "left", b"")
        await tx.fetch(SLEEP)

    task = asyncio.create_task(postgres.transaction(work) if is_writing else postgres.fetch(SLEEP))
    monitor = await asyncpg.connect(direct(options))
    await _eventually_sleeping(monitor, 1)

    task.cancel()
    await asyncio.wait([task])
    in_use = postgres.connections_in_use
    await _eventually_sleeping(monitor, 0)
    await monitor.close()

    assert task.cancelled()
    assert in_use == 0
    assert await names(postgres) == []


async def _eventually_sleeping(monitor: "asyncpg.Connection[asyncpg.Record]", count: int) -> None:
    """Wait until so many sessions of this schema's user run the statement that sleeps."""
    sql = """
    SELECT COUNT(*) AS count FROM pg_stat_activity a JOIN pg_locks l ON l.pid = a.pid
    WHERE a.state = 'active' AND a.query LIKE '%pg_sleep(30)%' AND a.pid <> pg_backend_pid()
    """
    end = time.monotonic() + 10
    while bool(await monitor.fetchval(sql)) != bool(count):
        assert time.monotonic() < end
        await asyncio.sleep(0.01)


async def test_callers_that_leave_at_any_moment_leave_whole_transactions_and_a_healthy_pool(
    postgres: PostgresDatabase,
) -> None:
    def pair(number: int) -> Callable[[Transaction], Awaitable[None]]:
        async def work(tx: Transaction) -> None:
            await tx.execute(INSERT, f"{number:03}-first", b"")
            await tx.execute(INSERT, f"{number:03}-second", b"")

        return work

    for number in range(100):
        task = asyncio.create_task(postgres.transaction(pair(number)))
        # A few turns further each time: through acquiring, BEGIN, both statements and COMMIT.
        for _ in range(number % 50):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        assert postgres.connections_in_use == 0

    kept = await names(postgres)
    assert [
        name for name in kept if f"{name[:3]}-first" not in kept or f"{name[:3]}-second" not in kept
    ] == []
    await asyncio.gather(*(postgres.transaction(pair(1000 + number)) for number in range(4)))
    assert len(await names(postgres)) == len(kept) + 8


async def test_transactions_that_lock_a_name_run_one_after_the_other(postgres: PostgresDatabase) -> None:
    gate, begun = asyncio.Event(), asyncio.Event()
    order: list[str] = []

    async def first(tx: Transaction) -> None:
        await tx.lock(["b", "a"])
        begun.set()
        await gate.wait()
        order.append("first")

    async def second(tx: Transaction) -> None:
        await tx.lock(["a"])
        order.append("second")

    async with asyncio.TaskGroup() as group:
        group.create_task(postgres.transaction(first))
        await begun.wait()
        waiting = group.create_task(postgres.transaction(second))
        await eventually(lambda: postgres.connections_in_use == 2)
        gate.set()
    assert waiting.done()

    assert order == ["first", "second"]


async def test_a_snapshot_shows_one_moment_while_others_write(postgres: PostgresDatabase) -> None:
    await postgres.transaction(marking("a"))

    async with postgres.snapshot() as moment:
        await postgres.transaction(marking("b"))
        seen = [row["name"] for row in await moment.fetch(NAMES)]

    assert seen == ["a"]
    assert await names(postgres) == ["a", "b"]


async def test_an_error_of_whoever_reads_a_snapshot_is_not_taken_for_the_databases(
    postgres: PostgresDatabase,
) -> None:
    with pytest.raises(OSError, match="no space"):
        async with postgres.snapshot():
            raise OSError("no space left for the backup")


async def test_a_table_of_another_schema_is_not_ours(postgres: PostgresDatabase) -> None:
    assert await postgres.has_table("marks")
    assert not await postgres.has_table("pg_class")


async def test_a_sound_database_has_no_problems_and_an_invalid_index_is_one(
    postgres: PostgresDatabase, options: PostgresOptions
) -> None:
    sound = await postgres.check()
    await run_sql(direct(options), "CREATE INDEX marks_by_payload ON marks (payload)")
    await run_sql(
        direct(options),
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'marks_by_payload'::regclass",
    )

    assert sound == []
    assert await postgres.check() == ["the index marks_by_payload is not valid"]


async def test_a_closed_database_refuses_all_calls(options: PostgresOptions, clock: FrozenClock) -> None:
    async with open_postgres(options, clock) as database:
        pass

    with pytest.raises(StorageUnavailable):
        await database.fetch("SELECT 1 AS one")
    with pytest.raises(StorageUnavailable):
        await database.transaction(marking("a"))
