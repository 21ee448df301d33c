"""Why a WebSocket or a streamed answer ended: the code and reason a client is told, and the label it is counted under.

Codes 4400 to 4429 and their reasons are those of the graphql-transport-ws protocol and its reference server; 4403 has a
reason of ours beside theirs, for a client whose token ran out. Ours:

* 1001 the server is going away; its operations are completed before.
* 4430 the client is too slow: too many events wait for it.
* 4500 the server failed; the log has the story.
"""

from dataclasses import dataclass

_MAX_REASON_BYTES = 123
"""A close frame has 125 bytes, of which the code takes two."""


@dataclass(frozen=True, slots=True)
class Closing:
    """How it ended. `code` is 0 where nothing can be said any more, and 1000 where all was said."""

    code: int
    reason: str
    label: str


GONE = Closing(0, "", "client_left")
UNREAD = Closing(0, "", "not_reading")
FINISHED = Closing(1000, "", "finished")
GOING_AWAY = Closing(1001, "The server is going away.", "shutdown")
UNAUTHORIZED = Closing(4401, "Unauthorized", "not_initialised")
FORBIDDEN = Closing(4403, "Forbidden", "forbidden")
TOKEN_EXPIRED = Closing(4403, "Token expired", "token_expired")
SUBPROTOCOL = Closing(4406, "Subprotocol not acceptable", "subprotocol")
INIT_TIMEOUT = Closing(4408, "Connection initialisation timeout", "init_timeout")
REPEATED_INIT = Closing(4429, "Too many initialisation requests", "repeated_init")
TOO_SLOW = Closing(4430, "Too slow: more events wait than are kept.", "too_slow")
FAILED = Closing(4500, "Internal server error", "failed")


def bad_message(reason: str) -> Closing:
    """4400: a message that the protocol does not know."""
    return Closing(4400, _fitting(reason), "bad_message")


def repeated_id(operation_id: str) -> Closing:
    """4409: the id of an operation that is still running."""
    # The tail is what tells; an id as long as a message must not push it out.
    shown = operation_id if len(operation_id) <= 40 else operation_id[:39] + "…"
    return Closing(4409, _fitting(f"Subscriber for {shown} already exists"), "repeated_id")


class EndedError(Exception):
    """Raised where a connection cannot go on."""

    def __init__(self, closing: Closing) -> None:
        super().__init__(closing.label)
        self.closing = closing


def _fitting(reason: str) -> str:
    written = reason.encode()
    return (
        reason if len(written) <= _MAX_REASON_BYTES else written[:_MAX_REASON_BYTES].decode(errors="ignore")
    )
