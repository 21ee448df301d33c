"""Background work: what is asked for, and how far it has come."""

from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import NamedTuple

from errors import ErrorCode


class JobKind(Enum):
    """What there is to do. The key of the first five says for whom or what; the others come round by themselves."""

    PLAYER = "player"
    HEROES = "heroes"
    HERO = "hero"
    ROLES = "roles"
    HERO_USAGE = "hero_usage"
    STALE_CATALOG = "stale_catalog"
    NEW_HEROES = "new_heroes"
    PRUNE_PLAYERS = "prune_players"
    PRUNE_HISTORY = "prune_history"
    SWEEP_EPHEMERAL = "sweep_ephemeral"
    SWEEP_CONVERSATIONS = "sweep_conversations"
    SWEEP_JOBS = "sweep_jobs"


class JobState(Enum):
    """QUEUED and RUNNING jobs are open, the others have ended. A FAILED one is a dead letter until it is swept."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class JobPriority(IntEnum):
    """Who waits for it. The higher goes first, however long the lower waits."""

    SWEEP = 0
    STALE = 1
    PERSON = 2


@dataclass(frozen=True, slots=True)
class JobRequest:
    """Work asked for. It is not begun before `not_before` (0: at once).

    `after_run` says that a run which has begun already does not count, since it may have read what the caller
    knows to be old.
    """

    kind: JobKind
    key: str
    priority: JobPriority
    not_before: int = 0
    after_run: bool = False


@dataclass(frozen=True, slots=True)
class ScheduledRequest:
    """Work that comes round: asked for again `every` so many milliseconds."""

    request: JobRequest
    every: int


@dataclass(frozen=True, slots=True)
class JobError:
    """Why a run did not bring what was asked for. `message` is fit for a client's eyes; `retry_at` is the moment from
    which asking again may help, in milliseconds since 1970."""

    code: ErrorCode
    message: str
    retry_at: int | None = None


def worker_lost(max_attempts: int) -> JobError:
    """The error of work that is tried no more, since each time its worker was gone before it ended."""
    message = f"The worker was gone before it ended, {max_attempts} times or more."
    return JobError(ErrorCode.INTERNAL_SERVER_ERROR, message)


class JobPlace(NamedTuple):
    """Where a job stands in lists."""

    queued_at: int
    id: str


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work as it is kept; times are milliseconds since 1970.

    `attempts` counts the runs begun and not given back, `started_at` is the beginning of the last of them.
    `lease_until` is set while it is RUNNING, `finished_at` once it has ended. `error` is that of the last run. A
    SUCCEEDED job has one when the answer was sure but not the one hoped for: upstream has no such player.
    """

    id: str
    kind: JobKind
    key: str
    state: JobState
    priority: JobPriority
    queued_at: int
    not_before: int
    attempts: int = 0
    started_at: int | None = None
    finished_at: int | None = None
    lease_until: int | None = None
    error: JobError | None = None

    @property
    def place(self) -> JobPlace:
        """What a page of jobs is asked to go on after."""
        return JobPlace(self.queued_at, self.id)
