"""Career pages of invented players, written in the structure of Blizzard's own.

Nine tenths of a page are rows and bars of unvarying shape: what does not vary of them is written once and kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from html import escape

from blizzard.simulator.careers import Figures, PlayedGamemode, PlayedHero, PlayedPlatform
from blizzard.simulator.hero_markup import whole_page
from blizzard.simulator.heroes import SimulatedHero
from blizzard.simulator.players import SimulatedPlayer
from blizzard.simulator.stat_sheets import COMPARISONS, Comparison, Row, sheet
from models.players import Platform, PlayerGamemode

_PLATFORM_CLASSES = {Platform.PC: "mouseKeyboard-view", Platform.CONSOLE: "controller-view"}
_GAMEMODE_CLASSES = {
    PlayerGamemode.QUICKPLAY: "quickPlay-view",
    PlayerGamemode.COMPETITIVE: "competitive-view",
}
_ROW_END = "</p></div>"
_BAR_END = "</div></div></div></div>"
_NO_STATS = '<h2 class="Profile-heroSummary--noData">There is nothing to show of this mode.</h2>'


@dataclass(frozen=True, slots=True)
class ShownCareer:
    """What a page is written from: the player, the time of the last change (seconds) and both platforms."""

    player: SimulatedPlayer
    last_updated: int
    platforms: dict[Platform, PlayedPlatform]


def career_page(career: ShownCareer, images: str) -> str:
    """The page; `images` is the URL in front of every picture's path."""
    if career.player.is_public:
        views = "".join(_view(platform, shown, images) for platform, shown in career.platforms.items())
    else:
        views = '<div class="Profile-private"><h2>This profile is kept private.</h2></div>'
    return whole_page(_masthead(career, images) + views, "Career Profile")


def _masthead(career: ShownCareer, images: str) -> str:
    player = career.player
    ranks = "".join(_ranks(platform, shown, images) for platform, shown in career.platforms.items())
    private = "" if player.is_public else '<div class="Profile-player--private">Private profile</div>'
    endorsement = (
        '<span class="Profile-player--endorsementWrapper"><img class="Profile-playerSummary--endorsement"'
        f' src="{images}/endorsements/{player.endorsement}.svg#icon"></span>'
        if player.endorsement
        else ""
    )
    return (
        f'<blz-section class="Profile-masthead" data-lastUpdate="{career.last_updated}" id="main">'
        '<div class="Profile-player"><div class="Profile-player--summaryWrapper">'
        f'<img class="Profile-player--portrait" src="{images}/avatars/{player.name}-{player.number}.svg">'
        f'<div class="Profile-player--summary"><h1 class="Profile-player--name">{escape(player.name)}</h1>{private}'
        f'</div></div><h2 class="Profile-player--title">{escape(player.title or "")}</h2>'
        f'<div class="Profile-player--info">{endorsement}{ranks if player.is_public else ""}</div>'
        "</div></blz-section>"
    )


def _ranks(platform: Platform, shown: PlayedPlatform, images: str) -> str:
    roles = "".join(
        f'<div class="Profile-playerSummary--roleWrapper">{_role_icon(platform, role, images)}'
        '<div class="Profile-playerSummary--rankImageWrapper">'
        f'<img class="Profile-playerSummary--rank" src="{images}/ranks/Rank_{division}Tier.svg">'
        f'<img class="Profile-playerSummary--rank" src="{images}/ranks/TierDivision_{tier}.svg"></div></div>'
        for role, (division, tier) in shown.ranks.items()
    )
    return f'<div class="{_PLATFORM_CLASSES[platform]} Profile-playerSummary--rankWrapper">{roles}</div>'


def _role_icon(platform: Platform, role: str, images: str) -> str:
    """The icon of a role: a picture on PC, a symbol drawn in place on console."""
    if platform is Platform.PC:
        return f'<div class="Profile-playerSummary--role"><img src="{images}/roles/{role}.svg#icon"></div>'
    symbol = f'<use xlink:href="{role.upper()}.0.SVG#ICON"></use>'
    return f'<svg class="Profile-playerSummary--role" viewBox="0 0 32 32">{symbol}</svg>'


def _view(platform: Platform, shown: PlayedPlatform, images: str) -> str:
    modes = {PlayerGamemode.QUICKPLAY: shown.quickplay, PlayerGamemode.COMPETITIVE: shown.competitive}
    top = "".join(_top_heroes(mode, played, images) for mode, played in modes.items())
    careers = "".join(_career(mode, played, shown.season) for mode, played in modes.items())
    return (
        f'<div class="{_PLATFORM_CLASSES[platform]} Profile-view"><blz-section class="Profile-heroSummary">'
        f"{top}</blz-section>{careers}</div>"
    )


def _top_heroes(mode: PlayerGamemode, played: PlayedGamemode | None, images: str) -> str:
    head = '<h2 class="Profile-heroSummary--heading">Top Heroes</h2>'
    if played is None:
        inner = f'<div class="Profile-heroSummary--header">{head}</div>{_NO_STATS}'
    else:
        # A comparison in which every hero has 0 is printed all the same, but not offered.
        offered = [each for each in COMPARISONS if any(hero.figures[each.figure] for hero in played.heroes)]
        options = "".join(_option(each.category_id, each.label) for each in offered)
        groups = "".join(_bars(each, played.heroes, images) for each in COMPARISONS)
        inner = (
            f'<div class="Profile-heroSummary--header">{head}<select class="topheroes-dropdown blz-dropdown"'
            f' data-group-id="comparisons" data-dropdown-id="stat-dropdown">{options}</select></div>{groups}'
        )
    return f'<div class="Profile-heroSummary--view {_GAMEMODE_CLASSES[mode]}">{inner}</div>'


def ordered(comparison: Comparison, heroes: Iterable[PlayedHero]) -> list[PlayedHero]:
    """The heroes as a comparison shows them: greatest first."""
    return sorted(heroes, key=lambda each: (-each.figures[comparison.figure], each.hero.key))


def _bars(comparison: Comparison, heroes: tuple[PlayedHero, ...], images: str) -> str:
    figure, write = comparison.figure, comparison.write
    shown = ordered(comparison, heroes)
    top = shown[0].figures[figure] or 1
    parts = [
        f'<div class="Profile-progressBars" data-group-id="comparisons" data-category-id="{comparison.category_id}">'
    ]
    for each in shown:
        value = each.figures[figure]
        before, after = _bar(each.hero, images)
        parts += (before, str(int(100 * value / top)), after, write(value), _BAR_END)
    parts.append("</div>")
    return "".join(parts)


@lru_cache(maxsize=256)
def _bar(hero: SimulatedHero, images: str) -> tuple[str, str]:
    """A bar's text before its length and from there to its value."""
    return (
        f'<div class="Profile-progressBar"><img class="Profile-progressBar--icon" src="{images}/heroes/{hero.key}.svg">'
        '<div class="Profile-progressBar--container"><div class="Profile-progressBar--bar" data-progress="',
        f'" data-hero-id="{hero.key}"><div class="Profile-progressBar--progress" style="--hero-color:#{hero.color}ff;">'
        '</div></div><div class="Profile-progressBar--textWrapper">'
        f'<div class="Profile-progressBar-title">{escape(hero.name)}</div>'
        '<div class="Profile-progressBar-description">',
    )


def _career(mode: PlayerGamemode, played: PlayedGamemode | None, season: int | None) -> str:
    is_ranked = mode is PlayerGamemode.COMPETITIVE and season is not None
    numbers = (
        f' data-latestHeroStatRankSeason="{(season or 0) + 14}" data-latestHeroStatRankSeasonOW2="{season}"'
    )
    head = '<h2 class="Profile-heroSummary--heading">Career Stats</h2>'
    select, heroes = "", ""
    if played is not None:
        # Pages number heroes by an order of their own: the numbers have gaps, and 0 is all heroes together.
        numbered = [(2 * place + 1, each) for place, each in enumerate(played.heroes)]
        options = _option("0", "ALL HEROES") + "".join(
            _option(str(number), each.hero.name) for number, each in numbered
        )
        select = (
            '<select class="blz-dropdown stats-dropdown" data-dropdown-id="hero-dropdown" data-js="hero-select">'
            f"{options}</select>"
        )
        heroes = _hero_stats(0, (), played.together) + "".join(
            _hero_stats(number, each.hero.abilities, each.figures) for number, each in numbered
        )
    return (
        f'<blz-section class="stats {_GAMEMODE_CLASSES[mode]}"{numbers if is_ranked else ""}>'
        f'<div class="Profile-heroSummary--header">{head}{select}</div>{heroes}</blz-section>'
    )


def _hero_stats(number: int, abilities: tuple[str, ...], figures: Figures) -> str:
    parts = [f'<span class="stats-container option-{number}">']
    for label, rows in sheet(abilities).categories:
        shown = [(row, value) for row in rows if (value := figures.get(row.key))]
        if not shown:
            continue
        parts.append(f'<div class="category"><div class="content"><div class="header"><p>{label}</p></div>')
        for row, value in shown:
            many, one = _row(row)
            parts += (one if value == 1 else many, row.write(value), _ROW_END)
        parts.append("</div></div>")
    parts.append("</span>")
    return "".join(parts)


@lru_cache(maxsize=2048)
def _row(row: Row) -> tuple[str, str]:
    """A row's text up to its value, for several and for one."""
    start, middle = '<div class="stat-item"><p class="name">', '</p><p class="value">'
    return start + escape(row.label) + middle, start + escape(row.label_of_one) + middle


def _option(value: str, label: str) -> str:
    return f'<option value="{value}" option-id="{escape(label)}">{escape(label)}</option>'
