"""Heroes and roles of one language together, by key and along their relations."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from models.heroes import Hero
from models.roles import Role, RoleKey


@dataclass(frozen=True, slots=True)
class HeroTable:
    """The heroes of one language, sorted by key.

    `was_late` says that the list page was waited for in vain: who has waited that long waits for no other page.
    """

    heroes: tuple[Hero, ...]
    by_key: Mapping[str, Hero]
    by_role: Mapping[RoleKey, tuple[Hero, ...]]
    was_late: bool = False

    @classmethod
    def of(cls, heroes: tuple[Hero, ...], *, was_late: bool = False) -> Self:
        """The table of these heroes."""
        in_order = tuple(sorted(heroes, key=lambda hero: hero.key))
        by_role = {role: tuple(hero for hero in in_order if hero.role_key is role) for role in RoleKey}
        return cls(in_order, {hero.key: hero for hero in in_order}, by_role, was_late)

    def of_gamemode(self, key: str) -> list[Hero]:
        """The heroes that can be played in a gamemode."""
        return [hero for hero in self.heroes if key in hero.gamemode_keys]


@dataclass(frozen=True, slots=True)
class RoleTable:
    """The roles of one language: tank, damage, support."""

    by_key: Mapping[RoleKey, Role]

    @classmethod
    def of(cls, roles: tuple[Role, ...]) -> Self:
        """The table of these roles."""
        return cls({role.key: role for role in roles})
