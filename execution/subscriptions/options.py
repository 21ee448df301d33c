"""What bounds a stream: how much may wait for a client, and how long."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StreamOptions:
    """Limits of WebSockets and streamed answers; times are seconds.
    `init_seconds` is the time from the handshake to `connection_init` (4408). `operations` run at a time on one
    WebSocket. `waiting_events` wait for one operation's client; when that many have waited for `slow_seconds` and
    none went out, the client is too slow (4430). `send_seconds` is the time one message may take to leave; a client
    that reads nothing for so long is cut off. `close_seconds` is the time for the last words. `heartbeat_seconds`
    lies between two signs of life of a streamed answer. `origins` are pages beside our own that may open a WebSocket,
    as browsers write them (`https://example.org`).
    """

    init_seconds: float = 10.0
    operations: int = 100
    waiting_events: int = 100
    slow_seconds: float = 10.0
    send_seconds: float = 10.0
    close_seconds: float = 2.0
    heartbeat_seconds: float = 10.0
    origins: frozenset[str] = frozenset()
