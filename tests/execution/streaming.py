"""The schema with subscriptions behind a real server, and a client that speaks graphql-transport-ws word by word."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route, WebSocketRoute
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from commands.connections import HttpConnection, WebSocketConnection
from execution.admission import Admission
from execution.endpoint import GraphQLEndpoint
from execution.limits import DocumentLimits
from execution.operations import Operations
from execution.subscriptions.http import HttpStreams
from execution.subscriptions.open_streams import OpenStreams
from execution.subscriptions.options import StreamOptions
from execution.subscriptions.running import Runner
from execution.subscriptions.websocket import WebSocketEndpoint
from metrics import Metrics
from schema.faults import format_error
from tests.execution.stream_schema import SCHEMA, Board

SUBPROTOCOL: Any = "graphql-transport-ws"
MESSAGE_BYTES = 1_048_576


@dataclass
class Talk:
    """One open WebSocket, as its client sees it."""

    socket: ClientConnection

    async def say(self, message: object) -> None:
        await self.socket.send(orjson.dumps(message).decode())

    async def init(self, payload: dict[str, object] | None = None) -> None:
        await self.say({"type": "connection_init"} | ({"payload": payload} if payload else {}))
        assert await self.hear() == {"type": "connection_ack"}

    async def subscribe(self, id: str, query: str, **payload: object) -> None:  # noqa: A002
        await self.say({"id": id, "type": "subscribe", "payload": {"query": query, **payload}})

    async def complete(self, id: str) -> None:  # noqa: A002
        await self.say({"id": id, "type": "complete"})

    async def hear(self) -> Any:
        """The next message."""
        async with asyncio.timeout(5):
            text = await self.socket.recv()
        assert isinstance(text, str), "clients of this protocol expect text frames"
        return orjson.loads(text)

    async def closed(self) -> tuple[int, str]:
        """Code and reason of the server's close, which must be the next thing it says."""
        async with asyncio.timeout(5):
            with pytest.raises(ConnectionClosed) as closed:
                pytest.fail(f"heard {await self.socket.recv()!r} before the close")
        said = closed.value.rcvd
        assert said is not None, "the connection was dropped without a close"
        return said.code, said.reason


@dataclass
class Served:
    """A running server, with what it writes to."""

    board: Board
    metrics: Metrics
    app: Starlette
    port: int

    @property
    def streams(self) -> OpenStreams:
        streams: OpenStreams = self.app.state.streams
        return streams

    @property
    def operations(self) -> Operations:
        operations: Operations = self.app.state.operations
        return operations

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/graphql"

    @asynccontextmanager
    async def talk(self, **options: Any) -> AsyncIterator[Talk]:
        """A WebSocket that has not said anything yet; `options` are those of the client library."""
        options = {"subprotocols": [SUBPROTOCOL], "compression": None, "proxy": None} | options
        async with connect(f"ws://127.0.0.1:{self.port}/graphql", **options) as socket:
            yield Talk(socket)

    @asynccontextmanager
    async def initialised(self, **options: Any) -> AsyncIterator[Talk]:
        async with self.talk(**options) as talk:
            await talk.init()
            yield talk

    def figure(self, name: str, **labels: str) -> float:
        return self.metrics.registry.get_sample_value(f"playgraph_{name}", labels) or 0.0

    async def counted(self, name: str, value: float, **labels: str) -> None:
        """Return when a figure has a value; the server counts a close a moment after the client saw it."""
        async with asyncio.timeout(5):
            while self.figure(name, **labels) != value:  # noqa: ASYNC110 - a figure tells nobody that it changed
                await asyncio.sleep(0.005)


def build(
    board: Board,
    metrics: Metrics,
    options: StreamOptions,
    limits: DocumentLimits | None = None,
    admission: Admission | None = None,
    streams: int = 100,
) -> Starlette:
    """The app over the schema, wired as app.py wires the product's."""
    operations = Operations(
        SCHEMA, make_context=board.make_context, format_error=format_error, metrics=metrics, limits=limits
    )
    open_streams = OpenStreams(metrics, streams)
    runner = Runner(operations, options, metrics, admission)
    endpoint = GraphQLEndpoint(
        operations, HttpStreams(runner, open_streams), metrics=metrics, admission=admission
    )
    app = Starlette(
        routes=[
            Route("/graphql", endpoint),
            WebSocketRoute("/graphql", WebSocketEndpoint(runner, open_streams)),
        ]
    )
    app.state.streams = open_streams
    app.state.operations = operations
    return app


@asynccontextmanager
async def serving(
    options: StreamOptions | None = None,
    limits: DocumentLimits | None = None,
    routes: Sequence[BaseRoute] = (),
    admission: Admission | None = None,
    streams: int = 100,
) -> AsyncIterator[Served]:
    """The server on a free port, until the end of the block; `routes` are served beside /graphql."""
    board, metrics = Board(), Metrics()
    app = build(board, metrics, options or StreamOptions(), limits, admission, streams)
    app.router.routes.extend(routes)
    config = uvicorn.Config(
        app,
        port=0,
        http=HttpConnection,
        ws=WebSocketConnection,
        ws_max_size=MESSAGE_BYTES,
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=5,
    )
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    port: int = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield Served(board, metrics, app, port)
    finally:
        await app.state.streams.stop()
        await server.shutdown()
