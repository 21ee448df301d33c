"""`python app.py serve`: serves until told to stop."""

import argparse
import asyncio
import contextlib
import gc
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
import uvicorn
from starlette.applications import Starlette

from app import create_app
from commands.connections import LEAVING
from commands.log_output import configure_logging
from errors import StartRefused
from execution.subscriptions.open_streams import OpenStreams
from settings import Settings, load_settings

_log = structlog.get_logger("playgraph")

_DRAIN_TURN_SECONDS = 0.1


def add_to(commands: Any) -> None:
    """Make the command known to the command line; what is given there wins over the environment."""
    parser = commands.add_parser("serve", help="serve GraphQL over HTTP")
    add_address_to(parser)
    parser.set_defaults(run=_run)


def add_address_to(parser: argparse.ArgumentParser) -> None:
    """Let a command be told where to listen."""
    parser.add_argument("--host", help="address to listen on (HOST)")
    parser.add_argument("--port", help="port to listen on, 0 for a free one (PORT)")


def given_address(options: argparse.Namespace) -> dict[str, object]:
    """The settings that a command was given by `add_address_to`."""
    return {name: value for name in ("host", "port") if (value := getattr(options, name)) is not None}


def _run(options: argparse.Namespace) -> None:
    settings = load_settings(**given_address(options))
    configure_logging(settings.log_level, settings.log_format)
    end_in_order_when_told()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(settings, _announce))


def end_in_order_when_told() -> None:
    """Let SIGTERM end the process as Ctrl-C does: uvicorn raises it again when it has served its last request, and
    by default that would be the end before the database is closed."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def _announce(address: str) -> None:
    _log.info("explore it", address=f"{address}/explorer")


async def serve(settings: Settings, announce: Callable[[str], None]) -> None:
    """Serve the app until told to stop; `announce` is called with its address as soon as it answers.

    Raises StartRefused when it must not start, or cannot listen where it should.
    """
    check_address(settings.host, settings.port)
    await serve_app(create_app(settings), settings, announce)


async def serve_app(app: Starlette, settings: Settings, announce: Callable[[str], None]) -> None:
    """Serve this app, whose `state.streams` are its OpenStreams, until told to stop. `state.leave`, if there is one, is
    called as soon as that is."""
    config = uvicorn.Config(
        app,
        http="commands.connections:HttpConnection",
        ws="commands.connections:WebSocketConnection",
        ws_max_size=settings.graphql_body_limit,
        # Messages are small: compressing costs more time and memory than it saves.
        ws_per_message_deflate=False,
        host=settings.host,
        port=settings.port,
        # The lifespan is entered here, so that a refusal to start is one line instead of a stack trace.
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
    )
    leaving = Leaving(getattr(app.state, "leave", lambda: None), settings.shutdown_drain)
    async with app.router.lifespan_context(app):
        # What is loaded by now stays: the collector need not look through it again at every full round, which is
        # what makes the slowest answers slow (see bench/RESULTS.md).
        gc.collect()
        gc.freeze()
        await _Server(config, announce, app.state.streams, leaving).serve()


def check_address(host: str, port: int) -> None:
    """Raises StartRefused when `host` and `port` cannot be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        reason = error.strerror or str(error)
        raise StartRefused(f"cannot listen on {host}:{port} ({reason}); set HOST or PORT.") from None


@dataclass(frozen=True, slots=True)
class Leaving:
    """How a server stops: `tell` is called first; then it goes on serving for `drain_seconds`, unready, with each
    connection closed after its answer, so that balancers and clients have turned to others before it is gone."""

    tell: Callable[[], None]
    drain_seconds: float


class _Server(uvicorn.Server):
    """A server that tells its address once it listens, and ends its streams before its connections."""

    def __init__(
        self, config: uvicorn.Config, announce: Callable[[str], None], streams: OpenStreams, leaving: Leaving
    ) -> None:
        super().__init__(config)
        self._announce = announce
        self._streams = streams
        self._leaving = leaving

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            self._announce(f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        _log.info("leaving")
        self._leaving.tell()
        self.lifespan.state[LEAVING] = True
        await self._drain()
        # uvicorn would close every WebSocket as it stands, and wait for streams that do not end by themselves.
        for server in self.servers:
            server.close()
        await self._streams.stop()
        await super().shutdown(sockets=sockets)

    async def _drain(self) -> None:
        """Go on serving for a while; a second Ctrl-C ends it."""
        loop = asyncio.get_running_loop()
        over_at = loop.time() + self._leaving.drain_seconds
        while not self.force_exit and loop.time() < over_at:  # noqa: ASYNC110 - uvicorn's flag tells nobody
            await asyncio.sleep(_DRAIN_TURN_SECONDS)
