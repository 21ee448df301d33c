"""Who asks: what a transport knows of the other side, and who that turned out to be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from starlette.types import Scope


class Transport(Enum):
    """The ways on which an operation comes in."""

    HTTP = "http"
    WEBSOCKET = "websocket"
    SSE = "sse"
    MULTIPART = "multipart"


@dataclass(frozen=True, slots=True)
class Visitor:
    """The other side of one request or socket.

    `headers` are those of the HTTP request, or of the handshake of a WebSocket; names in lower case. `init` is the
    payload of a WebSocket's `connection_init`, empty elsewhere. Both are what the client claims, unchecked.
    """

    transport: Transport
    headers: Mapping[bytes, bytes]
    init: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Identified:
    """A visitor of whom it is known who it is.

    `caller` is for whoever makes an operation's context; nothing here looks into it. `expires_at` (milliseconds since
    1970) is when the visitor must not be taken for that caller any more; None: never.
    """

    visitor: Visitor
    caller: Any = None
    expires_at: int | None = None

    @property
    def transport(self) -> Transport:
        """The way on which the visitor came."""
        return self.visitor.transport


def read_headers(scope: Scope) -> dict[bytes, bytes]:
    """Headers by lower-case name; one that is given several times is joined by commas, as HTTP has it."""
    headers: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        headers[name] = headers[name] + b"," + value if name in headers else value
    return headers
