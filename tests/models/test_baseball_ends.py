"""When a half ends, and when a game does."""

from dataclasses import replace

import pytest

from models.baseball_states import Bases, GameStatus, HalfInning
from models.baseball_stats import PlayStats
from tests.models.test_baseball import BOTTOM, HOMER, OUT, SINGLE, TOP, away, home, ninth, played, refusal
from tests.models.test_baseball_lineups import AWAY, HOME


def test_the_third_out_of_the_top_brings_the_bottom() -> None:
    assert played(replace(TOP, inning=3, outs=2), away(OUT)) == replace(BOTTOM, inning=3)


def test_the_third_out_of_the_bottom_brings_the_next_inning() -> None:
    assert played(replace(BOTTOM, inning=3, outs=2), home(OUT)) == replace(TOP, inning=4)


@pytest.mark.parametrize("inning", [9, 10, 14])
def test_the_game_ends_after_the_top_of_the_ninth_or_later_when_the_home_team_is_ahead(inning: int) -> None:
    state = ninth(HalfInning.TOP, 2, 3, inning=inning)

    assert played(state, away(OUT)) == replace(
        state, outs=3, status=GameStatus.COMPLETED, winner_team_id=HOME
    )


@pytest.mark.parametrize(("away_score", "home_score"), [(3, 3), (4, 3)])
def test_the_bottom_of_the_ninth_is_played_unless_the_home_team_is_ahead(
    away_score: int, home_score: int
) -> None:
    state = ninth(HalfInning.TOP, away_score, home_score)

    assert played(state, away(OUT)) == replace(state, half=HalfInning.BOTTOM, outs=0)


def test_the_top_of_the_ninth_does_not_end_at_once_with_the_home_team_ahead() -> None:
    state = replace(ninth(HalfInning.TOP, 2, 3), outs=1)

    assert played(state, away(OUT)) == replace(state, outs=2)


@pytest.mark.parametrize("inning", [9, 11])
def test_the_game_ends_after_the_bottom_of_the_ninth_or_later_when_the_away_team_is_ahead(
    inning: int,
) -> None:
    state = ninth(HalfInning.BOTTOM, 3, 2, inning=inning)

    assert played(state, home(OUT)) == replace(
        state, outs=3, status=GameStatus.COMPLETED, winner_team_id=AWAY
    )


@pytest.mark.parametrize("inning", [9, 10])
def test_a_tie_goes_on(inning: int) -> None:
    state = ninth(HalfInning.BOTTOM, 3, 3, inning=inning)

    assert played(state, home(OUT)) == replace(state, inning=inning + 1, half=HalfInning.TOP, outs=0)


@pytest.mark.parametrize(("away_score", "home_score"), [(0, 5), (5, 0)])
def test_the_eighth_inning_ends_no_game(away_score: int, home_score: int) -> None:
    top = ninth(HalfInning.TOP, away_score, home_score, inning=8)
    bottom = ninth(HalfInning.BOTTOM, away_score, home_score, inning=8)

    assert played(top, away(OUT)) == replace(top, half=HalfInning.BOTTOM, outs=0)
    assert played(bottom, home(OUT)) == replace(bottom, inning=9, half=HalfInning.TOP, outs=0)
    assert played(bottom, home(HOMER)) == replace(bottom, home_score=home_score + 1)


@pytest.mark.parametrize("inning", [9, 10])
def test_a_walk_off_ends_the_game_at_once_and_may_leave_runners(inning: int) -> None:
    state = replace(ninth(HalfInning.BOTTOM, 3, 3, inning=inning), bases=Bases("h3", None, "h2"))
    draft = home(replace(SINGLE, runs=1, rbi=1), bases=Bases("h4", "h3"))

    assert played(state, draft) == replace(
        state,
        home_score=4,
        bases=Bases("h4", "h3"),
        status=GameStatus.COMPLETED,
        winner_team_id=HOME,
    )


def test_a_walk_off_may_be_a_wild_pitch() -> None:
    state = replace(ninth(HalfInning.BOTTOM, 3, 3), bases=Bases(third="h2"))

    assert played(state, home(PlayStats(runs=1))) == replace(
        state, home_score=4, bases=Bases(), status=GameStatus.COMPLETED, winner_team_id=HOME
    )


def test_a_run_on_the_third_out_can_win_the_game() -> None:
    state = replace(ninth(HalfInning.BOTTOM, 3, 3), bases=Bases("h3", None, "h2"))
    draft = home(PlayStats(runs=1, outs_recorded=1, caught_stealing=1))

    assert played(state, draft) == replace(
        state, home_score=4, outs=3, bases=Bases(), status=GameStatus.COMPLETED, winner_team_id=HOME
    )


def test_drawing_level_in_the_bottom_of_the_ninth_ends_nothing() -> None:
    state = replace(ninth(HalfInning.BOTTOM, 3, 2), outs=0)

    assert played(state, home(HOMER)) == replace(state, home_score=3)


@pytest.mark.parametrize("status", [GameStatus.COMPLETED, GameStatus.ABANDONED])
def test_a_game_that_has_ended_takes_no_play(status: GameStatus) -> None:
    assert refusal(replace(TOP, status=status), away(OUT)) == (
        f"The game is {status.value}: set its status to ACTIVE first if it goes on."
    )
