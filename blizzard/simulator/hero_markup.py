"""Pages about heroes and roles, written in the structure of Blizzard's own."""

import re
from collections.abc import Iterable
from html import escape

from blizzard.simulator.heroes import birthday_line
from models.heroes import Ability, HeroCard, HeroPage, Perk, Story, StoryMediaType
from models.locales import Locale
from models.roles import RoleCard

_NUMBER = re.compile(r"\d+%?")
_SENTENCE_END = re.compile(r"(?<=\.) ")


def whole_page(main: str, title: str) -> str:
    """A page with `main` as its main part, and around it what readers must not look at."""
    return (
        f'<!DOCTYPE html><html lang="en-US"><head><meta charset="utf-8"><title>{escape(title)}</title></head><body>'
        '<blz-nav><a href="/">Home</a></blz-nav>'
        f'<main class="main-content">{main}</main>'
        '<div class="footer-container" id="Page-footer"><p>A simulator made this page.</p></div></body></html>'
    )


NOT_FOUND_PAGE = whole_page(
    '<blz-showcase class="error-contain" size="large"><blz-header slot="header" layout="center">'
    '<h2 slot="heading">No such page</h2><p slot="description">Nobody lives at this address.</p></blz-header>'
    "</blz-showcase>",
    "No such page",
)
"""A page about nobody and nothing: it has a main part, and neither a masthead nor abilities."""


def hero_list_page(cards: Iterable[HeroCard], new_keys: Iterable[str]) -> str:
    """The list of heroes; those of `new_keys` have a badge that says so."""
    new = frozenset(new_keys)
    shown = "".join(_card(card, card.key in new) for card in cards)
    return whole_page(
        '<blz-page-header class="pageHeader" id="main"><blz-header slot="header" layout="center">'
        '<h2 slot="heading">Heroes</h2></blz-header></blz-page-header><div class="heroIndexWrapper">'
        '<div class="heroIndexHeader"><form id="heroindex-filters"><select class="blz-dropdown" data-label="role">'
        '<option class="role damage-role" value="damage" data-role="damage">All Damage</option></select></form></div>'
        f'<blz-media-gallery class="heroCards" id="heroes-gallery">{shown}</blz-media-gallery></div>',
        "Heroes",
    )


def _card(card: HeroCard, is_new: bool) -> str:
    stadium = "stadium" in card.gamemode_keys
    badges = '<blz-badge class="new" slot="top-left-corner" text="New"></blz-badge>' if is_new else ""
    if stadium:
        badges += (
            '<blz-badge class="stadium-badge" slot="bottom-right-corner"><blz-icon></blz-icon></blz-badge>'
        )
    return (
        f'<a class="hero-card" data-role="{card.role}" data-subrole="{card.subrole}"'
        f' data-stadium="{str(stadium).lower()}" href="/heroes/{card.key}" slot="gallery-items" id="{card.key}">'
        f'<blz-card class="heroCard" layout="center"><blz-image class="heroCardPortrait" alt="{card.key}"'
        f' slot="media" src="{card.portrait}"></blz-image><blz-content-block size="small">'
        f'<h2 slot="heading">{escape(card.name)}</h2></blz-content-block>{badges}</blz-card></a>'
    )


def home_page(cards: Iterable[RoleCard]) -> str:
    """The home page with its part about roles."""
    cards = tuple(cards)
    tabs = "".join(
        f'<blz-tab-control label=""><blz-image slot="icon" src="{card.icon}"></blz-image></blz-tab-control>'
        for card in cards
    )
    features = "".join(
        '<blz-feature class="desktop-feature" slot="slide"><blz-header slot="header" layout="left">'
        f'<h3 slot="heading">{escape(card.name.upper())}</h3>'
        f'<div slot="description"><p>{escape(card.description)}</p></div></blz-header></blz-feature>'
        for card in cards
    )
    return whole_page(
        '<div class="homepage-news"><blz-feature><blz-header slot="header"><h3>Nothing is new</h3></blz-header>'
        '</blz-feature></div><div class="homepage-features-heroes" data-slug="homepage-features-heroes">'
        '<blz-feature-carousel-section variant="standard"><blz-header slot="header" layout="center">'
        f'<h2 slot="heading">Roles</h2></blz-header><blz-tab-controls slot="control">{tabs}</blz-tab-controls>'
        f"{features}</blz-feature-carousel-section></div>",
        "Home",
    )


def hero_page(key: str, page: HeroPage, locale: Locale) -> str:
    """A hero's own page, in the language that `page` is in."""
    stadium = "" if page.stadium_powers is None else _stadium(page.stadium_powers)
    story = "" if page.story is None else _story(page.story)
    return whole_page(
        f'{_header(page, locale)}<div class="loadouts">{_abilities(key, page.abilities)}<div class="mods">'
        f"{_perks(page)}{stadium}</div></div>{story}",
        page.name,
    )


def _header(page: HeroPage, locale: Locale) -> str:
    backgrounds = "".join(
        f'<blz-image slot="background" src="{image.url}" data-group="0" bp="{" ".join(image.sizes)}"></blz-image>'
        for image in page.backgrounds
    )
    items = (
        _item("role", (page.role or "").capitalize(), (page.role or "").capitalize())
        + _item("subrole", (page.subrole or "").capitalize(), (page.subrole or "").capitalize())
        + _item("location", page.location or "", "location")
        + _item("birthday", birthday_line(page, locale), "birthday")
    )
    return (
        f'<blz-page-header alignment="left" layout="large" id="main">{backgrounds}<blz-header slot="header"'
        f' layout="left" size="large"><h2 slot="heading">{escape(page.name)}</h2>'
        f'<p slot="description">{escape(page.description or "")}</p></blz-header>'
        f'<blz-list slot="extras">{items}</blz-list></blz-page-header>'
    )


def _item(name: str, text: str, icon: str) -> str:
    return (
        f'<blz-list-item class="{name}" descriptiontext="{escape(text)}"><div class="role-container" slot="image">'
        f'<blz-icon role="presentation" src="/images/icons/{icon}.svg" size="300"></blz-icon></div>'
        f'<p slot="description">{escape(text)}</p></blz-list-item>'
    )


def _abilities(key: str, abilities: tuple[Ability, ...]) -> str:
    videos = "".join(_video(number, ability) for number, ability in enumerate(abilities))
    tabs = "".join(
        f'<blz-tab-control variant="icon-text" label="{escape(ability.name)}">'
        f'<span class="ability-name">{escape(ability.name)}</span>'
        f'<blz-image slot="icon" src="{ability.icon}"></blz-image></blz-tab-control>'
        for ability in abilities
    )
    slides = "".join(
        '<blz-feature slot="slide" variant="center"><blz-header slot="header" size="small" layout="center">'
        f'<h3 class="heading" slot="heading">{escape(ability.name)}</h3>'
        f'<p slot="description">{_with_button(ability.description)}</p></blz-header></blz-feature>'
        for ability in abilities
    )
    return (
        f'<div class="abilities-container"><blz-carousel-section class="abilities" id="{key}-abilities">{videos}'
        '<blz-header slot="header" layout="center"><h2 slot="heading">Abilities</h2></blz-header>'
        f'<blz-carousel arrows="none" slot="carousel"><blz-tab-controls slot="control" variant="icons-text">{tabs}'
        f"</blz-tab-controls>{slides}</blz-carousel></blz-carousel-section>"
        '<p class="disclaimer">Keys may be changed.</p></div>'
    )


def _with_button(text: str) -> str:
    """`text` with the picture of a button wherever it has two spaces."""
    return escape(text).replace("  ", " <img src='/images/icons/button.svg' alt='button'/> ")


def _video(number: int, ability: Ability) -> str:
    video = ability.video
    if video is None:
        return ""
    return (
        f'<blz-web-video slot="background" data-group="{number}" poster="{video.thumbnail}" mp4="{video.mp4}"'
        f' webm="{video.webm}" autoplay="autoplay" muted="muted" loop="loop"></blz-web-video>'
    )


def _perks(page: HeroPage) -> str:
    if page.perks is None:
        return ""
    minor, major = _perk_category("minor", page.perks.minor), _perk_category("major", page.perks.major)
    return (
        '<div class="perks-wrapper"><blz-section id="perks"><blz-header layout="center">'
        f'<h2 slot="heading">Perks</h2></blz-header>{minor}{major}</blz-section></div>'
    )


def _perk_category(size: str, perks: tuple[Perk, ...]) -> str:
    boxes = "".join(
        f'<div class="perk-details {side} {size}"><div class="perk-icon-wrapper {side}">'
        f'<div class="perk-icon"><img alt="{escape(perk.name)}" src="{perk.icon}"/></div></div>'
        '<div class="perk-info"><blz-header slot="header">'
        f'<h3 slot="subheading">{escape(perk.name)}</h3>'
        f'<div slot="description">{escape(perk.description)}</div></blz-header></div></div>'
        for side, perk in zip(("left", "right"), perks, strict=True)
    )
    return (
        f'<div class="perk-category {size}"><blz-header class="perk-category-header" slot="header">'
        f'<h4 slot="subheading">{size.capitalize()}</h4><div slot="description">(Level)</div></blz-header>'
        f'<div class="perks">{boxes}</div></div>'
    )


def _stadium(powers: tuple[Perk, ...]) -> str:
    """The powers, all of them twice: in the carousel and in the deck for small screens."""
    cards = "".join(
        '<blz-card class="talent-card" slot="slide"><blz-content-block class="talent-card-content" size="small">'
        f'<img class="talent-image" alt="{escape(power.name)}" src="{power.icon}" slot="heading-icon"/>'
        f'<p class="talent-name" slot="heading">{escape(power.name)}</p>'
        f'<p class="talent-desc" slot="description">{_colored(power.description)}</p>'
        "</blz-content-block></blz-card>"
        for power in powers
    )
    return (
        '<div class="stadium-wrapper"><blz-section id="stadium"><blz-header layout="center">'
        f'<h2 slot="heading">Powers</h2></blz-header><blz-carousel-beta class="talent-deck">{cards}'
        f'</blz-carousel-beta><div class="talent-deck-scrollable">{cards}</div></blz-section></div>'
    )


def _colored(text: str) -> str:
    """`text` with its numbers colored; as on real pages not every element is closed by its own name."""
    return _NUMBER.sub(r"<span style='color:#ffffffff;'>\g<0></fg></span>", escape(text))


def _story(story: Story) -> str:
    chapters = "".join(
        f'<span slot="label" data-group="{number}">{escape(chapter.title.upper())}</span>'
        f'<div slot="content" data-group="{number}">{_paragraphs(chapter.content)}</div>'
        f'<div slot="optional-{number + 1}" data-group="{number}">'
        f'<blz-image bp="+sm" src="{chapter.picture}" aspect-ratio="16:9"></blz-image></div>'
        for number, chapter in enumerate(story.chapters)
    )
    return (
        '<blz-section class="lore" size="wide"><blz-showcase variant="slim"><blz-header slot="header">'
        f'<h2 slot="heading">Story</h2><p slot="description">{escape(story.summary)}</p></blz-header>'
        f'{_media(story)}</blz-showcase><blz-accordion-section variant="standard">'
        f'<blz-accordion slot="accordion">{chapters}</blz-accordion></blz-accordion-section></blz-section>'
    )


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(sentence)}</p>" for sentence in _SENTENCE_END.split(text))


def _media(story: Story) -> str:
    if story.media is None:
        return ""
    if story.media.type is StoryMediaType.VIDEO:
        video_id = story.media.link.rpartition("/")[2]
        return f'<blz-youtube-video controls="true" slot="media" youtube-id="{video_id}"></blz-youtube-video>'
    return (
        f'<blz-button analytics-label="{story.media.type.value}" href="{story.media.link}">Read</blz-button>'
    )
