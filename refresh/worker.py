"""Does background work: claims jobs, runs them, keeps their leases, says how they ended, gives back what is left."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from enum import Enum, auto

import structlog

from clock import Clock
from errors import StorageUnavailable
from metrics import Metrics
from models.jobs import Job, JobKind
from refresh.attempts import Outcome, RetryRule, is_expected
from refresh.queue import JobFunction
from storage import JobClaims

_log = structlog.get_logger()

_RENEWALS_PER_LEASE = 3
_SECONDS_TO_END = 1.0


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """`token` is this worker's alone. `concurrency` jobs run at a time. Spans are seconds: of a lease, between two
    looks for work that nobody announced, of the longest run, and of the wait for runs at the end."""

    token: str
    concurrency: int
    lease_seconds: float
    tick_seconds: float
    run_seconds: float
    stop_seconds: float
    retry: RetryRule


class _Cut(Enum):
    """Why a run was ended from outside."""

    LATE = auto()
    LOST = auto()
    STOPPED = auto()


@dataclass(slots=True, eq=False)
class _Run:
    """A job under way. `is_working` until its function has returned; what is left then is to say how it ended."""

    job: Job
    began_at: int
    is_working: bool = True
    cut: _Cut | None = None
    task: "asyncio.Task[None] | None" = None

    def end(self, cut: _Cut) -> None:
        """Stop the work; the first reason counts."""
        if self.cut is None and self.task is not None:
            self.cut = cut
            self.task.cancel()


class Worker:
    """A worker of this process. It looks for jobs when its `bell` is set, when a run ends, and on a slow tick. The bell
    is this worker's alone, for it clears it."""

    def __init__(
        self,
        claims: JobClaims,
        functions: Mapping[JobKind, JobFunction],
        options: WorkerOptions,
        clock: Clock,
        metrics: Metrics,
        bell: asyncio.Event,
    ) -> None:
        self._claims = claims
        self._functions = functions
        self._options = options
        self._clock = clock
        self._metrics = metrics
        self._bell = bell
        self._runs: dict[str, _Run] = {}
        self._is_stopping = False
        self._stop_at: int | None = None

    def stop_claiming(self) -> None:
        """Begin no further job. Those that run have `stop_seconds` from the first call on; safe to call again."""
        self._is_stopping = True
        if self._stop_at is None:
            self._stop_at = self._clock.now() + round(1000 * self._options.stop_seconds)
        self._bell.set()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Work until the end of the block. Then no job is begun, those that run have `stop_seconds` to end, and what
        is left is stopped and given back."""
        claiming = asyncio.create_task(self._claim_always(), name="job claims")
        beside = [
            asyncio.create_task(self._tick(), name="job tick"),
            asyncio.create_task(self._keep_leases(), name="job leases"),
        ]
        try:
            yield
        finally:
            self.stop_claiming()
            try:
                await self._wind_up(claiming)
            finally:
                # None is left unless the wait above was itself cut short.
                for run in self._runs.values():
                    run.end(_Cut.STOPPED)
                await _cancelled([claiming, *beside])

    async def _claim_always(self) -> None:
        while not self._is_stopping:
            # Cleared before the look: a bell that rings during it is heard after it.
            self._bell.clear()
            try:
                await self._claim()
            except StorageUnavailable:
                _log.warning("jobs cannot be claimed at the moment; the next tick tries again")
            except Exception:  # the door of the worker: whatever it is, the next tick tries again
                self._metrics.job_crashes.labels("claim").inc()
                _log.exception("jobs could not be claimed")
            await self._bell.wait()

    async def _claim(self) -> None:
        free = self._options.concurrency - len(self._runs)
        if free <= 0 or self._is_stopping:
            return
        now = self._clock.now()
        jobs = await self._claims.claim(
            self._options.token,
            self._functions.keys(),
            limit=free,
            now=now,
            lease_until=self._lease_until(now),
            max_attempts=self._options.retry.max_attempts,
        )
        refused = [job.id for job in jobs if not self._takes(job)]
        if refused:
            await self._claims.give_back(self._options.token, refused)

    def _takes(self, job: Job) -> bool:
        """Begin a job, or go on with the run of it that outlived its lease; False to give it back."""
        run = self._runs.get(job.id)
        if self._is_stopping or (run is not None and run.cut is not None):
            return False
        if run is not None:
            run.job = job
            return True
        run = self._runs[job.id] = _Run(job, self._clock.now())
        run.task = asyncio.create_task(self._run(run), name=f"job {job.kind.value}")
        return True

    async def _run(self, run: _Run) -> None:
        self._metrics.jobs_running.inc()
        kind = run.job.kind.value
        try:
            failure = await self._failure(run)
            run.is_working = False
            self._mention(run.job, failure)
            await self._settle(run, self._options.retry.outcome(run.job, failure, self._clock.now()))
        except Exception:  # the door of the worker: the lease runs out, and the job is tried again
            self._metrics.job_crashes.labels(kind).inc()
            _log.exception("the end of a job could not be kept", reference=run.job.id, kind=kind)
        finally:
            self._metrics.jobs_running.dec()
            # A run that was stopped at the end is still to be given back.
            if run.cut is not _Cut.STOPPED:
                del self._runs[run.job.id]
            self._bell.set()

    async def _failure(self, run: _Run) -> Exception | None:
        """Run the job's function; what it raised."""
        try:
            await self._functions[run.job.kind](run.job)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            assert task is not None
            if not task.cancelling():
                return RuntimeError("The work of a job was cancelled from within.")
            if run.cut is not _Cut.LATE:
                raise
            task.uncancel()
            run.cut = None
            return TimeoutError(f"A job took longer than {self._options.run_seconds} s.")
        except Exception as error:  # the door of the worker: it decides what becomes of the job
            return error
        return None

    def _mention(self, job: Job, failure: Exception | None) -> None:
        if failure is not None and not is_expected(failure):
            self._metrics.job_crashes.labels(job.kind.value).inc()
            _log.error("unexpected error in a job", reference=job.id, kind=job.kind.value, exc_info=failure)

    async def _settle(self, run: _Run, outcome: Outcome) -> None:
        """Keep how a run ended, and try again while storage is out of reach and the lease holds."""
        now = self._clock.now()
        is_kept: bool | None = None
        while is_kept is None:
            try:
                is_kept = await self._keep(run.job.id, outcome, now)
            except StorageUnavailable:
                if self._clock.now() >= (run.job.lease_until or 0):
                    break
                await self._clock.sleep(self._options.tick_seconds)
        self._count(run.job, outcome.state.value if is_kept else "lost")

    async def _keep(self, job_id: str, outcome: Outcome, now: int) -> bool:
        """False when the job is another's by now."""
        token, error = self._options.token, outcome.error
        if outcome.not_before and error is not None:
            job = await self._claims.postpone(token, job_id, not_before=outcome.not_before, error=error)
        else:
            job = await self._claims.finish(token, job_id, state=outcome.state, error=error, now=now)
        return job is not None

    async def _tick(self) -> None:
        while True:
            await self._clock.sleep(self._options.tick_seconds)
            self._bell.set()

    async def _keep_leases(self) -> None:
        while True:
            await self._clock.sleep(self._options.lease_seconds / _RENEWALS_PER_LEASE)
            self._end_late_runs()
            try:
                await self._renew()
            except StorageUnavailable:
                _log.warning("leases of jobs cannot be renewed at the moment", jobs=len(self._runs))
            except Exception:  # the door of the worker: one renewal missed is made good by the next
                self._metrics.job_crashes.labels("renew").inc()
                _log.exception("leases of jobs could not be renewed")

    def _end_late_runs(self) -> None:
        began_before = self._clock.now() - round(1000 * self._options.run_seconds)
        for run in self._runs.values():
            if run.is_working and run.began_at <= began_before:
                run.end(_Cut.LATE)

    async def _renew(self) -> None:
        runs = dict(self._runs)
        lease_until = self._lease_until(self._clock.now())
        held = await self._claims.renew(self._options.token, runs.keys(), lease_until=lease_until)
        for job_id, run in runs.items():
            if job_id in held:
                run.job = replace(run.job, lease_until=lease_until)
            elif run.is_working and run.cut is None:
                # Somebody else does it by now: twice at a time helps nobody.
                run.end(_Cut.LOST)
                self._count(run.job, "lost")

    async def _wind_up(self, claiming: "asyncio.Task[None]") -> None:
        """Wait for the runs, for a while; stop and give back what is left."""
        left_seconds = max(0, (self._stop_at or 0) - self._clock.now()) / 1000
        limit = asyncio.create_task(self._clock.sleep(left_seconds))
        await asyncio.wait({claiming, limit}, return_when=asyncio.FIRST_COMPLETED)
        while (tasks := self._tasks()) and not limit.done():
            await asyncio.wait({limit, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        await _cancelled([limit])
        left = dict(self._runs)
        for run in left.values():
            run.end(_Cut.STOPPED)
        if tasks := self._tasks():
            # Work that does not let itself be stopped is not waited for.
            await asyncio.wait(tasks, timeout=_SECONDS_TO_END)
        await self._give_back(left)

    def _tasks(self) -> "set[asyncio.Task[None]]":
        return {run.task for run in self._runs.values() if run.task is not None and not run.task.done()}

    async def _give_back(self, runs: Mapping[str, _Run]) -> None:
        if not runs:
            return
        try:
            given = await self._claims.give_back(self._options.token, runs.keys())
        except StorageUnavailable:
            _log.warning("jobs cannot be given back; their leases will run out", jobs=len(runs))
            return
        for job_id in given:
            self._count(runs[job_id].job, "given_back")

    def _count(self, job: Job, outcome: str) -> None:
        self._metrics.job_runs.labels(job.kind.value, outcome).inc()

    def _lease_until(self, now: int) -> int:
        return now + round(1000 * self._options.lease_seconds)


async def _cancelled(tasks: "Collection[asyncio.Task[None]]") -> None:
    """Cancel tasks and wait until they have ended."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
