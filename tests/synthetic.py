"""Career pages and search rows of invented players, in the structure of Blizzard's own."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

PC = "mouseKeyboard-view"
CONSOLE = "controller-view"
QUICKPLAY = "quickPlay-view"
COMPETITIVE = "competitive-view"

IMAGES = "https://images.example"

Stats = Mapping[str, Mapping[str, Mapping[str, str]]]
"""Hero's name -> category -> label -> value; the page of a gamemode."""

SOME_STATS: Stats = {
    "ALL HEROES": {
        "Game": {"Games Played": "30", "Games Lost": "12", "Time Played": "05:00:00"},
        "Combat": {"Eliminations": "1,250", "Deaths": "400"},
    },
    "Ana": {
        "Game": {"Games Played": "20", "Games Lost": "8", "Time Played": "03:20:00"},
        "Combat": {"Eliminations": "250", "Deaths": "100", "All Damage Done": "50,000"},
        "Assists": {"Offensive Assists": "120", "Healing Done": "180,000"},
    },
    "Wrecking Ball": {
        "Game": {"Games Played": "10", "Games Lost": "4", "Time Played": "01:40:00"},
        "Combat": {"Eliminations": "1,000", "Deaths": "300", "All Damage Done": "90,000"},
    },
}

SOME_TOP_HEROES: Mapping[str, Mapping[str, str]] = {
    "Time Played": {"ana": "03:20:00", "wrecking-ball": "01:40:00"},
    "Games Won": {"ana": "12", "wrecking-ball": "6"},
}


@dataclass(frozen=True, slots=True)
class Gamemode:
    """What one gamemode of one platform shows; `top_heroes` is category -> hero key -> value."""

    stats: Stats = field(default_factory=lambda: SOME_STATS)
    top_heroes: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: SOME_TOP_HEROES)


@dataclass(frozen=True, slots=True)
class View:
    """One platform; None for a gamemode that was never played. Ranks are role -> (division, tier)."""

    quickplay: Gamemode | None = field(default_factory=Gamemode)
    competitive: Gamemode | None = None
    season: int | None = None
    ranks: Mapping[str, tuple[str, int]] = field(default_factory=dict)


NOT_FOUND_PAGE = (
    '<!doctype html><html><body><main class="main-content"><h1>Nothing here</h1></main></body></html>'
)
"""A page about nobody: it has a root and no masthead."""


def career_page(
    name: str = "Wanderer",
    *,
    title: str = "Night Owl",
    endorsement: int | None = 3,
    pc: View | None = None,
    console: View | None = None,
    is_private: bool = False,
) -> str:
    """A career page. Without `pc` and `console` the player has one quick play career on PC and a tank rank."""
    if pc is None and console is None:
        pc = View(season=21, ranks={"tank": ("Gold", 2)})
    views = {PC: pc or View(quickplay=None), CONSOLE: console or View(quickplay=None)}
    body = (
        '<div class="Profile-private"></div>'
        if is_private
        else "".join(_view(platform, view) for platform, view in views.items())
    )
    masthead = _masthead(name, title, endorsement, {} if is_private else views, is_private)
    return (
        "<!doctype html><html><head><title>Overwatch</title></head><body>"
        f'<main class="main-content">{masthead}{body}</main></body></html>'
    )


def search_row(
    name: str = "Wanderer",
    blizzard_id: str = "0a1b|2c3d",
    *,
    last_updated: int = 1_790_000_000,
    is_public: bool = True,
    title: str | None = None,
) -> dict[str, Any]:
    """A row of a search answer; `last_updated` is in seconds, `blizzard_id` comes with `|` or with `%7C`."""
    return {
        "name": name,
        "isPublic": is_public,
        "lastUpdated": last_updated,
        "avatar": f"{IMAGES}/avatar.png",
        "namecard": f"{IMAGES}/namecard.png",
        "title": {"en_US": title} if title else "",
        "url": blizzard_id.replace("|", "%7C"),
    }


def search_answer(*rows: Mapping[str, Any]) -> str:
    """The text of a search answer."""
    return json.dumps(list(rows), ensure_ascii=False, separators=(",", ":"))


def _masthead(
    name: str, title: str, endorsement: int | None, views: Mapping[str, View], is_private: bool
) -> str:
    frame = (
        f'<img class="Profile-playerSummary--endorsement" src="{IMAGES}/endorsement/{endorsement}.aa.svg">'
    )
    endorsed = f'<span class="Profile-player--endorsementWrapper">{frame}</span>' if endorsement else ""
    ranks = "".join(_ranks(platform, view) for platform, view in views.items())
    private = '<div class="Profile-player--private">PRIVATE PROFILE</div>' if is_private else ""
    return (
        '<blz-section class="Profile-masthead" data-lastUpdate="1790000001"><div class="Profile-player">'
        '<div class="Profile-player--summaryWrapper">'
        f'<img class="Profile-player--portrait" src="{IMAGES}/portrait.png">'
        f'<div class="Profile-player--summary"><h1 class="Profile-player--name">{escape(name)}</h1>{private}</div>'
        f'</div><h2 class="Profile-player--title">{escape(title)}</h2>'
        f'<div class="Profile-player--info">{endorsed}{ranks}</div></div></blz-section>'
    )


def _ranks(platform: str, view: View) -> str:
    roles = "".join(
        '<div class="Profile-playerSummary--roleWrapper">'
        f'<div class="Profile-playerSummary--role"><img src="{IMAGES}/role/{role}.bb.svg"></div>'
        '<div class="Profile-playerSummary--rankImageWrapper">'
        f'<img class="Profile-playerSummary--rank" src="{IMAGES}/rank/Rank_{division}Tier.cc.png">'
        f'<img class="Profile-playerSummary--rank" src="{IMAGES}/rank/TierDivision_{tier}.dd.png"></div></div>'
        for role, (division, tier) in view.ranks.items()
    )
    return f'<div class="{platform} Profile-playerSummary--rankWrapper">{roles}</div>'


def _view(platform: str, view: View) -> str:
    modes = {QUICKPLAY: view.quickplay, COMPETITIVE: view.competitive}
    top = "".join(_top_heroes(mode, played) for mode, played in modes.items())
    careers = "".join(_career(mode, played, view.season) for mode, played in modes.items())
    return (
        f'<div class="{platform} Profile-view"><blz-section class="Profile-heroSummary">{top}</blz-section>'
        f"{careers}</div>"
    )


def _top_heroes(mode: str, played: Gamemode | None) -> str:
    if played is None:
        empty = '<h2 class="Profile-heroSummary--noData">No data</h2>'
        return f'<div class="Profile-heroSummary--view {mode}">{empty}</div>'
    categories = {label: f"0x{number:04X}" for number, label in enumerate(played.top_heroes, start=1)}
    options = "".join(_option(value, label) for label, value in categories.items())
    groups = "".join(
        f'<div class="Profile-progressBars" data-category-id="{categories[label]}">'
        f"{''.join(_bar(hero, value) for hero, value in bars.items())}</div>"
        for label, bars in played.top_heroes.items()
    )
    return f'<div class="Profile-heroSummary--view {mode}">{_header(options)}{groups}</div>'


def _bar(hero: str, value: str) -> str:
    return (
        f'<div class="Profile-progressBar"><img class="Profile-progressBar--icon" src="{IMAGES}/{hero}.png">'
        '<div class="Profile-progressBar--container">'
        f'<div class="Profile-progressBar--bar" data-hero-id="{hero}"></div>'
        '<div class="Profile-progressBar--textWrapper">'
        f'<div class="Profile-progressBar-title">{hero.title()}</div>'
        f'<div class="Profile-progressBar-description">{escape(value)}</div></div></div></div>'
    )


def _career(mode: str, played: Gamemode | None, season: int | None) -> str:
    stats = {} if played is None else played.stats
    options = "".join(_option(str(number), hero) for number, hero in enumerate(stats))
    heroes = "".join(
        f'<span class="stats-container option-{number}">'
        f"{''.join(_category(label, rows) for label, rows in categories.items())}</span>"
        for number, categories in enumerate(stats.values())
    )
    is_ranked = mode == COMPETITIVE and season is not None
    shown = f' data-latestHeroStatRankSeasonOW2="{season}"' if is_ranked else ""
    return f'<blz-section class="stats {mode}"{shown}>{_header(options)}{heroes}</blz-section>'


def _category(label: str, rows: Mapping[str, str]) -> str:
    stats = "".join(
        f'<div class="stat-item"><p class="name">{escape(name)}</p><p class="value">{escape(value)}</p></div>'
        for name, value in rows.items()
    )
    header = f'<div class="header"><p>{escape(label)}</p></div>'
    return f'<div class="category"><div class="content">{header}{stats}</div></div>'


def _header(options: str) -> str:
    return f'<div class="Profile-heroSummary--header"><select>{options}</select></div>'


def _option(value: str, label: str) -> str:
    return f'<option value="{value}" option-id="{escape(label)}">{escape(label)}</option>'
