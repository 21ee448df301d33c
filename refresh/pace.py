"""One pace towards upstream for all processes of a store."""

import random

from blizzard.pace import ThrottleSettings
from blizzard.paces import KeptPace, OwnPace, Paces
from blizzard.shared_pace import SharedPace
from clock import Clock
from metrics import Metrics
from storage import Cache, CacheEntry, Storage

_KEY = "upstream:pace"
_HOUR = 3_600_000  # milliseconds
_HOURS = 25  # longer than any penalty or rest; what is older says little of upstream


def paces_of(storage: Storage, settings: ThrottleSettings, clock: Clock, metrics: Metrics) -> Paces:
    """The pace that the processes of this storage share. A file of SQLite has one process, which keeps it in memory and
    in the file what a restart must not forget."""
    store = CachedPace(storage.cache, clock)
    if storage.backend == "sqlite":
        return OwnPace(settings, clock, store)
    return SharedPace(settings, store, clock, metrics, random.random)


class CachedPace:
    """The pace in a storage's cache. The contract is on `blizzard.paces.PaceStore`."""

    def __init__(self, cache: Cache, clock: Clock) -> None:
        self._cache = cache
        self._clock = clock

    async def read(self) -> KeptPace | None:
        entry = (await self._cache.get_many([_KEY], now=self._clock.now())).get(_KEY)
        return None if entry is None else KeptPace(entry.value, entry.order)

    async def replace(self, kept: KeptPace | None, text: bytes) -> bool:
        now = self._clock.now()
        expected = None if kept is None else kept.version
        # From the time on: versions never come again, also when the store was emptied in between.
        version = now if expected is None else max(now, expected + 1)
        # At a full hour: an end that moved with each turn would be one more index for PostgreSQL to change.
        entry = CacheEntry(text, (now // _HOUR + _HOURS) * _HOUR, version)
        return await self._cache.replace(_KEY, entry, expected_order=expected, now=now)
