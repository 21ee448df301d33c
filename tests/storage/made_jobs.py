"""Jobs for tests: requests, what is kept of them, and a worker's claim in one word."""

from dataclasses import replace

from errors import ErrorCode
from models.jobs import Job, JobError, JobKind, JobPriority, JobRequest, JobState
from storage import Storage
from tests.storage.made import NOW

TOKEN = "worker-1"
OTHER_TOKEN = "worker-2"
LEASE = 60_000
MAX_ATTEMPTS = 3
ERROR = JobError(ErrorCode.UPSTREAM_UNAVAILABLE, "Blizzard does not answer.", NOW + 5_000)


def made_request(
    key: str = "ana",
    *,
    kind: JobKind = JobKind.PLAYER,
    priority: JobPriority = JobPriority.STALE,
    not_before: int = 0,
    after_run: bool = False,
) -> JobRequest:
    return JobRequest(kind, key, priority, not_before, after_run)


def queued(job_id: str, request: JobRequest, *, now: int = NOW) -> Job:
    """The job that a request becomes where nothing of its kind and key is open."""
    not_before = max(request.not_before, now)
    return Job(job_id, request.kind, request.key, JobState.QUEUED, request.priority, now, not_before)


def running(job: Job, *, now: int = NOW, lease_until: int | None = None) -> Job:
    """The job after its next claim."""
    return replace(
        job,
        state=JobState.RUNNING,
        attempts=job.attempts + 1,
        started_at=now,
        lease_until=now + LEASE if lease_until is None else lease_until,
    )


def ended(job: Job, state: JobState, *, now: int = NOW, error: JobError | None = None) -> Job:
    """The job after its end."""
    return replace(job, state=state, finished_at=now, lease_until=None, error=error)


async def enqueue(storage: Storage, job_id: str, request: JobRequest | None = None, *, now: int = NOW) -> Job:
    """Ask for one piece of work; the job that does it."""
    return (await storage.jobs.enqueue({job_id: request or made_request()}, now=now))[job_id]


async def claim(storage: Storage, token: str = TOKEN, *, limit: int = 10, now: int = NOW) -> list[Job]:
    """Take what is due of any kind, for the usual lease."""
    jobs = await storage.job_claims.claim(
        token, list(JobKind), limit=limit, now=now, lease_until=now + LEASE, max_attempts=MAX_ATTEMPTS
    )
    return list(jobs)


async def fail(storage: Storage, job_id: str, *, now: int = NOW) -> Job | None:
    """End a claimed job as a dead letter."""
    return await storage.job_claims.finish(TOKEN, job_id, state=JobState.FAILED, error=ERROR, now=now)


async def succeed(storage: Storage, job_id: str, *, now: int = NOW) -> Job | None:
    """End a claimed job well."""
    return await storage.job_claims.finish(TOKEN, job_id, state=JobState.SUCCEEDED, error=None, now=now)
