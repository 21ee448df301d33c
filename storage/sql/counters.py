"""Counts in an SQL database. The contract is on `storage.protocols.Counters`."""

from collections.abc import Collection, Mapping

from metrics import Metrics
from storage.sql.counted import CountedDatabase
from storage.sql.database import Database, batches, placeholders

_ADD = """
INSERT INTO counters (key, amount, expires_at) VALUES ($1, $2, $3)
ON CONFLICT (key) DO UPDATE SET
    amount = excluded.amount + CASE WHEN counters.expires_at > CAST($4 AS BIGINT) THEN counters.amount ELSE 0 END,
    expires_at = CASE WHEN counters.expires_at > CAST($4 AS BIGINT)
        THEN counters.expires_at ELSE excluded.expires_at END
RETURNING amount
"""

_GET_MANY = "SELECT key, amount FROM counters WHERE expires_at > $1 AND key IN ({keys})"


class SqlCounters:
    """The counts in one database."""

    def __init__(self, database: Database, metrics: Metrics) -> None:
        self._database = CountedDatabase(database, metrics, "counters")

    async def add(self, key: str, amount: int, *, now: int, expires_at: int) -> int:
        values = (key.encode(), amount, expires_at, now)
        (row,) = await self._database.write(lambda tx: tx.fetch(_ADD, *values))
        return int(row["amount"])

    async def get_many(self, keys: Collection[str], *, now: int) -> Mapping[str, int]:
        counts: dict[str, int] = {}
        for batch in batches(keys):
            sql = _GET_MANY.format(keys=placeholders(len(batch), start=2))
            rows = await self._database.fetch(sql, now, *(key.encode() for key in batch))
            counts |= {bytes(row["key"]).decode(): int(row["amount"]) for row in rows}
        return counts
