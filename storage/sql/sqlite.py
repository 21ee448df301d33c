"""SQLite behind the face of `Database`: one connection that writes, several that can only read.

Readers and the writer do not wait for each other (WAL), and no reader sees what is not committed, which it would
on the writer's own connection.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiosqlite
import structlog

from clock import Clock
from errors import StartRefused, StorageUnavailable
from storage.sql.database import Result, Row, Value, Work
from storage.sql.lock import FileLock
from storage.sql.sqlite_writer import Unreachable, Writer, bound, is_unreachable

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
_READER_START = ("PRAGMA query_only = ON", "PRAGMA foreign_keys = ON")
_FAREWELL = ("PRAGMA optimize", "PRAGMA wal_checkpoint(TRUNCATE)")

_log = structlog.get_logger()


class SqliteDatabase:
    """An open file; made by `open_sqlite`, whose block it lives in."""

    def __init__(
        self,
        readers: Sequence[aiosqlite.Connection],
        writer: Writer | None,
        clock: Clock,
        acquire_seconds: float,
    ) -> None:
        self._free: asyncio.LifoQueue[aiosqlite.Connection] = asyncio.LifoQueue()
        for reader in readers:
            self._free.put_nowait(reader)
        self._reader_count = len(readers)
        self._writer = writer
        self._clock = clock
        self._acquire_seconds = acquire_seconds
        self._is_open = True

    @property
    def server_version(self) -> str:
        return f"SQLite {sqlite3.sqlite_version}"

    @property
    def connections_in_use(self) -> int:
        is_writing = self._writer is not None and self._writer.is_busy
        return self._reader_count - self._free.qsize() + is_writing

    async def fetch(self, sql: str, *values: Value) -> Sequence[Row]:
        async with self._reader() as reader:
            try:
                return list(await reader.execute_fetchall(sql, bound(values)))
            except sqlite3.Error as error:
                if is_unreachable(error):
                    raise self._unavailable(str(error)) from error
                raise

    async def transaction(self, work: Work[Result]) -> Result:
        if self._writer is None:
            raise self._unavailable("it is open for reading only")
        try:
            return await self._writer.run(work)
        except Unreachable as error:
            raise self._unavailable(str(error)) from error

    async def has_table(self, name: str) -> bool:
        sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name = $1"
        return bool(await self.fetch(sql, name))

    def close(self) -> None:
        """Take no more calls. The connections are closed by `open_sqlite`."""
        self._is_open = False

    @asynccontextmanager
    async def _reader(self) -> AsyncIterator[aiosqlite.Connection]:
        if not self._is_open:
            raise self._unavailable("it is closed")
        try:
            async with asyncio.timeout(self._acquire_seconds):
                reader = await self._free.get()
        except TimeoutError as error:
            raise self._unavailable("all reading connections are busy") from error
        try:
            yield reader
        finally:
            # A cancelled caller's statement may still run: the next one waits behind it on the same thread.
            self._free.put_nowait(reader)

    def _unavailable(self, reason: str) -> StorageUnavailable:
        now = self._clock.now()
        # The reason is for the log; where files lie and what the disk lacks is not for clients.
        _log.warning("database unavailable", reason=reason)
        return StorageUnavailable(
            "The database does not answer at the moment.", now=now, next_check_at=now + _RETRY_MILLISECONDS
        )


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
        _mention_old_library()
        database = SqliteDatabase(connections, writer, clock, acquire_seconds)
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


def _mention_old_library() -> None:
    if sqlite3.sqlite_version_info < _WAL_RESET_FIXED:
        _log.info(
            "this SQLite can damage a file when two connections write at the same moment (fixed in 3.51.3); "
            "the server therefore writes on one connection and locks the file against other servers",
            sqlite_version=sqlite3.sqlite_version,
        )
