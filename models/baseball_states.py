"""Where a game of baseball stands, and what may be changed of that by hand."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

from errors import RuleViolation
from models.baseball_lineups import LineupEntry, plays_for

MAX_INNING = 999
MAX_SCORE = 9_999
"""The greatest that can be set by hand: far above any game, and far below what a column or a client can hold."""


class HalfInning(Enum):
    """TOP: the away team bats. BOTTOM: the home team does."""

    TOP = "top"
    BOTTOM = "bottom"


class GameStatus(Enum):
    """PENDING: no play yet. ACTIVE: it goes on. COMPLETED: played to its end. ABANDONED: given up before."""

    PENDING = "pending"
    ACTIVE = "active"
    COMPLETED = "completed"
    ABANDONED = "abandoned"


# A game that was ended by mistake, or suspended, goes on; one that has begun is never again as if it had not.
_NEXT_STATUS = {
    GameStatus.PENDING: {GameStatus.ACTIVE, GameStatus.COMPLETED, GameStatus.ABANDONED},
    GameStatus.ACTIVE: {GameStatus.COMPLETED, GameStatus.ABANDONED},
    GameStatus.COMPLETED: {GameStatus.ACTIVE},
    GameStatus.ABANDONED: {GameStatus.ACTIVE, GameStatus.COMPLETED},
}


class NotGiven(Enum):
    """Marks what a change leaves as it is, where None is a value."""

    NOT_GIVEN = "not given"


NOT_GIVEN = NotGiven.NOT_GIVEN


@dataclass(frozen=True, slots=True)
class Bases:
    """The lineup entries on base; None: nobody."""

    first: str | None = None
    second: str | None = None
    third: str | None = None

    @property
    def runners(self) -> tuple[str, ...]:
        """Who is on base, from first to third."""
        return tuple(runner for runner in (self.first, self.second, self.third) if runner is not None)

    def swapped(self, leaves: str, enters: str) -> "Bases":
        """The same bases with one runner standing in for another, who may not be on base at all."""
        first, second, third = (
            enters if runner == leaves else runner for runner in (self.first, self.second, self.third)
        )
        return Bases(first, second, third)


NOBODY_ON = Bases()


@dataclass(frozen=True, slots=True)
class GameState:
    """What plays change.

    While it is PENDING or ACTIVE there are 0 to 2 outs and no winner. When a play ends the game, inning and half stay
    those of that play, outs are those made in that half (3 unless the home team won before its third out), and the
    bases are empty after a third out, else as the play left them.
    """

    home_team_id: int
    away_team_id: int
    inning: int = 1
    half: HalfInning = HalfInning.TOP
    outs: int = 0
    bases: Bases = NOBODY_ON
    home_score: int = 0
    away_score: int = 0
    status: GameStatus = GameStatus.PENDING
    winner_team_id: int | None = None

    @property
    def batting_team_id(self) -> int:
        """The team at bat."""
        return self.away_team_id if self.half is HalfInning.TOP else self.home_team_id

    @property
    def fielding_team_id(self) -> int:
        """The team in the field."""
        return self.home_team_id if self.half is HalfInning.TOP else self.away_team_id

    @property
    def is_open(self) -> bool:
        """Whether plays and substitutions may still come."""
        return self.status in {GameStatus.PENDING, GameStatus.ACTIVE}


def check_open(state: GameState) -> None:
    """RuleViolation when the game has ended."""
    if not state.is_open:
        raise RuleViolation(
            f"The game is {state.status.value}: set its status to ACTIVE first if it goes on."
        )


@dataclass(frozen=True, slots=True)
class StateChange:
    """What to change by hand; what is None stays, and so does a winner that is NOT_GIVEN (None: there is none)."""

    status: GameStatus | None = None
    inning: int | None = None
    half: HalfInning | None = None
    outs: int | None = None
    home_score: int | None = None
    away_score: int | None = None
    bases: Bases | None = None
    winner_team_id: int | NotGiven | None = NOT_GIVEN


def change(state: GameState, wanted: StateChange, lineup: Iterable[LineupEntry]) -> GameState:
    """The state with what is given; the same object when nothing would differ, so that nothing need be written.

    Only what is given changes, but for one thing: a game set to ACTIVE loses the winner it had. Nothing is concluded
    from a score. RuleViolation: a number out of its range, a status that cannot follow, a winner who does not play or
    of a game that goes on, bases that hold anybody but active entries of the team at bat, each once.
    """
    changed = _with_given(state, wanted)
    if changed == state:
        return state
    _check_numbers(wanted)
    _check_status(state.status, changed)
    _check_winner(changed)
    _check_bases(changed, tuple(lineup))
    return changed


def _with_given(state: GameState, wanted: StateChange) -> GameState:
    winner = state.winner_team_id if wanted.status is not GameStatus.ACTIVE else None
    return replace(
        state,
        status=state.status if wanted.status is None else wanted.status,
        inning=state.inning if wanted.inning is None else wanted.inning,
        half=state.half if wanted.half is None else wanted.half,
        outs=state.outs if wanted.outs is None else wanted.outs,
        home_score=state.home_score if wanted.home_score is None else wanted.home_score,
        away_score=state.away_score if wanted.away_score is None else wanted.away_score,
        bases=state.bases if wanted.bases is None else wanted.bases,
        winner_team_id=winner if wanted.winner_team_id is NOT_GIVEN else wanted.winner_team_id,
    )


def _check_numbers(wanted: StateChange) -> None:
    for name, value, least, most in (
        ("inning", wanted.inning, 1, MAX_INNING),
        ("outs", wanted.outs, 0, 2),
        ("homeScore", wanted.home_score, 0, MAX_SCORE),
        ("awayScore", wanted.away_score, 0, MAX_SCORE),
    ):
        if value is not None and not least <= value <= most:
            raise RuleViolation(f"{name}: {value} given, {least} to {most} are allowed.")


def _check_status(before: GameStatus, changed: GameState) -> None:
    after = changed.status
    if after is not before and after not in _NEXT_STATUS[before]:
        raise RuleViolation(f"A game that is {before.value} cannot be set to {after.value}.")
    if changed.is_open and changed.outs > 2:
        raise RuleViolation("The game ended with a third out: to go on, give outs from 0 to 2 as well.")


def _check_winner(changed: GameState) -> None:
    winner = changed.winner_team_id
    if winner is None:
        return
    if winner not in {changed.home_team_id, changed.away_team_id}:
        raise RuleViolation(f"winnerTeamId: team {winner} does not play in this game.")
    if changed.is_open:
        raise RuleViolation(f"winnerTeamId: the game is {changed.status.value}, so nobody has won it.")


def _check_bases(changed: GameState, lineup: tuple[LineupEntry, ...]) -> None:
    runners = changed.bases.runners
    if len(set(runners)) != len(runners):
        raise RuleViolation("bases: a runner stands on one base only.")
    team_id = changed.batting_team_id
    if not all(plays_for(lineup, runner, team_id) for runner in runners):
        raise RuleViolation(
            f"bases: only active lineup entries of team {team_id}, which is at bat, can be on base."
        )
