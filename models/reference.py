"""The reference tables together: heroes, roles, maps and gamemodes with the relations between them."""

from collections.abc import Mapping
from dataclasses import dataclass

from models.gamemodes import Gamemode
from models.heroes import Hero
from models.maps import Map
from models.roles import Role


@dataclass(frozen=True, slots=True)
class Reference:
    """The shipped facts in the tables' order, by key, and both ways along each relation.

    Keys of roles are their text ("tank"). A relation has an entry for every key, empty where nothing belongs.
    """

    heroes: tuple[Hero, ...]
    roles: tuple[Role, ...]
    maps: tuple[Map, ...]
    gamemodes: tuple[Gamemode, ...]
    hero_by_key: Mapping[str, Hero]
    role_by_key: Mapping[str, Role]
    map_by_key: Mapping[str, Map]
    gamemode_by_key: Mapping[str, Gamemode]
    heroes_by_role: Mapping[str, tuple[Hero, ...]]
    heroes_by_gamemode: Mapping[str, tuple[Hero, ...]]
    maps_by_gamemode: Mapping[str, tuple[Map, ...]]
    gamemodes_by_hero: Mapping[str, tuple[Gamemode, ...]]
    gamemodes_by_map: Mapping[str, tuple[Gamemode, ...]]
