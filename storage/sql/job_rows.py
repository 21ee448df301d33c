"""Jobs as rows: the columns that make one, and what two repositories do with them."""

from collections.abc import Iterable

from errors import ErrorCode
from models.jobs import Job, JobError, JobKind, JobPriority, JobState
from storage.sql.database import Row, Transaction

JOB_COLUMNS = (
    "id, kind, key, state, priority, queued_at, not_before, attempts, started_at, finished_at, lease_until, "
    "error_code, error_message, error_retry_at"
)
KNOWN_KINDS = tuple(kind.value for kind in JobKind)

_END = f"""
UPDATE jobs SET state = $2, slot = NULL, finished_at = $3, lease_token = NULL, lease_until = NULL,
    error_code = $4, error_message = $5, error_retry_at = $6
WHERE id = $1
RETURNING {JOB_COLUMNS}
"""  # noqa: S608 (the columns are a constant)

_MOVE_UP = "UPDATE jobs SET slot = 0 WHERE kind = $1 AND key = $2 AND slot = 1"


def job_of(row: Row) -> Job:
    """The job of a row of a known kind."""
    return Job(
        id=str(row["id"]),
        kind=JobKind(str(row["kind"])),
        key=str(row["key"]),
        state=JobState(str(row["state"])),
        priority=JobPriority(int(row["priority"])),
        queued_at=int(row["queued_at"]),
        not_before=int(row["not_before"]),
        attempts=int(row["attempts"]),
        started_at=_moment(row, "started_at"),
        finished_at=_moment(row, "finished_at"),
        lease_until=_moment(row, "lease_until"),
        error=_error(row),
    )


def jobs_of(rows: Iterable[Row]) -> list[Job]:
    """The jobs of rows, without those of kinds that only newer code knows."""
    return [job_of(row) for row in rows if str(row["kind"]) in KNOWN_KINDS]


def error_values(error: JobError | None) -> tuple[str | None, str | None, int | None]:
    """What is bound to the three columns of an error."""
    return (error.code.value, error.message, error.retry_at) if error else (None, None, None)


async def end_job(tx: Transaction, job_id: str, state: JobState, error: JobError | None, now: int) -> Job:
    """End a job whose row the transaction has locked, and let its follow-up move up."""
    rows = await tx.fetch(_END, job_id, state.value, now, *error_values(error))
    job = job_of(rows[0])
    await tx.execute(_MOVE_UP, job.kind.value, job.key)
    return job


def _moment(row: Row, column: str) -> int | None:
    return None if row[column] is None else int(row[column])


def _error(row: Row) -> JobError | None:
    if row["error_code"] is None:
        return None
    known = {code.value for code in ErrorCode}
    code = str(row["error_code"])
    return JobError(
        # Newer code may have more of them.
        ErrorCode(code) if code in known else ErrorCode.INTERNAL_SERVER_ERROR,
        str(row["error_message"]),
        _moment(row, "error_retry_at"),
    )
