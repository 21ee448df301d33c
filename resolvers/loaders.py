"""One DataLoader per keyed thing, built for each request: all look-ups of a query become one read per kind.

Batch functions keep length and order; what is not kept is an empty entry in its place.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from aiodataloader import DataLoader

from clock import Clock
from errors import StorageUnavailable
from models.catalog import (
    HERO,
    HERO_USAGE,
    HEROES,
    ROLES,
    CatalogKind,
    CatalogRecord,
    Facts,
    hero_catalog_key,
    usage_catalog_key,
)
from models.hero_usage import HeroUsage, UsageFilter
from models.heroes import Hero, HeroCard, HeroPage, merge_cards
from models.history import HistoryPage, HistoryRequest
from models.jobs import Job
from models.locales import Locale
from models.players import Career, KeptPlayer
from models.reference import Reference
from models.roles import Role, RoleCard, merge_role_cards
from models.tables import HeroTable, RoleTable
from refresh.reference import ReferenceRefresher
from refresh.refresher import Refresher
from resolvers.conversation_loaders import ConversationLoaders
from storage import History, JobRecords, Players, Storage

_NOTHING = KeptPlayer()


class PlayerLoaders:
    """Players, their careers and their histories."""

    def __init__(self, players: Players, history: History, refresher: Refresher) -> None:
        self._players = players
        self._history = history
        self._refresher = refresher
        # A batch function may give an exception in a key's place, which the loader's types do not say.
        self.by_id: DataLoader[str, KeptPlayer] = DataLoader(self._by_id)  # type: ignore[arg-type]
        self.career_by_blizzard_id: DataLoader[str, Career] = DataLoader(self._careers)  # type: ignore[arg-type]
        self.history: DataLoader[HistoryRequest, HistoryPage] = DataLoader(self._history_pages)

    async def _by_id(self, player_ids: list[str]) -> Sequence[object]:
        try:
            kept = await self._refresher.read_many(player_ids)
        except StorageUnavailable as error:
            # Those without a copy do not take the others down with them.
            return [error.found.get(player_id, error) for player_id in player_ids]
        return [kept.get(player_id, _NOTHING) for player_id in player_ids]

    async def _careers(self, blizzard_ids: list[str]) -> Sequence[object]:
        try:
            careers = await self._players.get_careers(blizzard_ids)
        except StorageUnavailable as error:
            return [error.found.get(blizzard_id, error) for blizzard_id in blizzard_ids]
        return [careers.get(blizzard_id, Career()) for blizzard_id in blizzard_ids]

    async def _history_pages(self, requests: list[HistoryRequest]) -> list[HistoryPage]:
        pages = await self._history.pages(requests)
        return [pages[request] for request in requests]


class JobLoaders:
    """Background jobs."""

    def __init__(self, jobs: JobRecords) -> None:
        self._jobs = jobs
        self.by_id: DataLoader[str, Job | None] = DataLoader(self._by_id)

    async def _by_id(self, job_ids: list[str]) -> list[Job | None]:
        jobs = await self._jobs.get_many(job_ids)
        return [jobs.get(job_id) for job_id in job_ids]


class ReferenceLoaders:
    """Heroes, roles and usage. In a key, True is a caller who waits for upstream, False one who does not."""

    def __init__(self, reference: Reference, pages: ReferenceRefresher) -> None:
        self._reference = reference
        self._pages = pages
        self.heroes: DataLoader[tuple[Locale, bool], HeroTable] = DataLoader(self._hero_tables)
        self.roles: DataLoader[tuple[Locale, bool], RoleTable] = DataLoader(self._role_tables)
        self.hero_page: DataLoader[tuple[str, Locale, bool], HeroPage | None] = DataLoader(self._hero_pages)
        # A batch function may give an exception in a key's place, which the loader's types do not say.
        self.usage: DataLoader[UsageFilter, Sequence[HeroUsage]] = DataLoader(self._usages)  # type: ignore[arg-type]

    async def _hero_tables(self, keys: list[tuple[Locale, bool]]) -> list[HeroTable]:
        kept = await self._read(HEROES, _locales(keys))
        if kept is None:
            return [HeroTable.of(self._bundled_heroes(locale)) for locale, _ in keys]
        return list(await asyncio.gather(*(self._hero_table(kept.get(key[0].value), *key) for key in keys)))

    async def _hero_table(
        self, kept: CatalogRecord[tuple[HeroCard, ...]] | None, locale: Locale, waits: bool
    ) -> HeroTable:
        began_at = asyncio.get_running_loop().time()
        record = await self._pages.hero_list(kept, locale, waits=waits)
        if record is None:
            waited = asyncio.get_running_loop().time() - began_at
            was_late = waits and waited >= self._pages.catalog.deadline
            table = HeroTable.of(self._bundled_heroes(locale), was_late=was_late)
        else:
            heroes = merge_cards(self._reference.heroes, record.facts, locale, record.fetched_at)
            table = HeroTable.of(heroes)
        # Who does not wait is content with what somebody in the same query has waited for.
        self.heroes.prime((locale, False), table)
        return table

    async def _role_tables(self, keys: list[tuple[Locale, bool]]) -> list[RoleTable]:
        kept = await self._read(ROLES, _locales(keys))
        if kept is None:
            return [RoleTable.of(self._bundled_roles(locale)) for locale, _ in keys]
        return list(await asyncio.gather(*(self._role_table(kept.get(key[0].value), *key) for key in keys)))

    async def _role_table(
        self, kept: CatalogRecord[tuple[RoleCard, ...]] | None, locale: Locale, waits: bool
    ) -> RoleTable:
        record = await self._pages.roles(kept, locale, waits=waits)
        if record is None:
            roles = self._bundled_roles(locale)
        else:
            roles = merge_role_cards(self._reference.roles, record.facts, locale, record.fetched_at)
        table = RoleTable.of(roles)
        self.roles.prime((locale, False), table)
        return table

    async def _hero_pages(self, keys: list[tuple[str, Locale, bool]]) -> list[HeroPage | None]:
        kept = await self._read(HERO, [hero_catalog_key(hero_key, locale) for hero_key, locale, _ in keys])
        if kept is None:
            return [None] * len(keys)
        records = await asyncio.gather(
            *(
                self._pages.hero_page(
                    kept.get(hero_catalog_key(hero_key, locale)), hero_key, locale, waits=waits
                )
                for hero_key, locale, waits in keys
            )
        )
        return [record.facts if record else None for record in records]

    async def _read(
        self, kind: CatalogKind[Facts], keys: Sequence[str]
    ) -> Mapping[str, CatalogRecord[Facts]] | None:
        """What is kept; None when storage cannot say, and bundled facts have to do."""
        try:
            return await self._pages.catalog.read_many(kind, keys)
        except StorageUnavailable:
            return None

    def _bundled_heroes(self, locale: Locale) -> tuple[Hero, ...]:
        return tuple(replace(hero, locale=locale) for hero in self._reference.heroes)

    def _bundled_roles(self, locale: Locale) -> tuple[Role, ...]:
        return tuple(replace(role, locale=locale) for role in self._reference.roles)

    async def _usages(self, filters: list[UsageFilter]) -> list[Sequence[HeroUsage] | BaseException]:
        kept = await self._pages.catalog.read_many(HERO_USAGE, [usage_catalog_key(each) for each in filters])
        records = await asyncio.gather(
            *(self._pages.usage(kept.get(usage_catalog_key(each)), each) for each in filters),
            return_exceptions=True,
        )
        return [record if isinstance(record, BaseException) else record.facts for record in records]


class Loaders:
    """The loaders of one request."""

    def __init__(
        self,
        storage: Storage,
        refresher: Refresher,
        reference: Reference,
        pages: ReferenceRefresher,
        clock: Clock,
    ) -> None:
        self.players = PlayerLoaders(storage.players, storage.history, refresher)
        self.jobs = JobLoaders(storage.jobs)
        self.reference = ReferenceLoaders(reference, pages)
        self.conversations = ConversationLoaders(storage.conversations, clock)


def _locales(keys: Sequence[tuple[Locale, bool]]) -> list[str]:
    return list(dict.fromkeys(locale.value for locale, _ in keys))
