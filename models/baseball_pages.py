"""What pages of games, plays, dice rolls and league lines are asked for with, and what they are."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from models.baseball_box_scores import BattingLine, PitchingLine
from models.baseball_lineups import Card
from models.baseball_rolls import RollType
from models.baseball_states import GameStatus

Listed = TypeVar("Listed")


@dataclass(frozen=True, slots=True)
class Span:
    """At most `limit` of a list, between two places (both excluded; None: the end of the list), from its beginning, or
    from its end. The place of a play is its sequence, of a dice roll its number, of a league line its rank from 1."""

    limit: int
    after: int | None = None
    before: int | None = None
    from_end: bool = False


@dataclass(frozen=True, slots=True)
class GamePlace:
    """The place of a game in lists: the newest comes first, of two of one moment the lesser id."""

    created_at: int
    id: str


@dataclass(frozen=True, slots=True)
class GameRequest:
    """A page of the games that `reader` may read (None: of all), of a league and a status (None: any)."""

    reader: str | None
    limit: int
    league: str | None = None
    status: GameStatus | None = None
    after: GamePlace | None = None
    before: GamePlace | None = None
    from_end: bool = False


@dataclass(frozen=True, slots=True)
class PlayRequest:
    """A page of a game's plays by sequence."""

    game_id: str
    span: Span
    include_undone: bool = False


@dataclass(frozen=True, slots=True)
class RollRequest:
    """A page of a game's dice rolls by number, undone ones included: those of a team and a type (None: any)."""

    game_id: str
    span: Span
    team_id: int | None = None
    type: RollType | None = None


@dataclass(frozen=True, slots=True)
class LineRequest:
    """A page of the lines of a league, summed up over its games that `reader` may read (None: all): of all teams and
    cards, or of one card."""

    reader: str | None
    league: str
    span: Span
    card: Card | None = None


@dataclass(frozen=True, slots=True)
class RankedLine(Generic[Listed]):
    """A line of a league and its place, from 1."""

    rank: int
    line: Listed


@dataclass(frozen=True, slots=True)
class ListPage(Generic[Listed]):
    """Some of a list in its order; how many the whole list has, and whether some are before or behind."""

    items: tuple[Listed, ...] = ()
    total: int = 0
    has_before: bool = False
    has_behind: bool = False


BattingPage = ListPage[RankedLine[BattingLine]]
PitchingPage = ListPage[RankedLine[PitchingLine]]
