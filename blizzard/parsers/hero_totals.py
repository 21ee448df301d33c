"""The raw figures per hero, platform and gamemode that every summary of a player adds up."""

from collections.abc import Iterator

from models.players import (
    Career,
    GamemodeCareer,
    HeroCareerStats,
    HeroTotals,
    Platform,
    PlatformCareer,
    PlayerGamemode,
)

_WANTED = {
    "game": {"games_played", "games_lost", "time_played"},
    "combat": {"eliminations", "deaths", "all_damage_done"},
    "assists": {"offensive_assists", "healing_done"},
}


def total_heroes(career: Career) -> tuple[HeroTotals, ...]:
    """One entry per platform, gamemode and hero with time played; the sum over all heroes is no hero.

    Pages repeat rows, and the later ones are partial: the first readable row counts. Games won are those
    not lost, since the page's own count misses some. A page that shows a negative count of lost games has
    lost track; half of the games played stands in, halves rounded to even.
    """
    return tuple(_total_platform(Platform.PC, career.pc)) + tuple(
        _total_platform(Platform.CONSOLE, career.console)
    )


def _total_platform(platform: Platform, career: PlatformCareer | None) -> Iterator[HeroTotals]:
    if career is not None:
        yield from _total_gamemode(platform, PlayerGamemode.QUICKPLAY, career.quickplay)
        yield from _total_gamemode(platform, PlayerGamemode.COMPETITIVE, career.competitive)


def _total_gamemode(
    platform: Platform, gamemode: PlayerGamemode, career: GamemodeCareer | None
) -> Iterator[HeroTotals]:
    for hero in career.career_stats if career is not None else ():
        totals = None if hero.hero_key == "all-heroes" else _total_hero(platform, gamemode, hero)
        if totals is not None:
            yield totals


def _total_hero(platform: Platform, gamemode: PlayerGamemode, hero: HeroCareerStats) -> HeroTotals | None:
    figures = _first_figures(hero)
    time_played = figures.get("time_played")
    if not isinstance(time_played, int) or time_played <= 0:
        return None
    played = round(figures.get("games_played", 0))
    lost = round(figures.get("games_lost", 0))
    if lost < 0:
        lost = round(played / 2)
    return HeroTotals(
        platform=platform,
        gamemode=gamemode,
        hero_key=hero.hero_key,
        games_played=played,
        games_won=max(0, played - lost),
        games_lost=lost,
        time_played=time_played,
        eliminations=round(figures.get("eliminations", 0)),
        assists=round(figures.get("offensive_assists", 0)),
        deaths=round(figures.get("deaths", 0)),
        damage=round(figures.get("all_damage_done", 0)),
        healing=round(figures.get("healing_done", 0)),
    )


def _first_figures(hero: HeroCareerStats) -> dict[str, int | float]:
    found: dict[str, int | float] = {}
    for category in hero.categories:
        wanted = _WANTED.get(category.category, ())
        for stat in category.stats if wanted else ():
            if stat.key in wanted and stat.value is not None:
                found.setdefault(stat.key, stat.value)
    return found
