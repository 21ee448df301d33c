"""The players of the refresh soak: as they are kept at its beginning, and as upstream shows them by then.

The simulator's own drift changes them: each profile changes every six hours to two days, those of the restless every
minute. Time stands still at `AFTER`, so that the number of requests can be told beforehand.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from bench.players import SEED
from blizzard.ids import search_path
from blizzard.parsers.players import PARSER_VERSION, CareerPage, build_profile, read_career_page
from blizzard.parsers.search import read_search
from blizzard.simulator import Moment, PlayerKind, SimulatedPlayer, Site
from models.players import FetchedPlayer, PlayerSource, SearchRow
from storage import codec
from storage.items import PlayerItem

BEFORE = Moment(1_800_000_000_000, 1_800_000_000_000)
"""When the players were kept."""
AFTER = Moment(BEFORE.now + 27 * 3_600_000, BEFORE.started_at)
"""When they are refreshed. By then, in the middle between six hours and two days, about half of them have changed."""

# As many of each kind.
_WHOLE = 10 * len(PlayerKind)


@cache
def site(players: int) -> Site:
    """The pages of so many players, without a network."""
    return Site("http://pictures.invalid", seed=SEED, players=players)


def everybody(players: int) -> list[SimulatedPlayer]:
    """The first so many, of all kinds by turns."""
    return [site(players).players.numbered(number) for number in range(players)]


def has_changed(player: SimulatedPlayer) -> bool:
    """Whether upstream shows another time of change than what is kept."""
    return AFTER.changes(player) > 0


@dataclass(frozen=True, slots=True)
class _Whole:
    """What takes long to make: some players share it with others of their kind."""

    page: CareerPage
    encoded: codec.EncodedPlayer


def stale_items(players: int, fetched_at: int) -> Iterator[PlayerItem]:
    """The players as a refresh at `BEFORE` would have kept them, found by their BattleTags; version 1.

    Each has a profile of its own, with its own search row. Careers, pages and figures of heroes are shared.
    """
    shared = [_whole(player) for player in everybody(_WHOLE)]
    rows = _rows(players)
    for player in everybody(players):
        yield _item(player, rows[player.blizzard_id], shared[player.number % _WHOLE], fetched_at)


def _whole(player: SimulatedPlayer) -> _Whole:
    html = site(_WHOLE).career_text(player, BEFORE)
    page = read_career_page(html)
    assert page is not None
    profile = build_profile(page, None, blizzard_id=player.blizzard_id, battletag=None)
    fetched = FetchedPlayer(profile, page.career, PlayerSource(html, None), BEFORE.now, PARSER_VERSION)
    return _Whole(page, codec.encode_player(fetched))


def _rows(players: int) -> dict[str, SearchRow]:
    """Everybody's search row, by Blizzard's id."""
    names = dict.fromkeys(player.name for player in everybody(players))
    answers = (site(players).answer(search_path(name), {}, BEFORE) for name in names)
    return {row.blizzard_id: row for answer in answers for row in read_search(answer.text)}


def _item(player: SimulatedPlayer, row: SearchRow, whole: _Whole, fetched_at: int) -> PlayerItem:
    page = replace(whole.page, username=player.name)
    profile = build_profile(page, row, blizzard_id=player.blizzard_id, battletag=None)
    packed = codec.pack(profile)
    return PlayerItem(
        key=player.blizzard_id,
        battletag=player.battletag,
        version=1,
        facts_hash=codec.hash_kept(packed, whole.encoded.career),
        parser_version=PARSER_VERSION,
        data_version=codec.DATA_VERSION,
        fetched_at=fetched_at,
        created_at=fetched_at,
        changed_at=fetched_at,
        profile=packed,
        career=whole.encoded.career,
        search_row=row.json_text,
        page=whole.encoded.page,
        player_ids=tuple(sorted((player.blizzard_id, player.battletag))),
    )
