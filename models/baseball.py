"""Games of tabletop baseball and their plays, and the rules by which a play moves a game on and is taken back.

All times are milliseconds since 1970. Ids are UUIDs in their usual text form, in lower case.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

from errors import RuleViolation
from models.baseball_lineups import LineupEntry, plays_for
from models.baseball_states import NOBODY_ON, Bases, GameState, GameStatus, HalfInning, check_open
from models.baseball_stats import OUTS_IN_A_HALF, PlayStats, check_stats

REGULAR_INNINGS = 9
MAX_NAME = 100
"""Characters of a league's or a mode's name."""
MAX_NOTE = 200
"""Characters of a dice roll or a hit location as a play tells them."""
MAX_DESCRIPTION = 2_000


class Visibility(Enum):
    """Who may read a game. PRIVATE: its owner, and administrators."""

    PUBLIC = "public"
    PRIVATE = "private"


@dataclass(frozen=True, slots=True)
class Game:
    """A game as it is kept; it belongs to `owner`, who created it.

    `version` is 0 when it is created, and each change of plays, lineup or state raises it by one. `play_count` is
    the number of plays that stand. See `GameState` for what the attributes in between mean.
    """

    id: str
    owner: str
    league: str
    home_team_id: int
    away_team_id: int
    mode: str
    visibility: Visibility
    created_at: int
    updated_at: int
    version: int = 0
    play_count: int = 0
    inning: int = 1
    half: HalfInning = HalfInning.TOP
    outs: int = 0
    bases: Bases = NOBODY_ON
    home_score: int = 0
    away_score: int = 0
    status: GameStatus = GameStatus.PENDING
    winner_team_id: int | None = None

    @property
    def state(self) -> GameState:
        """What the rules look at."""
        return GameState(
            home_team_id=self.home_team_id,
            away_team_id=self.away_team_id,
            inning=self.inning,
            half=self.half,
            outs=self.outs,
            bases=self.bases,
            home_score=self.home_score,
            away_score=self.away_score,
            status=self.status,
            winner_team_id=self.winner_team_id,
        )

    def moved(self, state: GameState, *, play_count: int, now: int) -> "Game":
        """The game one version later, in that state."""
        return replace(
            self,
            version=self.version + 1,
            play_count=play_count,
            updated_at=now,
            inning=state.inning,
            half=state.half,
            outs=state.outs,
            bases=state.bases,
            home_score=state.home_score,
            away_score=state.away_score,
            status=state.status,
            winner_team_id=state.winner_team_id,
        )


@dataclass(frozen=True, slots=True)
class GameDraft:
    """A game to be created; `id` is the caller's own or made by whoever asks."""

    id: str
    owner: str
    league: str
    home_team_id: int
    away_team_id: int
    mode: str
    visibility: Visibility = Visibility.PUBLIC


def created(draft: GameDraft, now: int) -> Game:
    """The game before its first play. RuleViolation: a team against itself, a league or mode without a name or with
    one that is too long."""
    if draft.home_team_id == draft.away_team_id:
        raise RuleViolation(f"Team {draft.home_team_id} cannot play against itself.")
    for name, text in (("league", draft.league), ("mode", draft.mode)):
        if not text.strip() or len(text) > MAX_NAME:
            raise RuleViolation(f"{name}: 1 to {MAX_NAME} characters are allowed, and not only blanks.")
    return Game(
        id=draft.id,
        owner=draft.owner,
        league=draft.league,
        home_team_id=draft.home_team_id,
        away_team_id=draft.away_team_id,
        mode=draft.mode,
        visibility=draft.visibility,
        created_at=now,
        updated_at=now,
    )


@dataclass(frozen=True, slots=True)
class PlayDraft:
    """A play to be recorded; `id` is made by whoever asks. People are ids of lineup entries. Who is still to say where
    everybody went records it as not `complete`."""

    id: str
    batter_id: str
    pitcher_id: str
    bases_after: Bases
    stats: PlayStats
    description: str
    catcher_id: str | None = None
    dice_roll: str | None = None
    hit_location: str | None = None
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Play:
    """A play as it is kept, with what it takes to undo it.

    `sequence` is the version of the game that it made, and never used again; `number` counts the plays that stand.
    `undone_by` is the version of the rollback that took it back, None while it stands.
    """

    id: str
    game_id: str
    sequence: int
    number: int
    inning: int
    half: HalfInning
    outs_before: int
    bases_before: Bases
    home_score_before: int
    away_score_before: int
    status_before: GameStatus
    batter_id: str
    pitcher_id: str
    catcher_id: str | None
    bases_after: Bases
    stats: PlayStats
    description: str
    dice_roll: str | None
    hit_location: str | None
    complete: bool
    created_at: int
    undone_by: int | None = None


def play_from(
    draft: PlayDraft, before: GameState, *, game_id: str, sequence: int, number: int, now: int
) -> Play:
    """The play that a draft becomes in the state that it was applied to."""
    return Play(
        id=draft.id,
        game_id=game_id,
        sequence=sequence,
        number=number,
        inning=before.inning,
        half=before.half,
        outs_before=before.outs,
        bases_before=before.bases,
        home_score_before=before.home_score,
        away_score_before=before.away_score,
        status_before=before.status,
        batter_id=draft.batter_id,
        pitcher_id=draft.pitcher_id,
        catcher_id=draft.catcher_id,
        bases_after=draft.bases_after,
        stats=draft.stats,
        description=draft.description,
        dice_roll=draft.dice_roll,
        hit_location=draft.hit_location,
        complete=draft.complete,
        created_at=now,
    )


def apply(state: GameState, draft: PlayDraft, lineup: Iterable[LineupEntry]) -> GameState:
    """The state after a play.

    The third out ends the half. The game ends after the top of the ninth inning or a later one with the home team
    ahead, after the bottom with either ahead, and at once when the home team is ahead in the bottom; a tie goes on.

    RuleViolation, with a message fit for people: the game has ended; somebody does not play, or not for the team he
    acts for; the batter was on base; a base holds somebody who was neither on base nor made a plate appearance, or a
    runner stands on two; a statistic cannot be; and, when the play is complete, people are missing or too many
    (on the third out, runners left over need not be listed).
    """
    check_open(state)
    _check_texts(draft)
    _check_people(state, draft, tuple(lineup))
    _check_bases(state.bases, draft)
    check_stats(draft.stats, state.outs, len(state.bases.runners))
    if draft.complete:
        _check_whereabouts(state, draft)
    return _after(state, draft)


def revert(state: GameState, play: Play) -> GameState:
    """The state before a play, from any state after it: the inverse of `apply`.

    What was changed by hand since the play is gone too. Substitutions made since then are to be reverted as well.
    """
    return replace(
        state,
        inning=play.inning,
        half=play.half,
        outs=play.outs_before,
        bases=play.bases_before,
        home_score=play.home_score_before,
        away_score=play.away_score_before,
        status=play.status_before,
        # A game that takes a play has no winner yet.
        winner_team_id=None,
    )


def _check_texts(draft: PlayDraft) -> None:
    for name, text, most in (
        ("description", draft.description, MAX_DESCRIPTION),
        ("diceRoll", draft.dice_roll, MAX_NOTE),
        ("hitLocation", draft.hit_location, MAX_NOTE),
    ):
        if text is not None and len(text) > most:
            raise RuleViolation(f"{name}: {len(text)} characters given, {most} are allowed.")


def _check_people(state: GameState, draft: PlayDraft, lineup: tuple[LineupEntry, ...]) -> None:
    at_bat, in_field = state.batting_team_id, state.fielding_team_id
    if not plays_for(lineup, draft.batter_id, at_bat):
        raise RuleViolation(f"The batter is no active lineup entry of team {at_bat}, which is at bat.")
    if not plays_for(lineup, draft.pitcher_id, in_field):
        raise RuleViolation(
            f"The pitcher is no active lineup entry of team {in_field}, which is in the field."
        )
    if draft.catcher_id is not None and not plays_for(lineup, draft.catcher_id, in_field):
        raise RuleViolation(
            f"The catcher is no active lineup entry of team {in_field}, which is in the field."
        )


def _check_bases(before: Bases, draft: PlayDraft) -> None:
    runners = draft.bases_after.runners
    if draft.batter_id in before.runners:
        raise RuleViolation("The batter is on base already.")
    if len(set(runners)) != len(runners):
        raise RuleViolation("basesAfter: a runner stands on one base only.")
    if draft.batter_id in runners and not draft.stats.pa:
        raise RuleViolation("basesAfter: the batter gets on base by a plate appearance only, and pa is 0.")
    if not {*runners} <= {*before.runners, draft.batter_id}:
        raise RuleViolation("basesAfter: only the batter and the runners from before can be on base.")
    if draft.stats.homerun and runners:
        raise RuleViolation("basesAfter: a home run scores everybody, so nobody is on base after it.")


def _check_whereabouts(state: GameState, draft: PlayDraft) -> None:
    stats = draft.stats
    on_base = len(draft.bases_after.runners)
    missing = len(state.bases.runners) + stats.pa - (on_base + stats.runs + stats.outs_recorded)
    ends_half = state.outs + stats.outs_recorded == OUTS_IN_A_HALF
    if missing < 0 or (missing > 0 and not ends_half):
        raise RuleViolation(
            f"The play does not add up: {len(state.bases.runners)} on base before and {stats.pa} at bat, but "
            f"{on_base} on base after it, {stats.runs} scored and {stats.outs_recorded} out."
        )


def _after(state: GameState, draft: PlayDraft) -> GameState:
    outs = state.outs + draft.stats.outs_recorded
    runs = draft.stats.runs
    is_home = state.half is HalfInning.BOTTOM
    played = replace(
        state,
        status=GameStatus.ACTIVE,
        outs=outs,
        bases=draft.bases_after if outs < OUTS_IN_A_HALF else NOBODY_ON,
        home_score=state.home_score + (runs if is_home else 0),
        away_score=state.away_score + (0 if is_home else runs),
    )
    if _is_over(played):
        return replace(played, status=GameStatus.COMPLETED, winner_team_id=_leader(played))
    return played if outs < OUTS_IN_A_HALF else _next_half(played)


def _is_over(played: GameState) -> bool:
    if played.inning < REGULAR_INNINGS:
        return False
    lead = played.home_score - played.away_score
    half_is_over = played.outs == OUTS_IN_A_HALF
    if played.half is HalfInning.TOP:
        return half_is_over and lead > 0
    return lead > 0 or (half_is_over and lead < 0)


def _leader(played: GameState) -> int:
    return played.home_team_id if played.home_score > played.away_score else played.away_team_id


def _next_half(played: GameState) -> GameState:
    if played.half is HalfInning.TOP:
        return replace(played, half=HalfInning.BOTTOM, outs=0)
    return replace(played, half=HalfInning.TOP, inning=played.inning + 1, outs=0)
