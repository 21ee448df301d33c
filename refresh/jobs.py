"""What a refresh does: fetch, parse, save. The only place where upstream meets storage."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from blizzard.client import Upstream
from blizzard.players import Unchanged, Unknown, fetch_player
from clock import Clock
from errors import PlayerNotFound, UpstreamRateLimited
from models.players import FetchedPlayer, KeptPlayer, PlayerRecord, UnknownPlayer
from refresh.announcing import announce_player
from refresh.backoff import Backoff
from refresh.freshness import Windows
from storage import EventBus, Players


class Jobs:
    """The refreshes there are."""

    def __init__(
        self,
        players: Players,
        bus: EventBus,
        upstream: Upstream,
        windows: Windows,
        backoff: Backoff,
        clock: Clock,
    ) -> None:
        self._players = players
        self._bus = bus
        self._upstream = upstream
        self._windows = windows
        self._backoff = backoff
        self._clock = clock

    def wait_estimate(self) -> float:
        """Seconds until a request that joins the queue now would reach upstream."""
        return self._upstream.throttle.wait_estimate()

    def refusal(self) -> UpstreamRateLimited | None:
        """Why upstream is not asked for anything at the moment; None when it is."""
        return self._upstream.throttle.closed()

    async def find_player(self, player_id: str, since: int | None) -> PlayerRecord | None:
        """What is kept of a player, if upstream need not be asked: a fresh record, or with `since` one fetched then
        or later. Raises PlayerNotFound while upstream is not to be asked again for an id it does not know."""
        return self._settled(player_id, await self._kept(player_id), since)

    async def refresh_player(self, player_id: str, since: int | None = None) -> PlayerRecord:
        """Ask upstream for a player and keep what it says; what changed is told on the bus.

        What is kept is read again first, as by `find_player`: while the caller decided, another flight may have
        landed, or another process may have asked. Raises PlayerNotFound, UpstreamUnavailable or StorageUnavailable.
        """
        kept = await self._kept(player_id)
        settled = self._settled(player_id, kept, since)
        if settled is not None:
            return settled
        record = await self._fetch(player_id, kept)
        await announce_player(self._bus, kept.record, record, player_id)
        return record

    async def _kept(self, player_id: str) -> KeptPlayer:
        return (await self._players.get_many([player_id])).get(player_id, KeptPlayer())

    def _settled(self, player_id: str, kept: KeptPlayer, since: int | None) -> PlayerRecord | None:
        now = self._clock.now()
        if kept.unknown and now < kept.unknown.retry_at:
            raise not_found(player_id, kept.unknown, now)
        record = kept.record
        if record is None:
            return None
        is_good = (
            now < self._windows.stale_at(record.fetched_at) if since is None else record.fetched_at >= since
        )
        return record if is_good else None

    async def _fetch(self, player_id: str, kept: KeptPlayer) -> PlayerRecord:
        found = await fetch_player(self._upstream, player_id, kept.record, self._kept_row(kept))
        if isinstance(found, Unknown) and kept.record and player_id != kept.record.blizzard_id:
            # A BattleTag that is gone says nothing about the player it once led to.
            return await self._fetch(kept.record.blizzard_id, kept)
        if isinstance(found, Unknown):
            return await self._note_unknown(player_id, kept, found.checked_at)
        if isinstance(found, Unchanged):
            record = await self._players.confirm(found.blizzard_id, found.fetched_at, [player_id])
            # None when the record was removed in between; then it is fetched whole.
            return record or await self._fetch(player_id, KeptPlayer())
        return await self._players.save(await self._with_known_tag(found), [player_id])

    async def _with_known_tag(self, found: FetchedPlayer) -> FetchedPlayer:
        """The answer, less a BattleTag that the shown name contradicts where a better one is known."""
        profile = found.profile
        name = (profile.battletag or "").rpartition("-")[0]
        if not name or name.casefold() == profile.username.strip().casefold():
            return found
        kept = (await self._players.get_many([profile.blizzard_id])).get(profile.blizzard_id)
        is_known = kept is not None and kept.record is not None and kept.record.battletag is not None
        return replace(found, profile=replace(profile, battletag=None)) if is_known else found

    async def _note_unknown(self, player_id: str, kept: KeptPlayer, checked_at: int) -> PlayerRecord:
        count = kept.unknown.check_count if kept.unknown else 0
        note = self._backoff.after_check(player_id, count + 1, checked_at)
        unknown = await self._players.save_unknown(note, expected_count=count)
        if unknown.check_count == 0:
            # No note was kept: somebody else found the player while this check was on its way.
            return (await self._kept(player_id)).record or await self._fetch(player_id, KeptPlayer())
        raise not_found(player_id, unknown, self._clock.now())

    def _kept_row(self, kept: KeptPlayer) -> Callable[[], Awaitable[str | None]] | None:
        record = kept.record
        if record is None:
            return None

        async def read() -> str | None:
            sources = await self._players.get_sources([record.blizzard_id])
            source = sources.get(record.blizzard_id)
            return source.search_row if source else None

        return read


def not_found(player_id: str, unknown: UnknownPlayer, now: int) -> PlayerNotFound:
    """The error for an id that upstream does not know, as a note of that says."""
    return PlayerNotFound(player_id, check_count=unknown.check_count, now=now, next_check_at=unknown.retry_at)
