"""What the repositories ask of an SQL database, and the SQL they may use.

Statements are plain text that SQLite and PostgreSQL read alike. What is allowed:

* placeholders `$1`, `$2`, ... (one may stand in several places); a list of keys is as many placeholders
* column types TEXT, BIGINT, DOUBLE PRECISION, BOOLEAN, BYTEA
* SELECT, INSERT, UPDATE, DELETE, UNION ALL, ON CONFLICT ... DO UPDATE or DO NOTHING, RETURNING, CASE, CAST,
  COALESCE, EXISTS, LEFT JOIN, COUNT, SUM, MIN and ROW_NUMBER OVER (PARTITION BY ... ORDER BY ...), rows of VALUES as
  a table (columns `column1`, `column2`, ...); in migrations CREATE TABLE, CREATE INDEX (also with WHERE) and
  ALTER TABLE ... ADD COLUMN
* a placeholder that no column gives a type is wrapped: CAST($1 AS BIGINT)
* times are integer milliseconds and come in as values; ids are made by the caller

What is not: the server's clock, generated ids, arrays, JSON operators, LIKE and anything else that depends on
collation, `?` placeholders, comments that end in a semicolon, and two statements in one text.
"""

import re
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from functools import lru_cache
from itertools import islice
from typing import Any, Protocol, TypeVar

Value = str | int | float | bytes | None
"""What may be bound to a placeholder."""

Result = TypeVar("Result")
Key = TypeVar("Key")

MAX_KEYS = 10_000
"""Keys in one statement: SQLite binds 32,766 values at most, PostgreSQL 65,535."""

# Lists of placeholders that are remembered: of 60 kB at most, and mostly of some hundred bytes.
_TEXTS = 64

_FOREIGN = re.compile(
    r"\b(now|current_timestamp|current_date|current_time|strftime|datetime|julianday|unixepoch|random|"
    r"autoincrement|serial|bigserial|identity|rowid|array|any|json\w*|like|ilike|glob|regexp|collate|"
    r"replace|ignore|pragma|attach|returning\s+\*|integer|int|blob|real|numeric|varchar|char|timestamp\w*|"
    r"without|strict)\b|\?|::|->|@>|\|\|",
    re.IGNORECASE,
)


class Row(Protocol):
    """One row of an answer, read by the column's name. What it gives is the driver's type: coerce it.

    To go through it gives its values in the statement's order."""

    def __getitem__(self, column: str, /) -> Any: ...

    def __iter__(self) -> Iterator[Any]: ...


class Reads(Protocol):
    """What can be read from: a database as it is now, or as it was at one moment."""

    async def fetch(self, sql: str, *values: Value) -> Sequence[Row]:
        """Run one statement that reads and give its rows."""
        ...


class Transaction(Protocol):
    """Statements that happen together or not at all."""

    async def fetch(self, sql: str, *values: Value) -> Sequence[Row]:
        """Run one statement and give its rows; with RETURNING that is a write too."""
        ...

    async def execute(self, sql: str, *values: Value) -> None:
        """Run one statement for its effect."""
        ...

    async def lock(self, names: Collection[str]) -> None:
        """From here on no other transaction runs that locks one of these names: it waits until this one ends.

        For what no row can guard, because it is not there yet. Asked before anything is written, and with all names
        at once, so that two transactions cannot wait for each other.
        """
        ...


Work = Callable[[Transaction], Awaitable[Result]]
"""What runs in a transaction. It awaits nothing but the transaction, for others wait behind it. It may be run
again from the start (a conflict, a full disk), so it has no effect but its statements."""


class Database(Protocol):
    """A database that is open. Every method raises `errors.StorageUnavailable` when it is out of reach."""

    @property
    def server_version(self) -> str:
        """Name and version of the database that answered."""
        ...

    @property
    def connections_in_use(self) -> int:
        """Connections that a call holds at this moment; zero when nothing is under way."""
        ...

    async def fetch(self, sql: str, *values: Value) -> Sequence[Row]:
        """Read what is committed. Never sees a transaction that is not finished."""
        ...

    async def transaction(self, work: Work[Result]) -> Result:
        """Run `work` and commit. Returns only after the commit: then it is on the disk.

        What `work` raises is raised here, and nothing of it is kept. A caller that is cancelled gets no
        answer, and the transaction has happened whole or not at all.
        """
        ...

    @property
    def skip_locked(self) -> str:
        """What ends a SELECT in a transaction so that its rows stay as they are until the commit, those that another
        transaction holds being left out: `` FOR UPDATE SKIP LOCKED``, or nothing where transactions take turns."""
        ...

    async def exclusive(self, work: Work[Result]) -> Result:
        """Run `work` as `transaction` does, while no other process of ours runs one like this: for changing tables.

        Does not wait long for a table that somebody else reads or writes, but tries again, some twenty seconds.
        """
        ...

    async def has_table(self, name: str) -> bool:
        """Whether the table exists."""
        ...

    def snapshot(self) -> AbstractAsyncContextManager[Reads]:
        """The database as it is when the block is entered, until its end, on a connection of its own."""
        ...

    async def check(self) -> Sequence[str]:
        """What the database finds wrong with its own files and indexes, a line each. May take minutes."""
        ...


@lru_cache(maxsize=_TEXTS)
def placeholders(count: int, *, start: int = 1) -> str:
    """`$1, $2, ...`: `count` of them, from `start` on."""
    return ", ".join(f"${number}" for number in range(start, start + count))


def batches(keys: Iterable[Key], size: int = MAX_KEYS) -> Iterator[list[Key]]:
    """The distinct keys in order, in lists short enough for one statement. No key: no list."""
    distinct = iter(dict.fromkeys(keys))
    while batch := list(islice(distinct, size)):
        yield batch


def foreign_words(sql: str) -> list[str]:
    """The parts of a statement that are outside of the list above."""
    return [match.group(0) for match in _FOREIGN.finditer(sql)]
