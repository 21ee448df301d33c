"""Searches for players by name, remembered in this process for a while: a name is asked for once however many ask."""

from collections import OrderedDict
from dataclasses import replace

from blizzard.catalog import fetch_player_search
from blizzard.client import RETRY_AFTER, Upstream
from clock import Clock
from errors import RetryableError, UpstreamUnavailable
from metrics import Metrics
from models.catalog import FetchedEntry
from models.freshness import FreshnessState
from models.players import SearchRow
from refresh.flights import Flights
from refresh.freshness import Windows

Found = FetchedEntry[tuple[SearchRow, ...]]


class Searches:
    """What upstream's search answered. Names come from anybody, so only the latest `max_names` are remembered."""

    def __init__(  # noqa: PLR0913 - what it is made of
        self,
        upstream: Upstream,
        windows: Windows,
        deadline: float,
        clock: Clock,
        metrics: Metrics,
        *,
        max_names: int = 1_000,
        queue: int = 50,
    ) -> None:
        self._upstream = upstream
        self._windows = windows
        self._deadline = deadline
        self._clock = clock
        self._max_names = max_names
        self._flights = Flights[Found](queue, metrics.flights)
        self._found: OrderedDict[str, Found] = OrderedDict()

    async def search(self, name: str) -> tuple[SearchRow, ...]:
        """Everybody whose name is `name` in any case of its letters, public or not.

        Raises UpstreamUnavailable when upstream fails or is late and nothing is remembered.
        """
        # Upstream's search does not tell cases apart, so neither does this.
        key = name.casefold()
        known = self._found.get(key)
        if known and self._windows.state(known.fetched_at, self._clock.now()) is FreshnessState.FRESH:
            self._found.move_to_end(key)
            return known.facts
        try:
            return (await self._join(key, name)).facts
        except RetryableError:
            if known is None:
                raise
            return known.facts

    async def close(self) -> None:
        """Stop what is under way."""
        await self._flights.close()

    async def _join(self, key: str, name: str) -> Found:
        if self._flights.turns_away(key):
            raise self._unavailable("Too many searches wait for Blizzard at the moment.")
        try:
            return await self._flights.join(key, lambda: self._fetch(key, name), self._deadline)
        except TimeoutError as error:
            raise self._unavailable("Blizzard has not answered yet; the search goes on.") from error

    async def _fetch(self, key: str, name: str) -> Found:
        # The text is of no use any more, and may be long.
        found = replace(await fetch_player_search(self._upstream, name), source="")
        self._found[key] = found
        self._found.move_to_end(key)
        if len(self._found) > self._max_names:
            self._found.popitem(last=False)
        return found

    def _unavailable(self, message: str) -> UpstreamUnavailable:
        now = self._clock.now()
        return UpstreamUnavailable(message, now=now, next_check_at=now + RETRY_AFTER * 1000)
