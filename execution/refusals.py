"""What is sent instead of an answer: a request's errors with their code, and the status they travel with."""

import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from uuid import uuid4

import structlog
from graphql import DocumentNode, GraphQLError

from execution.literals import refused_input

_log = structlog.get_logger("playgraph.execution")


class RefusalCode(Enum):
    """Codes of errors about a whole request; all but the internal one are the caller's to mend."""

    BAD_REQUEST = "BAD_REQUEST"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    FORBIDDEN = "FORBIDDEN"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    INTERNAL_SERVER_ERROR = "INTERNAL_SERVER_ERROR"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    OPERATION_RESOLUTION_FAILURE = "OPERATION_RESOLUTION_FAILURE"
    UNAUTHENTICATED = "UNAUTHENTICATED"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Errors, and how they travel.

    `status` None marks a request that was read and understood as GraphQL: it is answered 400 to clients that
    take `application/graphql-response+json` and 200 to those of `application/json`. `allow` is the Allow
    header of a 405, `challenge` the WWW-Authenticate of a 401. `closes` says that the rest of the body is unwanted,
    so the connection ends.
    """

    code: RefusalCode
    errors: tuple[dict[str, object], ...]
    status: int | None = None
    allow: str = ""
    challenge: str = ""
    closes: bool = False


class RefusedError(Exception):
    """Raised where reading a request stops; carries what the caller is told, and the kind of operation if known."""

    def __init__(self, refusal: Refusal, kind: str = "unknown") -> None:
        super().__init__(refusal.code.value)
        self.refusal = refusal
        self.kind = kind


_MAX_ERRORS = 5
_MAX_MESSAGE = 300


def refusal(
    code: RefusalCode,
    message: str,
    *,
    status: int | None = None,
    allow: str = "",
    challenge: str = "",
    closes: bool = False,
) -> Refusal:
    """One error without a place in a document."""
    error: dict[str, object] = {"message": _shortened(message), "extensions": {"code": code.value}}
    return Refusal(code, (error,), status, allow, challenge, closes)


def refusal_of(
    code: RefusalCode, errors: Iterable[GraphQLError], document: DocumentNode | None = None
) -> Refusal:
    """The first five errors of a document or its variables, each message cut at 300 characters.

    With its document, an error that a scalar raised about a literal is told as the bad input that it is.
    """
    return Refusal(code, tuple(_formatted(code, error, document) for error in tuple(errors)[:_MAX_ERRORS]))


def unexpected(error: Exception) -> Refusal:
    """A mistake of ours. The client gets a reference; the log has it beside the place, but not the error's
    text, which may quote what a caller sent."""
    reference = uuid4().hex[:12]
    places = traceback.format_tb(error.__traceback__)
    _log.error("request_failed", reference=reference, error=type(error).__name__, places=places)
    text = f"The server failed to answer. Reference: {reference}."
    return refusal(RefusalCode.INTERNAL_SERVER_ERROR, text, status=500)


def _formatted(code: RefusalCode, error: GraphQLError, document: DocumentNode | None) -> dict[str, object]:
    formatted: dict[str, object] = {"message": _shortened(error.message)}
    if error.locations:
        formatted["locations"] = [{"line": at.line, "column": at.column} for at in error.locations]
    refused = None if document is None else refused_input(error, document)
    formatted["extensions"] = refused or {"code": code.value}
    return formatted


def _shortened(message: str) -> str:
    return message if len(message) <= _MAX_MESSAGE else message[: _MAX_MESSAGE - 1] + "…"
