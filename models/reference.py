"""The reference tables together: heroes, roles, maps and gamemodes with the relations between them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from models.gamemodes import Gamemode
from models.heroes import Hero
from models.maps import Map
from models.roles import Role, RoleKey


@dataclass(frozen=True)
class Reference:
    """Tables in their own order. Built once; look-ups and relations are computed once and cost nothing after."""

    heroes: tuple[Hero, ...]
    roles: tuple[Role, ...]
    maps: tuple[Map, ...]
    gamemodes: tuple[Gamemode, ...]

    @cached_property
    def hero_by_key(self) -> Mapping[str, Hero]:
        return {hero.key: hero for hero in self.heroes}

    @cached_property
    def role_by_key(self) -> Mapping[RoleKey, Role]:
        return {role.key: role for role in self.roles}

    @cached_property
    def map_by_key(self) -> Mapping[str, Map]:
        return {map_.key: map_ for map_ in self.maps}

    @cached_property
    def gamemode_by_key(self) -> Mapping[str, Gamemode]:
        return {gamemode.key: gamemode for gamemode in self.gamemodes}

    @cached_property
    def role_key_by_hero_key(self) -> Mapping[str, RoleKey]:
        return {hero.key: hero.role_key for hero in self.heroes}

    @cached_property
    def heroes_by_role(self) -> Mapping[RoleKey, tuple[Hero, ...]]:
        return _grouped((hero.role_key, hero) for hero in self.heroes)

    @cached_property
    def heroes_by_gamemode(self) -> Mapping[str, tuple[Hero, ...]]:
        return _grouped((key, hero) for hero in self.heroes for key in hero.gamemode_keys)

    @cached_property
    def maps_by_gamemode(self) -> Mapping[str, tuple[Map, ...]]:
        return _grouped((key, map_) for map_ in self.maps for key in map_.gamemode_keys)


GroupT = TypeVar("GroupT")
ItemT = TypeVar("ItemT")


def _grouped(pairs: Iterable[tuple[GroupT, ItemT]]) -> Mapping[GroupT, tuple[ItemT, ...]]:
    groups: dict[GroupT, list[ItemT]] = {}
    for group, item in pairs:
        groups.setdefault(group, []).append(item)
    return {group: tuple(items) for group, items in groups.items()}
