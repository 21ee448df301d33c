"""Tables of PostgreSQL are changed once, however many processes start together, and by nobody who is too old."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace

import asyncpg
import pytest

from errors import StartRefused
from metrics import Metrics
from storage import PostgresOptions, StorageOptions, open_storage
from storage.sql import postgres_session
from storage.sql.migrate import Migration, migrate, read_migrations
from storage.sql.postgres import PostgresDatabase, open_postgres
from tests.clock import FrozenClock
from tests.servers.postgres import run_sql
from tests.storage.children import child, line_of
from tests.storage.made import NOW
from tests.storage.real_postgres import own_pooled_postgres, own_postgres

APPLIED = "SELECT number, name, applied_at FROM schema_migrations ORDER BY number"
FIRST = Migration(
    1, "toys", "sum1", ("CREATE TABLE toys (name TEXT)", "INSERT INTO toys (name) VALUES ('ball')")
)
SECOND = Migration(2, "colours", "sum2", ("ALTER TABLE toys ADD COLUMN colour TEXT",))


@pytest.fixture(params=["direct", "pgbouncer"])
async def options(request: pytest.FixtureRequest) -> AsyncIterator[PostgresOptions]:
    source = own_postgres if request.param == "direct" else own_pooled_postgres
    async with source() as options:
        yield options


@pytest.fixture
async def postgres(options: PostgresOptions, clock: FrozenClock) -> AsyncIterator[PostgresDatabase]:
    async with open_postgres(options, clock) as database:
        yield database


class _ReleasingClock(FrozenClock):
    """A clock whose second sleep lets somebody else finish first."""

    def __init__(self, release: Callable[[], Awaitable[object]]) -> None:
        super().__init__()
        self._release = release

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds)
        if len(self.slept) == 2:
            await self._release()


async def applied(database: PostgresDatabase) -> list[tuple[int, str, int]]:
    return [(row["number"], row["name"], row["applied_at"]) for row in await database.fetch(APPLIED)]


async def test_ten_processes_on_an_empty_database_apply_each_migration_once() -> None:
    async with own_postgres() as options, AsyncExitStack() as stack:
        processes = [await stack.enter_async_context(child("holding_child", options.url)) for _ in range(10)]
        said = await asyncio.gather(*(line_of(process) for process in processes))
        rows = await run_sql(options.url, APPLIED)

    assert said == ["open"] * 10
    assert [(row["number"], row["name"]) for row in rows] == [
        (migration.number, migration.name) for migration in read_migrations()
    ]


async def test_ten_pools_on_an_empty_schema_apply_each_migration_once(
    options: PostgresOptions, clock: FrozenClock
) -> None:
    async with AsyncExitStack() as stack:
        databases = [await stack.enter_async_context(open_postgres(options, clock)) for _ in range(10)]

        await asyncio.gather(*(migrate(database, [FIRST, SECOND], clock) for database in databases))

        assert await applied(databases[0]) == [(1, "toys", NOW), (2, "colours", NOW)]
        rows = await databases[0].fetch("SELECT name, colour FROM toys")
    assert [(row["name"], row["colour"]) for row in rows] == [("ball", None)]


async def test_a_failing_migration_leaves_nothing_of_itself(
    postgres: PostgresDatabase, clock: FrozenClock
) -> None:
    broken = replace(
        SECOND, statements=("CREATE TABLE half (name TEXT)", "ALTER TABLE half ADD COLUMN name TEXT")
    )

    with pytest.raises(asyncpg.DuplicateColumnError):
        await migrate(postgres, [FIRST, broken], clock)

    assert await applied(postgres) == [(1, "toys", NOW)]
    assert not await postgres.has_table("half")


async def test_a_database_of_newer_code_is_refused(
    options: PostgresOptions, clock: FrozenClock, metrics: Metrics
) -> None:
    storage_options = StorageOptions("postgres", postgres=options)
    async with open_storage(storage_options, clock=clock, metrics=metrics):
        pass
    direct = options.direct_url or options.url
    await run_sql(direct, "INSERT INTO schema_migrations VALUES (9999, 'later', 'sum', 1)")

    with pytest.raises(StartRefused, match="9999_later"):
        async with open_storage(storage_options, clock=clock, metrics=metrics):
            pass

    assert len(await run_sql(direct, APPLIED)) == len(read_migrations()) + 1


async def test_a_changed_migration_is_refused(postgres: PostgresDatabase, clock: FrozenClock) -> None:
    await migrate(postgres, [FIRST], clock)

    with pytest.raises(StartRefused, match="0001_toys was applied with another text"):
        await migrate(postgres, [replace(FIRST, checksum="other"), SECOND], clock)

    assert await applied(postgres) == [(1, "toys", NOW)]


async def test_a_table_that_another_session_reads_is_changed_when_it_is_free(
    options: PostgresOptions, postgres: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_session, "_TABLE_LOCK_SECONDS", 0.05)
    await migrate(postgres, [FIRST], FrozenClock())
    reader = await asyncpg.connect(options.direct_url or options.url)
    await reader.execute("BEGIN; SELECT name FROM toys")
    clock = _ReleasingClock(lambda: reader.execute("COMMIT"))
    postgres._clock = clock

    await migrate(postgres, [FIRST, SECOND], clock)
    await reader.close()

    assert len(clock.slept) == 2
    assert await applied(postgres) == [(1, "toys", NOW), (2, "colours", NOW)]


async def test_a_table_that_stays_locked_stops_the_start_in_one_line(
    options: PostgresOptions, clock: FrozenClock, metrics: Metrics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_session, "_TABLE_LOCK_SECONDS", 0.01)
    storage_options = StorageOptions("postgres", postgres=options)
    async with open_storage(storage_options, clock=clock, metrics=metrics):
        pass
    last = read_migrations()[-1].number
    holder = await asyncpg.connect(options.direct_url or options.url)
    await holder.execute(f"DELETE FROM schema_migrations WHERE number = {last}")
    await holder.execute("BEGIN; LOCK TABLE schema_migrations")

    try:
        with pytest.raises(StartRefused, match="could not be brought up to date") as caught:
            async with open_storage(
                replace(storage_options, postgres=replace(options, statement_seconds=0.2)),
                clock=clock,
                metrics=metrics,
            ):
                pass
    finally:
        await holder.close()

    assert "timeout" in caught.value.message
