"""A worker on a real database whose calls to storage a test can wait for and hold up, and jobs it can steer."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from errors import StorageUnavailable
from metrics import Metrics
from models.jobs import Job, JobError, JobKind, JobPriority, JobRequest, JobState
from refresh.attempts import RetryRule
from refresh.backoff import Backoff
from refresh.queue import JobFunction
from refresh.table_queue import TableQueue
from refresh.worker import Worker, WorkerOptions
from storage import JobClaims, Storage, open_storage
from tests.refresh.held_clock import HeldClock
from tests.storage.targets import options_of

DEADLINE = 20.0  # of the test, not of the code: long enough for a machine that does much else
LEASE, TICK, RUN, STOP = 60.0, 5.0, 300.0, 10.0
MAX_ATTEMPTS = 3
OPTIONS = WorkerOptions(
    token="worker-1",
    concurrency=4,
    lease_seconds=LEASE,
    tick_seconds=TICK,
    run_seconds=RUN,
    stop_seconds=STOP,
    retry=RetryRule(MAX_ATTEMPTS, Backoff(10.0, 2.0, 600.0), lambda: 0.0),
)
ANA = JobRequest(JobKind.PLAYER, "ana", JobPriority.STALE)

Answer = TypeVar("Answer")


class WatchedClaims:
    """The claims of a real storage. `done[name]` is a queue of what each call answered; a call named in `down` raises
    as storage that is out of reach does."""

    def __init__(self, claims: JobClaims, clock: HeldClock) -> None:
        self._claims = claims
        self._clock = clock
        self.done: defaultdict[str, asyncio.Queue[object]] = defaultdict(asyncio.Queue)
        self.down: set[str] = set()

    async def next(self, name: str) -> object:
        """Wait for the next call of this name to be over; what it answered."""
        return await asyncio.wait_for(self.done[name].get(), DEADLINE)

    async def next_jobs(self) -> Sequence[Job]:
        """Wait for the next claim that found something; the jobs."""
        while not isinstance(jobs := await self.next("claim"), list) or not jobs:
            pass
        return jobs

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
        return await self._watched(
            "claim",
            self._claims.claim(
                token, kinds, limit=limit, now=now, lease_until=lease_until, max_attempts=max_attempts
            ),
        )

    async def renew(self, token: str, job_ids: Collection[str], *, lease_until: int) -> frozenset[str]:
        return await self._watched("renew", self._claims.renew(token, job_ids, lease_until=lease_until))

    async def finish(
        self, token: str, job_id: str, *, state: JobState, error: JobError | None, now: int
    ) -> Job | None:
        return await self._watched(
            "finish", self._claims.finish(token, job_id, state=state, error=error, now=now)
        )

    async def postpone(self, token: str, job_id: str, *, not_before: int, error: JobError) -> Job | None:
        return await self._watched(
            "postpone", self._claims.postpone(token, job_id, not_before=not_before, error=error)
        )

    async def give_back(self, token: str, job_ids: Collection[str]) -> frozenset[str]:
        return await self._watched("give_back", self._claims.give_back(token, job_ids))

    async def _watched(self, name: str, call: Coroutine[Any, Any, Answer]) -> Answer:
        if name in self.down:
            call.close()
            self.done[name].put_nowait(StorageUnavailable)
            now = self._clock.now()
            raise StorageUnavailable("The database does not answer.", now=now, next_check_at=now + 1_000)
        answer = await call
        self.done[name].put_nowait(answer)
        return answer


class SteeredJob:
    """A job's function: each run is announced in `begun` and ends when the test lets it."""

    def __init__(self) -> None:
        self.begun: asyncio.Queue[str] = asyncio.Queue()
        self.may_end = asyncio.Event()
        self.runs = 0
        self.at_once = 0
        self.most_at_once = 0
        self.cancelled = 0

    async def __call__(self, job: Job) -> None:
        self.runs += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.begun.put_nowait(job.key)
        try:
            await self.may_end.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.at_once -= 1

    async def next(self) -> str:
        """Wait for the next run to begin; its key."""
        return await asyncio.wait_for(self.begun.get(), DEADLINE)


@dataclass
class Work:
    """What a test has in hand."""

    storage: Storage
    claims: WatchedClaims
    queue: TableQueue
    bell: asyncio.Event
    clock: HeldClock
    metrics: Metrics

    def worker(self, function: JobFunction, **changes: object) -> Worker:
        """A worker that does this for jobs of players; the first has the bell of the queue."""
        options = replace(OPTIONS, **changes)  # type: ignore[arg-type]
        bell = self.bell if options.token == OPTIONS.token else asyncio.Event()
        functions: Mapping[JobKind, JobFunction] = {JobKind.PLAYER: function}
        return Worker(self.claims, functions, options, self.clock, self.metrics, bell)

    async def job(self, job_id: str) -> Job:
        """The job as it is kept."""
        return (await self.storage.jobs.get_many([job_id]))[job_id]

    def counted(self, outcome: str) -> float:
        """How many runs of players' jobs ended so."""
        labels = {"kind": "player", "outcome": outcome}
        return self.metrics.registry.get_sample_value("playgraph_job_runs_total", labels) or 0.0

    def crashes(self, kind: str = "player") -> float:
        """How many errors nobody raised on purpose."""
        return self.metrics.registry.get_sample_value("playgraph_job_crashes_total", {"kind": kind}) or 0.0


@asynccontextmanager
async def opened_work(target: Path | str, clock: HeldClock) -> AsyncIterator[Work]:
    """All of it on a database file or, by URL, on a server."""
    metrics, bell = Metrics(), asyncio.Event()
    async with open_storage(options_of(str(target)), clock=clock, metrics=metrics) as storage:
        claims = WatchedClaims(storage.job_claims, clock)
        queue = TableQueue(storage.jobs, bell, clock)
        yield Work(storage, claims, queue, bell, clock, metrics)
