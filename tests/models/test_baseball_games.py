"""How a game begins, and how it moves on."""

from dataclasses import replace

import pytest

from errors import RuleViolation
from models.baseball import MAX_NAME, Game, GameDraft, Visibility, created
from models.baseball_states import Bases, GameState, GameStatus, HalfInning
from tests.models.test_baseball_lineups import AWAY, GAME_ID, HOME

NEW = GameDraft(GAME_ID, "ana", "spring", HOME, AWAY, "solo", Visibility.PRIVATE)


def test_a_new_game_waits_for_its_first_play() -> None:
    game = created(NEW, now=1_700_000_000_000)

    assert game == Game(
        id=GAME_ID,
        owner="ana",
        league="spring",
        home_team_id=HOME,
        away_team_id=AWAY,
        mode="solo",
        visibility=Visibility.PRIVATE,
        created_at=1_700_000_000_000,
        updated_at=1_700_000_000_000,
    )
    assert (game.version, game.play_count) == (0, 0)
    assert game.state == GameState(HOME, AWAY)
    assert (game.status, game.inning, game.half, game.outs) == (GameStatus.PENDING, 1, HalfInning.TOP, 0)
    assert (game.home_score, game.away_score, game.winner_team_id) == (0, 0, None)
    assert game.bases.runners == ()


def test_a_game_moves_on_by_one_version() -> None:
    game = created(NEW, now=1_700_000_000_000)
    state = GameState(
        HOME,
        AWAY,
        inning=9,
        half=HalfInning.BOTTOM,
        outs=2,
        bases=Bases("h1"),
        home_score=4,
        away_score=3,
        status=GameStatus.COMPLETED,
        winner_team_id=HOME,
    )

    moved = game.moved(state, play_count=1, now=1_700_000_000_500)

    assert moved.state == state
    assert (moved.version, moved.play_count, moved.updated_at) == (1, 1, 1_700_000_000_500)
    assert (moved.id, moved.owner, moved.created_at) == (GAME_ID, "ana", 1_700_000_000_000)


def test_a_team_does_not_play_against_itself() -> None:
    with pytest.raises(RuleViolation, match=r"^Team 20 cannot play against itself\.$"):
        created(replace(NEW, away_team_id=HOME), now=0)


@pytest.mark.parametrize("name", ["x", "x" * MAX_NAME])
def test_leagues_and_modes_have_a_name(name: str) -> None:
    game = created(replace(NEW, league=name, mode=name), now=0)

    assert (game.league, game.mode) == (name, name)


@pytest.mark.parametrize("name", ["", " ", "x" * (MAX_NAME + 1)])
def test_leagues_and_modes_without_a_name_or_with_too_long_a_one_are_refused(name: str) -> None:
    with pytest.raises(
        RuleViolation, match=r"^league: 1 to 100 characters are allowed, and not only blanks\.$"
    ):
        created(replace(NEW, league=name), now=0)
    with pytest.raises(
        RuleViolation, match=r"^mode: 1 to 100 characters are allowed, and not only blanks\.$"
    ):
        created(replace(NEW, mode=name), now=0)
