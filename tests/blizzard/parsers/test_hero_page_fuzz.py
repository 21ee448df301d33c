"""Whatever becomes of a page on its way, its reader gives facts of the declared types or says that it cannot read."""

import json
import time
from collections.abc import Callable
from functools import partial, reduce
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blizzard.parsers.hero_lists import read_hero_list
from blizzard.parsers.hero_pages import read_hero_page
from blizzard.parsers.hero_usage import read_hero_usage
from blizzard.parsers.roles import read_roles_page
from errors import PageUnreadable
from models.hero_usage import HeroUsage
from models.heroes import HeroCard, HeroPage
from models.locales import Locale
from models.roles import RoleCard
from tests import synthetic_heroes as made


class Kind(NamedTuple):
    """A kind of page: a whole one, its reader and what that gives."""

    text: str
    read: Callable[[str], Any]
    facts: Any


KINDS = {
    "list": Kind(made.hero_list(), read_hero_list, tuple[HeroCard, ...]),
    "hero": Kind(made.hero_page(), partial(read_hero_page, locale=Locale.JA_JP), HeroPage | None),
    "home": Kind(made.home_page(), read_roles_page, tuple[RoleCard, ...]),
    "usage": Kind(made.usage_answer(), lambda text: read_hero_usage(text).rows, tuple[HeroUsage, ...]),
}
PAGES = ["list", "hero", "home"]


def is_sound(kind: Kind, text: str) -> bool:
    """Whether reading ends as promised: in facts that keep their types and can be written, or in PageUnreadable."""
    try:
        facts = kind.read(text)
    except PageUnreadable:
        return True
    written = msgspec.json.encode(facts)
    return bool(msgspec.json.decode(written, type=kind.facts) == facts and b"\\u0000" not in written)


def unsound_cuts(kind: Kind) -> list[int]:
    """The lengths in bytes at which a cut page is not read as promised."""
    body = kind.text.encode()
    cuts = range(len(body) + 1)
    return [cut for cut in cuts if not is_sound(kind, body[:cut].decode(errors="replace"))]


@pytest.mark.parametrize("name", KINDS)
def test_a_page_cut_off_at_any_byte_is_read_as_promised(name: str) -> None:
    assert unsound_cuts(KINDS[name]) == []


def read_cuts(kind: Kind) -> list[int]:
    """The lengths, before its main part has ended, at which a cut page is read all the same."""
    return [cut for cut in range(kind.text.index("</main")) if is_read(kind, kind.text[:cut])]


def is_read(kind: Kind, text: str) -> bool:
    try:
        kind.read(text)
    except PageUnreadable:
        return False
    return True


@pytest.mark.parametrize("name", PAGES)
def test_a_page_cut_short_before_its_end_says_nothing(name: str) -> None:
    assert read_cuts(KINDS[name]) == []


OPENING = [
    "<!--",
    "<svg>",
    "<table>",
    "<b>",
    "<p>",
    "<template>",
    "<plaintext>",
    "<select>",
    "<main>",
    "<script>",
]
TAGS = [*OPENING, "<textarea>", "</main>", "</"]
pieces = st.sampled_from([*TAGS, *"<>\"'&\0\ud800\r（𝔘İß", "&#0;", "&#xD800;"])
edits = st.lists(
    st.tuples(
        st.sampled_from(["drop", "double", "swap", "move", "put"]),
        st.integers(0, 10_000),
        st.integers(0, 10_000),
        pieces,
    ),
    min_size=1,
    max_size=12,
)


def edited(text: str, edit: tuple[str, int, int, str]) -> str:
    """The text with something done to two of its tags (each with the text after it) or with a piece put in."""
    kind, first, second, piece = edit
    if kind == "put":
        place = first * 7919 % (len(text) + 1)
        return text[:place] + piece + text[place:]
    tags = text.split("<")
    here, there = first % len(tags), second % len(tags)
    if kind == "swap":
        tags[here], tags[there] = tags[there], tags[here]
    elif kind == "double":
        tags[here:here] = tags[here : here + second % 40]
    elif kind == "drop":
        del tags[here : here + 1 + second % 40]
    else:
        tags.insert(there, tags.pop(here))
    return "<".join(tags)


@pytest.mark.parametrize("name", PAGES)
@settings(max_examples=400, deadline=None)
@given(changes=edits)
def test_a_page_in_disorder_is_read_as_promised(name: str, changes: list[tuple[str, int, int, str]]) -> None:
    text = reduce(edited, changes, KINDS[name].text)

    assert is_sound(KINDS[name], text)


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.sampled_from(["\0", "1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
members = st.sampled_from(
    [
        ("rates",),
        ("rates", "selected"),
        ("rates", "selected", "rq"),
        ("rates", "selected", "map"),
        ("rates", "rates"),
        ("rates", "rates", 0),
        ("rates", "rates", 0, "id"),
        ("rates", "rates", 0, "cells"),
        ("rates", "rates", 0, "cells", "pickrate"),
        ("rates", "rates", 0, "hero"),
        ("rates", "rates", 0, "hero", "role"),
    ]
)


def replaced(inside: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The same with `value` as the member that the path leads to."""
    if not path:
        return value
    step, *rest = path
    members = dict(enumerate(inside)) if isinstance(inside, list) else inside
    changed = {**members, step: replaced(members[step], tuple(rest), value)}
    return list(changed.values()) if isinstance(inside, list) else changed


@settings(max_examples=400, deadline=None)
@given(path=members, value=anything)
def test_rates_with_any_member_of_another_type_are_read_as_promised(
    path: tuple[Any, ...], value: Any
) -> None:
    answer = replaced(json.loads(made.usage_answer()), path, value)

    assert is_sound(KINDS["usage"], json.dumps(answer))


@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=200))
def test_any_text_is_read_as_promised(name: str, text: str) -> None:
    assert is_sound(KINDS[name], text)


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("filling", ["x", "<div>", "<a href=/heroes/x>", '{"rates":', "[[", " "])
def test_ten_megabytes_are_read_as_promised_and_soon(name: str, filling: str) -> None:
    kind = KINDS[name]
    started_at = time.process_time()

    assert is_sound(kind, kind.text + filling * (10_000_000 // len(filling)))
    assert is_sound(kind, filling * (10_000_000 // len(filling)))
    assert time.process_time() - started_at < 5


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(
    "tag",
    [
        "<div class='abilities-container heroIndexWrapper homepage-features-heroes perk-details left'>",
        "<blz-feature><h3>",
        "<blz-card class=talent-card>",
        "<blz-media-gallery>",
        "<blz-accordion><span>",
        "<div slot=content><pr>",
    ],
)
def test_deep_nesting_ends_soon(name: str, tag: str) -> None:
    kind = KINDS[name]
    started_at = time.process_time()

    assert is_sound(kind, kind.text.replace("</main>", tag * (4_500 // tag.count("<"))))
    assert is_sound(kind, kind.text.replace("</main>", tag * (9_000 // tag.count("<"))))
    assert time.process_time() - started_at < 5
