"""The bundled reference: heroes, roles, maps and gamemodes as shipped, with the relations between them."""

from collections.abc import Container, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from blizzard.parsers.gamemodes import read_gamemodes_table
from blizzard.parsers.heroes import read_heroes_table
from blizzard.parsers.maps import read_maps_table
from blizzard.parsers.roles import read_roles_table
from errors import StartRefused
from models.gamemodes import Gamemode
from models.heroes import Hero
from models.maps import Map
from models.reference import Reference
from models.roles import Role

_TABLES = Path(__file__).parent / "data"
_Item = TypeVar("_Item")


def load_reference(static_base_url: str | None = None) -> Reference:
    """Read the shipped tables. `static_base_url` is where images are served; without it they have no URL.

    Raises StartRefused when a table is missing, broken or names a role or gamemode that is in no table.
    """
    return join_reference(
        heroes=read_heroes_table(_read_text("heroes.csv")),
        roles=read_roles_table(_read_text("roles.csv")),
        maps=read_maps_table(_read_text("maps.csv"), static_base_url),
        gamemodes=read_gamemodes_table(_read_text("gamemodes.csv"), static_base_url),
    )


def join_reference(
    *,
    heroes: tuple[Hero, ...],
    roles: tuple[Role, ...],
    maps: tuple[Map, ...],
    gamemodes: tuple[Gamemode, ...],
) -> Reference:
    """Put the tables together. Raises StartRefused when one names a key that another lacks."""
    role_by_key = {role.key.value: role for role in roles}
    gamemode_by_key = {gamemode.key: gamemode for gamemode in gamemodes}
    roles_of = {hero.key: (hero.role_key.value,) for hero in heroes}
    gamemodes_of_heroes = {hero.key: hero.gamemode_keys for hero in heroes}
    gamemodes_of_maps = {place.key: place.gamemode_keys for place in maps}
    _check("heroes.csv", roles_of, role_by_key)
    _check("heroes.csv", gamemodes_of_heroes, gamemode_by_key)
    _check("maps.csv", gamemodes_of_maps, gamemode_by_key)
    hero_by_key = {hero.key: hero for hero in heroes}
    map_by_key = {place.key: place for place in maps}
    return Reference(
        heroes=heroes,
        roles=roles,
        maps=maps,
        gamemodes=gamemodes,
        hero_by_key=MappingProxyType(hero_by_key),
        role_by_key=MappingProxyType(role_by_key),
        map_by_key=MappingProxyType(map_by_key),
        gamemode_by_key=MappingProxyType(gamemode_by_key),
        heroes_by_role=_reverse(roles_of, hero_by_key, role_by_key),
        heroes_by_gamemode=_reverse(gamemodes_of_heroes, hero_by_key, gamemode_by_key),
        maps_by_gamemode=_reverse(gamemodes_of_maps, map_by_key, gamemode_by_key),
        gamemodes_by_hero=_follow(gamemodes_of_heroes, gamemode_by_key),
        gamemodes_by_map=_follow(gamemodes_of_maps, gamemode_by_key),
    )


def _read_text(file_name: str) -> str:
    try:
        return (_TABLES / file_name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StartRefused(f"The shipped table {file_name} cannot be read: {error}.") from error


def _check(file_name: str, relation: Mapping[str, tuple[str, ...]], known: Container[str]) -> None:
    for key, named in relation.items():
        for other in named:
            if other not in known:
                raise StartRefused(f"{file_name}: {key} names {other}, which is in no table.")


def _follow(
    relation: Mapping[str, tuple[str, ...]], items: Mapping[str, _Item]
) -> Mapping[str, tuple[_Item, ...]]:
    return MappingProxyType({key: tuple(items[other] for other in named) for key, named in relation.items()})


def _reverse(
    relation: Mapping[str, tuple[str, ...]], items: Mapping[str, _Item], ends: Iterable[str]
) -> Mapping[str, tuple[_Item, ...]]:
    return MappingProxyType(
        {end: tuple(items[key] for key, named in relation.items() if end in named) for end in ends}
    )
