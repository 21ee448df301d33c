"""What to do with what is kept: serve it, or fetch it again first. One flight per key."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from blizzard.client import RETRY_AFTER
from clock import Clock
from errors import RetryableError, UpstreamRateLimited, UpstreamUnavailable
from metrics import Metrics
from models.freshness import Freshness, FreshnessState
from models.players import KeptPlayer, PlayerRecord
from refresh.flights import Flights
from refresh.freshness import Windows
from refresh.jobs import Jobs, not_found
from refresh.rereads import Rereads
from storage import Players


@dataclass(frozen=True, slots=True)
class RefreshOptions:
    """`cold_read_deadline` is how many seconds a caller waits for upstream; `cold_fetch_queue` how many wait."""

    player_windows: Windows
    cold_read_deadline: float
    cold_fetch_queue: int


class Refresher:
    """Decides for each record read whether upstream has to be asked, and lets callers share one fetch."""

    def __init__(
        self, players: Players, jobs: Jobs, options: RefreshOptions, clock: Clock, metrics: Metrics
    ) -> None:
        self._players = players
        self._jobs = jobs
        self._options = options
        self._clock = clock
        self._metrics = metrics
        self._flights = Flights[PlayerRecord](options.cold_fetch_queue, metrics.flights)
        self._rereads = Rereads(players, metrics)

    async def read_many(self, player_ids: Sequence[str]) -> Mapping[str, KeptPlayer]:
        """What is kept under each id, in one read; facts of an older parser are first read again from the page."""
        return await self._rereads.up_to_date(await self._players.get_many(player_ids))

    async def settle(self, player_id: str, kept: KeptPlayer) -> PlayerRecord:
        """The record to serve for what `read_many` found under an id.

        Fresh: as it is. Otherwise upstream is asked; should it fail, an old record is served all the same.
        Raises PlayerNotFound, UpstreamUnavailable or StorageUnavailable when there is nothing to serve.
        """
        record = kept.record
        if record is None or self._state(record) is not FreshnessState.FRESH:
            record = await self._refreshed(player_id, kept)
        self._metrics.player_answers.labels(self._state(record).value).inc()
        return record

    def freshness(self, record: PlayerRecord) -> Freshness:
        """How old a record is now, and whether it is being fetched."""
        windows = self._options.player_windows
        return Freshness(
            state=self._state(record),
            fetched_at=record.fetched_at,
            stale_at=windows.stale_at(record.fetched_at),
            refreshing=record.blizzard_id in self._flights or record.battletag in self._flights,
        )

    async def close(self) -> None:
        """Stop what is under way."""
        await self._flights.close()
        await self._rereads.close()

    def _state(self, record: PlayerRecord) -> FreshnessState:
        return self._options.player_windows.state(record.fetched_at, self._clock.now())

    async def _refreshed(self, player_id: str, kept: KeptPlayer) -> PlayerRecord:
        try:
            if kept.unknown and (now := self._clock.now()) < kept.unknown.retry_at:
                raise not_found(player_id, kept.unknown, now)
            return await self._fetched(player_id)
        except RetryableError:
            if kept.record is None:
                raise
            return kept.record

    async def _fetched(self, player_id: str) -> PlayerRecord:
        # By the id asked for, not by the record found: a BattleTag may lead to another player by now, and who
        # asks by id must not get that one.
        if self._flights.turns_away(player_id):
            raise UpstreamRateLimited(
                "Too many players are being fetched from Blizzard at the moment.", **self._wait_for_turn()
            )
        try:
            return await self._flights.join(
                player_id, lambda: self._jobs.refresh_player(player_id), self._options.cold_read_deadline
            )
        except TimeoutError as error:
            raise UpstreamUnavailable(
                "Blizzard has not answered yet; the fetch goes on.", **self._wait_for_turn()
            ) from error

    def _wait_for_turn(self) -> dict[str, int]:
        now = self._clock.now()
        # Without a penalty or a queue nobody knows how long it may take.
        wait = math.ceil(self._jobs.wait_estimate()) or RETRY_AFTER
        return {"now": now, "next_check_at": now + 1000 * wait}
