"""SQLite behind the face of `Database`: one connection that writes, several that can only read.

Readers and the writer do not wait for each other (WAL), and no reader sees what is not committed, which it would
on the writer's own connection.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiosqlite
import structlog

from clock import Clock
from errors import StartRefused, StorageUnavailable
from storage.sql.database import Reads, Result, Row, Value, Work
from storage.sql.lock import FileLock
from storage.sql.sqlite_writer import Unreachable, Writer, is_unreachable, numbered

_OLDEST = (3, 35, 0)  # RETURNING
_WAL_RESET_FIXED = (3, 51, 3)
_RETRY_MILLISECONDS = 30_000
_BUSY_MILLISECONDS = 5_000

_WRITER_START = (
    "PRAGMA journal_mode = WAL",
    # A write is acknowledged after its commit, so the commit has to be on the disk.
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    # After a burst the log shrinks back to this at the next checkpoint, which the writer runs every 1,000 pages.
    "PRAGMA journal_size_limit = 67108864",
    # A file that this user may not write opens without complaint, and shows it only here.
    "BEGIN IMMEDIATE",
    "ROLLBACK",
)
_READER_START = (
    "PRAGMA query_only = ON",
    "PRAGMA foreign_keys = ON",
    # What is no database opens without complaint, and shows it at the first look.
    "PRAGMA schema_version",
)
_FAREWELL = ("PRAGMA optimize", "PRAGMA wal_checkpoint(TRUNCATE)")

_Fetched = Callable[[aiosqlite.Connection, str, Sequence[Value]], Awaitable[Sequence[Row]]]

_log = structlog.get_logger()


class SqliteDatabase:
    """An open file; made by `open_sqlite`, whose block it lives in."""

    def __init__(
        self,
        path: Path,
        readers: Sequence[aiosqlite.Connection],
        writer: Writer | None,
        clock: Clock,
        acquire_seconds: float,
    ) -> None:
        self._path = path
        self._free: asyncio.LifoQueue[aiosqlite.Connection] = asyncio.LifoQueue()
        for reader in readers:
            self._free.put_nowait(reader)
        self._reader_count = len(readers)
        self._writer = writer
        self._clock = clock
        self._acquire_seconds = acquire_seconds
        self._is_open = True
        self._snapshots = 0

    @property
    def server_version(self) -> str:
        return f"SQLite {sqlite3.sqlite_version}"

    @property
    def connections_in_use(self) -> int:
        is_writing = self._writer is not None and self._writer.is_busy
        return self._reader_count - self._free.qsize() + self._snapshots + is_writing

    async def fetch(self, sql: str, *values: Value) -> Sequence[Row]:
        # Without `_reader`: on the way of every read, a context manager made by a generator is felt.
        reader = await self._take_reader()
        try:
            return await self._fetched(reader, sql, values)
        finally:
            self._give_back(reader)

    async def transaction(self, work: Work[Result]) -> Result:
        if self._writer is None:
            raise self._unavailable("it is open for reading only")
        try:
            return await self._writer.run(work)
        except Unreachable as error:
            raise self._unavailable(str(error)) from error

    @property
    def skip_locked(self) -> str:
        return ""  # the writer runs one transaction after the other

    async def exclusive(self, work: Work[Result]) -> Result:
        # The lock file keeps other processes out.
        return await self.transaction(work)

    async def has_table(self, name: str) -> bool:
        sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name = $1"
        return bool(await self.fetch(sql, name))

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Reads]:
        if not self._is_open:
            raise self._unavailable("it is closed")
        self._snapshots += 1
        try:
            async with AsyncExitStack() as stack:
                try:
                    reader = await _open_reader(self._path, stack)
                except sqlite3.Error as error:
                    raise self._unavailable(str(error)) from error
                moment = _Moment(reader, self._fetched)
                await moment.fetch("BEGIN")
                # The moment is that of the first statement that reads, not that of BEGIN.
                await moment.fetch("SELECT COUNT(*) AS count FROM sqlite_master")
                yield moment
        finally:
            self._snapshots -= 1

    async def check(self) -> Sequence[str]:
        async with self._reader() as reader:
            try:
                rows = await reader.execute_fetchall("PRAGMA integrity_check")
                found = [str(row["integrity_check"]) for row in rows]
                orphans = await reader.execute_fetchall("PRAGMA foreign_key_check")
            except sqlite3.DatabaseError as error:
                return [f"the file cannot be read: {error}"]
        wrong = [line for text in found if text != "ok" for line in text.splitlines()]
        return [*wrong, *(f"a row of {row['table']} belongs to no row of {row['parent']}" for row in orphans)]

    async def _fetched(
        self, reader: aiosqlite.Connection, sql: str, values: Sequence[Value]
    ) -> Sequence[Row]:
        try:
            return list(await reader.execute_fetchall(numbered(sql), values))
        except sqlite3.Error as error:
            if is_unreachable(error):
                raise self._unavailable(str(error)) from error
            raise

    def close(self) -> None:
        """Take no more calls. The connections are closed by `open_sqlite`."""
        self._is_open = False

    @asynccontextmanager
    async def _reader(self) -> AsyncIterator[aiosqlite.Connection]:
        reader = await self._take_reader()
        try:
            yield reader
        finally:
            self._give_back(reader)

    async def _take_reader(self) -> aiosqlite.Connection:
        """A reading connection, which the caller gives back."""
        if not self._is_open:
            raise self._unavailable("it is closed")
        if not self._free.empty():
            # Mostly so: a deadline costs as much as all else that is done here.
            return self._free.get_nowait()
        try:
            async with asyncio.timeout(self._acquire_seconds):
                return await self._free.get()
        except TimeoutError as error:
            raise self._unavailable("all reading connections are busy") from error

    def _give_back(self, reader: aiosqlite.Connection) -> None:
        # A cancelled caller's statement may still run: the next one waits behind it on the same thread.
        self._free.put_nowait(reader)

    def _unavailable(self, reason: str) -> StorageUnavailable:
        now = self._clock.now()
        # The reason is for the log; where files lie and what the disk lacks is not for clients.
        _log.warning("database unavailable", reason=reason)
        return StorageUnavailable(
            "The database does not answer at the moment.", now=now, next_check_at=now + _RETRY_MILLISECONDS
        )


class _Moment:
    """What is read in one transaction on a connection."""

    def __init__(self, reader: aiosqlite.Connection, fetched: _Fetched) -> None:
        self._reader = reader
        self._fetched = fetched

    async def fetch(self, sql: str, *values: Value) -> Sequence[Row]:
        return await self._fetched(self._reader, sql, values)


@asynccontextmanager
async def open_sqlite(
    path: Path,
    clock: Clock,
    *,
    readers: int = 4,
    acquire_seconds: float = 5.0,
    read_only: bool = False,
) -> AsyncIterator[SqliteDatabase]:
    """Open the file, made if missing, and hold its lock until the end of the block.

    `read_only` takes no lock, makes nothing and refuses transactions: for a look at a file that a server may be
    using. Raises `StartRefused` when another process has the file, or when it cannot be opened.
    """
    path = _checked(path, read_only)
    async with AsyncExitStack() as stack:
        try:
            writer = None if read_only else await _open_writer(path, stack)
            connections = [await _open_reader(path, stack) for _ in range(readers)]
        except sqlite3.Error as error:
            raise StartRefused(f"The database {path} cannot be opened: {error}.") from error
        _mention_library()
        database = SqliteDatabase(path, connections, writer, clock, acquire_seconds)
        stack.callback(database.close)
        yield database


def _checked(path: Path, read_only: bool) -> Path:
    """The path with links followed: two names of one file have one lock. Makes the folder unless `read_only`."""
    path = path.resolve()
    if sqlite3.sqlite_version_info < _OLDEST:
        raise StartRefused(f"SQLite {sqlite3.sqlite_version} is too old; 3.35 is the oldest that works.")
    if path.is_dir():
        raise StartRefused(f"The database path {path} is a folder; give the path of a file in it.")
    if read_only and not path.is_file():
        raise StartRefused(f"There is no database at {path}.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StartRefused(
            f"The folder {path.parent} for the database cannot be made: {error.strerror}."
        ) from error
    return path


async def _open_writer(path: Path, stack: AsyncExitStack) -> Writer:
    lock = FileLock(path)
    lock.acquire()
    stack.callback(lock.release)

    async def connect() -> aiosqlite.Connection:
        return await _connect(path, "rwc", _WRITER_START)

    writer = Writer(connect, _FAREWELL)
    await writer.start()
    stack.push_async_callback(writer.close)
    return writer


async def _open_reader(path: Path, stack: AsyncExitStack) -> aiosqlite.Connection:
    reader = await _connect(path, "ro", _READER_START)
    stack.push_async_callback(reader.close)
    return reader


async def _connect(path: Path, mode: str, start: Sequence[str]) -> aiosqlite.Connection:
    """Open a connection that begins no transaction by itself, and run these statements on it."""
    connection = await aiosqlite.connect(
        f"{path.as_uri()}?mode={mode}", uri=True, isolation_level=None, timeout=_BUSY_MILLISECONDS / 1000
    )
    try:
        connection.row_factory = sqlite3.Row
        for statement in start:
            await connection.execute_fetchall(statement)
    except BaseException:
        await connection.close()
        raise
    return connection


def library_notes() -> list[str]:
    """What an operator should know of the SQLite that this Python is linked with, a sentence each."""
    if sqlite3.sqlite_version_info >= _WAL_RESET_FIXED:
        return []
    return [
        f"SQLite {sqlite3.sqlite_version} can damage a file when two connections write at the same moment (fixed in "
        "3.51.3); the server therefore writes on one connection and locks the file against other servers."
    ]


def _mention_library() -> None:
    for note in library_notes():
        _log.info(note)
