"""Work that comes round by itself: what is old is removed or fetched again, a little at a time."""

from collections.abc import Awaitable, Callable, Collection

import structlog

from clock import Clock
from models.catalog import HERO, HEROES, ROLES, hero_catalog_key
from models.jobs import Job, JobKind, JobPriority, JobRequest
from models.locales import Locale
from refresh.queue import JobFunction, JobQueue
from refresh.reference import ReferenceRefresher
from storage import Conversations, History, JobRecords, Players

BATCH = 500
CONVERSATIONS_AT_ONCE = 20
"""Each may bring thousands of messages, and other writers wait meanwhile."""

_log = structlog.get_logger()

_EN_US = Locale.EN_US.value
_LOCALES = [locale.value for locale in Locale]


def prune_players(players: Players, max_age_seconds: float, clock: Clock) -> JobFunction:
    """Forgets players that were not fetched for so long; 0 = never."""

    async def prune(_: Job) -> None:
        if max_age_seconds > 0:
            before = _ago(clock, max_age_seconds)
            await _until_none_is_left(lambda: players.prune(before, BATCH))

    return prune


def prune_history(history: History, max_age_seconds: float, clock: Clock) -> JobFunction:
    """Forgets snapshots of players' figures that were taken so long ago, each player's newest one aside; 0 = never."""

    async def prune(_: Job) -> None:
        if max_age_seconds > 0:
            before = _ago(clock, max_age_seconds)
            await _until_none_is_left(lambda: history.prune(before, BATCH))

    return prune


def sweep_jobs(jobs: JobRecords, retention_seconds: float, clock: Clock) -> JobFunction:
    """Removes jobs that ended so long ago, dead letters too."""

    async def sweep(_: Job) -> None:
        before = _ago(clock, retention_seconds)
        await _until_none_is_left(lambda: jobs.sweep(before, BATCH))

    return sweep


def sweep_ephemeral(sweep: Callable[[int, int], Awaitable[int]], clock: Clock) -> JobFunction:
    """Removes cache entries, counts and leases that ended; `sweep` is that of the storage."""

    async def run(_: Job) -> None:
        now = clock.now()
        await _until_none_is_left(lambda: sweep(now, BATCH))

    return run


def sweep_conversations(conversations: Conversations, clock: Clock) -> JobFunction:
    """Removes conversations that are gone for readers, with their messages."""

    async def sweep(_: Job) -> None:
        now = clock.now()
        while await conversations.sweep(now, CONVERSATIONS_AT_ONCE):
            pass

    return sweep


def sweep_catalog(pages: ReferenceRefresher, bundled: Collection[str], queue: JobQueue) -> JobFunction:
    """Asks for what is kept of heroes and roles and is no longer fresh, in every language; `bundled` are the keys of
    heroes that are known without upstream."""

    async def sweep(_: Job) -> None:
        due = [(JobKind.HEROES, key) for key in await pages.catalog.due(HEROES, _LOCALES)]
        due += [(JobKind.ROLES, key) for key in await pages.catalog.due(ROLES, _LOCALES)]
        heroes = sorted({*bundled, *await _listed(pages)})
        # A language at a time, so that requests get in between.
        for locale in Locale:
            keys = [hero_catalog_key(hero, locale) for hero in heroes]
            due += [(JobKind.HERO, key) for key in await pages.catalog.due(HERO, keys)]
        if due:
            await queue.enqueue([JobRequest(kind, key, JobPriority.SWEEP) for kind, key in due])

    return sweep


def look_for_new_heroes(pages: ReferenceRefresher, queue: JobQueue) -> JobFunction:
    """Fetches the English list of heroes; for one who was not on it before, the page and the lists of the other
    languages that are kept are asked for."""

    async def look(job: Job) -> None:
        before = await _listed(pages)
        record = await pages.refresh_heroes(_EN_US, job.queued_at)
        now = {card.key for card in record.facts} if record else set()
        newcomers = sorted(now - before) if before else []
        if not newcomers:
            return
        _log.info("new heroes", heroes=newcomers)
        kept = await pages.catalog.read_many(HEROES, [each for each in _LOCALES if each != _EN_US])
        requests = [JobRequest(JobKind.HEROES, key, JobPriority.SWEEP) for key in kept]
        requests += [
            JobRequest(JobKind.HERO, hero_catalog_key(hero, Locale.EN_US), JobPriority.SWEEP)
            for hero in newcomers
        ]
        await queue.enqueue(requests)

    return look


async def _listed(pages: ReferenceRefresher) -> set[str]:
    """Heroes of the English list that is kept; empty when none is."""
    record = (await pages.catalog.read_many(HEROES, [_EN_US])).get(_EN_US)
    return {card.key for card in record.facts} if record else set()


def _ago(clock: Clock, seconds: float) -> int:
    return clock.now() - round(1000 * seconds)


async def _until_none_is_left(remove: Callable[[], Awaitable[int]]) -> None:
    while await remove() >= BATCH:
        pass
