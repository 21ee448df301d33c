"""How named types of the models travel: what a client writes and reads for each."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from errors import BadUserInput
from models.player_ids import normalize_player_id

DateTime = NewType("DateTime", int)
PlayerId = NewType("PlayerId", str)


def written_time(milliseconds: int) -> str:
    """Milliseconds since 1970 as RFC 3339 text in UTC, three decimals, `Z` at the end."""
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _read_time(text: object) -> DateTime:
    try:
        if not isinstance(text, str):
            raise ValueError
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError
    except ValueError:
        raise BadUserInput("A DateTime is written like 2026-11-21T09:30:00Z.") from None
    return DateTime(round(moment.timestamp() * 1000))


def _read_player_id(text: object) -> PlayerId:
    if not isinstance(text, str):
        raise BadUserInput("A PlayerId is text, like TeKrop#2217.")
    return PlayerId(normalize_player_id(text))


SCALARS: Mapping[object, ScalarDefinition] = {
    DateTime: strawberry.scalar(
        name="DateTime",
        description="A moment as RFC 3339 text in UTC with milliseconds, like `2026-11-21T09:30:00.000Z`.",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time.html",
        serialize=written_time,
        parse_value=_read_time,
    ),
    PlayerId: strawberry.scalar(
        name="PlayerId",
        description=(
            "A player. Three spellings are accepted and mean the same: the BattleTag as players write it "
            "(`TeKrop#2217`), with a dash (`TeKrop-2217`), or Blizzard's own id "
            "(two hexadecimal numbers joined by `|` or `%7C`). Case matters."
        ),
        serialize=str,
        parse_value=_read_player_id,
    ),
}
