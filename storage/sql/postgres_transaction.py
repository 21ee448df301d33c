"""One transaction on one connection to PostgreSQL, from BEGIN to COMMIT."""

import asyncio
import hashlib
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import asyncpg

from storage.sql.database import Result, Row, Value, Work
from storage.sql.postgres_errors import DRIVER_ERRORS, Conflict, Undecided, judged

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]

_ROLL_BACK_SECONDS = 2.0

# The keys come sorted, and the rows of an array come in its order.
_LOCK = "SELECT pg_advisory_xact_lock(key) FROM unnest($1::BIGINT[]) AS key"


@dataclass(frozen=True, slots=True)
class Statements:
    """What a transaction's work gets. `schema` parts the locks of several schemas in one database. `seconds` is what
    a statement may take, None for what the connection allows."""

    connection: "Connection"
    schema: str
    seconds: float | None = None

    async def fetch(self, sql: str, *values: Value) -> Sequence[Row]:
        return await self.connection.fetch(sql, *values, timeout=self.seconds)

    async def execute(self, sql: str, *values: Value) -> None:
        await self.connection.execute(sql, *values, timeout=self.seconds)

    async def lock(self, names: Collection[str]) -> None:
        keys = sorted({lock_key(self.schema, name) for name in names})
        await self.connection.fetch(_LOCK, keys, timeout=self.seconds)


def lock_key(schema: str, name: str) -> int:
    """The number of a lock. Two names that share one wait for each other needlessly, and nothing else."""
    digest = hashlib.blake2b(f"{schema}\0{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


async def run_transaction(statements: Statements, begin: str, work: Work[Result]) -> Result:
    """Run `work` between `begin` and COMMIT. Raises `Undecided` when the connection breaks during COMMIT, else what
    went wrong, with nothing kept."""
    connection = statements.connection
    try:
        await connection.execute(begin, timeout=statements.seconds)
        result = await work(statements)
    except BaseException as error:
        await _roll_back(connection, error)
        raise
    await _commit(connection)
    return result


def is_lost(connection: "Connection") -> bool:
    """Whether the connection is closed."""
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:
        # The pool has taken it back because it is closed.
        return True


def give_up(connection: "Connection") -> None:
    """Close the connection without a word; the server undoes what was not committed."""
    with suppress(asyncpg.InterfaceError):
        connection.terminate()


async def _commit(connection: "Connection") -> None:
    try:
        status = await connection.execute("COMMIT")
    except DRIVER_ERRORS as error:
        verdict = judged(error, is_lost=is_lost(connection))
        if isinstance(verdict, Conflict):
            raise
        give_up(connection)
        raise Undecided(f"it is not known whether the transaction was committed: {error}") from error
    if status != "COMMIT":
        # A statement had failed, and the work went on as if it had not: the server undid everything.
        raise RuntimeError("a transaction's work did not notice that a statement of it failed")


async def _roll_back(connection: "Connection", error: BaseException) -> None:
    """Leave the connection fit for the next call, or close it."""
    if is_lost(connection):
        return
    if isinstance(error, TimeoutError):
        # The server said nothing for longer than it may: it would not answer this either.
        give_up(connection)
        return
    try:
        await connection.execute("ROLLBACK", timeout=_ROLL_BACK_SECONDS)
    except DRIVER_ERRORS:
        give_up(connection)
    except asyncio.CancelledError:
        give_up(connection)
        raise
