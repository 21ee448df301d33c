"""A database whose reads, writes and failures are counted under a repository's name."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from errors import StorageUnavailable
from metrics import Metrics
from storage.sql.database import Database, Result, Row, Value, Work


class CountedDatabase:
    """What a repository speaks to: one statement to read, one transaction to write."""

    def __init__(self, database: Database, metrics: Metrics, repository: str) -> None:
        self._database = database
        self._reads = metrics.storage_reads.labels(repository)
        self._writes = metrics.storage_writes.labels(repository)
        self._errors = metrics.storage_errors.labels(repository)

    @property
    def connections_in_use(self) -> int:
        """Connections that a call holds at this moment."""
        return self._database.connections_in_use

    async def fetch(self, sql: str, *values: Value) -> Sequence[Row]:
        """Read what is committed."""
        self._reads.inc()
        with self._counted_errors():
            return await self._database.fetch(sql, *values)

    async def write(self, work: Work[Result]) -> Result:
        """Run a transaction."""
        self._writes.inc()
        with self._counted_errors():
            return await self._database.transaction(work)

    @contextmanager
    def _counted_errors(self) -> Iterator[None]:
        try:
            yield
        except StorageUnavailable:
            self._errors.inc()
            raise
