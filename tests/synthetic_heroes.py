"""Pages about invented heroes and roles, and rates, in the structure of Blizzard's own; any part can be replaced."""

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

IMAGES = "https://images.example"
FILMS = "https://films.example"

HERO_NAMES = {"quillon": "Quillon", "old-mill": "Old Mill", "nix": "N.I.X: 5"}

ROLES = {
    "tank": ("Tank", "Tanks stand in front."),
    "damage": ("Damage", "Damage heroes shoot."),
    "support": ("Support", "Supports help."),
}


def page(inner: str, root: tuple[str, str] = ('<main class="main-content">', "</main>")) -> str:
    """A whole page with `inner` as its main part."""
    return (
        "<!DOCTYPE html><html><head><title>Overwatch</title></head><body><header><h2>Menu</h2></header>"
        f"{root[0]}{inner}{root[1]}<footer><p>Legal</p></footer></body></html>"
    )


def hero_card(
    key: str = "quillon",
    name: str = "Quillon",
    *,
    role: str = "damage",
    subrole: str = "flanker",
    href: str | None = None,
    badges: str = "",
) -> str:
    """A card of the list; `badges` is `STADIUM_BADGE`, `NEW_BADGE` or both."""
    target = f"/heroes/{key}" if href is None else href
    return (
        f'<a class="hero-card" data-role="{role}" data-subrole="{subrole}" href="{target}"'
        f' slot="gallery-items" id="{key}"><blz-card class="heroCard" layout="center" icon="{IMAGES}/role.svg">'
        f'<blz-image class="heroCardPortrait" alt="{key}" slot="media" src="{IMAGES}/{key}.png"></blz-image>'
        f'<blz-content-block size="small"><h2 slot="heading">{escape(name)}</h2>'
        f'<blz-icon slot="heading-icon" src="{IMAGES}/role.svg"></blz-icon></blz-content-block>'
        f"{badges}</blz-card></a>"
    )


STADIUM_BADGE = (
    f'<blz-badge class="stadium-badge" slot="bottom-right-corner"><blz-icon src="{IMAGES}/s.svg"></blz-icon>'
    "</blz-badge>"
)
NEW_BADGE = '<blz-badge class="new" slot="top-left-corner" text="New"></blz-badge>'


def hero_list(*cards: str) -> str:
    """The page of all heroes; without `cards` the heroes of `HERO_NAMES`."""
    shown = "".join(cards or (hero_card(key, name) for key, name in HERO_NAMES.items()))
    return page(
        '<blz-page-header id="main"><blz-header slot="header"><h2 slot="heading">Heroes</h2></blz-header>'
        '</blz-page-header><div class="heroIndexWrapper"><div class="heroIndexHeader"><select>'
        '<option class="role" data-role="damage">All Damage</option></select></div>'
        f'<blz-media-gallery class="heroCards">{shown}</blz-media-gallery></div>'
    )


def list_item(name: str | None, text: str, icon: str) -> str:
    """An item under a hero's name; `name` is its class, None for no class."""
    named = "" if name is None else f' class="{name}"'
    return (
        f'<blz-list-item{named}><div class="role-container" slot="image">'
        f'<blz-icon role="presentation" src="{IMAGES}/icons/{icon}" size="300"></blz-icon></div>'
        f'<p slot="description">{text}</p></blz-list-item>'
    )


ROLE_ITEM = list_item("role", "Heiler", "Support.svg")
SUBROLE_ITEM = list_item("subrole", "Taktiker", "Tactician.1a2b.svg")
LOCATION_ITEM = list_item("location", "Port Sable (formerly)", "location.svg")
BIRTHDAY_ITEM = list_item("birthday", "May 3 (Age: 41)", "birthday.svg")
ITEMS = ROLE_ITEM + SUBROLE_ITEM + LOCATION_ITEM + BIRTHDAY_ITEM


def background(file_name: str, sizes: str) -> str:
    return f'<blz-image slot="background" src="{IMAGES}/{file_name}" data-group="0" bp="{sizes}"></blz-image>'


def hero_header(
    name: str = "Quillon",
    description: str = "A wanderer with a lamp.",
    *,
    items: str = ITEMS,
    backgrounds: str = background("narrow.jpg", "min xs sm") + background("wide.jpg", "xl+"),
) -> str:
    return (
        f'<blz-page-header alignment="left" id="main">{backgrounds}<blz-header slot="header" layout="left">'
        f'<h2 slot="heading">{name}</h2><p slot="description">{description}</p></blz-header>'
        f'<blz-list slot="extras">{items}</blz-list></blz-page-header>'
    )


def tab(label: str | None, icon: str = "tab.png") -> str:
    named = "" if label is None else f' label="{label}"'
    return (
        f'<blz-tab-control variant="icon-text"{named}><span class="ability-name">{label or ""}</span>'
        f'<blz-image slot="icon" src="{IMAGES}/{icon}"></blz-image></blz-tab-control>'
    )


def slide(heading: str, text: str) -> str:
    return (
        '<blz-feature slot="slide" variant="center"><blz-header slot="header" size="small">'
        f'<h3 class="heading" slot="heading">{heading}</h3><p slot="description">{text}</p></blz-header>'
        "</blz-feature>"
    )


def video(group: int | None, name: str) -> str:
    grouped = "" if group is None else f' data-group="{group}"'
    return (
        f'<blz-web-video slot="background"{grouped} poster="{FILMS}/{name}.jpg" mp4="{FILMS}/{name}.mp4"'
        f' webm="{FILMS}/{name}.webm" autoplay="autoplay"></blz-web-video>'
    )


TABS = tab("Lantern", "lantern.png") + tab("Ink Step", "ink.png")
SLIDES = slide("Lantern", "Lights the way.") + slide("Ink Step", "Walks through walls.")
VIDEOS = video(0, "lantern") + video(1, "ink")


def abilities(tabs: str = TABS, slides: str = SLIDES, videos: str = VIDEOS) -> str:
    return (
        '<div class="abilities-container"><blz-carousel-section class="abilities" variant="simple">'
        f'{videos}<blz-header slot="header"><h2 slot="heading">Abilities</h2></blz-header>'
        f'<blz-carousel arrows="none" slot="carousel"><blz-tab-controls slot="control">{tabs}</blz-tab-controls>'
        f'{slides}</blz-carousel></blz-carousel-section><p class="disclaimer">Keys are defaults.</p></div>'
    )


def perk(side: str, name: str) -> str:
    return (
        f'<div class="perk-details {side}"><div class="perk-icon-wrapper {side}"><div class="perk-icon">'
        f'<img alt="{name}" src="{IMAGES}/{side}.png"/></div></div><div class="perk-info"><blz-header slot="header">'
        f'<h3 slot="subheading">{name}</h3><div slot="description">{name} helps.</div></blz-header></div></div>'
    )


def perk_category(size: str, perks: str) -> str:
    return (
        f'<div class="perk-category {size}"><blz-header class="perk-category-header" slot="header">'
        f'<h4 slot="subheading">Perk</h4><div slot="description">(Level)</div></blz-header>'
        f'<div class="perks">{perks}</div></div>'
    )


PERKS = perk_category("minor", perk("left", "Oil") + perk("right", "Wick")) + perk_category(
    "major", perk("left", "Flame") + perk("right", "Smoke")
)


def perks(categories: str = PERKS) -> str:
    return f'<div class="perks-wrapper"><blz-section id="perks">{categories}</blz-section></div>'


def power(name: str, text: str = "Burns <span>10%</fg> longer.") -> str:
    return (
        '<blz-card class="talent-card" slot="slide"><blz-content-block size="small">'
        f'<img class="talent-image" alt="" src="{IMAGES}/power.png" slot="heading-icon"/>'
        f'<p class="talent-name" slot="heading">{name}</p><p class="talent-desc" slot="description">{text}</p>'
        "</blz-content-block></blz-card>"
    )


POWERS = power("Long Burn") + power("Bright Burn")


def stadium(cards: str = POWERS) -> str:
    return (
        '<div class="stadium-wrapper"><blz-section id="stadium"><blz-carousel-beta class="talent-deck">'
        f'{cards}</blz-carousel-beta><div class="talent-deck-scrollable">{cards}</div></blz-section></div>'
    )


def chapter(group: int | None, title: str, *, content: str | None = None, picture: str | None = None) -> str:
    """A chapter; None for a content or picture that is missing."""
    grouped = "" if group is None else f' data-group="{group}"'
    text = "" if content is None else f'<div slot="content"{grouped}>{content}</div>'
    image = "" if picture is None else f'<blz-image src="{IMAGES}/{picture}" aspect-ratio="16:9"></blz-image>'
    box = f'<div slot="optional-1"{grouped}>{image}</div>' if image else ""
    return f'<span slot="label"{grouped}>{title}</span>{text}{box}'


CHAPTERS = chapter(0, "THE LAMP", content="<p>It was lit.</p><p></p><p>It went out.</p>", picture="lamp.jpg")
FILM = (
    '<blz-youtube-video controls="true" slot="media" title="Quillon" youtube-id="aB3_x"></blz-youtube-video>'
)


def button(href: str, label: str = "comic") -> str:
    return f'<blz-button analytics-label="{label}" href="{href}">Read</blz-button>'


def story(summary: str = "Once a lamplighter.", *, media: str = FILM, chapters: str = CHAPTERS) -> str:
    return (
        '<blz-section class="lore" size="wide"><blz-showcase variant="slim"><blz-header slot="header">'
        f'<h2 slot="heading">Story</h2><p slot="description">{summary}</p></blz-header>{media}</blz-showcase>'
        '<blz-accordion-section variant="standard"><blz-accordion slot="accordion">'
        f'{chapters}</blz-accordion><blz-image slot="media" data-group="0" src="{IMAGES}/large.jpg"></blz-image>'
        "</blz-accordion-section></blz-section>"
    )


def hero_parts() -> dict[str, str]:
    """The parts of a whole hero page, in the page's order."""
    return {
        "header": hero_header(),
        "abilities": abilities(),
        "perks": perks(),
        "stadium": stadium(),
        "story": story(),
    }


def hero_page(**parts: str) -> str:
    """A hero's page with `parts` in place of the usual ones; an empty text leaves a part out."""
    return page("".join({**hero_parts(), **parts}.values()))


NO_HERO_PAGE = page(
    '<blz-section class="error-contain"><blz-header layout="center"><h2 slot="heading">Nothing here</h2>'
    "</blz-header></blz-section>"
)
"""A page about no hero: it has a main part and no abilities."""


def home_page(roles: Mapping[str, tuple[str, str]] = ROLES, *, icons: Sequence[str] | None = None) -> str:
    """The home page; `roles` are name and description by key, `icons` replace the file names of their icons."""
    files = [f"{key.title()}.svg" for key in roles] if icons is None else icons
    tabs = "".join(
        f'<blz-tab-control label=""><blz-image slot="icon" src="{IMAGES}/{file}"></blz-image></blz-tab-control>'
        for file in files
    )
    features = "".join(
        '<blz-feature class="desktop-feature"><blz-header slot="header"><h3 slot="heading">'
        f'{name}</h3><div slot="description"><p>{text}</p></div></blz-header></blz-feature>'
        f'<blz-image class="lg-bg {key}" slot="media" src="{IMAGES}/{key}.png"></blz-image>'
        for key, (name, text) in roles.items()
    )
    return page(
        '<div class="homepage-news"><blz-feature><blz-header><h3>News</h3></blz-header></blz-feature></div>'
        '<div class="homepage-features-heroes"><blz-feature-carousel-section variant="standard">'
        '<blz-header slot="header"><h2 slot="heading">Heroes</h2></blz-header>'
        f'<blz-tab-controls slot="control">{tabs}</blz-tab-controls>{features}'
        "</blz-feature-carousel-section></div>"
    )


def usage_row(hero_key: str, pickrate: Any, winrate: Any, *, role: Any = "DAMAGE") -> dict[str, Any]:
    """A row of rates."""
    return {
        "id": hero_key,
        "cells": {"name": hero_key.title(), "pickrate": pickrate, "winrate": winrate},
        "hero": {"name": hero_key.title(), "role": role, "color": "ffffffff", "portrait": f"{IMAGES}/h.png"},
    }


USAGE_ROWS = (usage_row("quillon", 22.5, 51), usage_row("old-mill", 4, 47.25, role="TANK"))


def usage_answer(
    rows: Sequence[Any] = USAGE_ROWS, *, rq: Any = "0", map_key: str = "all-maps", **selected: Any
) -> str:
    """The text of an answer about rates."""
    chosen = {"input": "PC", "map": map_key, "region": "Europe", "role": "All", "rq": rq, "tier": "All"}
    return json.dumps(
        {"rates": {"selected": {**chosen, **selected}, "rates": list(rows), "extrema": {}}, "columns": []},
        ensure_ascii=False,
    )
