"""A newer parser reads kept pages again, when they are first asked for, without asking upstream."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import structlog

from blizzard.parsers.players import PARSER_VERSION, build_profile, read_career_page
from blizzard.parsers.search import read_search_row
from errors import PageUnreadable, StorageUnavailable
from metrics import Metrics
from models.players import FetchedPlayer, KeptPlayer, PlayerRecord, PlayerSource
from refresh.announcing import announce_player
from refresh.flights import Flights
from storage import EventBus, Players

_log = structlog.get_logger()

_MOST_AT_ONCE = 10_000


class Rereads:
    """Brings records up to the present parser. Any number of them costs one read of their pages."""

    def __init__(self, players: Players, bus: EventBus, metrics: Metrics) -> None:
        self._players = players
        self._bus = bus
        self._metrics = metrics
        self._flights = Flights[PlayerRecord](_MOST_AT_ONCE, metrics.flights)

    async def up_to_date(self, kept: Mapping[str, KeptPlayer]) -> Mapping[str, KeptPlayer]:
        """The same entries, those of an older parser replaced by what the present one makes of their page."""
        old = {
            each.record.blizzard_id: each.record
            for each in kept.values()
            if each.record and each.record.parser_version < PARSER_VERSION
        }
        if not old:
            return kept
        sources = await self._players.get_sources(old)
        new = {key: await self._reread_once(old[key], source) for key, source in sources.items()}
        return {
            player_id: replace(each, record=new.get(each.record.blizzard_id, each.record))
            if each.record
            else each
            for player_id, each in kept.items()
        }

    async def close(self) -> None:
        """Stop what is under way."""
        await self._flights.close()

    async def _reread_once(self, record: PlayerRecord, source: PlayerSource) -> PlayerRecord:
        return await self._flights.join(record.blizzard_id, lambda: self._reread(record, source), None)

    async def _reread(self, record: PlayerRecord, source: PlayerSource) -> PlayerRecord:
        fetched = await asyncio.to_thread(_read, record, source)
        if fetched is None:
            self._metrics.parse_failures.labels("career").inc()
            _log.warning("kept page cannot be read by this parser", parser_version=PARSER_VERSION)
            return record
        try:
            saved = await self._players.save(fetched, [record.blizzard_id])
        except StorageUnavailable:
            # What the older parser made of the page is still true, and can be served without writing.
            return record
        await announce_player(self._bus, record, saved, record.blizzard_id)
        return saved


def _read(record: PlayerRecord, source: PlayerSource) -> FetchedPlayer | None:
    try:
        page = read_career_page(source.page)
    except PageUnreadable:
        return None
    if page is None:
        return None
    row = read_search_row(source.search_row) if source.search_row else None
    profile = build_profile(page, row, blizzard_id=record.blizzard_id, battletag=record.battletag)
    return FetchedPlayer(profile, page.career, source, record.fetched_at, PARSER_VERSION)
