"""Copies in an SQL database. The contract is on `storage.protocols.Cache`."""

from collections.abc import Collection, Mapping, Sequence

from metrics import Metrics
from storage.protocols import CacheEntry
from storage.sql.counted import CountedDatabase
from storage.sql.database import Database, Transaction, Value, batches, placeholders

_GET_MANY = """
SELECT key, value, entry_order, expires_at FROM cache_entries WHERE expires_at > $1 AND key IN ({keys})
"""

_EXISTS = "SELECT key FROM cache_entries WHERE expires_at > $1 AND key IN ({keys})"

# An entry that has ended guards nothing.
_SET = """
INSERT INTO cache_entries (key, value, entry_order, expires_at) VALUES {rows}
ON CONFLICT (key) DO UPDATE SET
    value = excluded.value, entry_order = excluded.entry_order, expires_at = excluded.expires_at
WHERE cache_entries.entry_order <= excluded.entry_order OR cache_entries.expires_at <= CAST($1 AS BIGINT)
"""

_ADD = """
INSERT INTO cache_entries (key, value, entry_order, expires_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (key) DO UPDATE SET
    value = excluded.value, entry_order = excluded.entry_order, expires_at = excluded.expires_at
WHERE cache_entries.expires_at <= CAST($5 AS BIGINT)
RETURNING key
"""

_REPLACE = """
UPDATE cache_entries SET value = $2, entry_order = $3, expires_at = $4
WHERE key = $1 AND expires_at > $5 AND entry_order = $6
RETURNING key
"""

_DELETE = "DELETE FROM cache_entries WHERE key IN ({keys}) RETURNING key"

_KEYS = """
SELECT key FROM cache_entries WHERE expires_at > $1 AND key >= $2 AND key < $3 ORDER BY key LIMIT $4
"""

_ROWS_AT_ONCE = 5_000  # of four values each, and SQLite binds 32,766
_AFTER_ALL_TEXT = b"\xff"  # no byte of UTF-8 is as high


class SqlCache:
    """The copies in one database."""

    def __init__(self, database: Database, metrics: Metrics) -> None:
        self._database = CountedDatabase(database, metrics, "cache")

    async def get_many(self, keys: Collection[str], *, now: int) -> Mapping[str, CacheEntry]:
        entries: dict[str, CacheEntry] = {}
        for batch in batches(keys):
            sql = _GET_MANY.format(keys=placeholders(len(batch), start=2))
            for row in await self._database.fetch(sql, now, *_encoded(batch)):
                entry = CacheEntry(bytes(row["value"]), int(row["expires_at"]), int(row["entry_order"]))
                entries[_text(row["key"])] = entry
        return entries

    async def set_many(self, entries: Mapping[str, CacheEntry], *, now: int) -> None:
        if entries:
            await self._database.write(lambda tx: _set_many(tx, entries, now))

    async def replace(self, key: str, entry: CacheEntry, *, expected_order: int | None, now: int) -> bool:
        values: list[Value] = [key.encode(), entry.value, entry.order, entry.expires_at, now]
        sql = _ADD if expected_order is None else _REPLACE
        if expected_order is not None:
            values.append(expected_order)
        return bool(await self._database.write(lambda tx: tx.fetch(sql, *values)))

    async def delete(self, keys: Collection[str]) -> int:
        return await self._database.write(lambda tx: _delete(tx, keys)) if keys else 0

    async def exists(self, keys: Collection[str], *, now: int) -> frozenset[str]:
        found: set[str] = set()
        for batch in batches(keys):
            sql = _EXISTS.format(keys=placeholders(len(batch), start=2))
            rows = await self._database.fetch(sql, now, *_encoded(batch))
            found |= {_text(row["key"]) for row in rows}
        return frozenset(found)

    async def keys(self, prefix: str, *, now: int, limit: int) -> Sequence[str]:
        first = prefix.encode()
        rows = await self._database.fetch(_KEYS, now, first, first + _AFTER_ALL_TEXT, limit)
        return [_text(row["key"]) for row in rows]


async def _set_many(tx: Transaction, entries: Mapping[str, CacheEntry], now: int) -> None:
    # Sorted: two transactions that lock the same rows in the same order cannot block each other.
    keys = sorted(entries)
    for first in range(0, len(keys), _ROWS_AT_ONCE):
        values: list[Value] = []
        rows: list[str] = []
        for key in keys[first : first + _ROWS_AT_ONCE]:
            entry = entries[key]
            rows.append(f"({placeholders(4, start=len(values) + 2)})")
            values += (key.encode(), entry.value, entry.order, entry.expires_at)
        await tx.execute(_SET.format(rows=", ".join(rows)), now, *values)


async def _delete(tx: Transaction, keys: Collection[str]) -> int:
    count = 0
    for batch in batches(sorted(keys)):
        count += len(await tx.fetch(_DELETE.format(keys=placeholders(len(batch))), *_encoded(batch)))
    return count


def _encoded(keys: Collection[str]) -> list[bytes]:
    return [key.encode() for key in keys]


def _text(key: bytes) -> str:
    return bytes(key).decode()
