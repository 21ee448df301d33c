"""Who asks: what a transport knows of the other side, handed to whoever makes an operation's context."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from starlette.types import Scope


class Transport(Enum):
    """The ways on which an operation comes in."""

    HTTP = "http"
    WEBSOCKET = "websocket"
    SSE = "sse"
    MULTIPART = "multipart"


@dataclass(frozen=True, slots=True)
class Caller:
    """The other side of one request or socket.

    `headers` are those of the HTTP request, or of the handshake of a WebSocket; names in lower case. `init` is the
    payload of a WebSocket's `connection_init`, empty elsewhere. Both are what the client claims, unchecked.
    """

    transport: Transport
    headers: Mapping[bytes, bytes]
    init: Mapping[str, object] = field(default_factory=dict)


def read_headers(scope: Scope) -> dict[bytes, bytes]:
    """Headers by lower-case name; one that is given several times is joined by commas, as HTTP has it."""
    headers: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        headers[name] = headers[name] + b"," + value if name in headers else value
    return headers
