"""Facts that upstream publishes for everybody, kept by kind and key: what each kind is made of."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from models.hero_usage import HeroUsage
from models.heroes import HeroCard, HeroPage
from models.players import SearchRow
from models.roles import RoleCard

Facts = TypeVar("Facts")


@dataclass(frozen=True, slots=True)
class CatalogKind(Generic[Facts]):
    """A kind of facts: `name` is how storage calls it, `facts` the type of one entry."""

    name: str
    facts: type[Facts]


HEROES: CatalogKind[tuple[HeroCard, ...]] = CatalogKind("heroes", tuple[HeroCard, ...])
"""The list of heroes; key: the locale."""

HERO: CatalogKind[HeroPage] = CatalogKind("hero", HeroPage)
"""A hero's own page; key: `hero_catalog_key`."""

ROLES: CatalogKind[tuple[RoleCard, ...]] = CatalogKind("roles", tuple[RoleCard, ...])
"""The roles; key: the locale."""

HERO_USAGE: CatalogKind[tuple[HeroUsage, ...]] = CatalogKind("hero_usage", tuple[HeroUsage, ...])
"""Pick and win rates; key: the filter."""

PLAYER_SEARCH: CatalogKind[tuple[SearchRow, ...]] = CatalogKind("player_search", tuple[SearchRow, ...])
"""Players of a name; key: the name."""


@dataclass(frozen=True, slots=True)
class FetchedEntry(Generic[Facts]):
    """One good answer of upstream, parsed. `source` is its text, for a newer parser to read again."""

    facts: Facts
    source: str
    fetched_at: int
    parser_version: int


@dataclass(frozen=True, slots=True)
class CatalogRecord(Generic[Facts]):
    """An entry as kept. `version` grows by one at each change of the facts."""

    key: str
    facts: Facts
    version: int
    fetched_at: int
    parser_version: int
