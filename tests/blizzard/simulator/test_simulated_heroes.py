"""Pages about heroes and roles, and rates: read by the real parsers they are what was put in."""

import pytest

from blizzard.parsers.hero_lists import read_hero_list
from blizzard.parsers.hero_pages import read_hero_page
from blizzard.parsers.hero_usage import read_hero_usage
from blizzard.parsers.roles import read_roles_page
from blizzard.reference import load_reference
from blizzard.simulator import Moment, Page, Site
from blizzard.simulator.heroes import hero_by_key, hero_cards, hero_facts, role_cards, simulated_heroes
from blizzard.simulator.usage import usage_facts
from models.heroes import StoryMediaType
from models.locales import Locale

SEED = 7
START = Moment(1_800_000_000_000, 1_800_000_000_000)
URL = "http://127.0.0.1:8001"
IMAGES = f"{URL}/images"
KEYS = [hero.key for hero in simulated_heroes(SEED)]


def get(path: str, **query: str) -> Page:
    return Site(URL, seed=SEED, players=10).answer(path, query, START)


def test_there_are_all_heroes_of_the_table_and_two_more() -> None:
    known = {hero.key for hero in load_reference().heroes}

    assert set(KEYS) - known == {"brass-lantern", "fennel"}
    assert known - set(KEYS) == set()


@pytest.mark.parametrize("locale", Locale)
def test_the_list_is_read_as_the_cards_it_was_written_from(locale: Locale) -> None:
    cards = read_hero_list(get(f"/{locale.value}/heroes/").text)

    assert cards == tuple(sorted(hero_cards(SEED, IMAGES), key=lambda card: card.key))


@pytest.mark.parametrize("key", KEYS)
def test_a_heros_page_is_read_as_what_it_was_written_from(key: str) -> None:
    page = read_hero_page(get(f"/en-us/heroes/{key}/").text, Locale.EN_US)

    assert page == hero_facts(SEED, hero_by_key(SEED)[key], Locale.EN_US, IMAGES)


@pytest.mark.parametrize("locale", Locale)
@pytest.mark.parametrize("key", ["ana", "fennel", "lucio", "bastion", "juno"])
def test_a_heros_page_is_read_in_every_language(key: str, locale: Locale) -> None:
    page = read_hero_page(get(f"/{locale.value}/heroes/{key}/").text, locale)

    assert page == hero_facts(SEED, hero_by_key(SEED)[key], locale, IMAGES)


@pytest.mark.parametrize("locale", [locale for locale in Locale if locale is not Locale.EN_US])
def test_texts_tell_their_language(locale: Locale) -> None:
    page = read_hero_page(get(f"/{locale.value}/heroes/ana/").text, locale)

    assert page is not None
    assert (page.description or "").endswith(f" [{locale.value}]")
    assert [ability.description[-8:] for ability in page.abilities] == [f" [{locale.value}]"] * len(
        page.abilities
    )


def test_some_hero_has_each_kind_of_story_some_none_and_some_no_birthday() -> None:
    heroes = [hero_facts(SEED, hero, Locale.EN_US, IMAGES) for hero in simulated_heroes(SEED)]

    media = [hero.story.media for hero in heroes if hero.story is not None]
    assert {each.type if each else None for each in media} == {*StoryMediaType, None}
    assert {(hero.birthday is None, hero.age is None) for hero in heroes} == {
        (False, False),
        (True, False),
        (True, True),
    }
    assert {len(hero.stadium_powers or ()) for hero in heroes} == {0, 12}


@pytest.mark.parametrize("path", ["/en-us/heroes/nobody/", "/en-us/nothing/", "/xx-xx/heroes/", "/", "/%00/"])
def test_a_page_that_is_not_there_has_status_404_and_no_hero(path: str) -> None:
    page = get(path)

    assert page.status == 404
    assert read_hero_page(page.text, Locale.EN_US) is None


@pytest.mark.parametrize("locale", Locale)
def test_the_home_page_is_read_as_the_roles_it_was_written_from(locale: Locale) -> None:
    cards = read_roles_page(get(f"/{locale.value}/").text)

    assert cards == role_cards(locale, IMAGES)
    assert [card.key for card in cards] == ["tank", "damage", "support"]


def test_rates_are_read_as_what_was_put_in() -> None:
    query = {"input": "Console", "rq": "1", "region": "Asia", "map": "ilios", "tier": "Gold"}

    answer = read_hero_usage(get("/en-us/rates/data/", **query).text)

    assert (answer.queue, answer.map_key) == ("1", "ilios")
    assert answer.rows == usage_facts(SEED, query)
    assert [row.hero_key for row in answer.rows] == KEYS
    assert 0.0 in {row.pickrate for row in answer.rows}


@pytest.mark.parametrize(
    ("asked", "queue", "map_key"),
    [
        ({"rq": "0", "map": "all-maps"}, "0", "all-maps"),
        ({"rq": "2", "map": "ilios"}, "0", "ilios"),
        ({"rq": "1", "map": "horizon"}, "1", "all-maps"),
        ({}, "0", "all-maps"),
    ],
)
def test_a_query_that_upstream_does_not_know_is_answered_as_another(
    asked: dict[str, str], queue: str, map_key: str
) -> None:
    answer = read_hero_usage(get("/en-us/rates/data/", **asked).text)

    assert (answer.queue, answer.map_key) == (queue, map_key)


@pytest.mark.parametrize("name", ["region", "input", "map", "rq", "tier"])
def test_rates_depend_on_every_part_of_the_query(name: str) -> None:
    query = {"input": "PC", "rq": "0", "region": "Asia", "map": "all-maps", "tier": "All"}
    other = {"input": "Console", "rq": "1", "region": "Europe", "map": "ilios", "tier": "Gold"}

    assert usage_facts(SEED, query) != usage_facts(SEED, {**query, name: other[name]})


def test_a_picture_is_a_drawing_with_initials_and_the_same_every_time() -> None:
    portrait = get("/images/heroes/jetpack-cat.svg")

    assert portrait.content_type == "image/svg+xml"
    assert ">JC</text>" in portrait.text
    assert get("/images/heroes/jetpack-cat.svg") == portrait
    assert get("/images/heroes/ana.svg") != portrait


def test_the_name_of_a_picture_cannot_write_markup_into_it() -> None:
    assert "<script>" not in get("/images/%3Cscript%3E.svg").text
