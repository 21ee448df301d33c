"""Work that comes round by itself. Any number of processes may hold the same table: each turn is asked for once."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import structlog

from clock import Clock
from errors import StorageUnavailable
from models.jobs import Job, JobKind, JobPriority, JobRequest, ScheduledRequest
from refresh.queue import JobFunction, JobQueue
from storage import Leases

_log = structlog.get_logger()

_LEASE = "schedule"
_TICKS_PER_LEASE = 3


@dataclass(frozen=True, slots=True)
class Periodic:
    """A line of the table: what is done every so many seconds (0: never), and by which function of the worker."""

    kind: JobKind
    every_seconds: float
    run: JobFunction


@dataclass(frozen=True, slots=True)
class ScheduleOptions:
    """`token` is this process's alone. `tick_seconds` is between two looks at the table."""

    token: str
    tick_seconds: float


def functions_of(table: Sequence[Periodic]) -> Mapping[JobKind, JobFunction]:
    """What a worker needs to do the work of a table."""
    return {each.kind: each.run for each in table}


class Scheduler:
    """Asks for the work of a table when it is due.

    When work was last asked for is kept with the jobs, in one step with the job: so it survives a restart, and comes
    once however many ask. The lease only keeps the others from asking; without `leases` everybody asks.
    """

    def __init__(
        self,
        table: Sequence[Periodic],
        queue: JobQueue,
        leases: Leases | None,
        options: ScheduleOptions,
        clock: Clock,
    ) -> None:
        self._requests = [_request(each) for each in table if each.every_seconds > 0]
        self._queue = queue
        self._leases = leases
        self._options = options
        self._clock = clock

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Look at the table at once and on every tick until the end of the block; then let another lead."""
        looking = asyncio.create_task(self._look_always(), name="schedule")
        try:
            yield
        finally:
            looking.cancel()
            await asyncio.wait([looking])
            if self._leases is not None:
                with suppress(StorageUnavailable):
                    await self._leases.release(_LEASE, self._options.token)

    async def ask_for_due(self) -> Sequence[Job]:
        """One look at the table. Returns the jobs for what was due: none when another process leads.

        Raises StorageUnavailable.
        """
        if self._requests and await self._leads():
            return await self._queue.enqueue_scheduled(self._requests)
        return []

    async def _leads(self) -> bool:
        if self._leases is None:
            return True
        now = self._clock.now()
        expires_at = now + round(1000 * _TICKS_PER_LEASE * self._options.tick_seconds)
        return await self._leases.acquire(_LEASE, self._options.token, now=now, expires_at=expires_at)

    async def _look_always(self) -> None:
        while True:
            try:
                await self.ask_for_due()
            except StorageUnavailable:
                _log.warning(
                    "work that comes round cannot be asked for at the moment; the next tick tries again"
                )
            except Exception:  # like the door of the worker: a table that nobody looks at again is worse
                _log.exception("work that comes round could not be asked for")
            await self._clock.sleep(self._options.tick_seconds)


def _request(each: Periodic) -> ScheduledRequest:
    request = JobRequest(each.kind, "", JobPriority.SWEEP)
    return ScheduledRequest(request, every=round(1000 * each.every_seconds))
