"""What to do with what is kept: serve it, serve it and have it fetched again, or fetch it first. One flight per key."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from blizzard.client import RETRY_AFTER
from clock import Clock
from errors import RetryableError, UpstreamRateLimited, UpstreamUnavailable
from metrics import Metrics
from models.freshness import Freshness, FreshnessState
from models.jobs import Job, JobKind
from models.players import KeptPlayer, PlayerRecord
from refresh.flights import Flights
from refresh.freshness import Windows
from refresh.jobs import Jobs, not_found
from refresh.rereads import Rereads
from refresh.revalidation import Revalidation
from refresh.sharing import SharedWork
from storage import EventBus, Players


@dataclass(frozen=True, slots=True)
class RefreshOptions:
    """`cold_read_deadline` is how many seconds a caller waits for upstream; `cold_fetch_queue` how many wait."""

    player_windows: Windows
    cold_read_deadline: float
    cold_fetch_queue: int


@dataclass(frozen=True, slots=True)
class Behind:
    """What every kind of refresh shares: how processes share fetches, and how readers ask for later ones."""

    bus: EventBus
    sharing: SharedWork
    revalidation: Revalidation
    clock: Clock
    metrics: Metrics


class Refresher:
    """Decides for each record read whether upstream has to be asked, and lets callers share one fetch."""

    def __init__(self, players: Players, jobs: Jobs, options: RefreshOptions, behind: Behind) -> None:
        self._players = players
        self._jobs = jobs
        self._options = options
        self._sharing = behind.sharing
        self._revalidation = behind.revalidation
        self._clock = behind.clock
        self._metrics = behind.metrics
        self._flights = Flights[PlayerRecord](options.cold_fetch_queue, behind.metrics.flights)
        self._rereads = Rereads(players, behind.bus, behind.metrics)

    async def read_many(self, player_ids: Sequence[str]) -> Mapping[str, KeptPlayer]:
        """What is kept under each id, in one read; facts of an older parser are first read again from the page."""
        return await self._rereads.up_to_date(await self._players.get_many(player_ids))

    async def settle(self, player_id: str, kept: KeptPlayer) -> PlayerRecord:
        """The record to serve for what `read_many` found under an id.

        Fresh: as it is. Stale: as it is, and asked to be fetched again in the background. Otherwise upstream is asked
        first; should it fail, an old record is served all the same.
        Raises PlayerNotFound, UpstreamUnavailable or StorageUnavailable when there is nothing to serve.
        """
        record = kept.record
        state = None if record is None else self._state(record)
        if record is None or state is FreshnessState.EXPIRED:
            record = await self._refreshed(player_id, kept)
        elif state is FreshnessState.STALE and not self._is_noted(kept):
            self._revalidation.ask(JobKind.PLAYER, player_id, record.fetched_at)
        self._metrics.player_answers.labels(self._state(record).value).inc()
        return record

    async def run(self, job: Job) -> None:
        """The work of a job: ask upstream for a player, unless somebody did since the job was asked for.

        A flight that is under way is joined. Raises as `settle` does.
        """
        # The clocks of other machines may be ahead of ours.
        since = min(job.queued_at, self._clock.now())
        try:
            record = await self._fly(job.key, since, None)
            if record.fetched_at < since:
                # The flight had begun before, and found what was good enough for it.
                await self._fly(job.key, since, None)
        finally:
            self._revalidation.forget(JobKind.PLAYER, job.key)

    def freshness(self, record: PlayerRecord) -> Freshness:
        """How old a record is now, and whether it is being fetched, or waits here for being fetched."""
        windows = self._options.player_windows
        return Freshness(
            state=self._state(record),
            fetched_at=record.fetched_at,
            stale_at=windows.stale_at(record.fetched_at),
            refreshing=any(
                each in self._flights or self._revalidation.is_asked(JobKind.PLAYER, each, record.fetched_at)
                for each in (record.blizzard_id, record.battletag)
                if each is not None
            ),
        )

    async def close(self) -> None:
        """Stop what is under way."""
        await self._flights.close()
        await self._rereads.close()

    def _state(self, record: PlayerRecord) -> FreshnessState:
        return self._options.player_windows.state(record.fetched_at, self._clock.now())

    def _is_noted(self, kept: KeptPlayer) -> bool:
        """Whether upstream no longer knows the player, and is not to be asked yet."""
        return kept.unknown is not None and self._clock.now() < kept.unknown.retry_at

    async def _refreshed(self, player_id: str, kept: KeptPlayer) -> PlayerRecord:
        try:
            if kept.unknown and self._is_noted(kept):
                raise not_found(player_id, kept.unknown, self._clock.now())
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
            return await self._fly(player_id, None, self._options.cold_read_deadline)
        except TimeoutError as error:
            raise UpstreamUnavailable(
                "Blizzard has not answered yet; the fetch goes on.", **self._wait_for_turn()
            ) from error

    async def _fly(self, player_id: str, since: int | None, deadline: float | None) -> PlayerRecord:
        """The one flight for an id, in this process and among all."""

        async def fly() -> PlayerRecord:
            return await self._sharing.run(
                f"refresh:player:{player_id}",
                lambda: self._jobs.find_player(player_id, since),
                lambda: self._jobs.refresh_player(player_id, since),
            )

        return await self._flights.join(player_id, fly, deadline)

    def _wait_for_turn(self) -> dict[str, int]:
        now = self._clock.now()
        # Without a penalty or a queue nobody knows how long it may take.
        wait = math.ceil(self._jobs.wait_estimate()) or RETRY_AFTER
        return {"now": now, "next_check_at": now + 1000 * wait}
