"""Invented players for the storage figures, with as many statistics as real ones have."""

import random
from collections.abc import Sequence

from blizzard.parsers.players import build_profile, read_career_page
from models.players import (
    Career,
    CareerStat,
    CareerStatCategory,
    FetchedPlayer,
    GamemodeCareer,
    HeroCareerStats,
    HeroTotals,
    Platform,
    PlatformCareer,
    PlayerGamemode,
    PlayerProfile,
    PlayerSource,
    Privacy,
)
from tests.pages import BLIZZARD

NOW = 1_800_000_000_000
REAL_PAGE = BLIZZARD / "pages" / "players" / "TeKrop-2217.html"
CATEGORIES = ("best", "average", "combat", "assists", "game", "awards", "hero specific")
SYLLABLES = (
    "al",
    "ba",
    "ce",
    "do",
    "en",
    "fi",
    "gra",
    "hu",
    "il",
    "ka",
    "lu",
    "mo",
    "ne",
    "or",
    "pi",
    "ra",
    "su",
)


def blizzard_id(number: int) -> str:
    return f"{number:032x}|{number * 7919:032x}"


def invented_player(draw: random.Random, number: int) -> FetchedPlayer:
    """A player with statistics of 30 to 50 heroes, about 70 each, over four views."""
    labels = [_word(random.Random(each)) for each in range(70)]
    heroes = _heroes(draw)
    parts = [heroes[part::4] for part in range(4)]
    modes = [GamemodeCareer(tuple(_hero(draw, hero, labels) for hero in part)) for part in parts]
    career = Career(PlatformCareer(modes[0], modes[1]), PlatformCareer(modes[2], modes[3]))
    profile = _profile(draw, number, heroes)
    return FetchedPlayer(profile, career, PlayerSource(_page(career), None), NOW, 1)


def invented_profile(draw: random.Random, number: int) -> PlayerProfile:
    """Such a player's profile alone, which takes a hundredth of the time."""
    return _profile(draw, number, _heroes(draw))


def _profile(draw: random.Random, number: int, heroes: Sequence[str]) -> PlayerProfile:
    return PlayerProfile(
        blizzard_id=blizzard_id(number),
        battletag=f"Name-{number}",
        username=_word(draw),
        avatar=f"https://images.example/{draw.getrandbits(128):032x}.png",
        namecard=f"https://images.example/{draw.getrandbits(128):032x}.png",
        title=_word(draw),
        endorsement=None,
        privacy=Privacy.PUBLIC,
        last_updated_at=NOW - draw.randrange(10**9),
        competitive=None,
        hero_totals=tuple(_totals(draw, hero) for hero in heroes),
    )


def _heroes(draw: random.Random) -> list[str]:
    return [_word(random.Random(1000 + each)) for each in range(draw.randrange(30, 51))]


def _word(draw: random.Random) -> str:
    return "".join(draw.choices(SYLLABLES, k=draw.randrange(2, 6))).title()


def _hero(draw: random.Random, hero: str, labels: Sequence[str]) -> HeroCareerStats:
    stats = [CareerStat(label.lower(), label, _value(draw)) for label in labels]
    parts = [(category, tuple(stats[number::7])) for number, category in enumerate(CATEGORIES)]
    return HeroCareerStats(hero, tuple(CareerStatCategory(key, key.title(), part) for key, part in parts))


def _value(draw: random.Random) -> int | float:
    return (
        draw.randrange(10 ** draw.randrange(1, 6)) if draw.random() < 0.7 else round(draw.random() * 100, 2)
    )


def _totals(draw: random.Random, hero: str) -> HeroTotals:
    figures = [draw.randrange(10 ** draw.randrange(1, 7)) for _ in range(9)]
    return HeroTotals(Platform.PC, PlayerGamemode.QUICKPLAY, hero, *figures)


def _page(career: Career) -> str:
    """Something like the markup that such a career would be read from."""
    modes = [
        mode for view in (career.pc, career.console) if view for mode in (view.quickplay, view.competitive)
    ]
    rows = [
        f'<div class="stat-item"><p class="name">{stat.label}</p><p class="value">{stat.value}</p></div>'
        for mode in modes
        if mode
        for hero in mode.career_stats
        for category in hero.categories
        for stat in category.stats
    ]
    return "<main>" + "\n      ".join(rows) + "</main>"


def varied_players(draw: random.Random, count: int) -> list[FetchedPlayer]:
    """Players read from a real page, each with other digits in it."""
    text = REAL_PAGE.read_text(encoding="utf-8")
    return [player for number in range(count) if (player := _reread(draw, text, number))]


def _reread(draw: random.Random, text: str, number: int) -> FetchedPlayer | None:
    table = str.maketrans({digit: draw.choice("123456789") for digit in "3456789"})
    body = text.partition("<main")
    page = "".join((body[0], body[1], body[2].translate(table))) if number else text
    parsed = read_career_page(page)
    if parsed is None:
        return None
    profile = build_profile(parsed, None, blizzard_id=blizzard_id(number), battletag=None)
    return FetchedPlayer(profile, parsed.career, PlayerSource(page, None), NOW, 1)
