"""The engine that needs nothing but the storage: a table of jobs, and a worker beside the requests of this process."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from clock import Clock
from models.events import JOBS_TOPIC, Pointer
from models.jobs import Job, JobRequest, JobState, ScheduledRequest
from refresh.queue import Asked, new_job_id
from storage import EventBus, JobRecords


class TableQueue:
    """A `JobQueue` on the jobs of the storage. It sets `bell`, which wakes the worker of this process, and says on
    `bus` that there is work, for those of others; who does not hear it finds the job on the next tick."""

    def __init__(
        self,
        records: JobRecords,
        bell: asyncio.Event,
        clock: Clock,
        make_id: Callable[[], str] = new_job_id,
        bus: EventBus | None = None,
    ) -> None:
        self._records = records
        self._bell = bell
        self._clock = clock
        self._make_id = make_id
        self._bus = bus

    async def enqueue(self, requests: Sequence[JobRequest]) -> Sequence[Job]:
        asked = {self._make_id(): request for request in requests}
        jobs = await self._records.enqueue(asked, now=self._clock.now())
        await self._ring(jobs.values())
        return [jobs[job_id] for job_id in asked]

    async def ask(self, request: JobRequest) -> Asked:
        job_id = self._make_id()
        job = (await self._records.enqueue({job_id: request}, now=self._clock.now()))[job_id]
        await self._ring([job])
        return Asked(job, was_open=job.id != job_id)

    async def enqueue_scheduled(self, requests: Sequence[ScheduledRequest]) -> Sequence[Job]:
        asked = {self._make_id(): request for request in requests}
        jobs = await self._records.enqueue_scheduled(asked, now=self._clock.now())
        await self._ring(jobs.values())
        return [jobs[job_id] for job_id in asked if job_id in jobs]

    async def requeue(self, job_ids: Collection[str]) -> Mapping[str, Job]:
        jobs = await self._records.requeue(job_ids, now=self._clock.now())
        await self._ring(jobs.values())
        return jobs

    async def _ring(self, jobs: Iterable[Job]) -> None:
        if any(job.state is JobState.QUEUED for job in jobs):
            self._bell.set()
            if self._bus is not None:
                await self._bus.publish([Pointer(JOBS_TOPIC, self._clock.now())])
