"""A client of subscriptions: one operation over one WebSocket, its events in order."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson
import uvicorn
from websockets.asyncio.client import ClientConnection, connect

from tests.app.server import Server

SUBPROTOCOL: Any = "graphql-transport-ws"
DEADLINE = 20.0


@dataclass
class Listener:
    """A subscription under way."""

    socket: ClientConnection

    async def next(self) -> dict[str, Any]:
        """The data of the next event, waited for."""
        message = await self.hear()
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        found: dict[str, Any] = message["payload"]["data"]
        return found

    async def hear(self) -> dict[str, Any]:
        """The next message, as it is."""
        async with asyncio.timeout(DEADLINE):
            message: dict[str, Any] = orjson.loads(await self.socket.recv())
        return message

    async def settled(self) -> None:
        """Return when the server has dealt with all that was said so far."""
        await self.socket.send('{"type": "ping"}')
        assert (await self.hear())["type"] == "pong"


@asynccontextmanager
async def on_a_socket(server: Server) -> AsyncIterator[str]:
    """The address of a server of this process, on a free port until the end of the block."""
    config = uvicorn.Config(
        server.app,
        port=0,
        http="commands.connections:HttpConnection",
        ws="commands.connections:WebSocketConnection",
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=5,
    )
    listener = uvicorn.Server(config)
    config.load()
    listener.lifespan = config.lifespan_class(config)
    await listener.startup()
    try:
        yield f"http://127.0.0.1:{listener.servers[0].sockets[0].getsockname()[1]}"
    finally:
        await server.app.state.streams.stop()
        await listener.shutdown()


@asynccontextmanager
async def listening(url: str, query: str, **variables: object) -> AsyncIterator[Listener]:
    """Subscribe at the server of this address until the end of the block."""
    address = url.replace("http://", "ws://", 1) + "/graphql"
    async with connect(address, subprotocols=[SUBPROTOCOL], compression=None, proxy=None) as socket:
        listener = Listener(socket)
        await socket.send('{"type": "connection_init"}')
        assert (await listener.hear())["type"] == "connection_ack"
        asked = {"query": query, "variables": variables}
        await socket.send(orjson.dumps({"id": "1", "type": "subscribe", "payload": asked}).decode())
        yield listener
