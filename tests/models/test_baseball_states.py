"""Changes of a game's state by hand: what may follow what, and that only what is given changes."""

from dataclasses import replace

import pytest

from errors import RuleViolation
from models.baseball_states import (
    MAX_INNING,
    MAX_SCORE,
    Bases,
    GameState,
    GameStatus,
    HalfInning,
    StateChange,
    change,
    check_open,
)
from tests.models.test_baseball_lineups import AWAY, HOME, made_lineup

PENDING = GameState(HOME, AWAY)
ACTIVE = replace(
    PENDING,
    inning=4,
    half=HalfInning.BOTTOM,
    outs=1,
    bases=Bases(first="h2", third="h9"),
    home_score=3,
    away_score=2,
    status=GameStatus.ACTIVE,
)
COMPLETED = replace(PENDING, inning=9, outs=3, home_score=1, status=GameStatus.COMPLETED, winner_team_id=HOME)
ABANDONED = replace(ACTIVE, status=GameStatus.ABANDONED)


def test_the_away_team_bats_in_the_top_and_the_home_team_in_the_bottom() -> None:
    assert (PENDING.batting_team_id, PENDING.fielding_team_id) == (AWAY, HOME)
    assert (ACTIVE.batting_team_id, ACTIVE.fielding_team_id) == (HOME, AWAY)


def test_a_change_of_nothing_is_the_same_state() -> None:
    assert change(ACTIVE, StateChange(), made_lineup()) is ACTIVE


def test_a_change_to_what_is_there_is_the_same_state() -> None:
    same = StateChange(
        GameStatus.ACTIVE, 4, HalfInning.BOTTOM, 1, 3, 2, Bases(first="h2", third="h9"), winner_team_id=None
    )

    assert change(ACTIVE, same, made_lineup()) is ACTIVE


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (StateChange(inning=1), replace(ACTIVE, inning=1)),
        (StateChange(inning=MAX_INNING), replace(ACTIVE, inning=MAX_INNING)),
        (StateChange(outs=0), replace(ACTIVE, outs=0)),
        (StateChange(outs=2), replace(ACTIVE, outs=2)),
        (StateChange(home_score=0), replace(ACTIVE, home_score=0)),
        (StateChange(home_score=MAX_SCORE), replace(ACTIVE, home_score=MAX_SCORE)),
        (StateChange(away_score=0), replace(ACTIVE, away_score=0)),
        (StateChange(away_score=MAX_SCORE), replace(ACTIVE, away_score=MAX_SCORE)),
        (StateChange(bases=Bases()), replace(ACTIVE, bases=Bases())),
        (StateChange(bases=Bases("h1", "h5", "h9")), replace(ACTIVE, bases=Bases("h1", "h5", "h9"))),
        (
            StateChange(half=HalfInning.TOP, bases=Bases(second="a4")),
            replace(ACTIVE, half=HalfInning.TOP, bases=Bases(second="a4")),
        ),
    ],
)
def test_only_what_is_given_changes(wanted: StateChange, expected: GameState) -> None:
    assert change(ACTIVE, wanted, made_lineup()) == expected


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (StateChange(inning=0), "inning: 0 given, 1 to 999 are allowed"),
        (StateChange(inning=MAX_INNING + 1), "inning: 1000 given, 1 to 999 are allowed"),
        (StateChange(outs=-1), "outs: -1 given, 0 to 2 are allowed"),
        (StateChange(outs=3), "outs: 3 given, 0 to 2 are allowed"),
        (StateChange(home_score=-1), "homeScore: -1 given, 0 to 9999 are allowed"),
        (StateChange(home_score=MAX_SCORE + 1), "homeScore: 10000 given, 0 to 9999 are allowed"),
        (StateChange(away_score=-1), "awayScore: -1 given, 0 to 9999 are allowed"),
        (StateChange(away_score=MAX_SCORE + 1), "awayScore: 10000 given, 0 to 9999 are allowed"),
        (StateChange(bases=Bases("h1", "h1")), "bases: a runner stands on one base only"),
        (StateChange(bases=Bases("a1")), "bases: only active lineup entries of team 20, which is at bat"),
        (StateChange(bases=Bases("x")), "bases: only active lineup entries of team 20, which is at bat"),
        (
            StateChange(half=HalfInning.TOP),
            "bases: only active lineup entries of team 10, which is at bat",
        ),
        (StateChange(winner_team_id=HOME), "winnerTeamId: the game is active, so nobody has won it"),
    ],
)
def test_what_cannot_be_is_refused(wanted: StateChange, message: str) -> None:
    with pytest.raises(RuleViolation, match=f"^{message}"):
        change(ACTIVE, wanted, made_lineup())


def test_who_has_left_cannot_be_put_on_base() -> None:
    lineup = tuple(replace(each, left_at_play=3) if each.id == "h4" else each for each in made_lineup())

    with pytest.raises(RuleViolation, match=r"^bases: only active lineup entries"):
        change(ACTIVE, StateChange(bases=Bases("h4")), lineup)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (PENDING, GameStatus.ACTIVE),
        (PENDING, GameStatus.COMPLETED),
        (PENDING, GameStatus.ABANDONED),
        (ACTIVE, GameStatus.COMPLETED),
        (ACTIVE, GameStatus.ABANDONED),
        (ABANDONED, GameStatus.ACTIVE),
        (ABANDONED, GameStatus.COMPLETED),
    ],
)
def test_a_status_that_can_follow_is_set(before: GameState, after: GameStatus) -> None:
    assert change(before, StateChange(status=after), made_lineup()) == replace(before, status=after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (ACTIVE, GameStatus.PENDING),
        (COMPLETED, GameStatus.PENDING),
        (COMPLETED, GameStatus.ABANDONED),
        (ABANDONED, GameStatus.PENDING),
    ],
)
def test_a_status_that_cannot_follow_is_refused(before: GameState, after: GameStatus) -> None:
    message = rf"^A game that is {before.status.value} cannot be set to {after.value}\.$"

    with pytest.raises(RuleViolation, match=message):
        change(before, StateChange(status=after), made_lineup())


def test_a_completed_game_that_goes_on_loses_its_winner() -> None:
    reopened = change(COMPLETED, StateChange(status=GameStatus.ACTIVE, outs=2), made_lineup())

    assert reopened == replace(COMPLETED, status=GameStatus.ACTIVE, outs=2, winner_team_id=None)


def test_a_game_cannot_go_on_with_three_outs() -> None:
    with pytest.raises(
        RuleViolation, match=r"^The game ended with a third out: .* outs from 0 to 2 as well\.$"
    ):
        change(COMPLETED, StateChange(status=GameStatus.ACTIVE), made_lineup())


def test_the_score_of_a_completed_game_can_be_put_right_without_its_outs() -> None:
    assert change(COMPLETED, StateChange(home_score=2), made_lineup()) == replace(COMPLETED, home_score=2)


@pytest.mark.parametrize("winner", [HOME, AWAY])
def test_either_team_can_be_awarded_a_game_whatever_the_score(winner: int) -> None:
    wanted = StateChange(status=GameStatus.COMPLETED, winner_team_id=winner)

    changed = change(ACTIVE, wanted, made_lineup())

    assert changed == replace(ACTIVE, status=GameStatus.COMPLETED, winner_team_id=winner)


def test_an_abandoned_game_may_have_a_winner() -> None:
    awarded = change(ABANDONED, StateChange(winner_team_id=AWAY), made_lineup())

    assert awarded == replace(ABANDONED, winner_team_id=AWAY)


def test_a_winner_can_be_taken_away_again() -> None:
    undecided = change(COMPLETED, StateChange(winner_team_id=None), made_lineup())

    assert undecided == replace(COMPLETED, winner_team_id=None)


def test_a_third_team_cannot_win() -> None:
    with pytest.raises(RuleViolation, match=r"^winnerTeamId: team 30 does not play in this game\.$"):
        change(COMPLETED, StateChange(winner_team_id=30), made_lineup())


def test_a_game_is_open_until_it_has_ended() -> None:
    check_open(PENDING)
    check_open(ACTIVE)

    with pytest.raises(RuleViolation, match=r"^The game is completed: "):
        check_open(COMPLETED)
    with pytest.raises(RuleViolation, match=r"^The game is abandoned: "):
        check_open(ABANDONED)
