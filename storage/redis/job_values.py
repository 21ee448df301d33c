"""Jobs as Redis keeps them: texts of parts that scripts can reckon with and people can read."""

from collections.abc import Iterable, Iterator

from errors import ErrorCode
from models.jobs import Job, JobError, JobKind, JobPlace, JobPriority, JobState
from storage.redis.connection import Value

KNOWN_KINDS = tuple(kind.value for kind in JobKind)

_KNOWN_CODES = frozenset(code.value for code in ErrorCode)
# Places in a list begin with a time of so many digits, as `scripts/jobs.lua` writes them.
_DIGITS = 16


def job_of(job_id: bytes, text: bytes) -> Job | None:
    """The job of a text whose parts `scripts/jobs.lua` names; None when only newer code knows its kind."""
    kind, key, state, priority, queued_at, not_before, attempts, *rest = text.decode().split("\0")
    started_at, finished_at, lease_until, _token, *error = rest
    if kind not in KNOWN_KINDS:
        return None
    return Job(
        id=job_id.decode(),
        kind=JobKind(kind),
        key=key,
        state=JobState(state),
        priority=JobPriority(int(priority)),
        queued_at=int(queued_at),
        not_before=int(not_before),
        attempts=int(attempts),
        started_at=_moment(started_at),
        finished_at=_moment(finished_at),
        lease_until=_moment(lease_until),
        error=_error(*error),
    )


def answered_jobs(answers: Iterable[bytes | None]) -> Iterator[Job | None]:
    """The jobs of a script that gives ids and texts by turns; None where it gave nothing, or newer code's."""
    by_turns = iter(answers)
    for job_id, text in zip(by_turns, by_turns, strict=True):
        yield None if job_id is None or text is None else job_of(job_id, text)


def known_jobs(answers: Iterable[bytes | None]) -> list[Job]:
    """The same without what is None."""
    return [job for job in answered_jobs(answers) if job is not None]


def error_values(error: JobError | None) -> tuple[Value, Value, Value]:
    """What a script is given for the three parts of an error."""
    if error is None:
        return "", "", ""
    return error.code.value, error.message, "" if error.retry_at is None else error.retry_at


def before(place: JobPlace | None) -> str:
    """Where a list that runs backwards goes on behind a place (None: at its end), in the words of a sorted set."""
    if place is None or place.queued_at >= 10**_DIGITS:
        return "+"
    if place.queued_at < 0:
        return "-"
    return f"({place.queued_at:0{_DIGITS}}{place.id}\0"


def _moment(text: str) -> int | None:
    return int(text) if text else None


def _error(code: str, message: str, retry_at: str) -> JobError | None:
    if not code:
        return None
    # Newer code may have more of them.
    known = ErrorCode(code) if code in _KNOWN_CODES else ErrorCode.INTERNAL_SERVER_ERROR
    return JobError(known, message, _moment(retry_at))
