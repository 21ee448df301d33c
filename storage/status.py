"""How storage is, for operators: read once however many ask, kept for a while, and never waited for long."""

import asyncio
import contextlib
from collections.abc import Sequence

import structlog

from clock import Clock
from errors import StorageUnavailable
from metrics import Metrics
from models.storage import KindStatistics, StorageHealth, StorageStatus
from storage.protocols import Storage

_RETRY_MILLISECONDS = 5_000

_log = structlog.get_logger()


class StatusReader:
    """Reads the state of storage and shows each reading in the metrics.

    `ping_seconds` is how long the database may take to show that it is there. Counting may take longer: it goes on
    without those who asked, and the next one finds what it gave.
    """

    def __init__(
        self, storage: Storage, clock: Clock, metrics: Metrics, *, ping_seconds: float = 2.0
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._metrics = metrics
        self._ping_seconds = ping_seconds
        self._kept: tuple[int, StorageStatus | StorageUnavailable] | None = None
        self._reading: asyncio.Task[StorageStatus | StorageUnavailable] | None = None
        # Asked for at each look at the metrics: a figure of some seconds ago would say nothing.
        metrics.storage_connections_in_use.set_function(storage.connections_in_use)

    async def read(self, max_age: int, patience: float) -> StorageStatus:
        """The status, less than `max_age` milliseconds old. DOWN, with nothing counted, when the database is out of
        reach. Raises `StorageUnavailable` when counting failed (which is kept as long as an answer), or did not end
        within `patience` seconds."""
        found = self._found(max_age)
        if found is None:
            reading = self._begin()
            await asyncio.wait({reading}, timeout=patience)
            if not reading.done():
                raise self._unavailable("Storage is still being counted.")
            found = reading.result()
        if isinstance(found, StorageUnavailable):
            raise found
        return found

    async def close(self) -> None:
        """Stop counting."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait({self._reading})

    def _found(self, max_age: int) -> StorageStatus | StorageUnavailable | None:
        if self._kept is None:
            return None
        read_at, found = self._kept
        # A clock that was put back must not keep it for longer.
        return found if 0 <= self._clock.now() - read_at < max_age else None

    def _begin(self) -> "asyncio.Task[StorageStatus | StorageUnavailable]":
        if self._reading is None:
            self._reading = asyncio.create_task(self._read(), name="storage status")
            self._reading.add_done_callback(self._ended)
        return self._reading

    def _ended(self, reading: "asyncio.Task[StorageStatus | StorageUnavailable]") -> None:
        self._reading = None
        # Read here as well, since those who asked may have left before it failed.
        if not reading.cancelled() and (error := reading.exception()):
            _log.error("reading the state of storage failed", exc_info=error)

    async def _read(self) -> StorageStatus | StorageUnavailable:
        now = self._clock.now()
        found: StorageStatus | StorageUnavailable
        try:
            found = await self._status(now)
        except StorageUnavailable as error:
            found = error
        else:
            _show(found, self._metrics)
            await self._show_jobs()
        self._kept = (now, found)
        return found

    async def _status(self, now: int) -> StorageStatus:
        if not await self._answers():
            return self._as(StorageHealth.DOWN, ())
        kinds = [await archive.statistics(now) for archive in self._storage.archives.values()]
        try:
            kinds += await self._storage.ephemeral_statistics(now)
        except StorageUnavailable:
            # What may go is kept in a server of its own, and that is the one which is away.
            return self._as(StorageHealth.DEGRADED, kinds)
        return self._as(StorageHealth.DEGRADED if self._storage.trouble() else StorageHealth.HEALTHY, kinds)

    async def _show_jobs(self) -> None:
        """The figures of background work; those of a moment ago stay while it cannot be counted."""
        with contextlib.suppress(StorageUnavailable):
            counts = await self._storage.jobs.counts()
            self._metrics.jobs.clear()
            for (kind, state), count in counts.items():
                self._metrics.jobs.labels(kind.value, state.value).set(count)

    async def _answers(self) -> bool:
        with contextlib.suppress(StorageUnavailable, TimeoutError):
            async with asyncio.timeout(self._ping_seconds):
                await self._storage.ping()
                return True
        return False

    def _as(self, health: StorageHealth, kinds: Sequence[KindStatistics]) -> StorageStatus:
        storage = self._storage
        return StorageStatus(storage.backend, health, storage.schema_version, storage.server_version, kinds)

    def _unavailable(self, message: str) -> StorageUnavailable:
        now = self._clock.now()
        return StorageUnavailable(message, now=now, next_check_at=now + _RETRY_MILLISECONDS)


def _show(status: StorageStatus, metrics: Metrics) -> None:
    for health in StorageHealth:
        metrics.storage_health.labels(health.value).set(health is status.health)
    # Figures of a database that is out of reach would look like those of one that is well.
    metrics.storage_entries.clear()
    metrics.storage_bytes.clear()
    for kind in status.kinds:
        metrics.storage_entries.labels(kind.kind).set(kind.count)
        metrics.storage_bytes.labels(kind.kind).set(kind.size)
