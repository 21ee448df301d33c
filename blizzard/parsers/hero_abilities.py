"""What a hero can do, as the hero's page tells it: abilities, perks and powers of the Stadium gamemode."""

from selectolax.lexbor import LexborNode

from blizzard.parsers.nodes import attribute, text_of
from blizzard.parsers.page_parts import find, find_all, matched, trimmed
from models.heroes import Ability, AbilityVideo, Perk, Perks


def read_abilities(container: LexborNode) -> tuple[Ability, ...]:
    """The abilities in the order of their tabs; a tab without a label is left out.

    A tab's description is the slide with its label as heading, its video the one of its number. Where the page
    does not tell, the place counts.
    """
    section = find(container, "blz-carousel-section")
    carousel = find(section, "blz-carousel")
    tabs = find_all(carousel, "blz-tab-controls blz-tab-control")
    names = [(attribute(tab, "label") or "").strip() for tab in tabs]
    slides = [(trimmed(find(slide, "h3")) or None, slide) for slide in find_all(carousel, "blz-feature")]
    videos = [(attribute(video, "data-group"), video) for video in find_all(section, "blz-web-video")]
    shown = zip(
        names,
        tabs,
        matched([name or None for name in names], slides),
        matched([str(number) for number in range(len(tabs))], videos),
        strict=True,
    )
    return tuple(
        Ability(
            name=name,
            description=_one_line(find(slide, "p")),
            icon=attribute(find(tab, "blz-image"), "src") or "",
            video=_read_video(video),
        )
        for name, tab, slide, video in shown
        if name
    )


def _one_line(node: LexborNode | None) -> str:
    """The text in one line. Inner spaces stay: two of them stand where the page has the picture of a button."""
    return trimmed(node).replace("\r", "").replace("\n", " ").strip()


def _read_video(node: LexborNode | None) -> AbilityVideo | None:
    """A video; None when one of its three addresses is missing."""
    thumbnail, mp4, webm = (attribute(node, name) for name in ("poster", "mp4", "webm"))
    return AbilityVideo(thumbnail, mp4, webm) if thumbnail and mp4 and webm else None


def read_perks(root: LexborNode) -> Perks | None:
    """The perks; None when the page has no such section."""
    section = find(root, "blz-section#perks")
    if section is None:
        return None
    return Perks(
        minor=_read_perk_category(find(section, "div.perk-category.minor")),
        major=_read_perk_category(find(section, "div.perk-category.major")),
    )


def _read_perk_category(category: LexborNode | None) -> tuple[Perk, ...]:
    """The left perk, then the right one; what has no name is left out."""
    sides = [find(category, f"div.perk-details.{side}") for side in ("left", "right")]
    boxes = [box for box in sides if box is not None] or find_all(category, "div.perk-details")
    return tuple(perk for perk in map(_read_perk, boxes) if perk.name)


def _read_perk(box: LexborNode) -> Perk:
    return Perk(
        name=trimmed(find(box, "div.perk-info h3")),
        description=trimmed(find(box, "div.perk-info div[slot=description]")),
        icon=attribute(find(box, "img"), "src") or "",
    )


def read_stadium_powers(root: LexborNode) -> tuple[Perk, ...] | None:
    """The powers in the page's order, texts as they stand; None when the hero is not in Stadium.

    The page has every card a second time, for small screens; only those of the carousel are read.
    """
    wrapper = find(root, "div.stadium-wrapper")
    if wrapper is None:
        return None
    carousel = find(wrapper, "blz-section#stadium blz-carousel-beta")
    powers = (_read_power(card) for card in find_all(carousel, "blz-card.talent-card"))
    return tuple(power for power in powers if power.name)


def _read_power(card: LexborNode) -> Perk:
    return Perk(
        name=text_of(find(card, "p.talent-name")),
        description=text_of(find(card, "p.talent-desc")),
        icon=attribute(find(card, "img"), "src") or "",
    )
