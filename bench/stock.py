"""The peer: the same schema, resolvers and storage behind Strawberry's own ASGI view: `python -m bench.stock PORT`."""

import asyncio
import sys

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL

from app import Playgraph
from bench.serving import serve
from clock import SystemClock
from identity.callers import NOBODY
from resolvers.context import RequestContext
from schema import schema
from settings import load_settings


class _View(GraphQL[RequestContext, None]):
    def __init__(self, playgraph: Playgraph) -> None:
        super().__init__(schema, graphql_ide=None)
        self._playgraph = playgraph

    async def get_context(
        self,
        request: Request | WebSocket,  # noqa: ARG002 - the names are the view's
        response: Response | WebSocket,  # noqa: ARG002
    ) -> RequestContext:
        return self._playgraph.make_context(NOBODY)


async def main(port: int) -> None:
    """Serve until told to stop."""
    playgraph = Playgraph(load_settings(), SystemClock())
    async with playgraph.opened():
        await serve(Starlette(routes=[Route("/graphql", _View(playgraph))]), port)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
