"""The statistics of one play, and how great each of them can be."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import NamedTuple

from errors import RuleViolation

OUTS_IN_A_HALF = 3
MAX_ERRORS = 9
"""In one play: one for each fielder."""


@dataclass(frozen=True, slots=True)
class PlayStats:
    """What a play counts for: those of the batter first, then those of everybody in it.

    `pa` is 0 for what happens between plate appearances: steals, pickoffs, wild pitches.
    """

    pa: int = 0
    ab: int = 0
    hit: int = 0
    double: int = 0
    triple: int = 0
    homerun: int = 0
    bb: int = 0
    so: int = 0
    hbp: int = 0
    sac: int = 0
    rbi: int = 0
    runs: int = 0
    outs_recorded: int = 0
    errors: int = 0
    stolen_bases: int = 0
    caught_stealing: int = 0


class _Limit(NamedTuple):
    name: str
    value: int
    most: int
    reason: str


def check_stats(stats: PlayStats, outs_before: int, runners_before: int) -> None:
    """RuleViolation for the first statistic that cannot be; its message names it, the most it can be, and why."""
    for field in fields(stats):
        if getattr(stats, field.name) < 0:
            raise RuleViolation(f"{_public(field.name)} cannot be less than 0.")
    for limit in _limits(stats, outs_before, runners_before):
        if limit.value > limit.most:
            raise RuleViolation(
                f"{limit.name} is {limit.value} and can be {limit.most} at most: {limit.reason}."
            )
    if stats.homerun and stats.runs != runners_before + 1:
        raise RuleViolation(
            f"A home run scores everybody: runs is {stats.runs} and must be {runners_before + 1}."
        )


def _limits(s: PlayStats, outs_before: int, runners_before: int) -> Iterator[_Limit]:
    # In an order in which each limit has been checked itself before it limits others.
    yield _Limit("pa", s.pa, 1, "a play is one plate appearance or none")
    yield _Limit("ab", s.ab, s.pa, "an at-bat is a plate appearance")
    yield _Limit("hit", s.hit, s.ab, "a hit is an at-bat")
    extra_bases = s.double + s.triple + s.homerun
    yield _Limit("double + triple + homerun", extra_bases, s.hit, "a hit is one of them at most")
    endings = s.ab + s.bb + s.hbp + s.sac
    yield _Limit("ab + bb + hbp + sac", endings, s.pa, "a plate appearance is one of them at most")
    yield _Limit("so", s.so, s.ab, "a strikeout is an at-bat")
    yield _Limit("runs", s.runs, runners_before + s.pa, "nobody else was on base or at bat")
    yield _Limit("rbi", s.rbi, s.runs, "a run is batted in once")
    outs_left = OUTS_IN_A_HALF - outs_before
    yield _Limit("outsRecorded", s.outs_recorded, outs_left, f"a half inning has {OUTS_IN_A_HALF} outs")
    yield _Limit("errors", s.errors, MAX_ERRORS, "there are no more fielders")
    yield _Limit("stolenBases", s.stolen_bases, runners_before, "nobody else was on base")
    yield _Limit("caughtStealing", s.caught_stealing, runners_before, "nobody else was on base")


def _public(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
