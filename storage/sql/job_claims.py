"""Background work in an SQL database, for those who do it. The contract is on `storage.protocols.JobClaims`."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from metrics import Metrics
from models.jobs import Job, JobError, JobKind, JobState, worker_lost
from storage.sql.counted import CountedDatabase
from storage.sql.database import Database, Row, Transaction, batches, placeholders
from storage.sql.job_rows import JOB_COLUMNS, end_job, error_values, job_of, jobs_of

_DUE = """
SELECT id, state, attempts FROM jobs
WHERE slot = 0 AND kind IN ({kinds})
    AND ((state = 'queued' AND not_before <= $1) OR (state = 'running' AND lease_until <= $1))
ORDER BY priority DESC, queued_at, id LIMIT $2
"""

_CLAIM = f"""
UPDATE jobs SET state = 'running', attempts = attempts + 1, started_at = $1, lease_token = $2, lease_until = $3
WHERE id IN ({{keys}})
RETURNING {JOB_COLUMNS}
"""  # noqa: S608 (the columns are a constant)

_HELD = "SELECT id FROM jobs WHERE lease_token = $1 AND id IN ({keys}) ORDER BY kind, key"

_RENEW = "UPDATE jobs SET lease_until = $3 WHERE id = $1 AND lease_token = $2 RETURNING id"

# Locks the row until the end of the transaction, and says whether the token holds the job.
_HOLD = "UPDATE jobs SET lease_until = lease_until WHERE id = $1 AND lease_token = $2 RETURNING id"

_POSTPONE = f"""
UPDATE jobs SET state = 'queued', lease_token = NULL, lease_until = NULL, not_before = $3, error_code = $4,
    error_message = $5, error_retry_at = $6
WHERE id = $1 AND lease_token = $2
RETURNING {JOB_COLUMNS}
"""  # noqa: S608

_GIVE_BACK = """
UPDATE jobs SET state = 'queued', lease_token = NULL, lease_until = NULL, attempts = attempts - 1
WHERE id = $1 AND lease_token = $2
RETURNING id
"""


class SqlJobClaims:
    """The jobs of one database, taken and done."""

    def __init__(self, database: Database, metrics: Metrics) -> None:
        self._database = CountedDatabase(database, metrics, "job_claims")

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
        due = _DUE.format(kinds=placeholders(len(kinds), start=3)) + self._database.skip_locked
        names = tuple(kind.value for kind in kinds)
        claim = _Claim(due, names, token, limit, now, lease_until, max_attempts)
        return await self._database.write(claim) if kinds else []

    async def renew(self, token: str, job_ids: Collection[str], *, lease_until: int) -> frozenset[str]:
        return await self._each_held(token, job_ids, _RENEW, lease_until)

    async def finish(
        self, token: str, job_id: str, *, state: JobState, error: JobError | None, now: int
    ) -> Job | None:
        async def work(tx: Transaction) -> Job | None:
            if not await tx.fetch(_HOLD, job_id, token):
                return None
            return await end_job(tx, job_id, state, error, now)

        return await self._database.write(work)

    async def postpone(self, token: str, job_id: str, *, not_before: int, error: JobError) -> Job | None:
        values = (job_id, token, not_before, *error_values(error))
        rows = await self._database.write(lambda tx: tx.fetch(_POSTPONE, *values))
        return job_of(rows[0]) if rows else None

    async def give_back(self, token: str, job_ids: Collection[str]) -> frozenset[str]:
        return await self._each_held(token, job_ids, _GIVE_BACK)

    async def _each_held(
        self, token: str, job_ids: Collection[str], sql: str, *values: int
    ) -> frozenset[str]:
        async def work(tx: Transaction) -> frozenset[str]:
            changed: list[Row] = []
            for keys in batches(job_ids):
                held = _HELD.format(keys=placeholders(len(keys), start=2))
                # One by one and in the order in which others lock them.
                for row in await tx.fetch(held, token, *keys):
                    changed += await tx.fetch(sql, str(row["id"]), token, *values)
            return frozenset(str(row["id"]) for row in changed)

        return await self._database.write(work) if job_ids else frozenset()


@dataclass(frozen=True, slots=True)
class _Claim:
    """A claim as the work of a transaction; `due` is the statement that finds what is due."""

    due: str
    kinds: tuple[str, ...]
    token: str
    limit: int
    now: int
    lease_until: int
    max_attempts: int

    async def __call__(self, tx: Transaction) -> Sequence[Job]:
        while rows := await tx.fetch(self.due, self.now, self.limit, *self.kinds):
            spent = [str(row["id"]) for row in rows if self._is_spent(row)]
            if not spent:
                return await self._take(tx, [str(row["id"]) for row in rows])
            for job_id in spent:
                await end_job(tx, job_id, JobState.FAILED, worker_lost(self.max_attempts), self.now)
        return []

    def _is_spent(self, row: Row) -> bool:
        return str(row["state"]) == JobState.RUNNING.value and int(row["attempts"]) >= self.max_attempts

    async def _take(self, tx: Transaction, job_ids: Sequence[str]) -> list[Job]:
        jobs: dict[str, Job] = {}
        for keys in batches(job_ids):
            sql = _CLAIM.format(keys=placeholders(len(keys), start=4))
            rows = await tx.fetch(sql, self.now, self.token, self.lease_until, *keys)
            jobs |= {job.id: job for job in jobs_of(rows)}
        return [jobs[job_id] for job_id in job_ids]
