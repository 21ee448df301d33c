"""Facts that upstream publishes for everybody: served from what is kept, fetched when due, one flight per entry.

Who cannot wait gets what is kept. Where bundled facts can stand in, nobody waits for the same entry for a while after a
fetch that failed or took too long, so that an upstream in trouble costs each client at most one wait.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from blizzard.catalog import CATALOG_PARSER_VERSION, reread
from blizzard.client import RETRY_AFTER
from clock import Clock
from errors import RetryableError, StorageUnavailable, UpstreamUnavailable
from metrics import Metrics
from models.catalog import CatalogKind, CatalogRecord, Facts, FetchedEntry
from models.freshness import BUNDLED, Freshness, FreshnessState
from refresh.flights import Flights
from refresh.freshness import Windows
from storage import Catalog

_log = structlog.get_logger()

Fetch = Callable[[], Coroutine[Any, Any, FetchedEntry[Facts] | None]]
"""Asks upstream for an entry; None when upstream says that there is none."""


@dataclass(frozen=True, slots=True)
class CatalogOptions:
    """`windows` by the kind's name; spans in seconds. `hold_seconds` is how long nobody waits after a failure."""

    windows: Mapping[str, Windows]
    cold_read_deadline: float
    fetch_queue: int
    hold_seconds: float


class CatalogRefresher:
    """Reads entries in batches and keeps them up to date."""

    def __init__(self, catalog: Catalog, options: CatalogOptions, clock: Clock, metrics: Metrics) -> None:
        self._catalog = catalog
        self._options = options
        self._clock = clock
        self._flights = Flights[CatalogRecord[Any] | None](options.fetch_queue, metrics.flights)
        # Nobody waits for these: one at a time, so that those who wait find the way to upstream free.
        self._background = Flights[CatalogRecord[Any] | None](options.fetch_queue, metrics.flights)
        self._one_at_a_time = asyncio.Lock()
        self._rereads = Flights[CatalogRecord[Any]](options.fetch_queue, metrics.flights)
        self._held_until: dict[str, int] = {}

    @property
    def deadline(self) -> float:
        """How many seconds a caller waits for upstream at most."""
        return self._options.cold_read_deadline

    async def read_many(
        self, kind: CatalogKind[Facts], keys: Sequence[str]
    ) -> Mapping[str, CatalogRecord[Facts]]:
        """What is kept of a kind, in one read; entries of an older parser are first read again from their source."""
        kept = await self._catalog.get_many(kind, keys)
        old = [key for key, record in kept.items() if record.parser_version < CATALOG_PARSER_VERSION]
        if not old:
            return kept
        sources = await self._catalog.get_sources(kind, old)
        return {**kept, **{key: await self._reread_once(kind, kept[key], sources[key]) for key in sources}}

    async def settle(
        self,
        kind: CatalogKind[Facts],
        key: str,
        kept: CatalogRecord[Facts] | None,
        fetch: Fetch[Facts],
    ) -> CatalogRecord[Facts]:
        """The entry to serve for what `read_many` found: fresh as it is, otherwise fetched first.

        When the fetch fails an old entry is served. Raises UpstreamUnavailable or StorageUnavailable when there is
        none, and what `fetch` raises about the caller's input.
        """
        if kept is not None and self._is_fresh(kind, kept):
            return kept
        try:
            found = await self._join(kind, key, fetch)
        except RetryableError:
            if kept is None:
                raise
            return kept
        if found is None:
            raise self._unavailable("Blizzard has no such page.")
        return found

    async def settle_or_none(
        self,
        kind: CatalogKind[Facts],
        key: str,
        kept: CatalogRecord[Facts] | None,
        fetch: Fetch[Facts],
        *,
        waits: bool,
    ) -> CatalogRecord[Facts] | None:
        """The same for facts that there is a bundled stand-in for: None when there is nothing to serve.

        With `waits` False what is kept is served at once and the fetch goes on by itself. After a fetch that failed,
        was late or found no such page, nobody waits and nothing is asked for `hold_seconds`.
        """
        if (kept is not None and self._is_fresh(kind, kept)) or self._is_held(_flight(kind, key)):
            return kept
        fetch = self._holding(_flight(kind, key), fetch)
        if not waits:
            self._begin(kind, key, fetch)
            return kept
        if self._flights.turns_away(_flight(kind, key)):
            return kept
        try:
            return await self._join(kind, key, fetch) or kept
        except RetryableError:
            self._hold(_flight(kind, key))
            return kept

    async def close(self) -> None:
        """Stop what is under way."""
        for flights in (self._flights, self._background, self._rereads):
            await flights.close()

    def freshness(self, kind: CatalogKind[Any], fetched_at: int | None, key: str) -> Freshness:
        """How old an entry fetched at that time is now; bundled when it never was."""
        if fetched_at is None:
            return BUNDLED
        windows = self._options.windows[kind.name]
        state = windows.state(fetched_at, self._clock.now())
        flight = _flight(kind, key)
        refreshing = flight in self._flights or flight in self._background
        return Freshness(state, fetched_at, windows.stale_at(fetched_at), refreshing)

    def _is_fresh(self, kind: CatalogKind[Any], record: CatalogRecord[Any]) -> bool:
        windows = self._options.windows[kind.name]
        return windows.state(record.fetched_at, self._clock.now()) is FreshnessState.FRESH

    def _begin(self, kind: CatalogKind[Facts], key: str, fetch: Fetch[Facts]) -> None:
        flight = _flight(kind, key)
        if flight not in self._flights and not self._background.is_full:
            self._background.begin(flight, lambda: self._fetch_in_turn(kind, key, fetch))

    async def _fetch_in_turn(
        self, kind: CatalogKind[Facts], key: str, fetch: Fetch[Facts]
    ) -> CatalogRecord[Facts] | None:
        async with self._one_at_a_time:
            return await self._fetch(kind, key, fetch)

    def _is_held(self, flight: str) -> bool:
        if flight in self._held_until and self._clock.now() >= self._held_until[flight]:
            del self._held_until[flight]
        return flight in self._held_until

    def _hold(self, flight: str) -> None:
        self._held_until[flight] = self._clock.now() + round(self._options.hold_seconds * 1000)

    def _holding(self, flight: str, fetch: Fetch[Facts]) -> Fetch[Facts]:
        """The same fetch; when it brings nothing, nobody waits for the like of it for a while."""

        async def fetch_and_hold() -> FetchedEntry[Facts] | None:
            try:
                entry = await fetch()
            except RetryableError:
                self._hold(flight)
                raise
            if entry is None:
                self._hold(flight)
            else:
                self._held_until.pop(flight, None)
            return entry

        return fetch_and_hold

    async def _join(
        self, kind: CatalogKind[Facts], key: str, fetch: Fetch[Facts]
    ) -> CatalogRecord[Facts] | None:
        flight = _flight(kind, key)
        if self._flights.turns_away(flight):
            raise self._unavailable("Too many pages are being fetched from Blizzard at the moment.")
        try:
            return await self._flights.join(
                flight, lambda: self._fetch(kind, key, fetch), self._options.cold_read_deadline
            )
        except TimeoutError as error:
            raise self._unavailable("Blizzard has not answered yet; the fetch goes on.") from error

    async def _fetch(
        self, kind: CatalogKind[Facts], key: str, fetch: Fetch[Facts]
    ) -> CatalogRecord[Facts] | None:
        # Another flight may have landed between the caller's read and this one.
        kept = (await self._catalog.get_many(kind, [key])).get(key)
        if kept is not None and self._is_fresh(kind, kept):
            return kept
        entry = await fetch()
        return kept if entry is None else await self._save(kind, key, entry, kept)

    async def _save(
        self,
        kind: CatalogKind[Facts],
        key: str,
        entry: FetchedEntry[Facts],
        kept: CatalogRecord[Facts] | None,
    ) -> CatalogRecord[Facts]:
        """Keep an entry. What is in hand is served even when it cannot be kept."""
        try:
            return await self._catalog.save(kind, key, entry)
        except StorageUnavailable:
            _log.warning("entry could not be kept", kind=kind.name, key=key)
            version = kept.version if kept else 1
            return CatalogRecord(key, entry.facts, version, entry.fetched_at, entry.parser_version)

    async def _reread_once(
        self, kind: CatalogKind[Facts], record: CatalogRecord[Facts], source: str
    ) -> CatalogRecord[Facts]:
        flight = _flight(kind, record.key)
        return await self._rereads.join(flight, lambda: self._reread(kind, record, source), None)

    async def _reread(
        self, kind: CatalogKind[Facts], record: CatalogRecord[Facts], source: str
    ) -> CatalogRecord[Facts]:
        facts = await asyncio.to_thread(reread, kind, record.key, source)
        if facts is None:
            _log.warning("kept page cannot be read by this parser", kind=kind.name, key=record.key)
            facts = record.facts
        entry = FetchedEntry(facts, source, record.fetched_at, CATALOG_PARSER_VERSION)
        return await self._save(kind, record.key, entry, record)

    def _unavailable(self, message: str) -> UpstreamUnavailable:
        now = self._clock.now()
        return UpstreamUnavailable(message, now=now, next_check_at=now + RETRY_AFTER * 1000)


def _flight(kind: CatalogKind[Any], key: str) -> str:
    return f"{kind.name} {key}"
