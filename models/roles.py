"""Roles: the three parts a hero can play."""

from dataclasses import dataclass
from enum import Enum

from models.locales import Locale


class RoleKey(Enum):
    """The three roles; keys of Blizzard's own, the same in every language."""

    TANK = "tank"
    DAMAGE = "damage"
    SUPPORT = "support"


@dataclass(frozen=True, slots=True)
class RoleCard:
    """A role on the home page, in the page's language. `key` is as the page's icon spells it; `icon` is a URL."""

    key: str
    name: str
    icon: str | None
    description: str


@dataclass(frozen=True, slots=True)
class Role:
    """A role as served, and what is asked of whoever plays it.

    `icon` is a URL, None when bundled. `fetched_at` is None when bundled (milliseconds since 1970 otherwise).
    """

    key: RoleKey
    name: str
    description: str
    icon: str | None = None
    locale: Locale = Locale.EN_US
    fetched_at: int | None = None
