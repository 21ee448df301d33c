"""Outcomes a client must handle, as types: members of the unions of the fields they concern."""

from typing import ClassVar

import strawberry

import errors
from errors import ErrorCode
from schema.scalars import DateTime, PlayerId

_CODE = "What went wrong, for programs."
_MESSAGE = "What went wrong, for people."


@strawberry.interface(description="Something that did not work, as data.")
class Error:
    raised: ClassVar[type[errors.PlaygraphError]]

    code: ErrorCode = strawberry.field(description=_CODE)
    message: str = strawberry.field(description=_MESSAGE)


@strawberry.interface(description="Waiting helps: the same request may be sent again after so many seconds.")
class RetryableError(Error):
    retry_after: int = strawberry.field(
        description="Whole seconds to wait, at least 1; counts down as time passes."
    )
    next_check_at: DateTime = strawberry.field(description="The moment at which that wait is over.")


@strawberry.type(description="Blizzard has no such player. It is not asked again before `nextCheckAt`.")
class PlayerNotFound(RetryableError):
    raised = errors.PlayerNotFound

    player_id: PlayerId = strawberry.field(description="The id that was asked for.")
    check_count: int = strawberry.field(
        description="How many times Blizzard was asked; each time in vain makes the next wait longer."
    )


@strawberry.type(description="Blizzard did not give a usable answer, and nothing older is kept.")
class UpstreamUnavailable(RetryableError):
    raised = errors.UpstreamUnavailable


@strawberry.type(description="A limit of this server was reached.")
class RateLimited(RetryableError):
    raised = errors.RateLimited


@strawberry.type(description="The caller may not do this.")
class Forbidden(Error):
    raised = errors.Forbidden


@strawberry.type(
    description="What this is about is not there, has expired or is somebody else's; the three cannot be told apart."
)
class NotFound(Error):
    raised = errors.NotFound


@strawberry.type(
    description="The request contradicts what is kept, or a rule of the domain; nothing was changed."
)
class RuleViolation(Error):
    raised = errors.RuleViolation


@strawberry.type(description="More than this server keeps; nothing was changed.")
class LimitExceeded(Error):
    raised = errors.LimitExceeded

    limit: int = strawberry.field(description="The most that is allowed, in the unit that the message names.")


@strawberry.type(description="A fault of this server; the reference in the message is in its log.")
class InternalServerError(Error):
    raised = errors.PlaygraphError


@strawberry.type(description="The database is out of reach for the moment.")
class StorageUnavailable(RetryableError):
    raised = errors.StorageUnavailable
