"""What a career page of the simulator has to be read as, put together from the figures it was written from."""

from collections.abc import Iterable

from blizzard.parsers.players import CareerPage
from blizzard.simulator.career_markup import ordered
from blizzard.simulator.careers import Figures, PlayedGamemode, PlayedPlatform, played
from blizzard.simulator.players import SimulatedPlayer
from blizzard.simulator.stat_sheets import COMPARISONS, sheet
from models.players import (
    Career,
    CareerStat,
    CareerStatCategory,
    CompetitiveRanks,
    Endorsement,
    GamemodeCareer,
    HeroCareerStats,
    HeroComparison,
    HeroComparisonValue,
    HeroTotals,
    Platform,
    PlatformCareer,
    PlatformRanks,
    PlayerGamemode,
    Privacy,
    Rank,
)

_CATEGORIES = {
    "Best": "best",
    "Average": "average",
    "Game": "game",
    "Combat": "combat",
    "Assists": "assists",
    "Match Awards": "match_awards",
    "Hero Specific": "hero_specific",
}


def career_facts(seed: int, player: SimulatedPlayer, changes: int, images: str) -> CareerPage:
    """All that the player's page says after so many changes."""
    pc = played(seed, player, Platform.PC, changes)
    console = played(seed, player, Platform.CONSOLE, changes)
    endorsement = Endorsement(player.endorsement, f"{images}/endorsements/{player.endorsement}.svg#icon")
    pc_ranks = _ranks(pc, images, has_icons=True)
    console_ranks = _ranks(console, images, has_icons=False)
    return CareerPage(
        username=player.name,
        avatar=f"{images}/avatars/{player.name}-{player.number}.svg",
        title=player.title,
        endorsement=endorsement if player.endorsement else None,
        privacy=Privacy.PUBLIC if player.is_public else Privacy.PRIVATE,
        competitive=CompetitiveRanks(pc_ranks, console_ranks) if pc_ranks or console_ranks else None,
        hero_totals=tuple(_totals(Platform.PC, pc)) + tuple(_totals(Platform.CONSOLE, console)),
        career=Career(_platform(pc), _platform(console)),
    )


def _ranks(shown: PlayedPlatform, images: str, *, has_icons: bool) -> PlatformRanks | None:
    if shown.season is None:
        return None
    ranks = {
        role: Rank(
            division=division.lower(),
            tier=tier,
            role_icon=f"{images}/roles/{role}.svg#icon" if has_icons else None,
            rank_icon=f"{images}/ranks/Rank_{division}Tier.svg",
            tier_icon=f"{images}/ranks/TierDivision_{tier}.svg",
        )
        for role, (division, tier) in shown.ranks.items()
    }
    return PlatformRanks(shown.season, **ranks)


def _platform(shown: PlayedPlatform) -> PlatformCareer | None:
    if shown.quickplay is None and shown.competitive is None:
        return None
    return PlatformCareer(_gamemode(shown.quickplay), _gamemode(shown.competitive))


def _gamemode(shown: PlayedGamemode | None) -> GamemodeCareer | None:
    if shown is None:
        return None
    together = HeroCareerStats("all-heroes", _stats((), shown.together))
    heroes = (
        HeroCareerStats(each.hero.key, _stats(each.hero.abilities, each.figures)) for each in shown.heroes
    )
    return GamemodeCareer((together, *heroes), tuple(_comparisons(shown)))


def _stats(abilities: tuple[str, ...], figures: Figures) -> tuple[CareerStatCategory, ...]:
    found = (
        CareerStatCategory(
            _CATEGORIES[label],
            label,
            tuple(
                CareerStat(
                    row.key.removeprefix("repeated_"),
                    row.label_of_one if figures[row.key] == 1 else row.label,
                    figures[row.key],
                )
                for row in rows
                if figures.get(row.key)
            ),
        )
        for label, rows in sheet(abilities).categories
    )
    return tuple(category for category in found if category.stats)


def _comparisons(shown: PlayedGamemode) -> Iterable[HeroComparison]:
    for each in COMPARISONS:
        values = tuple(
            HeroComparisonValue(hero.hero.key, hero.figures[each.figure])
            for hero in ordered(each, shown.heroes)
        )
        if any(value.value for value in values):
            yield HeroComparison(each.key, each.label, values)


def _totals(platform: Platform, shown: PlayedPlatform) -> Iterable[HeroTotals]:
    modes = {PlayerGamemode.QUICKPLAY: shown.quickplay, PlayerGamemode.COMPETITIVE: shown.competitive}
    for gamemode, played_mode in modes.items():
        for each in () if played_mode is None else played_mode.heroes:
            figures = {key: int(value) for key, value in each.figures.items()}
            yield HeroTotals(
                platform=platform,
                gamemode=gamemode,
                hero_key=each.hero.key,
                games_played=figures["games_played"],
                games_won=figures["games_played"] - figures["games_lost"],
                games_lost=figures["games_lost"],
                time_played=figures["time_played"],
                eliminations=figures["eliminations"],
                assists=figures["offensive_assists"],
                deaths=figures["deaths"],
                damage=figures["all_damage_done"],
                healing=figures["healing_done"],
            )
