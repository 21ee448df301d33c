"""The one connection that writes to SQLite: it takes transactions from a queue and commits those that wait together.

A commit costs a flush of the disk, however much is in it: so under load many transactions share one, each
inside a savepoint of its own.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import aiosqlite

from storage.sql.database import Result, Row, Value, Work

_MAX_GROUP = 64
_MAX_WAITING = 10_000

# What the database cannot do now, as against a mistake in a statement or a broken constraint.
_UNREACHABLE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_NOTADB,
}


class Unreachable(Exception):
    """The database did not take a transaction; nothing of it is kept."""


class _UndoneByDatabase(Exception):
    """SQLite gave up the whole group, not just the statement that failed."""


def is_unreachable(error: Exception) -> bool:
    """Whether waiting may help: the disk is full, the file is locked, ..."""
    # The low byte is the kind, the rest of the number the circumstance.
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF in _UNREACHABLE


def numbered(sql: str) -> str:
    """A statement with its placeholders `$1`, `$2`, ... as `?1`, `?2`, ..., which is what SQLite binds by number. It
    takes the first for names, and looks for each among all others: of 20,000 that is two seconds."""
    return sql.replace("$", "?")


class _Statements:
    """What a transaction's work gets: statements on the writing connection."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    async def fetch(self, sql: str, *values: Value) -> Sequence[Row]:
        # One call that runs and fetches: each call is a trip to the connection's thread and back.
        return list(await self._connection.execute_fetchall(numbered(sql), values))

    async def execute(self, sql: str, *values: Value) -> None:
        await self._connection.execute_fetchall(numbered(sql), values)

    async def lock(self, names: Collection[str]) -> None:
        """Nothing to do: transactions run one after the other."""


@dataclass(slots=True, eq=False)
class _Job:
    """A transaction that waits for its turn, and where its caller waits for the outcome."""

    work: Work[Any]
    answer: asyncio.Future[Any]

    def succeed(self, result: object) -> None:
        if not self.answer.done():
            self.answer.set_result(result)

    def fail(self, error: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(Unreachable(str(error)) if is_unreachable(error) else error)


class Writer:
    """Runs transactions in the order they came. `is_busy` while one is under way."""

    def __init__(
        self, connect: Callable[[], Awaitable[aiosqlite.Connection]], farewell: Sequence[str]
    ) -> None:
        self._connect = connect
        self._farewell = farewell
        self._connection: aiosqlite.Connection | None = None
        self._jobs: asyncio.Queue[_Job | None] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self.is_busy = False

    async def start(self) -> None:
        """Connect, and take transactions from now on."""
        self._connection = await self._connect()
        self._task = asyncio.create_task(self._serve(), name="sqlite writer")

    async def run(self, work: Work[Result]) -> Result:
        """Run `work` in a transaction and return after its commit.

        A cancelled caller takes its work out of the queue if it has not begun; work that has begun is finished.
        Raises `Unreachable`, or what the work raised.
        """
        is_closed = self._task is None or self._task.done()
        if is_closed or self._jobs.qsize() >= _MAX_WAITING:
            raise Unreachable("it is closed" if is_closed else "too many transactions wait")
        answer: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._jobs.put_nowait(_Job(work, answer))
        return await answer

    async def close(self) -> None:
        """Finish what waits, tidy the file and disconnect."""
        task, self._task = self._task, None
        try:
            if task is not None:
                self._jobs.put_nowait(None)
                await task
            if self._connection is not None:
                for statement in self._farewell:
                    with suppress(sqlite3.Error, ValueError):
                        await self._connection.execute_fetchall(statement)
        finally:
            await self._disconnect()

    async def _serve(self) -> None:
        is_last = False
        while not is_last:
            waiting = [await self._jobs.get()]
            while len(waiting) < _MAX_GROUP and not self._jobs.empty():
                waiting.append(self._jobs.get_nowait())
            is_last = None in waiting
            await self._commit([job for job in waiting if job and not job.answer.cancelled()])

    async def _commit(self, jobs: Sequence[_Job]) -> None:
        if not jobs:
            return
        self.is_busy = True
        try:
            connection = await self._begin()
        except (sqlite3.Error, ValueError) as error:
            await self._abandon(jobs, error)
            return
        if len(jobs) == 1:
            await self._commit_one(connection, jobs[0])
        else:
            await self._commit_group(connection, jobs)

    async def _begin(self) -> aiosqlite.Connection:
        if self._connection is None:
            self._connection = await self._connect()
        await self._connection.execute_fetchall("BEGIN IMMEDIATE")
        return self._connection

    async def _commit_one(self, connection: aiosqlite.Connection, job: _Job) -> None:
        try:
            result = await job.work(_Statements(connection))
            await connection.execute_fetchall("COMMIT")
        except Exception as error:  # whatever it is, it is the caller's to know
            await self._roll_back()
            self.is_busy = False
            job.fail(error)
        else:
            self.is_busy = False
            job.succeed(result)

    async def _commit_group(self, connection: aiosqlite.Connection, jobs: Sequence[_Job]) -> None:
        try:
            outcomes = [await self._attempt(connection, job) for job in jobs]
            await connection.execute_fetchall("COMMIT")
        except _UndoneByDatabase:
            # One of them asks too much (a full disk, mostly). Alone, each gets what it deserves.
            for job in jobs:
                await self._commit([job])
        except (sqlite3.Error, ValueError) as error:
            await self._abandon(jobs, error)
        else:
            self.is_busy = False
            for deliver in outcomes:
                deliver()

    async def _attempt(self, connection: aiosqlite.Connection, job: _Job) -> Callable[[], None]:
        """Run one of a group. Returns how to tell its caller, which waits for the commit of all."""
        await connection.execute_fetchall("SAVEPOINT job")
        try:
            result = await job.work(_Statements(connection))
        except Exception as error:  # whatever it is, it is the caller's to know
            if not connection.in_transaction:
                raise _UndoneByDatabase from error
            await connection.execute_fetchall("ROLLBACK TO job")
            return _later(job.fail, error)
        finally:
            if connection.in_transaction:
                await connection.execute_fetchall("RELEASE job")
        return _later(job.succeed, result)

    async def _abandon(self, jobs: Sequence[_Job], error: Exception) -> None:
        await self._roll_back()
        self.is_busy = False
        for job in jobs:
            job.fail(Unreachable(str(error)))

    async def _roll_back(self) -> None:
        """Leave no transaction open. A connection that cannot even do that is given up; the next job opens one."""
        try:
            if self._connection is not None and self._connection.in_transaction:
                await self._connection.execute_fetchall("ROLLBACK")
        except (sqlite3.Error, ValueError):
            await self._disconnect()

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error, ValueError):
                await connection.close()


def _later(tell: Callable[[Any], None], outcome: object) -> Callable[[], None]:
    return lambda: tell(outcome)
