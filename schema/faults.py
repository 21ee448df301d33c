"""Errors on their way out: to the type that a field's union has for them, or to a coded entry of `errors`.

What was not raised on purpose is masked; its reference leads to the full story in the log.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import uuid4

import structlog
from graphql import GraphQLError

import errors
from schema.errors import (
    Forbidden,
    InternalServerError,
    LimitExceeded,
    NotFound,
    PlayerNotFound,
    RateLimited,
    RuleViolation,
    StorageUnavailable,
    UpstreamUnavailable,
)
from schema.scalars import DateTime, PlayerId, written_time

_log = structlog.get_logger()


def _waiting(error: errors.RetryableError) -> dict[str, Any]:
    return {
        "code": error.code,
        "message": error.message,
        "retry_after": error.retry_after,
        "next_check_at": DateTime(error.next_check_at),
    }


def _player_not_found(error: errors.PlayerNotFound) -> PlayerNotFound:
    return PlayerNotFound(
        player_id=PlayerId(error.player_id), check_count=error.check_count, **_waiting(error)
    )


def _plain(error: errors.PlaygraphError) -> dict[str, Any]:
    return {"code": error.code, "message": error.message}


# For each error that may be a member of a union: its type, and how to make it.
_MEMBERS: Mapping[type[errors.PlaygraphError], tuple[type, Callable[[Any], object]]] = {
    errors.PlayerNotFound: (PlayerNotFound, _player_not_found),
    errors.UpstreamUnavailable: (UpstreamUnavailable, lambda error: UpstreamUnavailable(**_waiting(error))),
    errors.RateLimited: (RateLimited, lambda error: RateLimited(**_waiting(error))),
    errors.StorageUnavailable: (StorageUnavailable, lambda error: StorageUnavailable(**_waiting(error))),
    errors.Forbidden: (Forbidden, lambda error: Forbidden(**_plain(error))),
    errors.NotFound: (NotFound, lambda error: NotFound(**_plain(error))),
    errors.RuleViolation: (RuleViolation, lambda error: RuleViolation(**_plain(error))),
    errors.LimitExceeded: (
        LimitExceeded,
        lambda error: LimitExceeded(limit=error.limit, **_plain(error)),
    ),
}


def _member(error: errors.PlaygraphError) -> object:
    for raised, (_, make) in _MEMBERS.items():
        if isinstance(error, raised):
            return make(error)
    return InternalServerError(code=errors.ErrorCode.INTERNAL_SERVER_ERROR, message=error.message)


def as_member(error: errors.PlaygraphError | None) -> object:
    """An error as the type that stands for it; None for none."""
    return None if error is None else _member(error)


def as_members(results: Iterable[object]) -> list[object]:
    """The same list with each error as the type that a union has for it."""
    return [_member(each) if isinstance(each, errors.PlaygraphError) else each for each in results]


class _MemberHandler:
    """Turns what a resolver raised into a member of its field's union, where the union has one for it."""

    def __init__(self, exception_type: type[errors.PlaygraphError], error_type: type) -> None:
        self.exception_type = exception_type
        self.error_type = error_type

    def handle(self, exception: errors.PlaygraphError, *, field: object, info: object) -> object:  # noqa: ARG002
        return _member(exception)


MEMBER_HANDLERS: Sequence[_MemberHandler] = tuple(
    _MemberHandler(raised, member) for raised, (member, _) in _MEMBERS.items()
)


def format_error(error: GraphQLError) -> dict[str, Any]:
    """An entry of `errors`: a message fit for clients and `extensions.code`, with the wait where waiting helps."""
    cause = error.original_error
    if isinstance(cause, errors.PlaygraphError):
        return _entry(error, error.message, _extensions(cause))
    if cause is None or isinstance(cause, GraphQLError):
        return _entry(error, error.message, {"code": errors.ErrorCode.BAD_USER_INPUT.value})
    reference = uuid4().hex[:12]
    _log.error("unexpected error in a resolver", reference=reference, path=error.path, exc_info=cause)
    code = errors.ErrorCode.INTERNAL_SERVER_ERROR.value
    return _entry(error, f"Something went wrong here; the reference is {reference}.", {"code": code})


def _extensions(error: errors.PlaygraphError) -> dict[str, Any]:
    extensions: dict[str, Any] = {"code": error.code.value}
    if isinstance(error, errors.RetryableError):
        extensions["retryAfter"] = error.retry_after
        extensions["nextCheckAt"] = written_time(error.next_check_at)
    if isinstance(error, errors.PlayerNotFound):
        extensions["checkCount"] = error.check_count
    if isinstance(error, errors.LimitExceeded):
        extensions["limit"] = error.limit
    if isinstance(error, errors.VersionConflict):
        extensions["currentVersion"] = error.current_version
    return extensions


def _entry(error: GraphQLError, message: str, extensions: dict[str, Any]) -> dict[str, Any]:
    entry: dict[str, Any] = {"message": message}
    if error.locations:
        entry["locations"] = [location.formatted for location in error.locations]
    if error.path is not None:
        entry["path"] = list(error.path)
    return entry | {"extensions": extensions}
