"""Reading a hero's own page: what stands, what is left out, and what says that there is no such hero."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from blizzard.parsers.hero_pages import read_hero_page
from errors import PageUnreadable
from models.heroes import HeroBackground, HeroPage, Perks
from models.locales import Locale
from tests import synthetic_heroes as made
from tests.pages import BLIZZARD, needs_pages, page

ELSEWHERE = {"portrait", "hitpoints"}
"""Members of the recorded heroes that come from other sources than the hero's page."""


def read(**parts: str) -> HeroPage:
    found = read_hero_page(made.hero_page(**parts), Locale.EN_US)
    assert found is not None
    return found


def recorded(key: str) -> dict[str, Any]:
    hero: dict[str, Any] = json.loads(page(f"expected/hero/{key}.json"))
    return {"birthday": None, "stadium_powers": None, **hero}


def as_recorded(found: HeroPage) -> dict[str, Any]:
    """The page's facts in the shape of the recorded ones."""
    shown: dict[str, Any] = json.loads(json.dumps(asdict(found), default=lambda enum: enum.value))
    for ability in shown["abilities"]:
        film = ability["video"]
        ability["video"] = {"thumbnail": film.pop("thumbnail"), "link": film}
    return shown


@needs_pages
@pytest.mark.pages
@pytest.mark.parametrize(
    "key", sorted(path.stem for path in Path(BLIZZARD, "expected", "hero").glob("*.json"))
)
def test_a_saved_page_is_read_in_full(key: str) -> None:
    found = read_hero_page(page(f"pages/heroes/{key}.html"), Locale.EN_US)

    assert found is not None
    wanted = {name: value for name, value in recorded(key).items() if name not in ELSEWHERE}
    assert as_recorded(found) == wanted


@needs_pages
@pytest.mark.pages
def test_the_saved_page_about_nobody_is_none() -> None:
    assert read_hero_page(page("pages/heroes/unknown-hero.html"), Locale.EN_US) is None


@pytest.mark.parametrize("html", [made.NO_HERO_PAGE, made.hero_page(abilities=""), made.page("")])
def test_a_page_without_abilities_says_that_there_is_no_such_hero(html: str) -> None:
    assert read_hero_page(html, Locale.EN_US) is None


@pytest.mark.parametrize("text", ["", "\0", "Bad gateway", '{"error": 1}', "<body><h1>x</h1></body>"])
def test_text_without_a_main_part_is_unreadable(text: str) -> None:
    with pytest.raises(PageUnreadable, match="main part"):
        read_hero_page(text, Locale.EN_US)


def test_the_header_tells_who_the_hero_is() -> None:
    found = read()

    assert (found.name, found.description) == ("Quillon", "A wanderer with a lamp.")
    assert (found.role, found.subrole) == ("support", "tactician")
    assert found.location == "Port Sable (formerly)"
    assert (found.birthday, found.age) == ("May 3", 41)
    assert found.backgrounds == (
        HeroBackground("https://images.example/narrow.jpg", ("min", "xs", "sm")),
        HeroBackground("https://images.example/wide.jpg", ("xl+",)),
    )


def test_the_role_is_named_by_its_icon_and_not_by_words() -> None:
    found = read(header=made.hero_header(items=made.list_item("role", "救援", "TANK.svg")))

    assert (found.role, found.subrole, found.location) == ("tank", None, None)


def test_items_are_known_by_their_class_in_any_order() -> None:
    items = made.BIRTHDAY_ITEM + made.LOCATION_ITEM + made.SUBROLE_ITEM + made.ROLE_ITEM

    assert read(header=made.hero_header(items=items)) == read()


@pytest.mark.parametrize(
    ("missing", "name"),
    [
        (made.ROLE_ITEM, "role"),
        (made.SUBROLE_ITEM, "subrole"),
        (made.LOCATION_ITEM, "location"),
        (made.BIRTHDAY_ITEM, "birthday"),
    ],
)
def test_an_item_that_is_missing_shifts_no_other(missing: str, name: str) -> None:
    whole = asdict(read())

    found = asdict(read(header=made.hero_header(items=made.ITEMS.replace(missing, ""))))

    assert {field for field, value in found.items() if value != whole[field]} - {"age"} == {name}
    assert found[name] is None


def test_items_without_a_class_count_for_their_place() -> None:
    items = made.ITEMS
    for_place = [f' class="{name}"' for name in ("role", "subrole", "location", "birthday")]
    items = items.replace(for_place[0], "").replace(for_place[1], "")
    items = items.replace(for_place[2], "").replace(for_place[3], ' class="x"')

    assert read(header=made.hero_header(items=items)) == read()


def test_of_two_items_with_one_class_the_first_counts() -> None:
    items = made.ITEMS + made.list_item("location", "Elsewhere", "location.svg")

    assert read(header=made.hero_header(items=items)).location == "Port Sable (formerly)"


def test_a_background_without_an_address_is_left_out() -> None:
    pictures = (
        '<blz-image slot="background" src="" bp="md"></blz-image><blz-image slot="background"></blz-image>'
    )

    assert read(header=made.hero_header(backgrounds=pictures + made.background("a.jpg", ""))).backgrounds == (
        HeroBackground("https://images.example/a.jpg", ()),
    )


def test_a_page_without_a_header_keeps_the_rest() -> None:
    found = read(header="")

    assert (found.name, found.description, found.backgrounds) == ("", None, ())
    assert (found.role, found.subrole, found.location) == (None, None, None)
    assert (found.birthday, found.age) == (None, None)
    assert (found.abilities, found.perks) == (read().abilities, read().perks)
    assert (found.stadium_powers, found.story) == (read().stadium_powers, read().story)


@pytest.mark.parametrize(
    ("part", "name", "left"),
    [
        ("perks", "perks", None),
        ("stadium", "stadium_powers", None),
        ("story", "story", None),
    ],
)
def test_a_section_that_is_missing_is_none_and_the_rest_stands(
    part: str, name: str, left: Perks | None
) -> None:
    whole = asdict(read())

    found = asdict(read(**{part: ""}))

    assert found == {**whole, name: left}


@pytest.mark.parametrize("part", ["header", "perks", "stadium", "story", "abilities"])
def test_a_section_that_comes_twice_counts_once(part: str) -> None:
    assert read(**{part: made.hero_parts()[part] * 2}) == read()


def test_sections_in_another_order_give_the_same_facts() -> None:
    turned = made.page("".join(reversed(made.hero_parts().values())))

    assert read_hero_page(turned, Locale.EN_US) == read()


@pytest.mark.parametrize("locale", Locale)
def test_nothing_but_unknown_birthdays_depends_on_the_language(locale: Locale) -> None:
    assert read_hero_page(made.hero_page(), locale) == read()


def test_a_page_far_larger_than_any_real_one_is_unreadable() -> None:
    start, room = made.hero_page(), 1_000_000 - len(made.hero_page())

    assert read_hero_page(start + "x" * room, Locale.EN_US) == read()
    with pytest.raises(PageUnreadable, match="larger"):
        read_hero_page(start + "x" * (room + 1), Locale.EN_US)


def test_a_page_of_far_more_tags_than_any_real_one_is_unreadable() -> None:
    start = made.hero_page()
    room = 10_000 - start.count("<")

    assert read_hero_page(start + "<" * room, Locale.EN_US) == read()
    with pytest.raises(PageUnreadable, match="larger"):
        read_hero_page(start + "<" * (room + 1), Locale.EN_US)


def test_signs_that_no_text_may_hold_never_come_out() -> None:
    found = read(header=made.hero_header("Qu\0il&#0;lon&#xD800;", 'A\ud800 "\0" B'))

    assert (found.name, found.description) == ("Quil\ufffdlon\ufffd", 'A "" B')
