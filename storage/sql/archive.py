"""Items of an SQL database, whatever their kind. The contract is on `storage.protocols.Archive`."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from models.storage import AgePercentiles, KindStatistics
from storage.items import Item, ItemKind
from storage.sql.counted import CountedDatabase
from storage.sql.database import Reads, Row, Transaction, Value, batches, placeholders

ItemT = TypeVar("ItemT", bound=Item)

_ROWS = 500

_SIZE = "(SELECT COALESCE(SUM({expression}), 0) FROM {table})"

# The nearest-rank way: of n ages, sorted, p90 is the one at place ceil(n * 90 / 100), that is at an offset of
# (n * 90 - 1) / 100 without its rest.
_RANK = """
    (SELECT fetched_at FROM {table} ORDER BY fetched_at DESC LIMIT 1
        OFFSET (SELECT (COUNT(*) * {percent} - 1) / 100 FROM {table})) AS p{percent}"""

_AGED_STATISTICS = "SELECT (SELECT COUNT(*) FROM {table}) AS count, {size} AS size, {ranks}"


@dataclass(frozen=True, slots=True)
class Tables(Generic[ItemT]):
    """How items of a kind lie in tables.

    `page` reads whole items in the order of their keys, `{after}` being where it begins: empty, or `after`, whose
    values are those of `key_values`; the limit comes last. `by_keys` reads those of `{keys}`, a list of
    placeholders for the values of `key_values`, whose types are `key_types`: a list of several has no column to take
    them from. `clear` removes at most $1 items and returns a row for each.
    `statistics` gives one row: count, size, and the times of fetching p50, p90 and p99 when `has_ages`.
    """

    kind: ItemKind[ItemT]
    count: str
    page: str
    after: str
    by_keys: str
    clear: str
    statistics: str
    has_ages: bool
    key_values: Callable[[str], tuple[Value, ...]]
    items: Callable[[Sequence[Row]], Sequence[ItemT]]
    put: Callable[[Transaction, Sequence[ItemT]], Awaitable[None]]
    key_types: tuple[str, ...] = ("TEXT", "TEXT")


class SqlArchiveReader(Generic[ItemT]):
    """The items of a kind as they are in `reads`."""

    def __init__(self, tables: Tables[ItemT], reads: Reads) -> None:
        self._tables = tables
        self._reads = reads

    @property
    def kind(self) -> ItemKind[ItemT]:
        return self._tables.kind

    async def count(self) -> int:
        (row,) = await self._reads.fetch(self._tables.count)
        return int(row["count"])

    async def list(self, *, after: str | None, limit: int) -> Sequence[ItemT]:
        begin = () if after is None else self._tables.key_values(after)
        where = self._tables.after if begin else ""
        sql = self._tables.page.format(after=where, limit=f"${len(begin) + 1}")
        return self._tables.items(await self._reads.fetch(sql, *begin, limit))

    async def get_many(self, keys: Iterable[str]) -> Mapping[str, ItemT]:
        found: dict[str, ItemT] = {}
        for batch in batches(keys):
            parts = [self._tables.key_values(key) for key in batch]
            sql = self._tables.by_keys.format(
                keys=_listed(len(parts), self._tables.key_types[: len(parts[0])])
            )
            rows = await self._reads.fetch(sql, *(value for part in parts for value in part))
            found |= {item.key: item for item in self._tables.items(rows)}
        return found


class SqlArchive(SqlArchiveReader[ItemT]):
    """The items of a kind in a database, to be written too."""

    def __init__(self, tables: Tables[ItemT], database: CountedDatabase) -> None:
        super().__init__(tables, database)
        self._database = database

    async def put_many(self, items: Sequence[ItemT]) -> None:
        # One statement cannot write a row twice; of two items with one key the later one counts.
        distinct = {item.key: item for item in items}
        # Sorted: two transactions that lock the same rows in the same order cannot block each other.
        ordered = [distinct[key] for key in sorted(distinct)]
        await self._database.write(lambda tx: self._tables.put(tx, ordered))

    async def clear(self, limit: int) -> int:
        return len(await self._database.write(lambda tx: tx.fetch(self._tables.clear, limit)))

    async def statistics(self, now: int) -> KindStatistics:
        (row,) = await self._reads.fetch(self._tables.statistics)
        count = int(row["count"])
        return KindStatistics(
            kind=self.kind.name,
            count=count,
            size=int(row["size"]),
            ages=_ages(row, now) if count and self._tables.has_ages else None,
        )


def aged_statistics(table: str, sizes: Mapping[str, str]) -> str:
    """The statement for `Tables.statistics` of a kind whose times of fetching are in `table`. `sizes` are what to
    add up, by the table it is in."""
    size = " + ".join(_SIZE.format(table=each, expression=sizes[each]) for each in sizes)
    ranks = ", ".join(_RANK.format(table=table, percent=percent) for percent in (50, 90, 99))
    return _AGED_STATISTICS.format(table=table, size=size, ranks=ranks)


async def insert(tx: Transaction, sql: str, rows: Iterable[Sequence[Value]]) -> None:
    """Run an INSERT whose `{rows}` are these, in as many statements as it takes."""
    for part in _parts(rows):
        width = len(part[0])
        listed = ", ".join(f"({placeholders(width, start=1 + width * place)})" for place in range(len(part)))
        await tx.execute(sql.format(rows=listed), *(value for row in part for value in row))


def _parts(rows: Iterable[Sequence[Value]]) -> Iterable[Sequence[Sequence[Value]]]:
    every = list(rows)
    return (every[start : start + _ROWS] for start in range(0, len(every), _ROWS))


def _listed(count: int, types: Sequence[str]) -> str:
    """Placeholders for so many keys: `$1, $2` of one value each, `VALUES (CAST($1 AS TEXT), ...), ...` of several."""
    if len(types) == 1:
        return placeholders(count)
    rows = (
        ", ".join(f"CAST(${number} AS {kind})" for number, kind in enumerate(types, 1 + place * len(types)))
        for place in range(count)
    )
    return f"VALUES {', '.join(f'({row})' for row in rows)}"


def _ages(row: Row, now: int) -> AgePercentiles:
    p50, p90, p99 = ((now - int(row[name])) / 1000 for name in ("p50", "p90", "p99"))
    return AgePercentiles(p50, p90, p99)
