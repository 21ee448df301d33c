"""The bundled tables: broken rows are named, and what is shipped is whole."""

import pytest

from blizzard.parsers.gamemodes import read_gamemodes_table
from blizzard.parsers.heroes import read_heroes_table
from blizzard.parsers.maps import read_maps_table
from blizzard.parsers.roles import read_roles_table
from errors import StartRefused
from models.gamemodes import Gamemode
from models.heroes import Hero, HitPoints
from models.maps import Map
from models.roles import Role, RoleKey

HEROES = "key,name,role,subrole,gamemodes,health,armor,shields\n"
MAPS = "key,name,gamemodes,location,country_code\n"
GAMEMODES = "key,name,description,listed\n"
ROLES = "key,name,description\n"
QUILLON = 'quillon,Quillon,tank,,"quickplay,stadium",200,100,50\n'


def test_a_hero_row_becomes_a_hero() -> None:
    assert read_heroes_table(HEROES + QUILLON) == (
        Hero(
            "quillon", "Quillon", RoleKey.TANK, None, ("quickplay", "stadium"), HitPoints(200, 100, 50, 350)
        ),
    )


def test_a_map_row_becomes_a_map() -> None:
    text = MAPS + 'old-moon,Old Moon,"push,clash","Sea, Moon",\n'

    assert read_maps_table(text) == (Map("old-moon", "Old Moon", ("push", "clash"), "Sea, Moon", None, None),)


@pytest.mark.parametrize("address", ["https://img.test/x", "https://img.test/x/"])
def test_images_have_urls_where_a_host_is_given(address: str) -> None:
    (place,) = read_maps_table(MAPS + "a,A,push,B,GB\n", address)
    (gamemode,) = read_gamemodes_table(GAMEMODES + "push,Push,Text.,true\n", address)

    assert place.screenshot == "https://img.test/x/static/maps/a.jpg"
    assert gamemode.icon == "https://img.test/x/static/gamemodes/push-icon.svg"
    assert gamemode.screenshot == "https://img.test/x/static/gamemodes/push.avif"


def test_gamemode_and_role_rows_become_models() -> None:
    assert read_gamemodes_table(GAMEMODES + "push,Push,Text.,false\n") == (
        Gamemode("push", "Push", "Text.", None, None, is_listed=False),
    )
    assert read_roles_table(ROLES + "tank,Tank,Text.\n") == (Role(RoleKey.TANK, "Tank", "Text."),)


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("a,A,tank,,quickplay,200,0", "heroes.csv, line 3: zip"),
        ("a,A,tank,,quickplay,200,0,0,0", "heroes.csv, line 3: zip"),
        (",A,tank,,quickplay,200,0,0", "heroes.csv, line 3: the key ''"),
        ("quillon,A,tank,,quickplay,200,0,0", "heroes.csv, line 3: the key 'quillon'"),
        ("a,,tank,,quickplay,200,0,0", "heroes.csv, line 3: name is empty"),
        ("a,A,wizard,,quickplay,200,0,0", "heroes.csv, line 3: 'wizard'"),
        ("a,A,tank,,,200,0,0", "heroes.csv, line 3: a list of keys"),
        ("a,A,tank,,quickplay,0,0,0", "heroes.csv, line 3: health"),
        ("a,A,tank,,quickplay,many,0,0", "heroes.csv, line 3: invalid literal"),
        ('a,"A,tank', "heroes.csv, line 3: unexpected end"),
        ("", "heroes.csv, line 3: zip"),
    ],
)
def test_a_broken_hero_row_is_named_by_file_and_line(row: str, complaint: str) -> None:
    with pytest.raises(StartRefused, match=complaint):
        read_heroes_table(HEROES + QUILLON + row + "\n")


@pytest.mark.parametrize("text", ["", "name,key\n", "key,name,description,listed,more\n"])
def test_another_header_is_refused(text: str) -> None:
    with pytest.raises(
        StartRefused, match=r"gamemodes\.csv, line 1: the header must be key,name,description,listed"
    ):
        read_gamemodes_table(text)


def test_a_country_code_has_two_capital_letters() -> None:
    with pytest.raises(StartRefused, match=r"maps\.csv, line 2: country_code"):
        read_maps_table(MAPS + "a,A,push,B,gb\n")


def test_listed_is_true_or_false() -> None:
    with pytest.raises(StartRefused, match=r"gamemodes\.csv, line 2: listed"):
        read_gamemodes_table(GAMEMODES + "push,Push,Text.,yes\n")


def test_an_unknown_role_is_refused() -> None:
    with pytest.raises(StartRefused, match=r"roles\.csv, line 2: 'wizard'"):
        read_roles_table(ROLES + "wizard,Wizard,Text.\n")
