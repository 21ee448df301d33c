"""The page that lists all heroes: one card each."""

import re

from selectolax.lexbor import LexborNode

from blizzard.parsers.nodes import attribute
from blizzard.parsers.page_parts import find, find_all, read_root, trimmed
from errors import PageUnreadable
from models.heroes import HeroCard

_QUERY = re.compile(r"[?#]")


def read_hero_list(html: str) -> tuple[HeroCard, ...]:
    """The heroes of the list page, sorted by key; of two cards with one key the first counts.

    A card without a key or a name is left out. Every hero is in quickplay, those with the badge in stadium too.
    Raises PageUnreadable when the page has no main part, or not one card in it.
    """
    cards: dict[str, HeroCard] = {}
    for link in find_all(read_root(html), "div.heroIndexWrapper blz-media-gallery a"):
        card = _read_card(link)
        if card is not None:
            cards.setdefault(card.key, card)
    if not cards:
        raise PageUnreadable("The list of heroes has no card.")
    return tuple(cards[key] for key in sorted(cards))


def _read_card(link: LexborNode) -> HeroCard | None:
    key = _key_of(attribute(link, "href") or "")
    name = trimmed(find(link, "blz-card blz-content-block h2"))
    if not key or not name:
        return None
    is_in_stadium = find(link, "blz-card blz-badge.stadium-badge") is not None
    return HeroCard(
        key=key,
        name=name,
        portrait=attribute(find(link, "blz-card blz-image"), "src"),
        role=(attribute(link, "data-role") or "").lower(),
        subrole=(attribute(link, "data-subrole") or "").lower() or None,
        gamemode_keys=("quickplay", "stadium") if is_in_stadium else ("quickplay",),
    )


def _key_of(href: str) -> str:
    """The last part of an address's path."""
    return _QUERY.split(href, maxsplit=1)[0].rstrip("/").rsplit("/", 1)[-1]
