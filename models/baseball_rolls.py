"""The dice of a game of baseball, and what its engine keeps of itself."""

from dataclasses import dataclass
from enum import Enum


class RollType(Enum):
    """What dice were thrown for. D20 is one die of twenty sides; OTHER is whatever an engine has besides."""

    AT_BAT = "at_bat"
    JUMP = "jump"
    FIELDING = "fielding"
    D20 = "d20"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class DiceRoll:
    """A throw as it is kept; `values` and `context` are JSON texts, of whatever form the engine has.

    `number` counts the rolls of the game in the order in which they were recorded and is never used again: the order
    of an audit, which needs neither a seed nor a clock. `game_version` is the version that the game had then.
    `play_id` and `play_number` are those of the play it was recorded with. `undone_by` is the version of the rollback
    that took it back.
    """

    id: str
    game_id: str
    number: int
    game_version: int
    type: RollType
    values: str
    rolled_at: int
    team_id: int | None = None
    play_id: str | None = None
    play_number: int | None = None
    context: str | None = None
    undone_by: int | None = None


@dataclass(frozen=True, slots=True)
class DiceRollDraft:
    """A throw to be recorded; `id` is the caller's own or made by whoever asks."""

    id: str
    type: RollType
    values: str
    rolled_at: int
    team_id: int | None = None
    context: str | None = None


@dataclass(frozen=True, slots=True)
class GameSession:
    """Who is connected to a game, and the state of its engine as JSON text, for it to go on after a crash."""

    game_id: str
    connected_users: tuple[str, ...]
    last_action_at: int
    snapshot: str | None
    saved_at: int


@dataclass(frozen=True, slots=True)
class GameSessionDraft:
    """A session to be saved in the place of the one that is there."""

    game_id: str
    connected_users: tuple[str, ...]
    last_action_at: int
    snapshot: str | None = None
