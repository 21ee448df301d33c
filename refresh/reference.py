"""What is asked of upstream about heroes, roles and usage, and how each answer is kept."""

from typing import Any

from blizzard.catalog import (
    UsageMemory,
    fetch_hero_list,
    fetch_hero_page,
    fetch_hero_usage,
    fetch_roles,
)
from blizzard.client import Upstream
from models.catalog import (
    HERO,
    HERO_USAGE,
    HEROES,
    ROLES,
    CatalogKind,
    CatalogRecord,
    FetchedEntry,
    hero_catalog_key,
    split_hero_catalog_key,
    split_usage_catalog_key,
    usage_catalog_key,
)
from models.freshness import Freshness
from models.hero_usage import HeroUsage, UsageFilter
from models.heroes import HeroCard, HeroPage
from models.locales import Locale
from models.roles import RoleCard
from refresh.catalog import CatalogRefresher


class ReferenceRefresher:
    """One method for each kind; `kept` is what a batch read found, None for nothing."""

    def __init__(self, catalog: CatalogRefresher, upstream: Upstream) -> None:
        self.catalog = catalog
        self._upstream = upstream
        self._usage_memory = UsageMemory()

    async def hero_list(
        self, kept: CatalogRecord[tuple[HeroCard, ...]] | None, locale: Locale, *, waits: bool
    ) -> CatalogRecord[tuple[HeroCard, ...]] | None:
        """The list page of a locale; who does not wait gets what is kept while it is fetched for the next asker."""
        return await self.catalog.settle_or_none(
            HEROES, locale.value, kept, lambda: self._fetch_heroes(locale.value), waits=waits
        )

    async def roles(
        self, kept: CatalogRecord[tuple[RoleCard, ...]] | None, locale: Locale, *, waits: bool
    ) -> CatalogRecord[tuple[RoleCard, ...]] | None:
        """The roles of a locale; who does not wait gets what is kept while they are fetched for the next asker."""
        return await self.catalog.settle_or_none(
            ROLES, locale.value, kept, lambda: self._fetch_roles(locale.value), waits=waits
        )

    async def hero_page(
        self, kept: CatalogRecord[HeroPage] | None, hero_key: str, locale: Locale, *, waits: bool
    ) -> CatalogRecord[HeroPage] | None:
        """A hero's own page; who does not wait gets what is kept while the page is fetched for the next asker."""
        key = hero_catalog_key(hero_key, locale)
        return await self.catalog.settle_or_none(HERO, key, kept, lambda: self._fetch_hero(key), waits=waits)

    async def usage(
        self, kept: CatalogRecord[tuple[HeroUsage, ...]] | None, usage_filter: UsageFilter
    ) -> CatalogRecord[tuple[HeroUsage, ...]]:
        """Pick and win rates; BadUserInput when upstream has no such combination."""
        key = usage_catalog_key(usage_filter)
        return await self.catalog.settle(HERO_USAGE, key, kept, lambda: self._fetch_usage(key))

    async def refresh_heroes(self, key: str, since: int) -> CatalogRecord[tuple[HeroCard, ...]] | None:
        """Fetch the list page of a locale, unless that was done since; so do those below for the other kinds."""
        return await self.catalog.refresh(HEROES, key, lambda: self._fetch_heroes(key), since)

    async def refresh_hero(self, key: str, since: int) -> CatalogRecord[HeroPage] | None:
        """A hero's own page."""
        return await self.catalog.refresh(HERO, key, lambda: self._fetch_hero(key), since)

    async def refresh_roles(self, key: str, since: int) -> CatalogRecord[tuple[RoleCard, ...]] | None:
        """The roles of a locale."""
        return await self.catalog.refresh(ROLES, key, lambda: self._fetch_roles(key), since)

    async def refresh_usage(self, key: str, since: int) -> CatalogRecord[tuple[HeroUsage, ...]] | None:
        """Pick and win rates of a filter."""
        return await self.catalog.refresh(HERO_USAGE, key, lambda: self._fetch_usage(key), since)

    async def _fetch_heroes(self, key: str) -> FetchedEntry[tuple[HeroCard, ...]]:
        return await fetch_hero_list(self._upstream, Locale(key))

    async def _fetch_hero(self, key: str) -> FetchedEntry[HeroPage] | None:
        return await fetch_hero_page(self._upstream, *split_hero_catalog_key(key))

    async def _fetch_roles(self, key: str) -> FetchedEntry[tuple[RoleCard, ...]]:
        return await fetch_roles(self._upstream, Locale(key))

    async def _fetch_usage(self, key: str) -> FetchedEntry[tuple[HeroUsage, ...]]:
        return await fetch_hero_usage(self._upstream, split_usage_catalog_key(key), self._usage_memory)

    def freshness(self, kind: CatalogKind[Any], fetched_at: int | None, key: str) -> Freshness:
        """How old an entry is now."""
        return self.catalog.freshness(kind, fetched_at, key)
