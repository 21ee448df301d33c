"""The background work of one process: a worker that is woken by all processes, and the table of what comes round."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from blizzard.precedence import in_background
from clock import Clock
from metrics import Metrics
from models.jobs import Job, JobKind, JobPriority
from refresh.announcing import AnnouncedClaims
from refresh.queue import JobFunction, JobQueue
from refresh.reference import ReferenceRefresher
from refresh.refresher import Refresher
from refresh.schedule import Periodic, ScheduleOptions, Scheduler, functions_of
from refresh.waking import ringing
from refresh.worker import Worker, WorkerOptions
from storage import EventBus, JobClaims, Leases


def refresh_functions(refresher: Refresher, pages: ReferenceRefresher) -> Mapping[JobKind, JobFunction]:
    """What fetches again, by the kind of job. On the way to upstream people go first, unless one asked for it."""
    functions: dict[JobKind, JobFunction] = {
        JobKind.PLAYER: refresher.run,
        JobKind.HEROES: lambda job: pages.refresh_heroes(job.key, job.queued_at),
        JobKind.HERO: lambda job: pages.refresh_hero(job.key, job.queued_at),
        JobKind.ROLES: lambda job: pages.refresh_roles(job.key, job.queued_at),
        JobKind.HERO_USAGE: lambda job: pages.refresh_usage(job.key, job.queued_at),
    }
    return {kind: _behind_people(function) for kind, function in functions.items()}


def _behind_people(function: JobFunction) -> JobFunction:
    async def run(job: Job) -> object:
        if job.priority is JobPriority.PERSON:
            return await function(job)
        with in_background():
            return await function(job)

    return run


@dataclass(frozen=True, slots=True)
class BackgroundOptions:
    """How the worker and the scheduler of a process go about it."""

    worker: WorkerOptions
    schedule: ScheduleOptions


@dataclass(frozen=True, slots=True)
class Duties:
    """What there is to do: `refreshes` by the kind of job, and `table`, which comes round by itself."""

    refreshes: Mapping[JobKind, JobFunction]
    table: Sequence[Periodic]


class Background:
    """A worker and a scheduler of this process. Without `leases` it is the only process."""

    def __init__(
        self,
        claims: JobClaims,
        queue: JobQueue,
        leases: Leases | None,
        duties: Duties,
        options: BackgroundOptions,
        surroundings: "Surroundings",
    ) -> None:
        self._around = surroundings
        self._worker = Worker(
            AnnouncedClaims(claims, surroundings.bus),
            {**duties.refreshes, **functions_of(duties.table)},
            options.worker,
            surroundings.clock,
            surroundings.metrics,
            surroundings.bell,
        )
        self._scheduler = Scheduler(duties.table, queue, leases, options.schedule, surroundings.clock)

    def stop_claiming(self) -> None:
        """Begin no further job; those that run have the time that the worker's options give them, from now on."""
        self._worker.stop_claiming()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Work until the end of the block; then the jobs that run are ended, or given back."""
        around = self._around
        async with ringing(around.bell, around.bus), self._worker.serving(), self._scheduler.serving():
            yield


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the work is done with. `bell` wakes the worker of this process."""

    bell: asyncio.Event
    bus: EventBus
    clock: Clock
    metrics: Metrics
