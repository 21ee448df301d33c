"""Copies of one repository's records in a cache: looked for together, put back under a guard, dropped all at once."""

import asyncio
import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

from clock import Clock
from errors import StorageUnavailable
from metrics import Metrics
from storage.copies import BLOCK, CopyFormat
from storage.protocols import Cache, CacheEntry
from storage.remembered import Remembered

Fact = TypeVar("Fact")

_NO_EPOCH = b""
_EPOCH_MILLISECONDS = 365 * 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class Looked(Generic[Fact]):
    """What the cache had, and what it had not. `orders` are of all there was, blocks too. `epoch` is None when it did
    not answer: then nothing is put either."""

    found: Mapping[str, Fact]
    missing: Sequence[str]
    orders: Mapping[str, int]
    epoch: bytes | None


@dataclass(frozen=True, slots=True)
class Ordered(Generic[Fact]):
    """A fact to keep a copy of; None blocks copies of a lower order for as long as a copy would be kept."""

    fact: Fact | None
    order: int


class Copies(Generic[Fact]):
    """Copies of what one repository keeps.

    Each copy carries the epoch in which its record was read. Dropping all copies begins a new epoch: one write,
    however many there are, after which also a slow reader's copy of before counts as none. Where copies could not be
    renewed after a change, because the cache was away, all of them are dropped before the next look.
    No method raises `StorageUnavailable`: a cache that is away has no copies and takes none.

    `remembers` is how many facts stay unpacked in memory, for copies that are read again with the same bytes.
    """

    def __init__(
        self, name: str, cache: Cache, clock: Clock, seconds: float, metrics: Metrics, *, remembers: int = 0
    ) -> None:
        self._prefix = f"{name}:"
        self._epoch_key = f"epoch:{name}"
        self._cache = cache
        self._clock = clock
        self._milliseconds = round(seconds * 1000)
        self._remembered: Remembered[Fact] = Remembered(remembers)
        self._hits = metrics.storage_cache_hits.labels(name)
        self._misses = metrics.storage_cache_misses.labels(name)
        self._has_old_ones = False
        self._doubtful: set[str] = set()

    async def look(self, form: CopyFormat[Fact], keys: Collection[str]) -> Looked[Fact]:
        """The copies under these keys, in one read of the cache; hits and misses are counted."""
        looked = await self.peek(form, keys)
        self._hits.inc(len(looked.found))
        self._misses.inc(len(looked.missing))
        return looked

    async def peek(self, form: CopyFormat[Fact], keys: Collection[str]) -> Looked[Fact]:
        """The same for those who write: it counts nothing."""
        names = {key: self._prefix + key for key in keys}
        if not await self._is_trusted():
            return Looked({}, list(names), {}, None)
        try:
            entries = await self._cache.get_many([self._epoch_key, *names.values()], now=self._clock.now())
        except StorageUnavailable:
            return Looked({}, list(names), {}, None)
        epoch = entries[self._epoch_key].value if self._epoch_key in entries else _NO_EPOCH
        found: dict[str, Fact] = {}
        orders: dict[str, int] = {}
        for key, name in names.items():
            entry = entries.get(name)
            if entry is None:
                continue
            orders[key] = entry.order
            parts = entry.value, epoch
            fact = self._remembered.get(key, parts)
            if fact is None:
                fact = form.decode(*parts)
                if fact is None:
                    continue
                self._remembered.put(key, parts, fact)
            found[key] = fact
        return Looked(found, [key for key in names if key not in found], orders, epoch)

    def distrust_all(self) -> None:
        """Have all copies dropped before the next look, for a change after which they were not renewed."""
        self._has_old_ones = True

    @contextmanager
    def distrusted_if_cancelled(self, keys: Collection[str]) -> Iterator[None]:
        """Put round a change: when its caller leaves, nobody knows whether it happened, so that these copies are
        dropped before the next look."""
        try:
            yield
        except asyncio.CancelledError:
            self._doubtful |= {*keys}
            raise

    async def put(
        self, form: CopyFormat[Fact], facts: Mapping[str, Ordered[Fact]], epoch: bytes | None
    ) -> None:
        """Keep copies of facts that were read in that epoch, but none in the place of one of a higher order."""
        with suppress(StorageUnavailable):
            await self._put(form, facts, epoch)

    async def renew(
        self, form: CopyFormat[Fact], facts: Mapping[str, Ordered[Fact]], epoch: bytes | None
    ) -> None:
        """The same after a change: what is there is old, and must not stay when these cannot be put."""
        with self._old_ones_remembered():
            if epoch is None:
                self.distrust_all()
            await self._put(form, facts, epoch)

    async def drop(self, keys: Collection[str]) -> None:
        """Drop these copies. A slow reader may put an old one back, for as long as a copy is kept."""
        with self._old_ones_remembered():
            await self._cache.delete([self._prefix + key for key in keys])

    async def drop_all(self) -> None:
        """Begin a new epoch."""
        now = self._clock.now()
        # It outlives every copy of the epoch before, so that none of those comes back when it ends. Other processes
        # may keep copies for longer than this one would.
        entry = CacheEntry(secrets.token_bytes(8), now + max(2 * self._milliseconds, _EPOCH_MILLISECONDS))
        with self._old_ones_remembered():
            await self._cache.set_many({self._epoch_key: entry}, now=now)
            self._has_old_ones = False

    async def _is_trusted(self) -> bool:
        """Drop what is in doubt; whether nothing is in doubt afterwards."""
        if self._doubtful:
            doubtful = frozenset(self._doubtful)
            await self.drop(doubtful)
            self._doubtful -= doubtful
        if self._has_old_ones:
            await self.drop_all()
        return not self._has_old_ones

    async def _put(
        self, form: CopyFormat[Fact], facts: Mapping[str, Ordered[Fact]], epoch: bytes | None
    ) -> None:
        if epoch is None or not facts:
            return
        values = await asyncio.to_thread(_encoded, form, facts, epoch)
        now = self._clock.now()
        entries = {
            self._prefix + key: CacheEntry(values[key], now + self._milliseconds, ordered.order)
            for key, ordered in facts.items()
        }
        await self._cache.set_many(entries, now=now)

    @contextmanager
    def _old_ones_remembered(self) -> Iterator[None]:
        try:
            yield
        except StorageUnavailable:
            self.distrust_all()


def _encoded(form: CopyFormat[Fact], facts: Mapping[str, Ordered[Fact]], epoch: bytes) -> dict[str, bytes]:
    """The bytes of each copy. Aliases share one record, which is packed once."""
    made: dict[int, bytes] = {id(None): BLOCK}
    values: dict[str, bytes] = {}
    for key, ordered in facts.items():
        fact = ordered.fact
        if fact is not None and id(fact) not in made:
            made[id(fact)] = form.encode(fact, epoch)
        values[key] = made[id(fact)]
    return values
