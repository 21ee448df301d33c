"""What the readers of heroes' and roles' pages share: main part, icons that name keys, things that belong together."""

from collections.abc import Sequence
from typing import TypeVar

from selectolax.lexbor import LexborHTMLParser, LexborNode

from blizzard.parsers.nodes import attribute, ends, text_of
from errors import PageUnreadable

CATALOG_PARSER_VERSION = 1
"""Raise it when the same page or answer gives other facts than before: kept ones are then read again."""

MAX_CHARACTERS = 1_000_000
MAX_TAGS = 10_000
"""Ten times what today's pages have. Building a tree takes time with the square of its depth: 300,000 nested
elements, no more than 2 MB, take minutes."""

MAX_MATCHES = 500
"""More things of one kind are on no page."""

T = TypeVar("T")


def read_root(html: str) -> LexborNode:
    """The main part of a page. PageUnreadable when there is none, or when the page is far beyond any real one or cut
    short: what stands further down would seem to be gone."""
    if len(html) > MAX_CHARACTERS or html.count("<") > MAX_TAGS:
        raise PageUnreadable("The page is larger than any page of its kind.")
    root = LexborHTMLParser(html).css_first("div.main-content, main")
    if root is None:
        raise PageUnreadable("The page has no main part.")
    if not ends(html):
        raise PageUnreadable("The page is cut short.")
    return root


def find(node: LexborNode | None, selector: str) -> LexborNode | None:
    """The first match; None in no node."""
    return None if node is None else node.css_first(selector)


def find_all(node: LexborNode | None, selector: str) -> list[LexborNode]:
    """The first matches in the page's order, at most `MAX_MATCHES`; none in no node."""
    return [] if node is None else node.css(selector)[:MAX_MATCHES]


def trimmed(node: LexborNode | None) -> str:
    """All text inside without white space around it; empty for no node."""
    return text_of(node).strip()


def icon_key(icon: LexborNode | None) -> str | None:
    """The key that an icon's file is named for (".../Support.svg" -> "support"), the same in every language."""
    file_name = (attribute(icon, "src") or "").rsplit("/", 1)[-1]
    return file_name.partition(".")[0].lower() or None


def matched(keys: Sequence[str | None], found: Sequence[tuple[str | None, T]]) -> list[T | None]:
    """For each key the thing found that belongs to it: that of the same key, else the one at the same place.

    The place counts only for a thing that has no key or one that nobody looks for: a thing missing in the
    middle then does not shift all that follow. Among several of one key, the one at the same place is taken.
    """
    first_of: dict[str | None, T] = {}
    for key, thing in found:
        if key is not None:
            first_of.setdefault(key, thing)
    nothing: list[tuple[str | None, T | None]] = [(None, None)] * len(keys)
    at_places = [*found, *nothing]
    return [_pick(key, at_place, first_of, set(keys)) for key, at_place in zip(keys, at_places, strict=False)]


def _pick(
    key: str | None,
    at_place: tuple[str | None, T | None],
    first_of: dict[str | None, T],
    wanted: set[str | None],
) -> T | None:
    found_key, thing = at_place
    if found_key != key and key in first_of:
        return first_of[key]
    belongs_elsewhere = found_key is not None and found_key != key and found_key in wanted
    return None if belongs_elsewhere else thing
