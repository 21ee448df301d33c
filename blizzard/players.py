"""Who a player id belongs to, and what upstream says of that player now."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from blizzard.client import Upstream, UpstreamPage
from blizzard.ids import (
    battletag,
    career_path,
    is_blizzard_id,
    player_id_from_url,
    search_name,
    search_path,
)
from blizzard.parsers.players import PARSER_VERSION, CareerPage, build_profile, read_career_page
from blizzard.parsers.search import find_row, read_search, read_search_row
from blizzard.parsing import parse
from errors import PageUnreadable, UpstreamRateLimited, UpstreamUnavailable
from models.players import FetchedPlayer, PlayerRecord, PlayerSource, Privacy, SearchRow

RowLoader = Callable[[], Awaitable[str | None]]
"""Reads the search row kept with a player, as JSON text; only called when the search gives no answer."""


@dataclass(frozen=True, slots=True)
class Unchanged:
    """Upstream says that the kept player is as it was; `fetched_at` is when it said so."""

    blizzard_id: str
    fetched_at: int


@dataclass(frozen=True, slots=True)
class Unknown:
    """Upstream was asked at `checked_at` and has no such player."""

    checked_at: int


@dataclass(frozen=True, slots=True)
class _Career:
    """A career page of a player that exists, and the player's id in Blizzard's spelling."""

    blizzard_id: str
    html: str
    page: CareerPage
    fetched_at: int


async def fetch_player(
    upstream: Upstream,
    player_id: str,
    kept: PlayerRecord | None = None,
    kept_row: RowLoader | None = None,
) -> FetchedPlayer | Unchanged | Unknown:
    """What upstream says of `player_id` (normalized), given what is kept under it.

    A kept player is searched for first: a row with the kept id and time of change answers `Unchanged` after
    one request. Otherwise it takes two, the search and the career page. Only a row with the player's id
    counts; a name alone proves nothing. A search without an answer costs no more than what only the search
    tells; the kept row then stands in. Raises `UpstreamUnavailable`, or `UpstreamRateLimited` as soon as
    upstream or the pace refuses.
    """
    is_asked_by_id = is_blizzard_id(player_id)
    if kept is None and is_asked_by_id:
        return await _fetch_by_id_alone(upstream, player_id)
    name = kept.username.strip() if kept is not None and is_asked_by_id else search_name(player_id)
    rows = await _search(upstream, name)
    row = None if kept is None else find_row(rows or (), blizzard_id=kept.blizzard_id, name=kept.username)
    if kept is not None and row is not None and _is_unchanged(row, kept):
        return Unchanged(kept.blizzard_id, upstream.clock.now())
    # A BattleTag may have passed to another player: unless the search has just shown its owner, it is asked for.
    career = await _fetch_career(upstream, kept.blizzard_id if kept is not None and row else player_id)
    if isinstance(career, Unknown):
        return career
    known = kept if kept is not None and kept.blizzard_id == career.blizzard_id else None
    shown = career.page.username.strip()
    if shown.casefold() != name.casefold() and (shown or not is_asked_by_id):
        # A name of former days: the row is found under the one that is shown now.
        rows = await _search_if_allowed(upstream, shown)
    if rows is None:
        row = await _read_kept_row(kept_row) if known is not None else None
    else:
        row = find_row(rows, blizzard_id=career.blizzard_id, name=career.page.username)
    return _fetched(career, row, _battletag(player_id, career, known))


async def _fetch_by_id_alone(upstream: Upstream, player_id: str) -> FetchedPlayer | Unknown:
    """The page first, since it shows the name to search for; the page stands, whatever becomes of the search."""
    career = await _fetch_career(upstream, player_id)
    if isinstance(career, Unknown):
        return career
    rows = await _search_if_allowed(upstream, career.page.username.strip())
    row = find_row(rows or (), blizzard_id=career.blizzard_id, name=career.page.username)
    return _fetched(career, row, None)


def _is_unchanged(row: SearchRow, kept: PlayerRecord) -> bool:
    """Whether the page would say what is kept: going public or private does not always move the time of change."""
    is_public = kept.privacy is Privacy.PUBLIC
    return row.last_updated_at == kept.last_updated_at and row.is_public == is_public


async def _search_if_allowed(upstream: Upstream, name: str) -> tuple[SearchRow, ...] | None:
    """The players of a name, for a page that stands whatever becomes of the search."""
    try:
        return await _search(upstream, name)
    except UpstreamRateLimited:
        return None


async def _search(upstream: Upstream, name: str) -> tuple[SearchRow, ...] | None:
    """The players of a name; None when the search gave no answer. Only being rate limited is an error."""
    if not name:
        return None
    try:
        answer = await upstream.get(search_path(name), page="search")
        if answer.status == 404:
            return None
        return await parse(upstream, "search", read_search, answer.text)
    except UpstreamRateLimited:
        raise
    except (UpstreamUnavailable, PageUnreadable):
        return None


async def _fetch_career(upstream: Upstream, player_id: str) -> _Career | Unknown:
    """The career page under an id. A page that is not this player's, or nobody's, is no answer."""
    answer = await upstream.get(career_path(player_id), page="career")
    fetched_at = upstream.clock.now()
    if answer.status == 404:
        return Unknown(fetched_at)
    found_id = _settled_id(upstream, player_id, answer)
    try:
        page = await parse(upstream, "career", read_career_page, answer.text)
    except PageUnreadable as error:
        raise upstream.unavailable("Blizzard's career page could not be read.") from error
    return Unknown(fetched_at) if page is None else _Career(found_id, answer.text, page, fetched_at)


def _settled_id(upstream: Upstream, player_id: str, answer: UpstreamPage) -> str:
    """The id in the page's final address: a BattleTag leads to the id behind it, an id only to itself."""
    found_id = player_id_from_url(answer.url)
    is_foreign = is_blizzard_id(player_id) and (found_id or "").lower() != player_id.lower()
    if found_id is None or is_foreign:
        raise upstream.unavailable("Blizzard answered with another page than the one asked for.")
    return found_id


async def _read_kept_row(kept_row: RowLoader | None) -> SearchRow | None:
    text = None if kept_row is None else await kept_row()
    return None if text is None else read_search_row(text)


def _battletag(player_id: str, career: _Career, known: PlayerRecord | None) -> str | None:
    if not is_blizzard_id(player_id):
        return battletag(player_id, career.page.username)
    return None if known is None else known.battletag


def _fetched(career: _Career, row: SearchRow | None, tag: str | None) -> FetchedPlayer:
    return FetchedPlayer(
        profile=build_profile(career.page, row, blizzard_id=career.blizzard_id, battletag=tag),
        career=career.page.career,
        source=PlayerSource(career.html, None if row is None else row.json_text),
        fetched_at=career.fetched_at,
        parser_version=PARSER_VERSION,
    )
