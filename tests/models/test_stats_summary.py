"""Headline figures: what is added up, and how ratios are made."""

from models.heroes import Hero
from models.players import HeroTotals, Platform, PlayerGamemode
from models.roles import RoleKey
from models.stats_summary import GREATEST, RoleStats, StatAverages, Stats, StatTotals, summarize

ANA = HeroTotals(Platform.PC, PlayerGamemode.QUICKPLAY, "ana", 10, 6, 4, 6000, 100, 50, 40, 60000, 90000)
ANA_RANKED = HeroTotals(Platform.PC, PlayerGamemode.COMPETITIVE, "ana", 3, 1, 2, 1200, 20, 11, 7, 9000, 15001)
REIN_CONSOLE = HeroTotals(
    Platform.CONSOLE, PlayerGamemode.QUICKPLAY, "reinhardt", 7, 3, 4, 4200, 70, 0, 0, 50000, 0
)
NEWCOMER = HeroTotals(Platform.PC, PlayerGamemode.QUICKPLAY, "newcomer", 1, 1, 0, 60, 1, 0, 1, 100, 0)
HEROES = {
    "ana": Hero("ana", "Ana", RoleKey.SUPPORT, None, ("quickplay",), None),
    "reinhardt": Hero("reinhardt", "Reinhardt", RoleKey.TANK, None, ("quickplay",), None),
}


def test_figures_are_added_up_over_gamemodes_and_ratios_come_from_the_sums() -> None:
    summary = summarize([ANA, ANA_RANKED], HEROES)

    assert summary is not None
    assert summary.general == Stats(
        games_played=13,
        games_won=7,
        games_lost=6,
        time_played=7200,
        winrate=53.85,
        kda=3.85,
        total=StatTotals(eliminations=120, assists=61, deaths=47, damage=69000, healing=105001),
        average=StatAverages(eliminations=10.0, assists=5.08, deaths=3.92, damage=5750.0, healing=8750.08),
    )


def test_a_gamemode_and_a_platform_choose_what_is_added() -> None:
    everything = [ANA, ANA_RANKED, REIN_CONSOLE]

    ranked = summarize(everything, HEROES, gamemode=PlayerGamemode.COMPETITIVE)
    console = summarize(everything, HEROES, platform=Platform.CONSOLE)

    assert ranked is not None
    assert ranked.general.games_played == 3
    assert console is not None
    assert [hero.hero_key for hero in console.heroes] == ["reinhardt"]


def test_nothing_played_is_no_summary() -> None:
    assert summarize([], HEROES) is None
    assert summarize([ANA], HEROES, platform=Platform.CONSOLE) is None


def test_without_deaths_the_kda_is_zero() -> None:
    summary = summarize([REIN_CONSOLE], HEROES)

    assert summary is not None
    assert summary.general.kda == 0.0


def test_roles_come_in_their_own_order_and_heroes_most_played_first() -> None:
    summary = summarize([REIN_CONSOLE, ANA], HEROES)

    assert summary is not None
    assert [role.role for role in summary.roles] == [RoleKey.TANK, RoleKey.SUPPORT]
    assert [hero.hero_key for hero in summary.heroes] == ["ana", "reinhardt"]


def test_a_hero_without_a_known_role_counts_in_general_and_by_hero() -> None:
    summary = summarize([ANA, NEWCOMER], HEROES)
    ana_alone = summarize([ANA], HEROES)

    assert summary is not None
    assert ana_alone is not None
    assert summary.general.games_played == 11
    assert [hero.hero_key for hero in summary.heroes] == ["ana", "newcomer"]
    assert summary.roles == (RoleStats(RoleKey.SUPPORT, ana_alone.general),)


def test_a_sum_beyond_what_an_int_can_be_is_shown_as_the_greatest_int() -> None:
    most = HeroTotals(Platform.PC, PlayerGamemode.QUICKPLAY, "ana", 1, 1, 0, 600, 0, 0, 1, GREATEST, 0)
    one_more = HeroTotals(Platform.PC, PlayerGamemode.QUICKPLAY, "ana", 1, 1, 0, 600, 0, 0, 1, 1, 0)

    exact = summarize([most], HEROES)
    beyond = summarize([most, one_more], HEROES)

    assert exact is not None
    assert exact.general.total.damage == 2_147_483_647
    assert beyond is not None
    assert beyond.general.total.damage == 2_147_483_647
    assert beyond.general.average.damage == 1_073_741_824.0
