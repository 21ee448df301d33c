"""The bundled reference: whole in itself, and equal to what is known of the game."""

import json

import pytest

from blizzard.parsers.maps import read_maps_table
from blizzard.reference import join_reference, load_reference
from errors import StartRefused
from models.roles import RoleKey
from tests.pages import needs_pages, page

REFERENCE = load_reference()


def test_roles_come_tank_first() -> None:
    assert [role.key for role in REFERENCE.roles] == [RoleKey.TANK, RoleKey.DAMAGE, RoleKey.SUPPORT]


def test_quickplay_and_stadium_are_known_but_not_listed() -> None:
    assert [gamemode.key for gamemode in REFERENCE.gamemodes if not gamemode.is_listed] == [
        "quickplay",
        "stadium",
    ]
    assert (REFERENCE.maps_by_gamemode["quickplay"], REFERENCE.maps_by_gamemode["stadium"]) == ((), ())


def test_every_hero_belongs_to_one_role_and_its_gamemodes() -> None:
    by_role = [hero for heroes in REFERENCE.heroes_by_role.values() for hero in heroes]

    assert sorted(hero.key for hero in by_role) == sorted(REFERENCE.hero_by_key)
    assert REFERENCE.heroes_by_gamemode["quickplay"] == REFERENCE.heroes
    assert len(REFERENCE.heroes_by_gamemode["stadium"]) == 33
    assert [mode.key for mode in REFERENCE.gamemodes_by_hero["ana"]] == ["quickplay", "stadium"]


def test_every_map_belongs_to_its_gamemodes() -> None:
    pairs = {
        (place.key, mode.key)
        for key, place in REFERENCE.map_by_key.items()
        for mode in REFERENCE.gamemodes_by_map[key]
    }
    reversed_pairs = {
        (place.key, key) for key, places in REFERENCE.maps_by_gamemode.items() for place in places
    }

    assert pairs == reversed_pairs
    assert len(pairs) == 62


def test_keys_are_in_every_lookup() -> None:
    assert len(REFERENCE.hero_by_key) == len(REFERENCE.heroes) == 52
    assert len(REFERENCE.map_by_key) == len(REFERENCE.maps) == 58
    assert (
        set(REFERENCE.gamemode_by_key) == set(REFERENCE.maps_by_gamemode) == set(REFERENCE.heroes_by_gamemode)
    )
    assert set(REFERENCE.role_by_key) == set(REFERENCE.heroes_by_role) == {"tank", "damage", "support"}


def test_without_a_host_no_image_has_a_url() -> None:
    assert {place.screenshot for place in REFERENCE.maps} == {None}
    assert {mode.icon for mode in REFERENCE.gamemodes} | {
        mode.screenshot for mode in REFERENCE.gamemodes
    } == {None}


def test_a_host_of_images_gives_each_map_its_own_url() -> None:
    reference = load_reference("https://img.test/")

    assert reference.map_by_key["busan"].screenshot == "https://img.test/static/maps/busan.jpg"
    assert len({place.screenshot for place in reference.maps}) == 58


def test_a_map_of_an_unknown_gamemode_is_refused() -> None:
    maps = read_maps_table("key,name,gamemodes,location,country_code\nx,X,chess,Y,\n")

    with pytest.raises(StartRefused, match="x names chess"):
        join_reference(heroes=(), roles=REFERENCE.roles, maps=maps, gamemodes=REFERENCE.gamemodes)


@needs_pages
@pytest.mark.pages
def test_heroes_are_those_of_the_game() -> None:
    expected = {hero["key"]: hero for hero in json.loads(page("expected/heroes.json"))}
    hitpoints = json.loads(page("expected/heroes_hitpoints.json"))

    found = {
        hero.key: {
            "key": hero.key, "name": hero.name, "portrait": expected[hero.key]["portrait"],
            "role": hero.role_key.value, "subrole": hero.subrole, "gamemodes": list(hero.gamemode_keys),
        }
        for hero in REFERENCE.heroes
    }  # fmt: skip
    points = {
        hero.key: {
            "hitpoints": {
                name: getattr(hero.hitpoints, name) for name in ("health", "armor", "shields", "total")
            }
        }
        for hero in REFERENCE.heroes
    }

    assert found == expected
    assert points == hitpoints


@needs_pages
@pytest.mark.pages
def test_maps_are_those_of_the_game_with_the_code_of_the_united_kingdom_mended() -> None:
    expected = json.loads(page("expected/maps.json").replace('"UK"', '"GB"'))
    base = expected[0]["screenshot"].removesuffix("/static/maps/aatlis.jpg")

    found = [
        {
            "key": place.key, "name": place.name, "screenshot": place.screenshot,
            "gamemodes": list(place.gamemode_keys), "location": place.location, "country_code": place.country_code,
        }
        for place in load_reference(base).maps
    ]  # fmt: skip

    assert found == expected


@needs_pages
@pytest.mark.pages
def test_listed_gamemodes_are_those_of_the_game() -> None:
    expected = [(mode["key"], mode["name"]) for mode in json.loads(page("expected/gamemodes.json"))]

    assert [(mode.key, mode.name) for mode in REFERENCE.gamemodes if mode.is_listed] == expected
