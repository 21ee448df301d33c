"""A worker that stops at every point where a job may be interrupted, on the storage of a file or a server.

Run as `python -m tests.storage.job_child TARGET`. It asks for one job and does it. Wherever the claim, the work or the
end of the job waits for something, it prints `at NAME` and stands still until it reads a line; it ends with `done`.
"""

import asyncio
import sys
from collections.abc import Awaitable, Collection, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import structlog

from clock import SystemClock
from metrics import Metrics
from models.jobs import Job, JobError, JobKind, JobPriority, JobRequest, JobState
from refresh.attempts import RetryRule
from refresh.backoff import Backoff
from refresh.queue import JobFunction
from refresh.worker import Worker, WorkerOptions
from storage import JobClaims, Storage, open_storage
from tests.storage.made import NOW, made_player
from tests.storage.targets import options_of

LEASE_SECONDS = 60.0
OPTIONS = WorkerOptions(
    token="killed",
    concurrency=1,
    lease_seconds=LEASE_SECONDS,
    tick_seconds=5.0,
    run_seconds=60.0,
    stop_seconds=10.0,
    retry=RetryRule(5, Backoff(1.0, 2.0, 60.0), lambda: 0.0),
)

Answer = TypeVar("Answer")


@dataclass
class Halting(Generic[Answer]):
    """Awaits the same, and halts before each wait."""

    name: str
    awaited: Awaitable[Answer]

    def __await__(self) -> Generator[Any, None, Answer]:
        inner = self.awaited.__await__()
        while True:
            try:
                waited_for = next(inner)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            halt(self.name)
            yield waited_for


def halt(name: str) -> None:
    """Say where we are and stand still, the whole program, until told to go on."""
    print(f"at {name}", flush=True)
    sys.stdin.readline()


class HaltingClaims:
    """The claims of a real storage, halting. A claim that finds nothing is over without a word."""

    def __init__(self, claims: JobClaims) -> None:
        self._claims = claims
        self.finished = asyncio.Event()

    async def claim(
        self,
        token: str,
        kinds: Collection[JobKind],
        *,
        limit: int,
        now: int,
        lease_until: int,
        max_attempts: int,
    ) -> Sequence[Job]:
        if self.finished.is_set():
            return []
        claiming = self._claims.claim(
            token, kinds, limit=limit, now=now, lease_until=lease_until, max_attempts=max_attempts
        )
        jobs = await Halting("claim", claiming)
        halt("claimed")
        return jobs

    async def finish(
        self, token: str, job_id: str, *, state: JobState, error: JobError | None, now: int
    ) -> Job | None:
        finishing = self._claims.finish(token, job_id, state=state, error=error, now=now)
        job = await Halting("finish", finishing)
        halt("finished")
        self.finished.set()
        return job

    async def renew(self, token: str, job_ids: Collection[str], *, lease_until: int) -> frozenset[str]:
        return await self._claims.renew(token, job_ids, lease_until=lease_until)

    async def postpone(self, token: str, job_id: str, *, not_before: int, error: JobError) -> Job | None:
        return await self._claims.postpone(token, job_id, not_before=not_before, error=error)

    async def give_back(self, token: str, job_ids: Collection[str]) -> frozenset[str]:
        return await self._claims.give_back(token, job_ids)


def refresh(storage: Storage) -> JobFunction:
    """What a refresh does with storage: read what is kept, read where it came from, save the answer."""

    async def run(job: Job) -> None:
        key = job.key
        await storage.players.get_many([key])
        await storage.players.get_sources([key])
        await storage.players.save(made_player(key, fetched_at=NOW), [f"{key}-1234"])

    return run


async def work(target: str) -> None:
    clock, metrics, bell = SystemClock(), Metrics(), asyncio.Event()
    async with open_storage(options_of(target), clock=clock, metrics=metrics) as storage:
        run = refresh(storage)
        functions: Mapping[JobKind, JobFunction] = {JobKind.PLAYER: lambda job: Halting("work", run(job))}
        claims = HaltingClaims(storage.job_claims)
        request = JobRequest(JobKind.PLAYER, "ana", JobPriority.STALE)
        await storage.jobs.enqueue({"01": request}, now=clock.now())
        async with Worker(claims, functions, OPTIONS, clock, metrics, bell).serving():
            await claims.finished.wait()
    print("done", flush=True)


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # stdout is for the answers
    asyncio.run(work(sys.argv[1]))
