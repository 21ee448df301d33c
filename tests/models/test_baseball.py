"""One play at a time: who may be in it, where everybody goes, and how it is taken back."""

from dataclasses import replace

import pytest

from errors import RuleViolation
from models.baseball import (
    MAX_DESCRIPTION,
    MAX_NOTE,
    Play,
    PlayDraft,
    apply,
    play_from,
    revert,
)
from models.baseball_lineups import CardRef, LineupEntryDraft
from models.baseball_states import NOBODY_ON, Bases, GameState, GameStatus, HalfInning, StateChange, change
from models.baseball_stats import PlayStats
from models.baseball_substitutions import revert_substitution, substitute
from tests.models.test_baseball_lineups import AWAY, GAME_ID, HOME, made_lineup

FIRST = GameState(HOME, AWAY)
TOP = replace(FIRST, status=GameStatus.ACTIVE)
BOTTOM = replace(TOP, half=HalfInning.BOTTOM)
LOADED = replace(TOP, bases=Bases("a3", "a2", "a1"))

OUT = PlayStats(pa=1, ab=1, outs_recorded=1)
SINGLE = PlayStats(pa=1, ab=1, hit=1)
WALK = PlayStats(pa=1, bb=1)
HOMER = PlayStats(pa=1, ab=1, hit=1, homerun=1, runs=1, rbi=1)
STEAL = PlayStats(stolen_bases=1)


def away(
    stats: PlayStats, batter: str = "a4", bases: Bases = NOBODY_ON, *, complete: bool = True
) -> PlayDraft:
    return PlayDraft("play", batter, "hp", bases, stats, "A play.", complete=complete)


def home(
    stats: PlayStats, batter: str = "h4", bases: Bases = NOBODY_ON, *, complete: bool = True
) -> PlayDraft:
    return PlayDraft("play", batter, "ap", bases, stats, "A play.", complete=complete)


def ninth(half: HalfInning, away_score: int, home_score: int, *, inning: int = 9) -> GameState:
    """Two out in that half."""
    return replace(TOP, inning=inning, half=half, outs=2, away_score=away_score, home_score=home_score)


def played(state: GameState, draft: PlayDraft) -> GameState:
    return apply(state, draft, made_lineup())


def kept(state: GameState, draft: PlayDraft) -> Play:
    return play_from(draft, state, game_id=GAME_ID, sequence=8, number=5, now=1_700_000_000_000)


def refusal(state: GameState, draft: PlayDraft) -> str:
    with pytest.raises(RuleViolation) as caught:
        apply(state, draft, made_lineup())
    return caught.value.message


# ------------------------------------------------------------------------------------------------ plays


def test_the_first_play_makes_a_pending_game_active() -> None:
    assert played(FIRST, away(OUT)) == replace(FIRST, status=GameStatus.ACTIVE, outs=1)


def test_the_batter_and_the_runners_stand_where_the_play_says() -> None:
    state = replace(TOP, bases=Bases(first="a3"))

    assert played(state, away(SINGLE, bases=Bases("a4", None, "a3"))) == replace(
        state, bases=Bases("a4", None, "a3")
    )


def test_runs_count_for_the_team_at_bat() -> None:
    assert played(TOP, away(HOMER)) == replace(TOP, away_score=1)
    assert played(BOTTOM, home(HOMER)) == replace(BOTTOM, home_score=1)


def test_a_grand_slam_scores_four() -> None:
    assert played(LOADED, away(replace(HOMER, runs=4, rbi=4))) == replace(TOP, away_score=4)


def test_a_steal_does_not_count_the_batter() -> None:
    state = replace(TOP, bases=Bases(first="a3"))

    assert played(state, away(STEAL, bases=Bases(second="a3"))) == replace(state, bases=Bases(second="a3"))


def test_a_pickoff_takes_a_runner_away() -> None:
    state = replace(TOP, bases=Bases(first="a3", third="a2"))

    assert played(state, away(PlayStats(outs_recorded=1), bases=Bases(third="a2"))) == replace(
        state, outs=1, bases=Bases(third="a2")
    )


def test_a_triple_play_ends_the_half_from_no_outs() -> None:
    state = replace(LOADED, bases=Bases("a3", "a2"))

    assert played(state, away(replace(OUT, outs_recorded=3))) == replace(TOP, half=HalfInning.BOTTOM)


# ------------------------------------------------------------------------------------------------ people


def test_the_batter_plays_for_the_team_at_bat() -> None:
    assert (
        refusal(TOP, away(OUT, "h4")) == "The batter is no active lineup entry of team 10, which is at bat."
    )
    assert (
        refusal(BOTTOM, home(OUT, "a4"))
        == "The batter is no active lineup entry of team 20, which is at bat."
    )
    assert (
        refusal(TOP, away(OUT, "nobody"))
        == "The batter is no active lineup entry of team 10, which is at bat."
    )


def test_the_pitcher_plays_for_the_team_in_the_field() -> None:
    message = "The pitcher is no active lineup entry of team 20, which is in the field."

    assert refusal(TOP, replace(away(OUT), pitcher_id="ap")) == message
    assert refusal(TOP, replace(away(OUT), pitcher_id="nobody")) == message


def test_the_catcher_plays_for_the_team_in_the_field_if_there_is_one() -> None:
    message = "The catcher is no active lineup entry of team 20, which is in the field."

    assert played(TOP, replace(away(OUT), catcher_id="h2")) == replace(TOP, outs=1)
    assert refusal(TOP, replace(away(OUT), catcher_id="a2")) == message


@pytest.mark.parametrize(("name", "role"), [("a4", "batter"), ("hp", "pitcher"), ("h2", "catcher")])
def test_who_has_left_is_in_no_play(name: str, role: str) -> None:
    lineup = tuple(replace(each, left_at_play=2) if each.id == name else each for each in made_lineup())

    with pytest.raises(RuleViolation, match=f"^The {role} is no active lineup entry of team "):
        apply(TOP, replace(away(OUT), catcher_id="h2"), lineup)


def test_who_is_on_base_cannot_bat() -> None:
    assert refusal(LOADED, away(OUT, "a2", LOADED.bases)) == "The batter is on base already."


# ------------------------------------------------------------------------------------------------ bases


def test_nobody_stands_on_two_bases() -> None:
    message = "basesAfter: a runner stands on one base only."

    assert refusal(TOP, away(SINGLE, bases=Bases("a4", "a4"))) == message
    assert refusal(LOADED, away(OUT, bases=Bases("a3", "a2", "a2"))) == message


def test_nobody_gets_on_base_from_nowhere() -> None:
    message = "basesAfter: only the batter and the runners from before can be on base."

    assert refusal(TOP, away(SINGLE, bases=Bases("a5"))) == message
    assert refusal(TOP, away(SINGLE, bases=Bases("nobody"))) == message


def test_the_batter_gets_on_base_by_a_plate_appearance_only() -> None:
    state = replace(TOP, bases=Bases("a3"))

    assert refusal(state, away(STEAL, bases=Bases(second="a4"))) == (
        "basesAfter: the batter gets on base by a plate appearance only, and pa is 0."
    )


@pytest.mark.parametrize("complete", [True, False])
def test_a_home_run_leaves_nobody_on_base(complete: bool) -> None:
    draft = away(replace(HOMER, runs=4), bases=Bases(third="a1"), complete=complete)

    assert refusal(LOADED, draft) == "basesAfter: a home run scores everybody, so nobody is on base after it."


# ------------------------------------------------------------------------------------------------ adding up


def test_everybody_of_a_complete_play_is_somewhere() -> None:
    assert refusal(LOADED, away(SINGLE, bases=Bases("a4", None, "a3"))) == (
        "The play does not add up: 3 on base before and 1 at bat, but 2 on base after it, 0 scored and 0 out."
    )
    assert refusal(TOP, away(WALK)) == (
        "The play does not add up: 0 on base before and 1 at bat, but 0 on base after it, 0 scored and 0 out."
    )


def test_nobody_is_in_two_places() -> None:
    state = replace(TOP, bases=Bases("a3"))

    assert refusal(state, away(replace(SINGLE, runs=1), bases=Bases("a4", "a3"))) == (
        "The play does not add up: 1 on base before and 1 at bat, but 2 on base after it, 1 scored and 0 out."
    )


def test_on_the_third_out_runners_left_over_may_be_listed_or_not() -> None:
    state = replace(LOADED, outs=2)
    bottom = replace(BOTTOM, outs=0)

    assert played(state, away(OUT, bases=LOADED.bases)) == bottom
    assert played(state, away(OUT, bases=Bases(third="a1"))) == bottom
    assert played(state, away(OUT)) == bottom


def test_before_the_third_out_they_are_listed() -> None:
    assert refusal(replace(LOADED, outs=1), away(OUT)) == (
        "The play does not add up: 3 on base before and 1 at bat, but 0 on base after it, 0 scored and 1 out."
    )


def test_on_the_third_out_there_is_nobody_too_many() -> None:
    state = replace(LOADED, outs=2)

    assert refusal(state, away(replace(OUT, runs=1), bases=LOADED.bases)) == (
        "The play does not add up: 3 on base before and 1 at bat, but 3 on base after it, 1 scored and 1 out."
    )


def test_an_unfinished_play_need_not_add_up_and_applies_what_it_says() -> None:
    draft = away(replace(SINGLE, runs=1, rbi=1), bases=Bases("a4"), complete=False)

    assert played(LOADED, draft) == replace(LOADED, bases=Bases("a4"), away_score=1)


def test_an_unfinished_play_keeps_all_other_rules() -> None:
    message = "hit is 1 and can be 0 at most: a hit is an at-bat."

    assert refusal(TOP, away(replace(SINGLE, ab=0), complete=False)) == message
    assert refusal(TOP, away(SINGLE, bases=Bases("a5"), complete=False)) == (
        "basesAfter: only the batter and the runners from before can be on base."
    )


def test_statistics_are_held_against_the_outs_and_runners_before() -> None:
    state = replace(LOADED, outs=2)

    assert refusal(state, away(replace(OUT, outs_recorded=2))).startswith("outsRecorded is 2 and can be 1")
    assert refusal(state, away(replace(OUT, runs=5))).startswith("runs is 5 and can be 4")


# ------------------------------------------------------------------------------------------------ texts


def test_texts_have_a_greatest_length() -> None:
    longest = replace(
        away(OUT), description="d" * MAX_DESCRIPTION, dice_roll="r" * MAX_NOTE, hit_location="h" * MAX_NOTE
    )

    assert played(TOP, longest) == replace(TOP, outs=1)
    assert refusal(TOP, replace(longest, description="d" * (MAX_DESCRIPTION + 1))) == (
        "description: 2001 characters given, 2000 are allowed."
    )
    assert refusal(TOP, replace(longest, dice_roll="r" * (MAX_NOTE + 1))) == (
        "diceRoll: 201 characters given, 200 are allowed."
    )
    assert refusal(TOP, replace(longest, hit_location="h" * (MAX_NOTE + 1))) == (
        "hitLocation: 201 characters given, 200 are allowed."
    )


# ------------------------------------------------------------------------------------------------ taking back


@pytest.mark.parametrize(
    ("before", "draft"),
    [
        (FIRST, away(OUT)),
        (LOADED, away(replace(HOMER, runs=4))),
        (replace(LOADED, outs=2), away(OUT)),
        (replace(BOTTOM, inning=3, outs=2, bases=Bases("h1")), home(OUT)),
        (ninth(HalfInning.TOP, 2, 3), away(OUT)),
        (replace(ninth(HalfInning.BOTTOM, 3, 3), bases=Bases("h1")), home(replace(HOMER, runs=2))),
        (LOADED, away(SINGLE, bases=Bases("a4"), complete=False)),
    ],
)
def test_a_reverted_play_never_happened(before: GameState, draft: PlayDraft) -> None:
    assert revert(played(before, draft), kept(before, draft)) == before


def test_a_play_is_kept_with_where_the_game_stood_before_it() -> None:
    before = replace(BOTTOM, inning=6, outs=1, bases=Bases("h3"), home_score=2, away_score=5)
    draft = replace(
        home(SINGLE, bases=Bases("h4", "h3")), catcher_id="a2", dice_roll="2d6: 9", hit_location="LF"
    )

    assert kept(before, draft) == Play(
        id="play",
        game_id=GAME_ID,
        sequence=8,
        number=5,
        inning=6,
        half=HalfInning.BOTTOM,
        outs_before=1,
        bases_before=Bases("h3"),
        home_score_before=2,
        away_score_before=5,
        status_before=GameStatus.ACTIVE,
        batter_id="h4",
        pitcher_id="ap",
        catcher_id="a2",
        bases_after=Bases("h4", "h3"),
        stats=SINGLE,
        description="A play.",
        dice_roll="2d6: 9",
        hit_location="LF",
        complete=True,
        created_at=1_700_000_000_000,
    )


def test_reverting_a_play_takes_back_what_was_changed_by_hand_since() -> None:
    draft = away(SINGLE, bases=Bases("a4"))
    corrected = change(played(TOP, draft), StateChange(away_score=7, outs=2, inning=3), made_lineup())
    awarded = change(corrected, StateChange(GameStatus.COMPLETED, winner_team_id=AWAY), made_lineup())

    assert revert(corrected, kept(TOP, draft)) == TOP
    assert revert(awarded, kept(TOP, draft)) == TOP


def test_a_play_and_a_later_substitution_of_its_batter_are_taken_back_together() -> None:
    draft = away(SINGLE, bases=Bases("a4"))
    runner = LineupEntryDraft("a41", AWAY, CardRef(1), "PR", 4, replaces_id="a4")
    lineup, state = substitute(made_lineup(), played(TOP, draft), [runner], 1, game_id=GAME_ID, sequence=9)

    assert state.bases == Bases("a41")
    assert revert_substitution(lineup, revert(state, kept(TOP, draft)), {"a41"}) == (made_lineup(), TOP)
