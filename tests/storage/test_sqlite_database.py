"""SQLite's driver: what it isolates, what it groups, and how it comes back from trouble."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from errors import StartRefused, StorageUnavailable
from storage.sql.database import Transaction
from storage.sql.sqlite import SqliteDatabase, open_sqlite
from storage.sql.sqlite_writer import Writer
from tests.clock import FrozenClock
from tests.storage.made import files_in

INSERT = "INSERT INTO marks (name, payload) VALUES ($1, $2)"
NAMES = "SELECT name FROM marks ORDER BY name"


class BrokenRule(Exception):
    """What a transaction's own code may raise."""


def marking(name: str, size: int = 1) -> Callable[[Transaction], Awaitable[str]]:
    async def work(tx: Transaction) -> str:
        await tx.execute(INSERT, name, b"x" * size)
        return name

    return work


def breaking(name: str) -> Callable[[Transaction], Awaitable[str]]:
    async def work(tx: Transaction) -> str:
        await tx.execute(INSERT, name, b"")
        raise BrokenRule(name)

    return work


async def names(database: SqliteDatabase) -> list[str]:
    return [row["name"] for row in await database.fetch(NAMES)]


def writer_of(database: SqliteDatabase) -> Writer:
    assert database._writer is not None
    return database._writer


async def limit_pages(database: SqliteDatabase, more: int) -> None:
    """Let the file grow by `more` pages and no further."""
    connection = writer_of(database)._connection
    assert connection is not None
    ((count,),) = [tuple(row) for row in await connection.execute_fetchall("PRAGMA page_count")]
    await connection.execute_fetchall(f"PRAGMA max_page_count = {count + more}")


async def test_a_transaction_is_seen_after_it_returns(database: SqliteDatabase) -> None:
    assert await database.transaction(marking("a")) == "a"
    assert await names(database) == ["a"]


async def test_no_reader_sees_what_is_not_committed(database: SqliteDatabase) -> None:
    seen: list[list[str]] = []

    async def work(tx: Transaction) -> None:
        await tx.execute(INSERT, "a", b"")
        seen.append(await names(database))

    await database.transaction(work)

    assert seen == [[]]
    assert await names(database) == ["a"]


async def test_what_the_work_raises_reaches_the_caller_and_nothing_is_kept(database: SqliteDatabase) -> None:
    with pytest.raises(BrokenRule, match="a"):
        await database.transaction(breaking("a"))

    assert await names(database) == []


async def test_a_broken_constraint_is_no_trouble_of_the_database(database: SqliteDatabase) -> None:
    await database.transaction(marking("a"))

    with pytest.raises(sqlite3.IntegrityError):
        await database.transaction(marking("a"))

    assert await names(database) == ["a"]


async def test_a_mistake_in_a_statement_is_no_trouble_of_the_database(database: SqliteDatabase) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        await database.fetch("SELECT name FROM elsewhere")


async def test_transactions_that_wait_together_share_one_commit(database: SqliteDatabase) -> None:
    connection = writer_of(database)._connection
    assert connection is not None
    statements: list[str] = []
    await connection.set_trace_callback(statements.append)

    await asyncio.gather(*(database.transaction(marking(f"{number:02}")) for number in range(20)))

    assert statements.count("BEGIN IMMEDIATE") == statements.count("COMMIT") == 1
    assert await names(database) == [f"{number:02}" for number in range(20)]


async def test_a_failing_transaction_takes_no_neighbour_with_it(database: SqliteDatabase) -> None:
    works = [marking("a"), breaking("b"), marking("c"), marking("a"), marking("d")]

    outcomes = await asyncio.gather(*map(database.transaction, works), return_exceptions=True)

    assert [type(outcome) for outcome in outcomes] == [str, BrokenRule, str, sqlite3.IntegrityError, str]
    assert await names(database) == ["a", "c", "d"]


async def test_a_full_disk_is_refused_with_a_time_to_retry(
    database: SqliteDatabase, clock: FrozenClock
) -> None:
    await database.transaction(marking("a"))
    await limit_pages(database, 2)

    with pytest.raises(StorageUnavailable) as refusal:
        await database.transaction(marking("b", size=100_000))

    assert (refusal.value.retry_after, refusal.value.next_check_at) == (30, clock.now() + 30_000)
    assert await names(database) == ["a"]


async def test_a_disk_that_is_full_for_one_takes_the_small_ones_of_its_group(
    database: SqliteDatabase,
) -> None:
    await limit_pages(database, 2)
    works = [marking("a"), marking("b", size=100_000), marking("c")]

    outcomes = await asyncio.gather(*map(database.transaction, works), return_exceptions=True)

    assert [type(outcome) for outcome in outcomes] == [str, StorageUnavailable, str]
    assert await names(database) == ["a", "c"]


async def test_a_disk_with_room_again_is_written_again(database: SqliteDatabase) -> None:
    await limit_pages(database, 2)
    with pytest.raises(StorageUnavailable):
        await database.transaction(marking("a", size=100_000))

    await limit_pages(database, 1000)
    await database.transaction(marking("a", size=100_000))

    assert await names(database) == ["a"]


async def test_a_lost_connection_is_refused_once_and_opened_again(database: SqliteDatabase) -> None:
    connection = writer_of(database)._connection
    assert connection is not None
    await connection.close()

    with pytest.raises(StorageUnavailable):
        await database.transaction(marking("a"))
    await database.transaction(marking("b"))

    assert await names(database) == ["b"]


async def test_a_file_locked_by_another_program_is_refused_and_then_written(
    database: SqliteDatabase, tmp_path: Path
) -> None:
    connection = writer_of(database)._connection
    assert connection is not None
    await connection.execute_fetchall("PRAGMA busy_timeout = 10")
    other = sqlite3.connect(tmp_path / "own.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StorageUnavailable):
        await database.transaction(marking("a"))
    other.close()
    await database.transaction(marking("b"))

    assert await names(database) == ["b"]


async def test_work_whose_caller_left_before_its_turn_is_not_begun(database: SqliteDatabase) -> None:
    gate = asyncio.Event()

    async def waiting(tx: Transaction) -> None:
        await gate.wait()

    first = asyncio.create_task(database.transaction(waiting))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    second = asyncio.create_task(database.transaction(marking("left")))
    await asyncio.sleep(0)
    second.cancel()
    gate.set()
    await first
    await database.transaction(marking("last"))

    assert second.cancelled()
    assert await names(database) == ["last"]


async def test_work_whose_caller_left_in_the_middle_is_finished(database: SqliteDatabase) -> None:
    gate, begun = asyncio.Event(), asyncio.Event()

    async def work(tx: Transaction) -> None:
        await tx.execute(INSERT, "a", b"")
        begun.set()
        await gate.wait()
        await tx.execute(INSERT, "b", b"")

    task = asyncio.create_task(database.transaction(work))
    await begun.wait()
    task.cancel()
    gate.set()
    await database.transaction(marking("c"))

    assert task.cancelled()
    assert await names(database) == ["a", "b", "c"]


async def test_a_read_that_finds_all_connections_busy_is_refused(database: SqliteDatabase) -> None:
    async with database._reader(), database._reader():
        in_use = database.connections_in_use
        with pytest.raises(StorageUnavailable):
            await names(database)

    assert in_use == 2
    assert await names(database) == []


async def test_readers_cannot_write(database: SqliteDatabase) -> None:
    with pytest.raises(StorageUnavailable):
        await database.fetch(INSERT, "a", b"")

    assert await names(database) == []


async def test_closing_finishes_what_waits(tmp_path: Path, clock: FrozenClock) -> None:
    path = tmp_path / "closing.db"
    async with open_sqlite(path, clock) as database:
        await database.transaction(lambda tx: tx.execute("CREATE TABLE marks (name TEXT, payload BYTEA)"))
        waiting = [asyncio.create_task(database.transaction(marking(str(number)))) for number in range(3)]
        await asyncio.sleep(0)

    assert await asyncio.gather(*waiting) == ["0", "1", "2"]
    async with open_sqlite(path, clock) as again:
        assert await names(again) == ["0", "1", "2"]


async def test_closing_leaves_one_file_and_its_lock(tmp_path: Path, clock: FrozenClock) -> None:
    async with open_sqlite(tmp_path / "tidy.db", clock) as database:
        await database.transaction(lambda tx: tx.execute("CREATE TABLE marks (name TEXT)"))

    assert files_in(tmp_path) == ["tidy.db", "tidy.db.lock"]


async def test_a_closed_database_refuses_all_calls(tmp_path: Path, clock: FrozenClock) -> None:
    async with open_sqlite(tmp_path / "closed.db", clock) as database:
        pass

    with pytest.raises(StorageUnavailable):
        await database.fetch("SELECT 1 AS one")
    with pytest.raises(StorageUnavailable):
        await database.transaction(marking("a"))


async def test_every_commit_reaches_the_disk_before_it_is_acknowledged(database: SqliteDatabase) -> None:
    connection = writer_of(database)._connection
    assert connection is not None

    assert [tuple(row) for row in await connection.execute_fetchall("PRAGMA synchronous")] == [(2,)]
    assert [tuple(row) for row in await connection.execute_fetchall("PRAGMA journal_mode")] == [("wal",)]
    assert [tuple(row) for row in await connection.execute_fetchall("PRAGMA foreign_keys")] == [(1,)]


async def test_a_missing_folder_is_made(tmp_path: Path, clock: FrozenClock) -> None:
    path = tmp_path / "new folder" / "of ? # % players" / "players.db"

    async with open_sqlite(path, clock):
        pass

    assert path.is_file()


async def test_a_folder_is_refused_as_a_database(tmp_path: Path, clock: FrozenClock) -> None:
    with pytest.raises(StartRefused, match="is a folder"):
        async with open_sqlite(tmp_path, clock):
            pass

    assert files_in(tmp_path) == []


async def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path, clock: FrozenClock) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(StartRefused, match="cannot be made"):
        async with open_sqlite(tmp_path / "file" / "folder" / "players.db", clock):
            pass

    assert (tmp_path / "file").read_text() == "in the way"


async def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path: Path, clock: FrozenClock) -> None:
    path = tmp_path / "letter.db"
    path.write_text("Dear Ana, " * 1000)

    with pytest.raises(StartRefused, match="not a database"):
        async with open_sqlite(path, clock):
            pass

    assert path.read_text() == "Dear Ana, " * 1000
