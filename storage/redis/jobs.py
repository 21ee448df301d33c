"""Background work on Redis, for those who ask for it. The contract is on `storage.protocols.JobRecords`.

A method is one script, so nothing happens between what it sees and what it does.
"""

from collections.abc import Collection, Mapping, Sequence

from metrics import Metrics
from models.jobs import Job, JobKind, JobPlace, JobRequest, JobState, ScheduledRequest
from storage.redis.connection import RedisServer, Value
from storage.redis.counted import CountedServer
from storage.redis.job_values import KNOWN_KINDS, answered_jobs, before, job_of, known_jobs
from storage.redis.records import batches
from storage.redis.script import read_script

_READ_TABLES = read_script("read_tables")
_ENQUEUE = read_script("enqueue_jobs", "parts", "jobs", "job_requests")
_REQUEUE = read_script("requeue_jobs", "parts", "jobs", "job_requests")
_LATEST = read_script("latest_jobs", "parts", "jobs")
_LIST = read_script("list_jobs", "parts", "jobs")
_COUNTS = read_script("count_jobs", "parts", "jobs")
_SWEEP = read_script("sweep_jobs", "parts", "jobs")

# While a script removes jobs, the server does nothing else: tens of milliseconds for this many.
_SWEPT_AT_ONCE = 1_000
# More requests than this may take longer than a caller usually waits.
_MANY = 5_000


class RedisJobs:
    """The jobs of one server."""

    def __init__(self, server: RedisServer, metrics: Metrics) -> None:
        self._server = CountedServer(server, metrics, "jobs")
        self._tables = server.keys.jobs().all()
        self._records = server.keys.jobs().records

    async def enqueue(self, requests: Mapping[str, JobRequest], *, now: int) -> Mapping[str, Job]:
        asked = {job_id: _values(job_id, request, now) for job_id, request in requests.items()}
        return await self._enqueue(asked, now)

    async def enqueue_scheduled(
        self, requests: Mapping[str, ScheduledRequest], *, now: int
    ) -> Mapping[str, Job]:
        asked = {job_id: _values(job_id, each.request, now, each.every) for job_id, each in requests.items()}
        return await self._enqueue(asked, now)

    async def get_many(self, job_ids: Collection[str]) -> Mapping[str, Job]:
        jobs: dict[str, Job] = {}
        for asked in batches(job_ids):
            (texts,) = await self._server.read(_READ_TABLES, [self._records], asked)
            found = (job_of(job_id.encode(), text) for job_id, text in zip(asked, texts, strict=True) if text)
            jobs |= {job.id: job for job in found if job}
        return jobs

    async def get_latest(self, kind: JobKind, keys: Collection[str]) -> Mapping[str, Job]:
        jobs: dict[str, Job] = {}
        for asked in batches(keys):
            answers = await self._server.read(_LATEST, self._tables, [kind.value, *asked])
            jobs |= {job.key: job for job in known_jobs(answers)}
        return jobs

    async def list(self, state: JobState, *, after: JobPlace | None, limit: int) -> Sequence[Job]:
        values: list[Value] = [state.value, before(after), limit, *KNOWN_KINDS]
        return known_jobs(await self._server.read(_LIST, self._tables, values))

    async def requeue(self, job_ids: Collection[str], *, now: int) -> Mapping[str, Job]:
        asked = sorted(set(job_ids))
        values: list[Value] = [now, len(KNOWN_KINDS), *KNOWN_KINDS, *asked]
        return _by_id(asked, await self._server.write(_REQUEUE, self._tables, values))

    async def counts(self) -> Mapping[tuple[JobKind, JobState], int]:
        answer = iter(await self._server.read(_COUNTS, self._tables))
        counts: dict[tuple[JobKind, JobState], int] = {}
        for field, count in zip(answer, answer, strict=True):
            kind, state = field.decode().split("\0")
            if kind in KNOWN_KINDS and int(count):
                counts[JobKind(kind), JobState(state)] = int(count)
        return counts

    async def sweep(self, finished_before: int, limit: int) -> int:
        values = [finished_before, min(limit, _SWEPT_AT_ONCE)]
        return int(await self._server.write(_SWEEP, self._tables, values, patient=True))

    async def _enqueue(self, asked: Mapping[str, Sequence[Value]], now: int) -> Mapping[str, Job]:
        if not asked:
            return {}
        values: list[Value] = [now, *(value for each in asked.values() for value in each)]
        answers = await self._server.write(_ENQUEUE, self._tables, values, patient=len(asked) > _MANY)
        return _by_id(list(asked), answers)


def _values(job_id: str, request: JobRequest, now: int, every: int | None = None) -> Sequence[Value]:
    """A request as the script takes it. `every` is the interval of work that comes round."""
    return (
        job_id,
        request.kind.value,
        request.key,
        request.priority.value,
        max(request.not_before, now),
        int(request.after_run),
        "" if every is None else every,
    )


def _by_id(asked: Sequence[str], answers: Sequence[bytes | None]) -> dict[str, Job]:
    jobs = zip(asked, answered_jobs(answers), strict=True)
    return {job_id: job for job_id, job in jobs if job is not None}
