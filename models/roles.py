"""Roles: the three parts a hero can play."""

from dataclasses import dataclass
from enum import Enum


class RoleKey(Enum):
    """The three roles; keys of Blizzard's own, the same in every language."""

    TANK = "tank"
    DAMAGE = "damage"
    SUPPORT = "support"


@dataclass(frozen=True, slots=True)
class Role:
    """A role and what is asked of whoever plays it."""

    key: RoleKey
    name: str
    description: str
