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
    hero_catalog_key,
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
            HEROES, locale.value, kept, lambda: fetch_hero_list(self._upstream, locale), waits=waits
        )

    async def roles(
        self, kept: CatalogRecord[tuple[RoleCard, ...]] | None, locale: Locale, *, waits: bool
    ) -> CatalogRecord[tuple[RoleCard, ...]] | None:
        """The roles of a locale; who does not wait gets what is kept while they are fetched for the next asker."""
        return await self.catalog.settle_or_none(
            ROLES, locale.value, kept, lambda: fetch_roles(self._upstream, locale), waits=waits
        )

    async def hero_page(
        self, kept: CatalogRecord[HeroPage] | None, hero_key: str, locale: Locale, *, waits: bool
    ) -> CatalogRecord[HeroPage] | None:
        """A hero's own page; who does not wait gets what is kept while the page is fetched for the next asker."""
        key = hero_catalog_key(hero_key, locale)
        return await self.catalog.settle_or_none(
            HERO, key, kept, lambda: fetch_hero_page(self._upstream, hero_key, locale), waits=waits
        )

    async def usage(
        self, kept: CatalogRecord[tuple[HeroUsage, ...]] | None, usage_filter: UsageFilter
    ) -> CatalogRecord[tuple[HeroUsage, ...]]:
        """Pick and win rates; BadUserInput when upstream has no such combination."""
        return await self.catalog.settle(
            HERO_USAGE,
            usage_catalog_key(usage_filter),
            kept,
            lambda: fetch_hero_usage(self._upstream, usage_filter, self._usage_memory),
        )

    def freshness(self, kind: CatalogKind[Any], fetched_at: int | None, key: str) -> Freshness:
        """How old an entry is now."""
        return self.catalog.freshness(kind, fetched_at, key)
