"""Facts that upstream publishes for everybody: served from what is kept, fetched when due, one flight per entry.

What is stale is served and fetched again in the background. Who cannot wait gets what is kept. Where bundled facts can
stand in, nobody waits for the same entry for a while after a fetch that failed or took too long, so that an upstream in
trouble costs each client at most one wait.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from blizzard.catalog import CATALOG_PARSER_VERSION, reread
from blizzard.client import RETRY_AFTER
from errors import RetryableError, StorageUnavailable, UpstreamUnavailable
from models.catalog import CatalogKind, CatalogRecord, Facts, FetchedEntry
from models.freshness import BUNDLED, Freshness, FreshnessState
from models.jobs import JobKind
from refresh.announcing import announce_entry
from refresh.flights import Flights
from refresh.freshness import Windows
from refresh.refresher import Behind
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

    def __init__(self, catalog: Catalog, options: CatalogOptions, behind: Behind) -> None:
        self._catalog = catalog
        self._options = options
        self._bus = behind.bus
        self._sharing = behind.sharing
        self._revalidation = behind.revalidation
        self._clock = behind.clock
        self._flights = Flights[CatalogRecord[Any] | None](options.fetch_queue, behind.metrics.flights)
        # Nobody waits for jobs: one at a time, so that those who wait find the way to upstream free.
        self._one_at_a_time = asyncio.Lock()
        self._rereads = Flights[CatalogRecord[Any]](options.fetch_queue, behind.metrics.flights)
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
        """The entry to serve for what `read_many` found: fresh as it is, stale as it is and asked to be fetched again
        in the background, otherwise fetched first.

        When the fetch fails an old entry is served. Raises UpstreamUnavailable or StorageUnavailable when there is
        none, and what `fetch` raises about the caller's input.
        """
        if kept is not None and self._may_be_served(kind, kept):
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

        With `waits` False what is kept is served at once, and the fetch is left to the background. After a fetch that
        failed, was late or found no such page, nobody waits and nothing is asked for `hold_seconds`.
        """
        if self._is_held(_flight(kind, key)) or (kept is not None and self._may_be_served(kind, kept)):
            return kept
        if not waits:
            self._revalidation.ask(JobKind(kind.name), key, kept.fetched_at if kept else 0)
            return kept
        fetch = self._holding(_flight(kind, key), fetch)
        if self._flights.turns_away(_flight(kind, key)):
            return kept
        try:
            return await self._join(kind, key, fetch) or kept
        except RetryableError:
            self._hold(_flight(kind, key))
            return kept

    async def refresh(
        self, kind: CatalogKind[Facts], key: str, fetch: Fetch[Facts], since: int
    ) -> CatalogRecord[Facts] | None:
        """The work of a job: fetch an entry, unless somebody did since that time. One at a time in this process.

        None when upstream has no such page. Raises UpstreamUnavailable or StorageUnavailable.
        """
        fetch = self._holding(_flight(kind, key), fetch)
        # The clocks of other machines may be ahead of ours.
        since = min(since, self._clock.now())
        try:
            async with self._one_at_a_time:
                record = await self._fly(kind, key, fetch, since, None)
                if record is not None and record.fetched_at < since:
                    # The flight had begun before, and found what was good enough for it.
                    record = await self._fly(kind, key, fetch, since, None)
            return record
        finally:
            self._revalidation.forget(JobKind(kind.name), key)

    async def due(self, kind: CatalogKind[Facts], keys: Sequence[str]) -> Sequence[str]:
        """Those of the keys under which something is kept that is not fresh."""
        kept = await self._catalog.get_many(kind, keys)
        return [key for key, record in kept.items() if not self._is_fresh(kind, record)]

    async def close(self) -> None:
        """Stop what is under way."""
        for flights in (self._flights, self._rereads):
            await flights.close()

    def freshness(self, kind: CatalogKind[Any], fetched_at: int | None, key: str) -> Freshness:
        """How old an entry fetched at that time is now; bundled when it never was."""
        if fetched_at is None:
            return BUNDLED
        windows = self._options.windows[kind.name]
        state = windows.state(fetched_at, self._clock.now())
        is_asked = self._revalidation.is_asked(JobKind(kind.name), key, fetched_at)
        refreshing = is_asked or _flight(kind, key) in self._flights
        return Freshness(state, fetched_at, windows.stale_at(fetched_at), refreshing)

    def _is_fresh(self, kind: CatalogKind[Any], record: CatalogRecord[Any]) -> bool:
        windows = self._options.windows[kind.name]
        return windows.state(record.fetched_at, self._clock.now()) is FreshnessState.FRESH

    def _may_be_served(self, kind: CatalogKind[Any], record: CatalogRecord[Any]) -> bool:
        """Whether nobody has to wait for a newer one; a stale one is asked to be fetched again."""
        state = self._options.windows[kind.name].state(record.fetched_at, self._clock.now())
        if state is FreshnessState.STALE:
            self._revalidation.ask(JobKind(kind.name), record.key, record.fetched_at)
        return state is not FreshnessState.EXPIRED

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
            return await self._fly(kind, key, fetch, None, self._options.cold_read_deadline)
        except TimeoutError as error:
            raise self._unavailable("Blizzard has not answered yet; the fetch goes on.") from error

    async def _fly(
        self,
        kind: CatalogKind[Facts],
        key: str,
        fetch: Fetch[Facts],
        since: int | None,
        deadline: float | None,
    ) -> CatalogRecord[Facts] | None:
        """The one flight for an entry, in this process and among all."""

        async def find() -> CatalogRecord[Facts] | None:
            kept = (await self._catalog.get_many(kind, [key])).get(key)
            return kept if kept is not None and self._is_good(kind, kept, since) else None

        async def fly() -> CatalogRecord[Facts] | None:
            name = f"refresh:{kind.name}:{key}"
            return await self._sharing.run(name, find, lambda: self._fetch(kind, key, fetch, since))

        return await self._flights.join(_flight(kind, key), fly, deadline)

    async def _fetch(
        self, kind: CatalogKind[Facts], key: str, fetch: Fetch[Facts], since: int | None
    ) -> CatalogRecord[Facts] | None:
        # Another flight may have landed between the caller's read and this one.
        kept = (await self._catalog.get_many(kind, [key])).get(key)
        if kept is not None and self._is_good(kind, kept, since):
            return kept
        entry = await fetch()
        return kept if entry is None else await self._save(kind, key, entry, kept)

    def _is_good(self, kind: CatalogKind[Any], kept: CatalogRecord[Any], since: int | None) -> bool:
        return self._is_fresh(kind, kept) if since is None else kept.fetched_at >= since

    async def _save(
        self,
        kind: CatalogKind[Facts],
        key: str,
        entry: FetchedEntry[Facts],
        kept: CatalogRecord[Facts] | None,
    ) -> CatalogRecord[Facts]:
        """Keep an entry. What is in hand is served even when it cannot be kept."""
        try:
            record = await self._catalog.save(kind, key, entry)
        except StorageUnavailable:
            _log.warning("entry could not be kept", kind=kind.name, key=key)
            version = kept.version if kept else 1
            return CatalogRecord(key, entry.facts, version, entry.fetched_at, entry.parser_version)
        await announce_entry(self._bus, kind, kept, record)
        return record

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
