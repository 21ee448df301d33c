"""Roles: the three parts a hero can play."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
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


def merge_role_cards(
    bundled: Iterable[Role], cards: Iterable[RoleCard], locale: Locale, fetched_at: int
) -> tuple[Role, ...]:
    """The bundled roles, each with name, icon and text of its card where the home page has one."""
    by_key = {card.key: card for card in cards}
    return tuple(
        Role(role.key, card.name, card.description, card.icon, locale, fetched_at)
        if (card := by_key.get(role.key.value))
        else replace(role, locale=locale)
        for role in bundled
    )
