"""How lines are put together, and how what is derived of them is rounded."""

from dataclasses import replace

import pytest

from models.baseball import Play, PlayDraft, play_from
from models.baseball_box_scores import BattingLine, BoxScore, PitchingLine, TeamLine, box_score
from models.baseball_lineups import CardRef, PlayerRef
from models.baseball_states import NOBODY_ON, GameState, HalfInning
from models.baseball_stats import PlayStats
from tests.models.test_baseball_lineups import AWAY, GAME_ID, HOME, entry, made_lineup

SINGLE = PlayStats(pa=1, ab=1, hit=1)
OUT = PlayStats(pa=1, ab=1, outs_recorded=1)


def play(batter: str, stats: PlayStats, *, inning: int = 1) -> Play:
    """The away team's pitcher is `ap`, the home team's `hp`; nobody looks where the game stood."""
    half, pitcher = (HalfInning.TOP, "hp") if batter.startswith("a") else (HalfInning.BOTTOM, "ap")
    draft = PlayDraft("play", batter, pitcher, NOBODY_ON, stats, "")
    before = GameState(HOME, AWAY, inning=inning, half=half)
    return play_from(draft, before, game_id=GAME_ID, sequence=1, number=1, now=0)


def batting(**sums: int) -> BattingLine:
    return BattingLine(AWAY, CardRef(1), **sums)


def pitching(**sums: int) -> PitchingLine:
    return PitchingLine(AWAY, CardRef(1), **sums)


def test_a_game_without_plays_has_two_empty_lines() -> None:
    assert box_score(HOME, AWAY, [], made_lineup()) == BoxScore(
        home=TeamLine(HOME, (), 0, 0, 0), away=TeamLine(AWAY, (), 0, 0, 0), batting=(), pitching=()
    )


def test_innings_go_up_to_the_last_at_bat_and_those_without_a_play_have_no_runs() -> None:
    plays = [play("a1", replace(SINGLE, runs=2), inning=4), play("h1", OUT, inning=2)]

    box = box_score(HOME, AWAY, plays, made_lineup())

    assert box.away.runs_by_inning == (0, 0, 0, 2)
    assert box.home.runs_by_inning == (0, 0)


def test_errors_are_of_the_team_in_the_field() -> None:
    box = box_score(HOME, AWAY, [play("a1", PlayStats(pa=1, ab=1, errors=2))], made_lineup())

    assert (box.home.errors, box.away.errors) == (2, 0)


def test_an_undone_play_does_not_count() -> None:
    undone = replace(play("a1", SINGLE), undone_by=9)

    assert box_score(HOME, AWAY, [undone], made_lineup()).batting == ()


def test_an_unfinished_play_counts() -> None:
    unfinished = replace(play("a1", SINGLE), complete=False)

    assert [line.hits for line in box_score(HOME, AWAY, [unfinished], made_lineup()).batting] == [1]


def test_all_entries_of_a_card_have_one_line() -> None:
    lineup = (*made_lineup(), entry("a10", None, card=made_lineup()[0].card))

    box = box_score(HOME, AWAY, [play("a1", SINGLE), play("a10", OUT)], lineup)

    assert [(line.card, line.pa, line.hits) for line in box.batting] == [(made_lineup()[0].card, 2, 1)]


def test_one_card_on_both_sides_has_a_line_for_each_team() -> None:
    lineup = (entry("a1", 1, card=CardRef(5)), entry("h1", 1, card=CardRef(5)), *made_lineup()[-2:])

    box = box_score(HOME, AWAY, [play("h1", OUT), play("a1", SINGLE)], lineup)

    assert [(line.team_id, line.card, line.hits) for line in box.batting] == [
        (AWAY, CardRef(5), 1),
        (HOME, CardRef(5), 0),
    ]


def test_a_card_and_a_player_of_one_number_have_a_line_each() -> None:
    lineup = (entry("a1", 1, card=CardRef(5)), entry("a2", 2, card=PlayerRef(5)), entry("hp", None))

    box = box_score(HOME, AWAY, [play("a1", OUT), play("a2", OUT)], lineup)

    assert [line.card for line in box.batting] == [CardRef(5), PlayerRef(5)]


def test_every_statistic_goes_to_its_column() -> None:
    stats = PlayStats(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)

    assert batting().plus(stats).plus(stats) == batting(
        pa=2,
        ab=4,
        hits=6,
        doubles=8,
        triples=10,
        homeruns=12,
        walks=14,
        strikeouts=16,
        hit_by_pitch=18,
        sacrifices=20,
        rbi=22,
        runs=24,
        stolen_bases=30,
        caught_stealing=32,
    )
    assert pitching().plus(stats).plus(stats) == pitching(
        hits=6, homeruns=12, walks=14, strikeouts=16, runs=24, outs_recorded=26
    )


@pytest.mark.parametrize(
    ("hits", "ab", "average"),
    [(0, 0, None), (0, 4, 0.0), (1, 3, 0.333), (2, 3, 0.667), (1, 16, 0.063), (5, 16, 0.313), (4, 4, 1.0)],
)
def test_an_average_has_three_digits_and_halves_go_up(hits: int, ab: int, average: float | None) -> None:
    assert batting(hits=hits, ab=ab).average == average


@pytest.mark.parametrize(
    ("outs", "innings"),
    [(0, 0.0), (1, 0.1), (2, 0.2), (3, 1.0), (17, 5.2), (25, 8.1), (3_001, 1000.1), (300_002, 100_000.2)],
)
def test_innings_pitched_have_the_outs_behind_the_point(outs: int, innings: float) -> None:
    assert pitching(outs_recorded=outs).innings_pitched == innings


@pytest.mark.parametrize(
    ("hits", "walks", "outs", "whip"),
    [(3, 2, 0, None), (0, 0, 3, 0.0), (1, 1, 9, 0.67), (3, 2, 13, 1.15), (1, 0, 24, 0.13), (2, 2, 2, 6.0)],
)
def test_whip_has_two_digits_and_halves_go_up(hits: int, walks: int, outs: int, whip: float | None) -> None:
    assert pitching(hits=hits, walks=walks, outs_recorded=outs).whip == whip
