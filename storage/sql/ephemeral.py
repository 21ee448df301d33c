"""What copies, counts and leases in an SQL database have in common: they end, are swept, and are looked at."""

from collections.abc import Sequence

from models.storage import KindStatistics
from storage.sql.database import Database, Transaction

# The end is asked twice: a row that another transaction gives a new end meanwhile is looked at again by the outer one.
_SWEEP = """
DELETE FROM {table}
WHERE expires_at <= $1
    AND {key} IN (SELECT {key} FROM {table} WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)
RETURNING {key}
"""

_SWEEPS = tuple(
    _SWEEP.format(table=table, key=key)
    for table, key in (("cache_entries", "key"), ("counters", "key"), ("leases", "name"))
)

# A count is eight bytes.
_STATISTICS = """
SELECT 'cache' AS kind, COUNT(*) AS entries, COALESCE(SUM(LENGTH(key) + LENGTH(value)), 0) AS size
FROM cache_entries WHERE expires_at > $1
UNION ALL
SELECT 'counters', COUNT(*), COALESCE(SUM(LENGTH(key) + 8), 0) FROM counters WHERE expires_at > $1
UNION ALL
SELECT 'leases', COUNT(*), COALESCE(SUM(LENGTH(name) + LENGTH(token)), 0) FROM leases WHERE expires_at > $1
"""


async def sweep(database: Database, now: int, limit: int) -> int:
    """Remove at most `limit` of what ended, the oldest of each table first. Returns how many went."""

    async def work(tx: Transaction) -> int:
        count = 0
        for sql in _SWEEPS:
            count += len(await tx.fetch(sql, now, limit - count))
        return count

    return await database.transaction(work)


async def ephemeral_statistics(database: Database, now: int) -> Sequence[KindStatistics]:
    """How many there are that have not ended, and the bytes of keys and values."""
    rows = await database.fetch(_STATISTICS, now)
    return [KindStatistics(str(row["kind"]), int(row["entries"]), int(row["size"])) for row in rows]
