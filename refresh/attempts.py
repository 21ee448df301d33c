"""What becomes of a job when a run of it has ended: done, tried again later, or a dead letter."""

from collections.abc import Callable
from dataclasses import dataclass

from errors import ErrorCode, PlayerNotFound, PlaygraphError, RetryableError
from models.jobs import Job, JobError, JobState
from refresh.backoff import Backoff

_LEAST_WAIT = 1_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """The state a job goes to; QUEUED is another attempt, from `not_before` on."""

    state: JobState
    error: JobError | None = None
    not_before: int = 0


@dataclass(frozen=True, slots=True)
class RetryRule:
    """How often a job is tried, and how long it waits in between where nobody says when: `backoff`, of which `random`
    (0 to 1) takes away up to half, so that what failed together does not come back together."""

    max_attempts: int
    backoff: Backoff
    random: Callable[[], float]

    def outcome(self, job: Job, failure: Exception | None, now: int) -> Outcome:
        """What becomes of a job whose run, at `now`, ended with this failure, or well.

        That upstream has no such player is an answer: the job is done. An error that waiting does not mend is final.
        One that says when it may be mended is waited for until then. Everything else waits its turn.
        """
        if failure is None:
            return Outcome(JobState.SUCCEEDED)
        error = _error(job, failure)
        if isinstance(failure, PlayerNotFound):
            return Outcome(JobState.SUCCEEDED, error)
        if is_final(failure) or job.attempts >= self.max_attempts:
            return Outcome(JobState.FAILED, error)
        # A moment that has passed would have the attempts used up in no time.
        not_before = max(error.retry_at or now + self._wait(job.attempts), now + _LEAST_WAIT)
        return Outcome(JobState.QUEUED, error, not_before)

    def _wait(self, attempts: int) -> int:
        return round(1_000 * self.backoff.wait(attempts) * (1 - self.random() / 2))


def is_expected(failure: Exception) -> bool:
    """Whether it was raised on purpose; others are mistakes of ours."""
    return isinstance(failure, PlaygraphError)


def is_final(failure: Exception) -> bool:
    """Whether trying again cannot help. A mistake may come of a moment that has passed: it is tried again."""
    return is_expected(failure) and not isinstance(failure, RetryableError)


def _error(job: Job, failure: Exception) -> JobError:
    if isinstance(failure, RetryableError):
        return JobError(failure.code, failure.message, failure.next_check_at)
    if isinstance(failure, PlaygraphError):
        return JobError(failure.code, failure.message)
    message = f"Something went wrong here; the reference is {job.id}."
    return JobError(ErrorCode.INTERNAL_SERVER_ERROR, message)
