"""Whole games at random: whatever happens reverts, adds up and comes to an end."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from functools import reduce
from random import Random
from typing import NamedTuple

import pytest

from models.baseball import Play, PlayDraft, apply, play_from, revert
from models.baseball_box_scores import box_score
from models.baseball_lineups import CardRef, Lineup, LineupEntryDraft, active_lineup
from models.baseball_states import Bases, GameState, GameStatus, HalfInning
from models.baseball_stats import PlayStats
from models.baseball_substitutions import revert_substitution, substitute
from tests.models.test_baseball_lineups import AWAY, GAME_ID, HOME, made_lineup

FIRST = GameState(HOME, AWAY)
SEEDS = range(40)
ENOUGH = 3_000
"""Steps by which a game at random has ended, many times over."""


class Moment(NamedTuple):
    lineup: Lineup
    state: GameState


class Step(NamedTuple):
    """A play, or who came in; and where the game stood before and after."""

    before: Moment
    after: Moment
    play: Play | None
    entered: frozenset[str]


@dataclass
class Fates:
    """Where a play leads everybody, told from the runner who is farthest to the batter."""

    random: Random
    outs_left: int
    bases: list[str | None] = field(default_factory=lambda: [None, None, None])
    ahead: int = 4
    runs: int = 0
    outs: int = 0
    steals: int = 0

    def move(self, name: str, base: int, out: float) -> str:
        """Leads one from a base, 0 for the batter, no farther than those ahead of him: `out`, `home`, `on`, or `left`
        where he was since the half is over."""
        if self.outs == self.outs_left:
            if base and self.random.random() < 0.5:
                self.bases[base - 1] = name
            return "left"
        free = range(max(base, 1), self.ahead + (self.ahead == 4))
        if not free or self.random.random() < out:
            self.outs += 1
            return "out"
        goal = self.random.choice([*free[:1], *free])
        if goal == 4:
            self.runs += 1
            return "home"
        self.bases[goal - 1], self.ahead = name, goal
        self.steals += goal > base > 0
        return "on"


def random_draft(random: Random, moment: Moment, name: str) -> PlayDraft:
    """A play that the rules allow."""
    state, lineup = moment.state, moment.lineup
    batters = [each.id for each in active_lineup(lineup, state.batting_team_id) if each.batting_order]
    batter = random.choice([each for each in batters if each not in state.bases.runners])
    fielders = [each.id for each in active_lineup(lineup, state.fielding_team_id)]
    fates = Fates(random, 3 - state.outs)
    for base, runner in ((3, state.bases.third), (2, state.bases.second), (1, state.bases.first)):
        if runner is not None:
            fates.move(runner, base, 0.08)
    if state.bases.runners and random.random() < 0.15:
        stats = PlayStats(
            stolen_bases=random.randint(0, fates.steals),
            caught_stealing=random.randint(0, min(fates.outs, len(state.bases.runners))),
        )
    else:
        stats = batted(random, fates, fates.move(batter, 0, 0.68))
    stats = replace(
        stats, runs=fates.runs, rbi=random.randint(0, fates.runs * stats.pa), outs_recorded=fates.outs
    )
    return unfinished_at_times(
        random,
        PlayDraft(
            id=name,
            batter_id=batter,
            pitcher_id=fielders[-1],
            catcher_id=random.choice([None, fielders[1]]),
            bases_after=Bases(*fates.bases),
            stats=stats,
            description=f"Play {name}.",
        ),
    )


def batted(random: Random, fates: Fates, fate: str) -> PlayStats:
    """What the batter is credited with where this became of him."""
    at_bat = PlayStats(pa=1, ab=1)
    if fate == "home":
        hit = replace(at_bat, hit=1)
        everybody_scored = not fates.outs and fates.bases == [None, None, None]
        return replace(hit, homerun=1) if everybody_scored else replace(hit, triple=1, errors=1)
    if fate == "on":
        base = fates.ahead
        extra = {1: at_bat, 2: replace(at_bat, double=1), 3: replace(at_bat, triple=1)}[base]
        reached = [PlayStats(pa=1, bb=1), PlayStats(pa=1, hbp=1), replace(at_bat, errors=1), at_bat]
        return random.choice([replace(extra, hit=1), replace(extra, hit=1), *reached])
    return random.choice([at_bat, replace(at_bat, so=1), PlayStats(pa=1, sac=1)])


def unfinished_at_times(random: Random, draft: PlayDraft) -> PlayDraft:
    """Now and then the engine does not know yet who is on first."""
    if random.random() < 0.04:
        return replace(draft, bases_after=replace(draft.bases_after, first=None), complete=False)
    return draft


def random_substitution(random: Random, moment: Moment, name: str) -> list[LineupEntryDraft]:
    """One for another, or two for two who change places in the order; runners are among them."""
    team_id = random.choice([HOME, AWAY])
    leaving = random.sample(active_lineup(moment.lineup, team_id), random.choice([1, 1, 2]))
    orders = [each.batting_order for each in reversed(leaving)]
    return [
        LineupEntryDraft(
            f"{name}.{place}", team_id, CardRef(random.randrange(10**6)), "X", order, True, each.id
        )
        for place, (each, order) in enumerate(zip(leaving, orders, strict=True))
    ]


def step(random: Random, before: Moment, number: int) -> Step:
    lineup, state = before
    if random.random() < 0.08:
        drafts = random_substitution(random, before, f"entry {number}")
        after = Moment(*substitute(lineup, state, drafts, number, game_id=GAME_ID, sequence=number))
        return Step(before, after, None, frozenset(draft.id for draft in drafts))
    draft = random_draft(random, before, f"play {number}")
    play = play_from(draft, state, game_id=GAME_ID, sequence=number, number=number, now=number)
    return Step(before, Moment(lineup, apply(state, draft, lineup)), play, frozenset())


def walk(seed: int) -> list[Step]:
    """A game from its first play to its last."""
    random = Random(seed)
    steps: list[Step] = []
    moment = Moment(made_lineup(), FIRST)
    while moment.state.is_open and len(steps) < ENOUGH:
        steps.append(step(random, moment, len(steps) + 1))
        moment = steps[-1].after
    return steps


def undone(moment: Moment, done: Step) -> Moment:
    """One step back."""
    if done.play is None:
        return Moment(*revert_substitution(moment.lineup, moment.state, done.entered))
    return Moment(moment.lineup, revert(moment.state, done.play))


def plays_of(steps: Sequence[Step]) -> list[Play]:
    return [each.play for each in steps if each.play is not None]


def test_the_games_at_random_have_all_that_games_have() -> None:
    plays = [play for seed in SEEDS for play in plays_of(walk(seed))]
    seen = Counter(name for play in plays for name in play.stats.__slots__ if getattr(play.stats, name))

    assert len(plays) > 2_000
    assert set(seen) == {each.name for each in fields(PlayStats)}
    assert {play.complete for play in plays} == {True, False}
    assert {play.status_before for play in plays} == {GameStatus.PENDING, GameStatus.ACTIVE}
    assert max(play.inning for play in plays) > 9
    assert {walk(seed)[-1].after.state.half for seed in SEEDS} == {HalfInning.TOP, HalfInning.BOTTOM}
    assert any(
        each.entered and each.before.state.bases != each.after.state.bases
        for seed in SEEDS
        for each in walk(seed)
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_each_step_reverts_to_what_was_before_it(seed: int) -> None:
    steps = walk(seed)

    assert [undone(each.after, each) for each in steps] == [each.before for each in steps]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_whole_game_reverts_to_its_beginning(seed: int) -> None:
    steps = walk(seed)

    assert reduce(undone, reversed(steps), steps[-1].after) == (made_lineup(), FIRST)


@pytest.mark.parametrize("seed", SEEDS)
def test_all_plays_may_be_reverted_first_and_all_substitutions_then(seed: int) -> None:
    steps = walk(seed)
    middle = len(steps) // 2
    lineup, state = steps[-1].after
    entered = frozenset[str]().union(*(each.entered for each in steps[middle:]))

    reverted = reduce(revert, reversed(plays_of(steps[middle:])), state)

    assert revert_substitution(lineup, reverted, entered) == steps[middle].before


@pytest.mark.parametrize("seed", SEEDS)
def test_a_game_goes_on_until_somebody_wins_and_then_ends(seed: int) -> None:
    steps = walk(seed)

    final = steps[-1].after.state

    ahead = HOME if final.home_score > final.away_score else AWAY
    assert (final.status, final.winner_team_id) == (GameStatus.COMPLETED, ahead)
    assert final.home_score != final.away_score
    assert final.inning >= 9
    assert {each.after.state.winner_team_id for each in steps[:-1]} == {None}
    assert {each.after.state.status for each in steps[:-1]} <= {GameStatus.PENDING, GameStatus.ACTIVE}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_score_is_the_sum_of_the_runs(seed: int) -> None:
    steps = walk(seed)
    final = steps[-1].after.state

    runs = Counter[HalfInning]()
    for play in plays_of(steps):
        runs[play.half] += play.stats.runs

    assert (final.away_score, final.home_score) == (runs[HalfInning.TOP], runs[HalfInning.BOTTOM])


@pytest.mark.parametrize("seed", SEEDS)
def test_each_half_has_three_outs_but_for_one_that_is_won_before(seed: int) -> None:
    steps = walk(seed)
    final = steps[-1].after.state

    outs = Counter[tuple[int, str]]()
    for play in plays_of(steps):
        outs[play.inning, play.half.value] += play.stats.outs_recorded
    last = outs.pop((final.inning, final.half.value))

    assert set(outs.values()) == {3}
    assert last == final.outs
    assert last == 3 or (final.half is HalfInning.BOTTOM and final.winner_team_id == HOME)
    assert len(outs) + 1 == 2 * final.inning - (final.half is HalfInning.TOP)


def on_base_wrongly(moment: Moment) -> bool:
    """Whether anybody is on base twice, or does not play for the team at bat."""
    runners = moment.state.bases.runners
    at_bat = {each.id for each in active_lineup(moment.lineup, moment.state.batting_team_id)}
    return len(set(runners)) < len(runners) or not set(runners) <= at_bat


@pytest.mark.parametrize("seed", SEEDS)
def test_runners_play_for_the_team_at_bat_and_an_open_half_has_two_outs_at_most(seed: int) -> None:
    moments = [each.after for each in walk(seed)]

    assert [each for each in moments if on_base_wrongly(each)] == []
    assert {each.state.outs for each in moments if each.state.is_open} <= {0, 1, 2}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("team_id", [AWAY, HOME])
def test_the_lines_of_batters_and_of_pitchers_add_up_to_the_line_of_the_team(seed: int, team_id: int) -> None:
    steps = walk(seed)
    lineup, final = steps[-1].after

    box = box_score(HOME, AWAY, plays_of(steps), lineup)

    line, score = (box.away, final.away_score) if team_id == AWAY else (box.home, final.home_score)
    batting = [each for each in box.batting if each.team_id == team_id]
    against = [each for each in box.pitching if each.team_id != team_id]
    assert line.runs == sum(line.runs_by_inning) == score
    assert sum(each.runs for each in batting) == sum(each.runs for each in against) == line.runs
    assert sum(each.hits for each in batting) == sum(each.hits for each in against) == line.hits
    assert sum(each.walks for each in batting) == sum(each.walks for each in against)
    assert sum(each.strikeouts for each in batting) == sum(each.strikeouts for each in against)
    assert sum(each.homeruns for each in batting) == sum(each.homeruns for each in against)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_box_score_has_every_plate_appearance_out_and_error(seed: int) -> None:
    steps = walk(seed)
    plays = plays_of(steps)

    box = box_score(HOME, AWAY, plays, steps[-1].after.lineup)

    assert sum(each.pa for each in box.batting) == sum(play.stats.pa for play in plays)
    assert sum(each.outs_recorded for each in box.pitching) == sum(play.stats.outs_recorded for play in plays)
    assert box.away.errors + box.home.errors == sum(play.stats.errors for play in plays)
