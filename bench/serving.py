"""How the servers that Playgraph is measured against listen: with uvicorn, set as `app.py serve` sets it."""

import asyncio

import uvicorn
from starlette.types import ASGIApp


async def serve(app: ASGIApp, port: int) -> None:
    """Serve until told to stop."""
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=port,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
    )
    await uvicorn.Server(config).serve()


def run(app: ASGIApp, port: int) -> None:
    """Serve until told to stop, in an event loop of its own."""
    asyncio.run(serve(app, port))
