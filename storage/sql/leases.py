"""Leases in an SQL database. The contract is on `storage.protocols.Leases`."""

from metrics import Metrics
from storage.sql.counted import CountedDatabase
from storage.sql.database import Database, Value

# A row comes back to the one who has the lease now; to everybody else, none.
_ACQUIRE = """
INSERT INTO leases (name, token, expires_at) VALUES ($1, $2, $3)
ON CONFLICT (name) DO UPDATE SET token = excluded.token, expires_at = excluded.expires_at
WHERE leases.expires_at <= CAST($4 AS BIGINT) OR leases.token = excluded.token
RETURNING name
"""

_RENEW = "UPDATE leases SET expires_at = $3 WHERE name = $1 AND token = $2 AND expires_at > $4 RETURNING name"

_RELEASE = "DELETE FROM leases WHERE name = $1 AND token = $2 RETURNING name"


class SqlLeases:
    """The leases in one database."""

    def __init__(self, database: Database, metrics: Metrics) -> None:
        self._database = CountedDatabase(database, metrics, "leases")

    async def acquire(self, name: str, token: str, *, now: int, expires_at: int) -> bool:
        return await self._changes_a_row(_ACQUIRE, name.encode(), token.encode(), expires_at, now)

    async def renew(self, name: str, token: str, *, now: int, expires_at: int) -> bool:
        return await self._changes_a_row(_RENEW, name.encode(), token.encode(), expires_at, now)

    async def release(self, name: str, token: str) -> bool:
        return await self._changes_a_row(_RELEASE, name.encode(), token.encode())

    async def _changes_a_row(self, sql: str, *values: Value) -> bool:
        return bool(await self._database.write(lambda tx: tx.fetch(sql, *values)))
