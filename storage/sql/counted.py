"""A database whose reads, writes and failures are counted under a repository's name."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from errors import StorageUnavailable
from metrics import Metrics
from storage.sql.database import Database, Reads, Result, Row, Value, Work


class CountedDatabase:
    """What a repository speaks to: one statement to read, one transaction to write."""

    def __init__(self, database: Database, metrics: Metrics, repository: str) -> None:
        self._database = database
        self._reads = metrics.storage_reads.labels(repository)
        self._writes = metrics.storage_writes.labels(repository)
        self._counted_errors = metrics.storage_errors.labels(repository).count_exceptions(StorageUnavailable)

    @property
    def skip_locked(self) -> str:
        """As of `Database`."""
        return self._database.skip_locked

    async def fetch(self, sql: str, *values: Value) -> Sequence[Row]:
        """Read what is committed."""
        self._reads.inc()
        with self._counted_errors:
            return await self._database.fetch(sql, *values)

    async def write(self, work: Work[Result]) -> Result:
        """Run a transaction."""
        self._writes.inc()
        with self._counted_errors:
            return await self._database.transaction(work)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Reads]:
        """Read what was committed at one moment; counted as one read."""
        self._reads.inc()
        with self._counted_errors:
            async with self._database.snapshot() as moment:
                yield moment
