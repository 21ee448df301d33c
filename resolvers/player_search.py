"""Answers to a search for players by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from unicodedata import normalize

from errors import BadUserInput
from models.paging import Connection, PageArguments, page_of
from models.player_ids import normalize_player_id
from models.players import PlayerRecord, Privacy, SearchRow
from resolvers import players
from resolvers.context import RequestContext

MAX_NAME = 64


class PlayerSearchOrder(Enum):
    """What found players are sorted by."""

    NAME_ASC = "name:asc"
    NAME_DESC = "name:desc"
    PLAYER_ID_ASC = "player_id:asc"
    PLAYER_ID_DESC = "player_id:desc"
    LAST_UPDATED_AT_ASC = "last_updated_at:asc"
    LAST_UPDATED_AT_DESC = "last_updated_at:desc"


@dataclass(frozen=True, slots=True)
class FoundPlayer:
    """A player as the search shows it.

    `player_id` is the BattleTag that was searched for when this is the one public player of its name, else
    Blizzard's id. A search cannot check the number, which is why `player` goes by Blizzard's id.
    """

    player_id: str
    blizzard_id: str
    name: str
    avatar: str | None
    namecard: str | None
    title: str | None
    privacy: Privacy
    last_updated_at: int


_SORTED_BY: Mapping[str, Callable[[FoundPlayer], str | int]] = {
    "name": lambda found: found.name,
    "player_id": lambda found: found.player_id,
    "last_updated_at": lambda found: found.last_updated_at,
}


async def search_players(
    context: RequestContext, name: str, order_by: PlayerSearchOrder, page: PageArguments
) -> Connection[FoundPlayer]:
    """Everybody of exactly that name (case counts), public and private.

    A BattleTag searches for its name. The number after it cannot be checked by a search.
    """
    wanted, tag = _checked(name)
    rows = [row for row in await context.searches.search(wanted) if row.name == wanted]
    public = [row for row in rows if row.is_public]
    found = [_found(row, tag if public == [row] else None) for row in rows]
    field, _, direction = order_by.value.partition(":")
    return page_of(sorted(found, key=_SORTED_BY[field], reverse=direction == "desc"), page)


async def player(context: RequestContext, parent: FoundPlayer) -> PlayerRecord:
    """The whole profile of a found player."""
    return await players.player(context, parent.blizzard_id.replace("%7C", "|"))


def _checked(name: str) -> tuple[str, str | None]:
    """The name to search for, and the BattleTag when one was given."""
    text = normalize("NFC", name.strip())
    if "#" in text or "-" in text:
        tag = normalize_player_id(text)
        return tag.partition("-")[0], tag
    if not 0 < len(text) <= MAX_NAME or not text.isprintable():
        raise BadUserInput(f"name: 1 to {MAX_NAME} letters or digits, or a whole BattleTag.")
    return text, None


def _found(row: SearchRow, tag: str | None) -> FoundPlayer:
    return FoundPlayer(
        player_id=tag or row.blizzard_id,
        blizzard_id=row.blizzard_id.replace("|", "%7C"),
        name=row.name,
        avatar=row.avatar,
        namecard=row.namecard,
        title=row.title,
        privacy=Privacy.PUBLIC if row.is_public else Privacy.PRIVATE,
        last_updated_at=row.last_updated_at,
    )
