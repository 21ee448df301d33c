"""The figures of invented careers: for a player, a platform and a gamemode, what every hero's rows show."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import floor
from random import Random

from blizzard.simulator.draws import draw
from blizzard.simulator.heroes import SimulatedHero, simulated_heroes
from blizzard.simulator.players import PlayerKind, SimulatedPlayer
from blizzard.simulator.stat_sheets import COUNTED, Counted, Number, counted_abilities, has_decimals
from models.players import Platform, PlayerGamemode

SEASON = 22
_DIVISIONS = ("Bronze", "Silver", "Gold", "Platinum", "Diamond", "Master", "Grandmaster", "Ultimate")
_FEWEST_HEROES, _MOST_HEROES = 20, 45
_MATCH_SECONDS = 620
_STEP_SECONDS = 540
_MOVING_HEROES = 3
_ADDED = frozenset({"time_played", "games_played", "games_won", "games_lost", "repeated_games_won", "cards"})

Figures = Mapping[str, Number]
"""Everything a hero's rows show, by the key of the statistic; the repeated row has a key of its own."""


@dataclass(frozen=True, slots=True)
class PlayedHero:
    """A hero as somebody played it."""

    hero: SimulatedHero
    figures: Figures


@dataclass(frozen=True, slots=True)
class PlayedGamemode:
    """A gamemode on a platform: all heroes together, and each hero, most played first."""

    together: Figures
    heroes: tuple[PlayedHero, ...]


@dataclass(frozen=True, slots=True)
class PlayedPlatform:
    """What a page shows of a platform. Ranks are role -> (division, tier); `season` None means never ranked."""

    quickplay: PlayedGamemode | None
    competitive: PlayedGamemode | None
    season: int | None
    ranks: Mapping[str, tuple[str, int]]


NOT_PLAYED = PlayedPlatform(None, None, None, {})

_PLATFORMS = {
    PlayerKind.PRIVATE: (),
    PlayerKind.EMPTY: (),
    PlayerKind.CONSOLE: (Platform.CONSOLE,),
    PlayerKind.BOTH: (Platform.PC, Platform.CONSOLE),
}


def played(seed: int, player: SimulatedPlayer, platform: Platform, changes: int) -> PlayedPlatform:
    """What the player's page shows of a platform after so many changes; figures only grow with them."""
    if platform not in _PLATFORMS.get(player.kind, (Platform.PC,)):
        return NOT_PLAYED
    quickplay = _gamemode(seed, player, platform, PlayerGamemode.QUICKPLAY, changes)
    if player.kind is PlayerKind.NEVER_RANKED:
        return PlayedPlatform(quickplay, None, None, {})
    competitive = _gamemode(seed, player, platform, PlayerGamemode.COMPETITIVE, changes)
    return PlayedPlatform(quickplay, competitive, SEASON, _ranks(seed, player, platform))


def _ranks(seed: int, player: SimulatedPlayer, platform: Platform) -> Mapping[str, tuple[str, int]]:
    chance = draw(seed, "ranks", player.number, platform.value)
    if player.kind is PlayerKind.UNRANKED:
        return {}
    if player.kind is PlayerKind.OPEN_QUEUE:
        return {"open": (chance.choice(_DIVISIONS), chance.randint(1, 5))}
    roles = sorted(chance.sample(("tank", "damage", "support"), chance.randint(1, 3)), reverse=True)
    return {role: (chance.choice(_DIVISIONS), chance.randint(1, 5)) for role in roles}


def _gamemode(
    seed: int, player: SimulatedPlayer, platform: Platform, gamemode: PlayerGamemode, changes: int
) -> PlayedGamemode:
    chance = draw(seed, "career", player.number, platform.value, gamemode.value)
    count = chance.randint(_FEWEST_HEROES, _MOST_HEROES)
    if player.kind is PlayerKind.BOTH:
        # Time is shared between the platforms, and so are the heroes.
        count = count // 2
    if gamemode is PlayerGamemode.COMPETITIVE:
        # Fewer heroes are taken into ranked matches.
        count = count // 5
    heroes = chance.sample(simulated_heroes(seed), count)
    moving = min(_MOVING_HEROES, count)
    shown = []
    for place, hero in enumerate(heroes):
        seconds = round(chance.uniform(0.02, 1) ** 3 * 400_000) + 300
        if place < moving:
            seconds += changes * _STEP_SECONDS
        shown.append(PlayedHero(hero, _hero_figures(chance, hero, seconds)))
    shown.sort(key=lambda each: (-each.figures["time_played"], each.hero.key))
    return PlayedGamemode(_together([each.figures for each in shown]), tuple(shown))


def _hero_figures(chance: Random, hero: SimulatedHero, seconds: int) -> Figures:
    """Whatever is drawn, is drawn the same number of times whatever `seconds` is: later heroes do not change."""
    figures: dict[str, Number] = _game_figures(chance, seconds)
    times = seconds / 600
    is_support = hero.role == "support"
    for each in COUNTED:
        least, most = each.rate
        rate = least + (most - least) * chance.random()
        if is_support and each.key == "healing_done":
            rate *= 12
        _count(figures, each, rate, times)
    for each in counted_abilities(hero.abilities):
        _count(figures, each, 0.5 + 5.5 * chance.random(), times)
    figures["eliminations_per_life"] = _per_life(figures)
    return figures


def _game_figures(chance: Random, seconds: int) -> dict[str, Number]:
    wins, accuracy = chance.uniform(0.42, 0.58), chance.randint(18, 48)
    games = max(1, seconds // _MATCH_SECONDS)
    won = floor(games * wins)
    return {
        "time_played": seconds,
        "games_played": games,
        "games_won": won,
        "games_lost": games - won,
        "win_percentage": won * 100 // games,
        "repeated_games_won": won // 4,
        "cards": games // 3,
        "weapon_accuracy": accuracy,
        "weapon_accuracy_best_in_game": min(100, accuracy + chance.randint(5, 40)),
        "kill_streak_best": min(games * 6, chance.randint(8, 60)),
        "multikill_best": min(games, chance.randint(2, 6)),
    }


def _count(figures: dict[str, Number], each: Counted, rate: float, times: float) -> None:
    key, total = each.key, int(rate * times)
    figures[key] = total
    figures[key + "_most_in_game"] = min(total, int(rate * 2.4) + 1)
    figures[key + "_avg_per_10_min"] = round(rate, 2) if has_decimals(each) else int(rate)
    if each.has_life:
        figures[key + "_most_in_life"] = min(total, int(rate * 1.3) + 1)


def _per_life(figures: Figures) -> float:
    return round(figures["eliminations"] / max(1, figures["deaths"]), 2)


def _together(parts: Iterable[Figures]) -> Figures:
    """All heroes together: counts are added up, bests are the best of all, averages follow from the counts."""
    parts = tuple(parts)
    usual = [each for each in COUNTED if each.category != "Hero Specific"]
    added = _ADDED.union(each.key for each in usual)
    figures: dict[str, Number] = {key: sum(part[key] for part in parts) for key in sorted(added)}
    bests = [
        key for key in parts[0] if key.endswith(("_most_in_game", "_most_in_life", "_best", "_best_in_game"))
    ]
    figures |= {key: max(part.get(key, 0) for part in parts) for key in bests}
    times = figures["time_played"] / 600
    for each in usual:
        average = figures[each.key] / times
        figures[each.key + "_avg_per_10_min"] = round(average, 2) if has_decimals(each) else int(average)
    figures["win_percentage"] = int(figures["games_won"]) * 100 // int(figures["games_played"])
    figures["weapon_accuracy"] = int(sum(part["weapon_accuracy"] for part in parts) / len(parts))
    figures["eliminations_per_life"] = _per_life(figures)
    return figures
