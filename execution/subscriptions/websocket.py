"""The ASGI application of GraphQL over WebSocket: who may open one, and its life among the open streams."""

from contextlib import ExitStack, suppress

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from execution.refusals import Refusal, RefusalCode, RefusedError, refusal
from execution.subscriptions.closings import SUBPROTOCOL as UNKNOWN_SUBPROTOCOL
from execution.subscriptions.connection import Connection
from execution.subscriptions.messages import SUBPROTOCOL
from execution.subscriptions.open_streams import OpenStreams
from execution.subscriptions.running import Runner
from execution.visitors import Transport, Visitor, read_headers

_FOREIGN = refusal(RefusalCode.BAD_REQUEST, "This page may not open a WebSocket here.", status=403)
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


class WebSocketEndpoint:
    """GraphQL over WebSocket, by the sub-protocol graphql-transport-ws and no other (4406).

    A handshake with an Origin that is neither this server's own nor among the allowed ones is refused with 403, for
    a browser lets any page open a WebSocket anywhere. Without an Origin it is no browser, and welcome.
    """

    def __init__(self, runner: Runner, streams: OpenStreams) -> None:
        self._runner = runner
        self._streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        socket = WebSocket(scope, receive, send)
        headers = read_headers(scope)
        if not allows_origin(headers, self._runner.options.origins):
            self._count("origin")
            return await _deny(socket, _FOREIGN)
        if SUBPROTOCOL not in scope["subprotocols"]:
            self._count(UNKNOWN_SUBPROTOCOL.label)
            await socket.accept()
            with suppress(WebSocketDisconnect):
                await socket.close(UNKNOWN_SUBPROTOCOL.code, UNKNOWN_SUBPROTOCOL.reason)
            return None
        connection = Connection(socket, self._runner, Visitor(Transport.WEBSOCKET, headers))
        with ExitStack() as stack:
            try:
                stack.enter_context(self._streams.entered(connection, Transport.WEBSOCKET))
            except RefusedError as refused:
                self._count("full")
                return await _deny(socket, refused.refusal)
            await socket.accept(SUBPROTOCOL)
            closing = await connection.run()
        return self._count(closing.label)

    def _count(self, reason: str) -> None:
        self._runner.metrics.stream_closes.labels(Transport.WEBSOCKET.value, reason).inc()


def allows_origin(headers: dict[bytes, bytes], allowed: frozenset[str]) -> bool:
    """Whether a handshake may go on: no Origin, that of the host it is sent to, or one of `allowed`.

    The scheme is not compared with our own: behind a proxy that ends TLS it is another one.
    """
    if b"origin" not in headers:
        return True
    origin = headers[b"origin"].decode("latin-1").lower()
    if origin in allowed:
        return True
    scheme, _, authority = origin.partition("://")
    port = _DEFAULT_PORTS.get(scheme)
    if port is None:
        return False
    host = headers.get(b"host", b"").decode("latin-1").lower()
    return bool(host) and authority.removesuffix(port) == host.removesuffix(port)


async def _deny(socket: WebSocket, refused: Refusal) -> None:
    if "websocket.http.response" not in socket.scope.get("extensions", {}):
        return await socket.close()
    body = orjson.dumps({"errors": refused.errors})
    answer = Response(body, refused.status or 403, media_type="application/json")
    return await socket.send_denial_response(answer)
