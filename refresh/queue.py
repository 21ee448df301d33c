"""The port for background work: how it is asked for, and what does it. Engines stand behind it."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import uuid4

from models.jobs import Job, JobRequest, ScheduledRequest

JobFunction = Callable[[Job], Awaitable[object]]
"""Does the work of a job of one kind. It may be run more than once for one job, also when it did its work before: so
it looks first whether there is anything left to do. What it raises decides what becomes of the job (`RetryRule`)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The job that does what was asked for; `was_open` says that it was there before."""

    job: Job
    was_open: bool


class JobQueue(Protocol):
    """Takes requests for work that somebody does later: in this process, or in another that shares the storage.

    What was taken is kept before the method returns, and is run at least once. `storage.JobRecords` says which
    requests are joined, and shows how far a job has come. All methods raise `StorageUnavailable`.
    """

    async def enqueue(self, requests: Sequence[JobRequest]) -> Sequence[Job]:
        """Ask for work. Returns the job that does it for each request, in their order. A job may have been
        open before: then the request was joined to it."""
        ...

    async def ask(self, request: JobRequest) -> Asked:
        """The same for somebody who wants to know whether the work was under way or waiting before."""
        ...

    async def enqueue_scheduled(self, requests: Sequence[ScheduledRequest]) -> Sequence[Job]:
        """Ask for work that comes round, where it is due. Returns the jobs of those requests that were."""
        ...

    async def requeue(self, job_ids: Collection[str]) -> Mapping[str, Job]:
        """Give dead letters another try. Returns the job that stands for each; ids of others are left out."""
        ...


def new_job_id() -> str:
    """An id that no other job has."""
    return uuid4().hex
