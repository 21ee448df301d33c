"""Tables are changed by numbered files, once each, and by nothing else."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from errors import StartRefused
from metrics import Metrics
from storage import SqliteOptions, StorageOptions, open_storage
from storage.sql.database import Database, foreign_words
from storage.sql.migrate import Migration, migrate, read_migrations, require_current
from storage.sql.sqlite import SqliteDatabase
from tests.clock import FrozenClock
from tests.storage.made import NOW

FIRST = Migration(
    1, "toys", "sum1", ("CREATE TABLE toys (name TEXT)", "INSERT INTO toys (name) VALUES ('ball')")
)
SECOND = Migration(2, "colours", "sum2", ("ALTER TABLE toys ADD COLUMN colour TEXT",))


async def applied(database: Database) -> list[tuple[object, ...]]:
    sql = "SELECT number, name, checksum, applied_at FROM schema_migrations ORDER BY number"
    return [
        (row["number"], row["name"], row["checksum"], row["applied_at"]) for row in await database.fetch(sql)
    ]


async def test_migrations_are_applied_in_order_and_recorded(
    database: SqliteDatabase, clock: FrozenClock
) -> None:
    await migrate(database, [FIRST, SECOND], clock)

    assert await applied(database) == [(1, "toys", "sum1", NOW), (2, "colours", "sum2", NOW)]
    rows = await database.fetch("SELECT name, colour FROM toys")
    assert [(row["name"], row["colour"]) for row in rows] == [("ball", None)]


async def test_an_applied_migration_is_not_applied_again(
    database: SqliteDatabase, clock: FrozenClock
) -> None:
    await migrate(database, [FIRST], clock)
    clock.advance(60)

    await migrate(database, [FIRST, SECOND], clock)

    assert await applied(database) == [(1, "toys", "sum1", NOW), (2, "colours", "sum2", NOW + 60_000)]
    assert len(await database.fetch("SELECT name FROM toys")) == 1


async def test_a_failing_migration_leaves_nothing_of_itself(
    database: SqliteDatabase, clock: FrozenClock
) -> None:
    broken = replace(
        SECOND, statements=("CREATE TABLE half (name TEXT)", "ALTER TABLE nowhere ADD COLUMN a TEXT")
    )

    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        await migrate(database, [FIRST, broken], clock)

    assert await applied(database) == [(1, "toys", "sum1", NOW)]
    assert not await database.has_table("half")


async def test_a_database_of_newer_code_is_refused(database: SqliteDatabase, clock: FrozenClock) -> None:
    await migrate(database, [FIRST, SECOND], clock)

    with pytest.raises(StartRefused, match=r"newer version \(its migration 0002_colours"):
        await migrate(database, [FIRST], clock)

    assert len(await applied(database)) == 2


@pytest.mark.parametrize(
    "changed", [replace(FIRST, checksum="other"), replace(FIRST, name="games"), replace(FIRST, number=3)]
)
async def test_a_changed_migration_is_refused(
    database: SqliteDatabase, clock: FrozenClock, changed: Migration
) -> None:
    await migrate(database, [FIRST], clock)

    with pytest.raises(StartRefused, match="0001_toys was applied with another text"):
        await migrate(database, [changed, SECOND], clock)

    assert await applied(database) == [(1, "toys", "sum1", NOW)]


@pytest.mark.parametrize("before", [[], [FIRST]], ids=["no tables", "older tables"])
async def test_who_may_only_read_refuses_older_tables(
    database: SqliteDatabase, clock: FrozenClock, before: list[Migration]
) -> None:
    await migrate(database, before, clock)

    with pytest.raises(StartRefused, match="Start the server once"):
        await require_current(database, [FIRST, SECOND])

    assert len(await applied(database)) == len(before)


async def test_who_may_only_read_takes_current_tables(database: SqliteDatabase, clock: FrozenClock) -> None:
    await migrate(database, [FIRST, SECOND], clock)

    await require_current(database, [FIRST, SECOND])

    assert len(await applied(database)) == 2


async def test_opening_refuses_a_file_of_newer_code_and_frees_the_lock(
    tmp_path: Path, clock: FrozenClock, metrics: Metrics
) -> None:
    options = StorageOptions("sqlite", SqliteOptions(tmp_path / "newer.db"))
    async with open_storage(options, clock=clock, metrics=metrics):
        pass
    _change(options.sqlite.path, "INSERT INTO schema_migrations VALUES (9999, 'later', 'sum', 1)")

    with pytest.raises(StartRefused, match="9999_later"):
        async with open_storage(options, clock=clock, metrics=metrics):
            pass

    _change(options.sqlite.path, "DELETE FROM schema_migrations WHERE number = 9999")
    async with open_storage(options, clock=clock, metrics=metrics) as storage:
        assert await storage.players.get_many(["Ana-1234"]) == {}


def test_the_files_are_numbered_without_gaps() -> None:
    assert [migration.number for migration in read_migrations()] == list(range(1, len(read_migrations()) + 1))


@pytest.mark.parametrize("migration", read_migrations(), ids=lambda migration: migration.name)
def test_migrations_use_portable_sql_alone(migration: Migration) -> None:
    assert [word for statement in migration.statements for word in foreign_words(statement)] == []


def test_a_file_is_read_into_its_statements(tmp_path: Path) -> None:
    (tmp_path / "0007_two_things.sql").write_text(
        "-- Why; and how.\nCREATE TABLE a (b TEXT); -- this\n\nCREATE TABLE c (d TEXT);\n"
    )

    (migration,) = read_migrations(tmp_path)

    assert (migration.number, migration.name) == (7, "two_things")
    assert migration.statements == ("CREATE TABLE a (b TEXT)", "CREATE TABLE c (d TEXT)")


def _change(path: Path, sql: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(sql)
    connection.commit()
    connection.close()
