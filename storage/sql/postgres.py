"""PostgreSQL behind the face of `Database`: a pool of connections, every transaction on one of them.

A call that fails is tried a second time where that is safe: a conflict, a plan that a migration made invalid, a
connection that broke before COMMIT was sent. Where it broke later nobody can tell, and the caller is told so.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import asyncpg
import structlog

from clock import Clock
from errors import StartRefused, StorageUnavailable
from storage.options import PostgresOptions
from storage.sql.database import Reads, Result, Row, Transaction, Value, Work
from storage.sql.postgres_check import find_problems
from storage.sql.postgres_errors import DRIVER_ERRORS, Busy, Conflict, Lost, Refused, Undecided, judged
from storage.sql.postgres_pool import open_pool
from storage.sql.postgres_session import UNHURRIED_SECONDS, Session, session_of
from storage.sql.postgres_transaction import Statements, give_up, is_lost, lock_key, run_transaction

if TYPE_CHECKING:
    from storage.sql.postgres_transaction import Connection

_RETRY_MILLISECONDS = 5_000
_CLOSE_SECONDS = 5.0
# A call that was given up asks the server to stop it; one that stands still does not answer that either.
_RELEASE_SECONDS = 0.5
_TABLE_LOCK_ATTEMPTS = 10
_TABLE_LOCK_PAUSE = 0.5
_CONFLICT_PAUSE = 0.1

_SERVER = """
SELECT current_schema() AS schema, current_setting('server_encoding') AS encoding,
    current_setting('server_version') AS version, current_setting('max_connections') AS connections,
    current_setting('superuser_reserved_connections') AS reserved
"""

_HAS_TABLE = """
SELECT c.relname FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema() AND c.relname = $1 AND c.relkind IN ('r', 'p')
"""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Server:
    """What answered. `schema` is the one that tables are made in; `connections` are those for ordinary users."""

    version: str
    schema: str
    connections: int


class PostgresDatabase:
    """An open pool; made by `open_postgres`, whose block it lives in."""

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        session: Session,
        clock: Clock,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._pool = pool
        self._session = session
        self._clock = clock
        self._jitter = jitter
        self._acquire_seconds = session.options.acquire_seconds
        self._in_use = 0
        self._generation = 0
        self.server = Server("PostgreSQL", "", 0)

    @property
    def server_version(self) -> str:
        return self.server.version

    @property
    def connections_in_use(self) -> int:
        return self._in_use

    async def fetch(self, sql: str, *values: Value) -> Sequence[Row]:
        return await self._twice(partial(self._read, sql, values))

    async def transaction(self, work: Work[Result]) -> Result:
        return await self._twice(partial(self._write, work, self._session.begin()))

    async def exclusive(self, work: Work[Result]) -> Result:
        begin = self._session.begin_exclusive(lock_key(self.server.schema, "schema_migrations"))
        attempt = partial(self._write, work, begin, UNHURRIED_SECONDS)
        for _ in range(_TABLE_LOCK_ATTEMPTS - 1):
            with suppress(Busy):
                return await self._twice(attempt, busy_is_known=True)
            _log.info("tables to change are locked by another session; trying again")
            await self._clock.sleep(_TABLE_LOCK_PAUSE * (0.5 + self._jitter() / 2))
        return await self._twice(attempt)

    async def notify(self, channel: str, bodies: Sequence[str]) -> None:
        """Wake those who LISTEN, in one transaction. No call waits for it, so it is none of `connections_in_use`."""

        async def work(tx: Transaction) -> None:
            for body in bodies:
                await tx.execute("SELECT pg_notify($1, $2)", channel, body)

        await self._twice(partial(self._write, work, self._session.begin(), is_call=False))

    @property
    def skip_locked(self) -> str:
        return " FOR UPDATE SKIP LOCKED"

    async def has_table(self, name: str) -> bool:
        return bool(await self.fetch(_HAS_TABLE, name))

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Reads]:
        # Not out of the pool: a backup takes minutes, and would leave the others one connection less.
        async with AsyncExitStack() as stack:
            async with self._once():
                connection = await stack.enter_async_context(self._own_connection())
            # Only our statements are judged: what fails in the caller's block is the caller's.
            guarded = partial(self._guarded, connection, self._generation)
            self._in_use += 1
            stack.callback(self._put_back)
            async with guarded():
                await connection.execute(self._session.begin_snapshot())
            yield _Moment(connection, guarded)

    async def check(self) -> Sequence[str]:
        async with self._once():
            return await find_problems(self._read_unhurried, self.server.schema)

    async def look_at_server(self) -> None:
        """Learn what answers. Raises `StartRefused` when it cannot keep what we keep."""
        (row,) = await self.fetch(_SERVER)
        place = self._session.url.place
        if row["schema"] is None:
            raise StartRefused(
                f"The schema that search_path names does not exist at {place}. Create it first."
            )
        if row["encoding"] != "UTF8":
            raise StartRefused(
                f"The database at {place} keeps text as {row['encoding']}. Create one with ENCODING 'UTF8'."
            )
        version = str(row["version"]).split(" ", maxsplit=1)[0]
        free = int(row["connections"]) - int(row["reserved"])
        self.server = Server(f"PostgreSQL {version}", str(row["schema"]), free)

    async def _read(self, sql: str, values: Sequence[Value]) -> Sequence[Row]:
        async with self._connection(self._pooled_connection) as connection:
            if not self._session.is_pooled:
                return await connection.fetch(sql, *values)
            # pgbouncer may give each message outside of a transaction another connection, and a statement is two.
            begin = self._session.begin("READ ONLY")
            return await run_transaction(
                Statements(connection, self.server.schema), begin, lambda tx: tx.fetch(sql, *values)
            )

    async def _read_unhurried(self, sql: str, *values: Value) -> Sequence[Row]:
        async with self._connection(self._own_connection) as connection:
            statements = Statements(connection, self.server.schema, UNHURRIED_SECONDS)
            begin = self._session.begin_unhurried()
            return await run_transaction(statements, begin, lambda tx: tx.fetch(sql, *values))

    async def _write(
        self, work: Work[Result], begin: str, seconds: float | None = None, *, is_call: bool = True
    ) -> Result:
        async with self._connection(self._pooled_connection, is_call=is_call) as connection:
            return await run_transaction(Statements(connection, self.server.schema, seconds), begin, work)

    async def _twice(
        self, attempt: Callable[[], Awaitable[Result]], *, busy_is_known: bool = False
    ) -> Result:
        async with self._once(*([Busy] if busy_is_known else [])):
            try:
                return await attempt()
            except (Conflict, Lost) as error:
                _log.info("trying a database call again", reason=str(error))
                if isinstance(error, Conflict):
                    # The other one goes on only when the server wakes it, and at once this would be in its way again.
                    await self._clock.sleep(_CONFLICT_PAUSE * (0.5 + self._jitter() / 2))
            return await attempt()

    @asynccontextmanager
    async def _once(self, *passed: type[Exception]) -> AsyncIterator[None]:
        """Turn what the server could not do into what callers know. `passed` they know already."""
        try:
            yield
        except (Conflict, Lost, Refused) as error:
            if isinstance(error, passed):
                raise
            raise self._unavailable(str(error)) from error

    @asynccontextmanager
    async def _connection(
        self, source: Callable[[], AbstractAsyncContextManager["Connection"]], *, is_call: bool = True
    ) -> AsyncIterator["Connection"]:
        """A connection for the block. What the driver raises in it is judged."""
        generation = self._generation
        async with source() as connection:
            self._in_use += is_call
            try:
                async with self._judged(connection, generation):
                    yield connection
            finally:
                self._in_use -= is_call

    @asynccontextmanager
    async def _guarded(self, connection: "Connection", generation: int) -> AsyncIterator[None]:
        async with self._once(), self._judged(connection, generation):
            yield

    @asynccontextmanager
    async def _judged(self, connection: "Connection", generation: int) -> AsyncIterator[None]:
        try:
            yield
        except Exception as error:
            verdict = judged(error, is_lost=is_lost(connection))
            if isinstance(error, TimeoutError):
                give_up(connection)
            if isinstance(verdict, Lost | Undecided):
                await self._expire(generation)
            if verdict is error:
                raise
            raise verdict from error

    def _put_back(self) -> None:
        self._in_use -= 1

    @asynccontextmanager
    async def _pooled_connection(self) -> AsyncIterator["Connection"]:
        try:
            connection = await self._pool.acquire(timeout=self._acquire_seconds)
        except TimeoutError as error:
            raise Refused("no connection was free in time") from error
        except DRIVER_ERRORS as error:
            raise Refused(str(error)) from error
        try:
            yield connection
        finally:
            # A connection that cannot be put right is closed by the pool; the outcome of the call stands.
            with suppress(*DRIVER_ERRORS):
                await self._pool.release(connection, timeout=_RELEASE_SECONDS)

    @asynccontextmanager
    async def _own_connection(self) -> AsyncIterator["Connection"]:
        try:
            connection = await asyncpg.connect(**self._session.driver_arguments)
        except DRIVER_ERRORS as error:
            raise Refused(str(error)) from error
        try:
            yield connection
        finally:
            with suppress(*DRIVER_ERRORS):
                await connection.close(timeout=_CLOSE_SECONDS)

    async def _expire(self, generation: int) -> None:
        """Open no call on a connection made before now. Of many calls that fail together the first one does it."""
        if generation == self._generation:
            self._generation += 1
            await self._pool.expire_connections()

    def _unavailable(self, reason: str) -> StorageUnavailable:
        now = self._clock.now()
        # The reason is for the log; where the database lies and what it lacks is not for clients.
        _log.warning("database unavailable", reason=reason)
        return StorageUnavailable(
            "The database does not answer at the moment.", now=now, next_check_at=now + _RETRY_MILLISECONDS
        )


class _Moment:
    """What is read in one transaction on a connection."""

    def __init__(
        self, connection: "Connection", guarded: Callable[[], AbstractAsyncContextManager[None]]
    ) -> None:
        self._connection = connection
        self._guarded = guarded

    async def fetch(self, sql: str, *values: Value) -> Sequence[Row]:
        async with self._guarded():
            return await self._connection.fetch(sql, *values)


@asynccontextmanager
async def open_postgres(options: PostgresOptions, clock: Clock) -> AsyncIterator[PostgresDatabase]:
    """Connect to the server, trying for `start_seconds`. Raises `StartRefused`, saying what to change."""
    session = session_of(options)
    pool = await open_pool(session, clock)
    try:
        database = PostgresDatabase(pool, session, clock)
        try:
            await database.look_at_server()
        except StorageUnavailable as error:
            raise StartRefused(
                f"PostgreSQL at {session.url.place} does not serve: {error.__cause__}."
            ) from error
        _mention_connections(options, database.server)
        yield database
    finally:
        await _close(pool)


async def _close(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    """Let calls under way finish, for a moment, and disconnect."""
    try:
        async with asyncio.timeout(_CLOSE_SECONDS):
            await pool.close()
    except DRIVER_ERRORS:
        pool.terminate()


def _mention_connections(options: PostgresOptions, server: Server) -> None:
    # Behind a pooler the server sees the pooler's connections, not ours.
    if not options.pgbouncer and options.pool_max > server.connections:
        _log.warning(
            "POSTGRES_POOL_MAX is more than the server's max_connections allow; calls will be refused under load",
            pool_max=options.pool_max,
            connections=server.connections,
        )
