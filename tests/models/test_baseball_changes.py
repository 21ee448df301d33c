"""What plays and changes by hand add to the log of a game."""

from dataclasses import replace

import pytest

from errors import RuleViolation
from models.baseball import GameDraft, PlayDraft, created
from models.baseball_changes import MAX_PLAYS_AT_ONCE, change_game, record
from models.baseball_states import NOBODY_ON, GameStatus, HalfInning, StateChange
from models.baseball_stats import PlayStats
from tests.models.test_baseball_lineups import AWAY, GAME_ID, HOME, made_lineup

NEW = created(GameDraft(GAME_ID, "ana", "spring", HOME, AWAY, "solo"), 1_000)
PICKOFF = PlayDraft("p", "a1", "hp", NOBODY_ON, PlayStats(), "Nobody was there.")
OUT = replace(PICKOFF, stats=PlayStats(pa=1, ab=1, outs_recorded=1))


def test_each_play_begins_where_the_one_before_it_ended() -> None:
    recorded = record(NEW, made_lineup(), [OUT, OUT, OUT], 2_000)

    assert [(each.play.sequence, each.play.number) for each in recorded] == [(1, 1), (2, 2), (3, 3)]
    assert [(each.game.version, each.game.play_count) for each in recorded] == [(1, 1), (2, 2), (3, 3)]
    assert [(each.play.outs_before, each.game.outs) for each in recorded] == [(0, 1), (1, 2), (2, 0)]
    assert recorded[2].game.half is HalfInning.BOTTOM
    assert (
        {each.game.updated_at for each in recorded} == {each.play.created_at for each in recorded} == {2_000}
    )


def test_a_play_after_the_last_one_of_a_half_is_of_the_other_team() -> None:
    with pytest.raises(RuleViolation, match=r"^The batter is no active lineup entry of team 20"):
        record(NEW, made_lineup(), [OUT, OUT, OUT, OUT], 2_000)


def test_as_many_plays_are_recorded_at_once_as_are_allowed() -> None:
    recorded = record(NEW, made_lineup(), [PICKOFF] * MAX_PLAYS_AT_ONCE, 2_000)

    assert len(recorded) == 100


@pytest.mark.parametrize("count", [0, MAX_PLAYS_AT_ONCE + 1])
def test_none_and_one_too_many_are_refused(count: int) -> None:
    with pytest.raises(RuleViolation, match=rf"^plays: {count} given, 1 to 100 are allowed\.$"):
        record(NEW, made_lineup(), [PICKOFF] * count, 2_000)


def test_a_change_by_hand_is_one_version_and_no_play() -> None:
    changed = change_game(NEW, made_lineup(), StateChange(status=GameStatus.ACTIVE, inning=2), 2_000)

    assert changed == replace(NEW, status=GameStatus.ACTIVE, inning=2, version=1, updated_at=2_000)


def test_a_change_that_changes_nothing_gives_the_same_game() -> None:
    assert change_game(NEW, made_lineup(), StateChange(inning=1), 2_000) is NEW
