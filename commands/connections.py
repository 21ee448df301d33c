"""uvicorn's connections, with two additions.

A client that reads nothing can be dropped with what waits for it: closing a transport waits until all is sent, which
for such a client is never. And a server that is about to stop says so with each answer, so that no client sends its
next request on a connection that is just being closed.
"""

import asyncio
import logging
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from execution.subscriptions.open_streams import CUT

_LAST_BYTES_SECONDS = 10.0

LEAVING = "leaving"
"""Key of the state of the app that is true while the server drains."""


class HttpConnection(HttpToolsProtocol):
    """HTTP whose requests can be cut, and which is closed after an answer once the server is about to stop."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {CUT: {"now": self.transport.abort}}

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        if self.app_state.get(LEAVING) and self.cycle is not None:
            # The answer then has the header `connection: close`.
            self.cycle.keep_alive = False


class WebSocketConnection(WebSocketsSansIOProtocol):
    """A WebSocket that can be cut, and that is once it should long have been closed."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # A name of its own, by which its line for each handshake, with the whole query string, can be left out.
        self.logger = logging.getLogger("uvicorn.error.websocket")
        # The library writes all that is said into the log of LOG_LEVEL=DEBUG, tokens included.
        self.conn.debug = False

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101:
            self.scope["extensions"][CUT] = {"now": self.transport.abort}

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self.transport.abort()

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        super().on_task_complete(task)
        # What the client has not read by then it will not read; after a usual close this does nothing.
        self.loop.call_later(_LAST_BYTES_SECONDS, self.transport.abort)
