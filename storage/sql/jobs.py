"""Background work in an SQL database, for those who ask for it. The contract is on `storage.protocols.JobRecords`.

Transactions lock the rows of open jobs in the order of kind, key and slot, or pass over those that others hold: so
they never wait for each other in a circle.
"""

from collections.abc import Collection, Mapping, Sequence
from itertools import islice

from metrics import Metrics
from models.jobs import Job, JobKind, JobPlace, JobPriority, JobRequest, JobState, ScheduledRequest
from storage.sql.counted import CountedDatabase
from storage.sql.database import Database, Transaction, Value, batches, placeholders
from storage.sql.job_rows import JOB_COLUMNS, KNOWN_KINDS, jobs_of

_Key = tuple[JobKind, str]

_ROWS_AT_ONCE = 1_000
_AFTER_ALL = JobPlace(2**62, "")

_ROW = "(${0}, ${1}, ${2}, $2, 'queued', ${3}, $1, ${4}, 0)"

# A job that has been tried keeps the time that its error asked for.
_ENQUEUE = f"""
INSERT INTO jobs (id, kind, key, slot, state, priority, queued_at, not_before, attempts) VALUES {{rows}}
ON CONFLICT (kind, key, slot) DO UPDATE SET
    priority = CASE WHEN jobs.priority < excluded.priority THEN excluded.priority ELSE jobs.priority END,
    not_before = CASE WHEN jobs.attempts = 0 AND jobs.not_before > excluded.not_before
        THEN excluded.not_before ELSE jobs.not_before END
RETURNING {JOB_COLUMNS}
"""  # noqa: S608 (the columns are a constant, the rows are placeholders)

# No row comes back when it is not due yet.
_MARK = """
INSERT INTO scheduled_jobs (kind, key, queued_at) VALUES ($1, $2, $3)
ON CONFLICT (kind, key) DO UPDATE SET queued_at = excluded.queued_at
WHERE scheduled_jobs.queued_at <= CAST($4 AS BIGINT)
RETURNING kind
"""

_GET_MANY = f"SELECT {JOB_COLUMNS} FROM jobs WHERE id IN ({{keys}})"  # noqa: S608

_GET_LATEST = f"""
SELECT {JOB_COLUMNS} FROM jobs j
WHERE kind = $1 AND key IN ({{keys}}) AND (slot = 0 OR (slot IS NULL AND NOT EXISTS (
    SELECT 1 FROM jobs o
    WHERE o.kind = j.kind AND o.key = j.key AND (o.slot = 0 OR o.finished_at > j.finished_at
        OR (o.finished_at = j.finished_at AND o.id > j.id)))))
"""  # noqa: S608

_LIST = f"""
SELECT {JOB_COLUMNS} FROM jobs
WHERE state = $1 AND (queued_at < $2 OR (queued_at = $2 AND id < $3)) AND kind IN ({{kinds}})
ORDER BY queued_at DESC, id DESC LIMIT $4
"""  # noqa: S608

_TAKE_OUT = "DELETE FROM jobs WHERE id = $1 AND state = 'failed' RETURNING kind, key, priority"

_COUNTS = "SELECT kind, state, COUNT(*) AS job_count FROM jobs WHERE kind IN ({kinds}) GROUP BY kind, state"

_ENDED = "SELECT id FROM jobs WHERE finished_at < $1 ORDER BY finished_at LIMIT $2"

_REMOVE = "DELETE FROM jobs WHERE id IN ({keys})"


class SqlJobs:
    """The jobs of one database."""

    def __init__(self, database: Database, metrics: Metrics) -> None:
        self._database = CountedDatabase(database, metrics, "jobs")

    async def enqueue(self, requests: Mapping[str, JobRequest], *, now: int) -> Mapping[str, Job]:
        if not requests:
            return {}
        return await self._database.write(lambda tx: _enqueue(tx, requests, now))

    async def enqueue_scheduled(
        self, requests: Mapping[str, ScheduledRequest], *, now: int
    ) -> Mapping[str, Job]:
        return await self._database.write(lambda tx: _enqueue_scheduled(tx, requests, now))

    async def get_many(self, job_ids: Collection[str]) -> Mapping[str, Job]:
        jobs: dict[str, Job] = {}
        for keys in batches(job_ids):
            rows = await self._database.fetch(_GET_MANY.format(keys=placeholders(len(keys))), *keys)
            jobs |= {job.id: job for job in jobs_of(rows)}
        return jobs

    async def get_latest(self, kind: JobKind, keys: Collection[str]) -> Mapping[str, Job]:
        jobs: dict[str, Job] = {}
        for batch in batches(keys):
            sql = _GET_LATEST.format(keys=placeholders(len(batch), start=2))
            jobs |= {job.key: job for job in jobs_of(await self._database.fetch(sql, kind.value, *batch))}
        return jobs

    async def list(self, state: JobState, *, after: JobPlace | None, limit: int) -> Sequence[Job]:
        sql = _LIST.format(kinds=placeholders(len(KNOWN_KINDS), start=5))
        place = after or _AFTER_ALL
        rows = await self._database.fetch(sql, state.value, place.queued_at, place.id, limit, *KNOWN_KINDS)
        return jobs_of(rows)

    async def requeue(self, job_ids: Collection[str], *, now: int) -> Mapping[str, Job]:
        return await self._database.write(lambda tx: _requeue(tx, job_ids, now))

    async def counts(self) -> Mapping[tuple[JobKind, JobState], int]:
        sql = _COUNTS.format(kinds=placeholders(len(KNOWN_KINDS)))
        rows = await self._database.fetch(sql, *KNOWN_KINDS)
        return {
            (JobKind(str(row["kind"])), JobState(str(row["state"]))): int(row["job_count"]) for row in rows
        }

    async def sweep(self, finished_before: int, limit: int) -> int:
        sql = _ENDED + self._database.skip_locked
        return await self._database.write(lambda tx: _sweep(tx, sql, finished_before, limit))


async def _enqueue(tx: Transaction, requests: Mapping[str, JobRequest], now: int) -> dict[str, Job]:
    heads = await _put(tx, requests, 0, now)
    is_running = {key for key, job in heads.items() if job.state is JobState.RUNNING}
    following = {
        job_id: each for job_id, each in requests.items() if each.after_run and _key(each) in is_running
    }
    follow_ups = await _put(tx, following, 1, now)
    return {
        job_id: follow_ups[_key(each)] if job_id in following else heads[_key(each)]
        for job_id, each in requests.items()
    }


async def _put(tx: Transaction, requests: Mapping[str, JobRequest], slot: int, now: int) -> dict[_Key, Job]:
    """One job in the slot of each kind and key: made, or joined if it is there."""
    jobs: dict[_Key, Job] = {}
    rows = iter(sorted(_merged(requests, now).items(), key=lambda item: (item[0][0].value, item[0][1])))
    while some := list(islice(rows, _ROWS_AT_ONCE)):
        values: list[Value] = [now, slot]
        texts = []
        for (kind, key), (job_id, priority, not_before) in some:
            texts.append(_ROW.format(*range(len(values) + 1, len(values) + 6)))
            values += [job_id, kind.value, key, priority, not_before]
        put = jobs_of(await tx.fetch(_ENQUEUE.format(rows=", ".join(texts)), *values))
        jobs |= {(job.kind, job.key): job for job in put}
    return jobs


def _merged(requests: Mapping[str, JobRequest], now: int) -> dict[_Key, tuple[str, int, int]]:
    """Id, priority and time of the one row that requests of the same kind and key come to."""
    merged: dict[_Key, tuple[str, int, int]] = {}
    for job_id, each in requests.items():
        not_before = max(each.not_before, now)
        first_id, priority, earliest = merged.get(_key(each), (job_id, each.priority, not_before))
        merged[_key(each)] = (first_id, max(priority, each.priority), min(earliest, not_before))
    return merged


def _key(request: JobRequest) -> _Key:
    return request.kind, request.key


async def _enqueue_scheduled(
    tx: Transaction, requests: Mapping[str, ScheduledRequest], now: int
) -> dict[str, Job]:
    due: dict[str, JobRequest] = {}
    for job_id, each in sorted(requests.items(), key=lambda item: item[1].request.kind.value):
        request = each.request
        if await tx.fetch(_MARK, request.kind.value, request.key, now, now - each.every):
            due[job_id] = request
    return await _enqueue(tx, due, now)


async def _requeue(tx: Transaction, job_ids: Collection[str], now: int) -> dict[str, Job]:
    again: dict[str, JobRequest] = {}
    for job_id in sorted(set(job_ids)):
        # Taken out and put in anew, because only an insertion can see whether its place is taken meanwhile.
        for row in await tx.fetch(_TAKE_OUT, job_id):
            priority = JobPriority(int(row["priority"]))
            again[job_id] = JobRequest(JobKind(str(row["kind"])), str(row["key"]), priority)
    return await _enqueue(tx, again, now)


async def _sweep(tx: Transaction, sql: str, finished_before: int, limit: int) -> int:
    ended = [str(row["id"]) for row in await tx.fetch(sql, finished_before, limit)]
    for keys in batches(ended):
        await tx.execute(_REMOVE.format(keys=placeholders(len(keys))), *keys)
    return len(ended)
