"""What changes a game of baseball, as its log has it: each version of a game is exactly one entry."""

from collections.abc import Sequence
from dataclasses import dataclass

from errors import RuleViolation
from models.baseball import Game, Play, PlayDraft, apply, play_from
from models.baseball_lineups import Lineup, LineupEntry, RosterEntry
from models.baseball_rolls import DiceRoll, DiceRollDraft, GameSession
from models.baseball_states import StateChange, change

MAX_PLAYS_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class ClientKey:
    """A caller's own id for a write. `digest` stands for all that the write was asked with, its kind included; the
    key is forgotten when now >= `expires_at`."""

    caller: str
    key: str
    digest: str
    expires_at: int


@dataclass(frozen=True, slots=True)
class GameLimits:
    """How many versions and dice rolls a game may come to have, those undone included."""

    versions: int
    rolls: int


@dataclass(frozen=True, slots=True)
class RolledPlay:
    """A play to be recorded, and the dice thrown for it."""

    play: PlayDraft
    rolls: tuple[DiceRollDraft, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """The game after a write. `repeated`: its client key, or its id, was there before; nothing was written."""

    game: Game
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Recorded(Written):
    """Plays that were recorded."""

    plays: tuple[Play, ...] = ()


@dataclass(frozen=True, slots=True)
class Substituted(Written):
    """Lineup entries that came in."""

    entries: tuple[LineupEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Rolled(Written):
    """Dice rolls that were recorded without a play."""

    rolls: tuple[DiceRoll, ...] = ()


@dataclass(frozen=True, slots=True)
class Rostered(Written):
    """Roster entries that were added."""

    entries: tuple[RosterEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class RolledBack(Written):
    """How many of each were undone."""

    plays: int = 0
    substitutions: int = 0
    rolls: int = 0


@dataclass(frozen=True, slots=True)
class PlayRecorded:
    """A play, and the game right after it."""

    game: Game
    play: Play


@dataclass(frozen=True, slots=True)
class StateChanged:
    """The game after its state was changed by hand."""

    game: Game


@dataclass(frozen=True, slots=True)
class SubstitutionMade:
    """Who came in, and the game right after it."""

    game: Game
    entries: tuple[LineupEntry, ...]


@dataclass(frozen=True, slots=True)
class GameRolledBack:
    """The play gone back to, how many of each were undone, and the game right after it."""

    game: Game
    to_play: int
    plays: int
    substitutions: int
    rolls: int


GameChange = PlayRecorded | StateChanged | SubstitutionMade | GameRolledBack
"""An entry of the log; its version is that of its game."""


@dataclass(frozen=True, slots=True)
class ChangeRange:
    """The entries of a game's log after a version, the first `limit` of them."""

    game_id: str
    after: int
    limit: int


@dataclass(frozen=True, slots=True)
class GameRecovery:
    """All that an engine needs to go on, of one moment: what is undone is left out, and so is who has left."""

    game: Game
    lineup: Lineup
    plays: tuple[Play, ...]
    rolls: tuple[DiceRoll, ...]
    session: GameSession | None


def record(game: Game, lineup: Lineup, drafts: Sequence[PlayDraft], now: int) -> tuple[PlayRecorded, ...]:
    """The entries that plays add one after the other. RuleViolation as of `apply`, and for no plays or more than
    `MAX_PLAYS_AT_ONCE`."""
    if not 1 <= len(drafts) <= MAX_PLAYS_AT_ONCE:
        raise RuleViolation(f"plays: {len(drafts)} given, 1 to {MAX_PLAYS_AT_ONCE} are allowed.")
    recorded: list[PlayRecorded] = []
    for draft in drafts:
        after = apply(game.state, draft, lineup)
        number = game.play_count + 1
        play = play_from(
            draft, game.state, game_id=game.id, sequence=game.version + 1, number=number, now=now
        )
        game = game.moved(after, play_count=number, now=now)
        recorded.append(PlayRecorded(game, play))
    return tuple(recorded)


def change_game(game: Game, lineup: Lineup, wanted: StateChange, now: int) -> Game:
    """The game with its state changed by hand; the same object when nothing would differ. RuleViolation as of
    `change`."""
    state = change(game.state, wanted, lineup)
    return game if state == game.state else game.moved(state, play_count=game.play_count, now=now)
