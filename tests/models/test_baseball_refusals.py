"""What is against the rules is refused at every moment of games at random, and what is not can be taken back."""

from dataclasses import fields, replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors import RuleViolation
from models.baseball import PlayDraft, apply, play_from, revert
from models.baseball_lineups import active_lineup
from models.baseball_states import NOBODY_ON, Bases, GameState, GameStatus
from models.baseball_stats import PlayStats
from tests.models.test_baseball_lineups import AWAY, GAME_ID, HOME, made_lineup
from tests.models.test_baseball_walks import SEEDS, Moment, random_draft, walk


def spoiled(moment: Moment, draft: PlayDraft) -> list[PlayDraft]:
    """What a play must not be, each made of one that is right."""
    state, stats = moment.state, draft.stats
    stranger = active_lineup(moment.lineup, state.fielding_team_id)[0].id
    after = draft.bases_after
    return [
        replace(draft, batter_id=stranger),
        replace(draft, batter_id="nobody"),
        replace(draft, pitcher_id=draft.batter_id),
        replace(draft, catcher_id=draft.batter_id),
        replace(draft, bases_after=replace(after, first=stranger)),
        replace(draft, bases_after=Bases(draft.batter_id, draft.batter_id)),
        replace(draft, stats=replace(stats, runs=len(state.bases.runners) + stats.pa + 1)),
        replace(draft, stats=replace(stats, outs_recorded=4 - state.outs)),
        replace(draft, stats=replace(stats, pa=2)),
        replace(draft, stats=replace(stats, bb=2)),
        replace(draft, stats=replace(stats, hit=2)),
        replace(draft, stats=replace(stats, so=2)),
        replace(draft, stats=replace(stats, rbi=stats.runs + 1)),
        replace(draft, stats=replace(stats, errors=-1)),
        replace(draft, stats=replace(stats, stolen_bases=len(state.bases.runners) + 1)),
    ]


def is_refused(moment: Moment, draft: PlayDraft) -> bool:
    try:
        apply(moment.state, draft, moment.lineup)
    except RuleViolation:
        return True
    return False


@pytest.mark.parametrize("seed", SEEDS)
def test_a_play_that_is_spoiled_is_refused_at_every_moment(seed: int) -> None:
    random = Random(seed)
    moments = [each.before for each in walk(seed)]

    bad = [
        (moment, draft)
        for moment in moments
        for draft in spoiled(moment, random_draft(random, moment, "play"))
    ]

    assert len(bad) == 15 * len(moments)
    assert [each for each in bad if not is_refused(*each)] == []


@pytest.mark.parametrize("seed", SEEDS)
def test_one_run_or_out_too_many_is_refused_of_each_complete_play_within_a_half(seed: int) -> None:
    random = Random(seed)
    moments = [
        (each.before, draft)
        for each in walk(seed)
        for draft in [random_draft(random, each.before, "play")]
        if draft.complete and each.before.state.outs + draft.stats.outs_recorded < 3
    ]

    more_runs = [
        (at, replace(each, stats=replace(each.stats, runs=each.stats.runs + 1))) for at, each in moments
    ]
    more_outs = [
        (at, replace(each, stats=replace(each.stats, outs_recorded=each.stats.outs_recorded + 1)))
        for at, each in moments
    ]

    assert len(moments) > 20
    assert [each for each in more_runs + more_outs if not is_refused(*each)] == []


PEOPLE = st.sampled_from(["a1", "a2", "a3", "a4", "a5", "h1"])
ANY_BASES = st.builds(Bases, *[st.none() | PEOPLE] * 3)
ANY_STATS = st.builds(
    PlayStats, **{each.name: st.sampled_from([0, 0, 0, 1, 2]) for each in fields(PlayStats)}
)
FEW_STATS = st.builds(
    PlayStats,
    pa=st.just(1),
    ab=st.just(1),
    runs=st.integers(-1, 4),
    outs_recorded=st.integers(0, 3),
)
ANY_STATE = st.builds(
    GameState,
    home_team_id=st.just(HOME),
    away_team_id=st.just(AWAY),
    inning=st.integers(1, 12),
    outs=st.integers(0, 2),
    bases=st.sampled_from(
        [NOBODY_ON, Bases("a1"), Bases(third="a1"), Bases("a2", "a1"), Bases("a3", "a2", "a1")]
    ),
    home_score=st.integers(0, 3),
    away_score=st.integers(0, 3),
    status=st.sampled_from(GameStatus),
)


@given(state=ANY_STATE, batter=PEOPLE, bases=ANY_BASES, stats=ANY_STATS | FEW_STATS, complete=st.booleans())
def test_any_play_is_refused_or_reverts(
    state: GameState, batter: str, bases: Bases, stats: PlayStats, complete: bool
) -> None:
    draft = PlayDraft("play", batter, "hp", bases, stats, "", complete=complete)
    moment = Moment(made_lineup(), state)

    after = state if is_refused(moment, draft) else apply(state, draft, made_lineup())

    play = play_from(draft, state, game_id=GAME_ID, sequence=1, number=1, now=0)
    assert revert(after, play) == state
    assert after.home_score == state.home_score
    assert after.away_score in {state.away_score, state.away_score + stats.runs}
    assert after.away_score >= state.away_score
