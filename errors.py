"""Every error this code raises on purpose, and the code each one carries to a client.

PlaygraphError
├── BadUserInput               an argument or document the caller has to change
├── Unauthenticated            the caller would have to say who it is
├── Forbidden                  the caller is known, and may not do this
├── NotFound                   what a mutation is about is not there, or not for this caller: no telling which
├── RuleViolation              the request contradicts what is kept, or the rules of the game
├── VersionConflict            somebody else was quicker; carries `current_version`
├── LimitExceeded              it would be more than this server keeps; carries `limit`
├── RetryableError             the same request may succeed later; carries `retry_after` and `next_check_at`
│   ├── PlayerNotFound         upstream was asked and has no such player
│   ├── UpstreamUnavailable    upstream did not give a usable answer
│   │   └── UpstreamRateLimited    upstream, or our own pace towards it, asks us to wait
│   ├── RateLimited            a limit of this server's own
│   └── StorageUnavailable     the database did not answer in time, or refused
├── StartRefused               the process must not start like this; the text says what to change
├── CopyRefused                a copy or restore would mix the facts of two stores
├── BackupUnreadable           a file is no whole backup that this code reads
└── PageUnreadable             a fetched page is not what its address promises; never leaves the upstream rooms
"""

from collections.abc import Mapping
from enum import Enum
from typing import ClassVar


class ErrorCode(Enum):
    """Codes that clients may branch on; texts may change, codes do not."""

    PLAYER_NOT_FOUND = "PLAYER_NOT_FOUND"
    UPSTREAM_UNAVAILABLE = "UPSTREAM_UNAVAILABLE"
    UPSTREAM_RATE_LIMITED = "UPSTREAM_RATE_LIMITED"
    RATE_LIMITED = "RATE_LIMITED"
    STORAGE_UNAVAILABLE = "STORAGE_UNAVAILABLE"
    NOT_FOUND = "NOT_FOUND"
    FORBIDDEN = "FORBIDDEN"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    VERSION_CONFLICT = "VERSION_CONFLICT"
    RULE_VIOLATION = "RULE_VIOLATION"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    INTERNAL_SERVER_ERROR = "INTERNAL_SERVER_ERROR"


class PlaygraphError(Exception):
    """Root of all errors raised on purpose. `message` is fit for a client's eyes."""

    code: ClassVar[ErrorCode] = ErrorCode.INTERNAL_SERVER_ERROR

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class BadUserInput(PlaygraphError):
    """The caller sent something that can never work; sending it again will not help."""

    code = ErrorCode.BAD_USER_INPUT


class Unauthenticated(PlaygraphError):
    """This is not for everybody, and the caller is not known."""

    code = ErrorCode.UNAUTHENTICATED


class Forbidden(PlaygraphError):
    """The caller is known, and may not do this."""

    code = ErrorCode.FORBIDDEN


class NotFound(PlaygraphError):
    """What a mutation is about is not there, has expired, or belongs to somebody else; the three look alike."""

    code = ErrorCode.NOT_FOUND


class RuleViolation(PlaygraphError):
    """The request contradicts what is kept, or a rule of the domain. Nothing was written."""

    code = ErrorCode.RULE_VIOLATION


class VersionConflict(PlaygraphError):
    """The caller's version is not the kept one any more. Nothing was written."""

    code = ErrorCode.VERSION_CONFLICT

    def __init__(self, message: str, *, current_version: int) -> None:
        super().__init__(message)
        self.current_version = current_version


class LimitExceeded(PlaygraphError):
    """It would be more than this server keeps for one caller or in one place. Nothing was written.

    `limit` is the most that is allowed, in the unit that the message names.
    """

    code = ErrorCode.LIMIT_EXCEEDED

    def __init__(self, message: str, *, limit: int) -> None:
        super().__init__(message)
        self.limit = limit


class RetryableError(PlaygraphError):
    """Waiting helps.

    `retry_after` is whole seconds, rounded up, at least 1. `next_check_at` is the same moment in
    milliseconds since 1970.
    """

    def __init__(self, message: str, *, now: int, next_check_at: int) -> None:
        super().__init__(message)
        self.retry_after = max(1, -(-(next_check_at - now) // 1000))
        self.next_check_at = next_check_at


class PlayerNotFound(RetryableError):
    """Upstream has no such player; it is not asked again before `next_check_at`."""

    code = ErrorCode.PLAYER_NOT_FOUND

    def __init__(self, player_id: str, *, check_count: int, now: int, next_check_at: int) -> None:
        super().__init__(f"Blizzard has no player {player_id}.", now=now, next_check_at=next_check_at)
        self.player_id = player_id
        self.check_count = check_count


class UpstreamUnavailable(RetryableError):
    """A time-out, a refused connection, a 5xx or a page that is not what it should be."""

    code = ErrorCode.UPSTREAM_UNAVAILABLE


class UpstreamRateLimited(UpstreamUnavailable):
    """A 403 or 429 of upstream, the penalty that follows one, or a full queue towards upstream."""

    code = ErrorCode.UPSTREAM_RATE_LIMITED


class RateLimited(RetryableError):
    """A limit of this server's own was reached."""

    code = ErrorCode.RATE_LIMITED


class StorageUnavailable(RetryableError):
    """The database is out of reach, too slow or refuses to write.

    `found` is what a read of many keys found without it, by key: a copy that is there is an answer all the same.
    """

    code = ErrorCode.STORAGE_UNAVAILABLE

    def __init__(self, message: str, *, now: int, next_check_at: int) -> None:
        super().__init__(message, now=now, next_check_at=next_check_at)
        self.found: Mapping[str, object] = {}


class StartRefused(PlaygraphError):
    """The process stops before serving; the message is one line that says what to set or do."""


class CopyRefused(PlaygraphError):
    """A store holds what would be lost or mixed up; nothing was written."""


class BackupUnreadable(PlaygraphError):
    """A file is no backup, of a newer format, cut short or damaged; nothing was written."""


class PageUnreadable(PlaygraphError):
    """A page lacks the structure its address promises (see the parser that raises it)."""
