"""A hero's own page: who the hero is; abilities and story have readers of their own."""

from selectolax.lexbor import LexborNode

from blizzard.parsers.birthdays import read_birthday
from blizzard.parsers.hero_abilities import read_abilities, read_perks, read_stadium_powers
from blizzard.parsers.hero_stories import read_story
from blizzard.parsers.nodes import attribute
from blizzard.parsers.page_parts import find, find_all, icon_key, matched, read_root, trimmed
from models.heroes import HeroBackground, HeroPage
from models.locales import Locale

_ITEMS = ("role", "subrole", "location", "birthday")


def read_hero_page(html: str, locale: Locale) -> HeroPage | None:
    """What the page tells of its hero in its language `locale`; None when it says that there is no such hero.

    A page about nobody has a main part but no abilities. Raises PageUnreadable for text without a main part, or cut
    short. Whatever else is missing is None or empty, and the rest stands.
    """
    root = read_root(html)
    abilities = find(root, "div.abilities-container")
    if abilities is None:
        return None
    header = find(root, "blz-page-header")
    role, subrole, location, birthday_line = _read_items(header)
    birthday, age = read_birthday(trimmed(find(birthday_line, "p")), locale)
    return HeroPage(
        name=trimmed(find(header, "blz-header h2")),
        description=trimmed(find(header, "blz-header p")) or None,
        role=icon_key(find(role, "blz-icon")),
        subrole=icon_key(find(subrole, "blz-icon")),
        location=trimmed(location) or None,
        birthday=birthday,
        age=age,
        backgrounds=_read_backgrounds(header),
        abilities=read_abilities(abilities),
        perks=read_perks(root),
        stadium_powers=read_stadium_powers(root),
        story=read_story(root),
    )


def _read_items(header: LexborNode | None) -> list[LexborNode | None]:
    """Role, sub-role, location and birthday by the classes of their items; one without counts for its place."""
    items = find_all(find(header, "blz-list"), "blz-list-item")
    return matched(_ITEMS, [(_item_class(item), item) for item in items])


def _item_class(item: LexborNode) -> str | None:
    classes = (attribute(item, "class") or "").split()
    return next((name for name in _ITEMS if name in classes), None)


def _read_backgrounds(header: LexborNode | None) -> tuple[HeroBackground, ...]:
    images = ((attribute(image, "src"), image) for image in find_all(header, "blz-image[slot=background]"))
    return tuple(
        HeroBackground(url, tuple((attribute(image, "bp") or "").split())) for url, image in images if url
    )
