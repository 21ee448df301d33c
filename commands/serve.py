"""`python app.py serve`: serves until told to stop."""

import argparse
import asyncio
import contextlib
from typing import Any

import structlog
import uvicorn

from app import create_app
from commands.log_output import configure_logging
from settings import Settings, load_settings

_log = structlog.get_logger("playgraph")


def add_to(commands: Any) -> None:
    """Make the command known to the command line; what is given there wins over the environment."""
    parser = commands.add_parser("serve", help="serve GraphQL over HTTP")
    parser.add_argument("--host", help="address to listen on (HOST)")
    parser.add_argument("--port", help="port to listen on, 0 for a free one (PORT)")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> None:
    given = {name: value for name in ("host", "port") if (value := getattr(options, name)) is not None}
    settings = load_settings(**given)
    configure_logging(settings.log_level, settings.log_format)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        # The lifespan is entered here, so that a refusal to start is one line instead of a stack trace.
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
    )
    async with app.router.lifespan_context(app):
        _log.info("explore it", address=f"http://{settings.host}:{settings.port}/explorer")
        await uvicorn.Server(config).serve()
