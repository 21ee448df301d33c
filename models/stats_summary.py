"""Headline figures of a player, added up from the raw totals of each hero. Pure arithmetic.

What is added: every hero with play time, over the platforms and gamemodes asked for. Ratios are computed from
the sums, never averaged. `general` is the sum over all heroes, also those whose role is not known here.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter

from models.heroes import Hero
from models.players import HeroTotals, Platform, PlayerGamemode
from models.roles import RoleKey


@dataclass(frozen=True, slots=True)
class StatTotals:
    """Whole-career sums; damage and healing are hit points."""

    eliminations: int
    assists: int
    deaths: int
    damage: int
    healing: int


@dataclass(frozen=True, slots=True)
class StatAverages:
    """The same figures per ten minutes of play, two decimals."""

    eliminations: float
    assists: float
    deaths: float
    damage: float
    healing: float


@dataclass(frozen=True, slots=True)
class Stats:
    """Games, seconds played, win rate in per cent, (eliminations + assists) / deaths, totals and averages."""

    games_played: int
    games_won: int
    games_lost: int
    time_played: int
    winrate: float
    kda: float
    total: StatTotals
    average: StatAverages


@dataclass(frozen=True, slots=True)
class RoleStats:
    """The figures of all heroes of one role."""

    role: RoleKey
    stats: Stats


@dataclass(frozen=True, slots=True)
class HeroStats:
    """The figures of one hero."""

    hero_key: str
    stats: Stats


@dataclass(frozen=True, slots=True)
class StatsSummary:
    """Figures over everything, by role in the order tank, damage, support, and by hero, most played first."""

    general: Stats
    roles: tuple[RoleStats, ...]
    heroes: tuple[HeroStats, ...]


_SUMMED = attrgetter(
    "games_played",
    "games_won",
    "games_lost",
    "time_played",
    "eliminations",
    "assists",
    "deaths",
    "damage",
    "healing",
)
GREATEST = 2**31 - 1
"""The greatest whole number a GraphQL Int can be (its specification, 3.5.1). A sum beyond it is shown as it;
ratios are computed from the true sums."""

_NOTHING = (0,) * 9
_Sums = tuple[int, ...]


def summarize(
    totals: Iterable[HeroTotals],
    heroes: Mapping[str, Hero],
    gamemode: PlayerGamemode | None = None,
    platform: Platform | None = None,
) -> StatsSummary | None:
    """Figures over the chosen gamemode and platform (None = all of them); None when nothing was played there.

    `heroes` tells the role of each hero key; those that are not in it count in `general` and by hero only.
    """
    by_hero: dict[str, _Sums] = defaultdict(lambda: _NOTHING)
    for row in totals:
        if (gamemode in (None, row.gamemode)) and (platform in (None, row.platform)):
            by_hero[row.hero_key] = _add(by_hero[row.hero_key], _SUMMED(row))
    if not by_hero:
        return None
    return StatsSummary(_stats(_sum(by_hero.values())), _by_role(by_hero, heroes), _by_hero(by_hero))


def _by_role(by_hero: Mapping[str, _Sums], heroes: Mapping[str, Hero]) -> tuple[RoleStats, ...]:
    by_role: dict[RoleKey, list[_Sums]] = defaultdict(list)
    for hero_key, sums in by_hero.items():
        if hero_key in heroes:
            by_role[heroes[hero_key].role_key].append(sums)
    return tuple(RoleStats(role, _stats(_sum(by_role[role]))) for role in RoleKey if role in by_role)


def _by_hero(by_hero: Mapping[str, _Sums]) -> tuple[HeroStats, ...]:
    most_played_first = sorted(by_hero.items(), key=lambda item: item[1][3], reverse=True)
    return tuple(HeroStats(hero_key, _stats(sums)) for hero_key, sums in most_played_first)


def _add(left: _Sums, right: _Sums) -> _Sums:
    return tuple(map(int.__add__, left, right))


def _sum(rows: Iterable[_Sums]) -> _Sums:
    return tuple(map(sum, zip(*rows, strict=True)))


def _stats(sums: _Sums) -> Stats:
    played, won, lost, seconds, eliminations, assists, deaths, damage, healing = sums
    ten_minutes = seconds / 600
    figures = (eliminations, assists, deaths, damage, healing)
    return Stats(
        games_played=_shown(played),
        games_won=_shown(won),
        games_lost=_shown(lost),
        time_played=_shown(seconds),
        winrate=_ratio(100 * won, played),
        kda=_ratio(eliminations + assists, deaths),
        total=StatTotals(*(_shown(figure) for figure in figures)),
        average=StatAverages(*(_ratio(figure, ten_minutes) for figure in figures)),
    )


def _shown(figure: int) -> int:
    return max(-GREATEST, min(figure, GREATEST))


def _ratio(part: float, whole: float) -> float:
    """`part / whole` to two decimals, halves to even; 0 when there is nothing to divide by."""
    return round(part / whole, 2) if whole else 0.0
