"""The statistics of a play: each limit, from both sides."""

import re
from dataclasses import astuple

import pytest

from errors import RuleViolation
from models.baseball_stats import PlayStats, check_stats

SINGLE = PlayStats(pa=1, ab=1, hit=1)
STRIKEOUT = PlayStats(pa=1, ab=1, so=1, outs_recorded=1)


def test_what_is_not_given_is_nothing() -> None:
    assert astuple(PlayStats()) == (0,) * 16


@pytest.mark.parametrize(
    ("stats", "outs", "runners"),
    [
        (PlayStats(), 0, 0),
        (PlayStats(pa=1), 0, 0),
        (PlayStats(pa=1, ab=1), 0, 0),
        (SINGLE, 0, 0),
        (PlayStats(pa=1, ab=1, hit=1, double=1), 0, 0),
        (PlayStats(pa=1, ab=1, hit=1, triple=1), 0, 0),
        (PlayStats(pa=1, ab=1, hit=1, homerun=1, runs=1), 0, 0),
        (PlayStats(pa=1, ab=1, hit=1, homerun=1, runs=4, rbi=4), 0, 3),
        (PlayStats(pa=1, bb=1), 0, 0),
        (PlayStats(pa=1, hbp=1), 0, 0),
        (PlayStats(pa=1, sac=1, outs_recorded=1), 1, 1),
        (STRIKEOUT, 2, 0),
        (PlayStats(pa=1, runs=1), 0, 0),
        (PlayStats(runs=3), 0, 3),
        (PlayStats(pa=1, runs=4, rbi=4), 0, 3),
        (PlayStats(pa=1, ab=1, outs_recorded=3), 0, 2),
        (PlayStats(pa=1, ab=1, outs_recorded=2), 1, 2),
        (PlayStats(pa=1, ab=1, errors=9), 0, 0),
        (PlayStats(stolen_bases=3), 0, 3),
        (PlayStats(caught_stealing=1, outs_recorded=1), 0, 1),
        (PlayStats(stolen_bases=1, caught_stealing=1, outs_recorded=1), 0, 1),
    ],
)
def test_statistics_at_their_limit_are_right(stats: PlayStats, outs: int, runners: int) -> None:
    check_stats(stats, outs, runners)


@pytest.mark.parametrize(
    ("stats", "outs", "runners", "message"),
    [
        (PlayStats(pa=2), 0, 0, "pa is 2 and can be 1 at most: a play is one plate appearance or none."),
        (PlayStats(ab=1), 0, 0, "ab is 1 and can be 0 at most: an at-bat is a plate appearance."),
        (PlayStats(pa=1, ab=2), 0, 0, "ab is 2 and can be 1 at most: an at-bat is a plate appearance."),
        (PlayStats(pa=1, hit=1), 0, 0, "hit is 1 and can be 0 at most: a hit is an at-bat."),
        (
            PlayStats(pa=1, ab=1, double=1),
            0,
            0,
            "double + triple + homerun is 1 and can be 0 at most: a hit is one of them at most.",
        ),
        (
            PlayStats(pa=1, ab=1, hit=1, double=1, triple=1),
            0,
            0,
            "double + triple + homerun is 2 and can be 1 at most: a hit is one of them at most.",
        ),
        (
            PlayStats(pa=1, ab=1, hit=1, triple=1, homerun=1, runs=1),
            0,
            0,
            "double + triple + homerun is 2 and can be 1 at most: a hit is one of them at most.",
        ),
        (
            PlayStats(pa=1, ab=1, bb=1),
            0,
            0,
            "ab + bb + hbp + sac is 2 and can be 1 at most: a plate appearance is one of them at most.",
        ),
        (
            PlayStats(pa=1, bb=1, hbp=1),
            0,
            0,
            "ab + bb + hbp + sac is 2 and can be 1 at most: a plate appearance is one of them at most.",
        ),
        (
            PlayStats(sac=1),
            0,
            0,
            "ab + bb + hbp + sac is 1 and can be 0 at most: a plate appearance is one of them at most.",
        ),
        (PlayStats(pa=1, so=1), 0, 0, "so is 1 and can be 0 at most: a strikeout is an at-bat."),
        (PlayStats(pa=1, ab=1, so=2), 0, 0, "so is 2 and can be 1 at most: a strikeout is an at-bat."),
        (PlayStats(runs=1), 0, 0, "runs is 1 and can be 0 at most: nobody else was on base or at bat."),
        (PlayStats(pa=1, runs=5), 0, 3, "runs is 5 and can be 4 at most: nobody else was on base or at bat."),
        (PlayStats(pa=1, runs=1, rbi=2), 0, 3, "rbi is 2 and can be 1 at most: a run is batted in once."),
        (
            PlayStats(outs_recorded=4),
            0,
            3,
            "outsRecorded is 4 and can be 3 at most: a half inning has 3 outs.",
        ),
        (
            PlayStats(outs_recorded=2),
            2,
            3,
            "outsRecorded is 2 and can be 1 at most: a half inning has 3 outs.",
        ),
        (PlayStats(errors=10), 0, 0, "errors is 10 and can be 9 at most: there are no more fielders."),
        (
            PlayStats(stolen_bases=2),
            0,
            1,
            "stolenBases is 2 and can be 1 at most: nobody else was on base.",
        ),
        (
            PlayStats(caught_stealing=1),
            0,
            0,
            "caughtStealing is 1 and can be 0 at most: nobody else was on base.",
        ),
        (
            PlayStats(pa=1, ab=1, hit=1, homerun=1, runs=2),
            0,
            2,
            "A home run scores everybody: runs is 2 and must be 3.",
        ),
        (
            PlayStats(pa=1, ab=1, hit=1, homerun=1),
            0,
            0,
            "A home run scores everybody: runs is 0 and must be 1.",
        ),
    ],
)
def test_statistics_past_their_limit_are_refused_with_the_reason(
    stats: PlayStats, outs: int, runners: int, message: str
) -> None:
    with pytest.raises(RuleViolation, match=f"^{re.escape(message)}$"):
        check_stats(stats, outs, runners)


@pytest.mark.parametrize(
    ("name", "public"),
    [
        ("pa", "pa"),
        ("ab", "ab"),
        ("hit", "hit"),
        ("double", "double"),
        ("triple", "triple"),
        ("homerun", "homerun"),
        ("bb", "bb"),
        ("so", "so"),
        ("hbp", "hbp"),
        ("sac", "sac"),
        ("rbi", "rbi"),
        ("runs", "runs"),
        ("outs_recorded", "outsRecorded"),
        ("errors", "errors"),
        ("stolen_bases", "stolenBases"),
        ("caught_stealing", "caughtStealing"),
    ],
)
def test_no_statistic_is_negative(name: str, public: str) -> None:
    with pytest.raises(RuleViolation, match=f"^{public} cannot be less than 0\\.$"):
        check_stats(PlayStats(**{name: -1}), 0, 3)
