"""Facts that upstream publishes for everybody, kept by kind and key: what each kind is made of."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from models.hero_usage import ALL_MAPS, CompetitiveDivision, HeroUsage, Region, UsageFilter
from models.heroes import HeroCard, HeroPage
from models.locales import Locale
from models.players import Platform, PlayerGamemode, SearchRow
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
"""Pick and win rates; key: `usage_catalog_key`."""

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


def hero_catalog_key(hero_key: str, locale: Locale) -> str:
    """The key of a hero's page in one language: "en-us/ana"."""
    return f"{locale.value}/{hero_key}"


def split_hero_catalog_key(key: str) -> tuple[str, Locale]:
    """Hero's key and locale of what `hero_catalog_key` made; ValueError for any other text."""
    locale, slash, hero_key = key.partition("/")
    if not slash:
        raise ValueError(f"{key!r} is no key of a hero's page")
    return hero_key, Locale(locale)


def usage_catalog_key(asked: UsageFilter) -> str:
    """The key of rates: "pc/competitive/europe/all-maps/master".

    Filters that upstream answers alike share a key: quick play has no divisions, and a filter without a map
    means all maps.
    """
    is_ranked = asked.gamemode is PlayerGamemode.COMPETITIVE
    division = asked.division.value if asked.division is not None and is_ranked else "all"
    where = (asked.platform.value, asked.gamemode.value, asked.region.value, asked.map_key or ALL_MAPS)
    return "/".join((*where, division))


def split_usage_catalog_key(key: str) -> UsageFilter:
    """The filter of what `usage_catalog_key` made; ValueError for any other text."""
    platform, gamemode, region, map_key, division = key.split("/")
    return UsageFilter(
        Platform(platform),
        PlayerGamemode(gamemode),
        Region(region),
        None if map_key == ALL_MAPS else map_key,
        None if division == "all" else CompetitiveDivision(division),
    )
