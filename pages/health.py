"""What machines ask: is it alive, is it ready, its figures, its schema."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from errors import StorageUnavailable
from metrics import Metrics
from storage import StatusReader, Storage

_NOT_KEPT = {"cache-control": "no-store"}
# Whoever asks gives up after some seconds as well, and an answer that never comes tells nobody what is wrong.
_PING_SECONDS = 3.0
_FIGURES_KEPT_MILLISECONDS = 15_000
_FIGURES_PATIENCE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Health:
    """What readiness is judged by; `storage` and `status` give None until storage is open. `is_leaving` says that the
    server is about to stop."""

    version: str
    backend: str
    storage: Callable[[], Storage | None]
    status: Callable[[], StatusReader | None]
    is_leaving: Callable[[], bool]

    async def report(self) -> tuple[int, dict[str, object]]:
        """200 and `ready` while storage answers, else 503 and `degraded`, with each check on its own; 503 and `leaving`
        once the server was told to stop.

        The check `cache` is there while something is missing that the backend does without: that is no reason to
        send nobody here. `notes` say what an operator should know of the server that answered.
        """
        storage = self.storage()
        checks = {"storage": await _check(storage)}
        if storage and (trouble := storage.trouble()):
            checks["cache"] = trouble
        state = "ready" if checks["storage"] == "ok" else "degraded"
        if self.is_leaving():
            state = "leaving"
        return (200 if state == "ready" else 503), {
            "status": state,
            "version": self.version,
            "backend": self.backend,
            "server": storage.server_version if storage else None,
            "notes": list(storage.notes) if storage else [],
            "checks": checks,
        }

    async def count_again(self) -> None:
        """See to it that the figures of storage are not older than 15 seconds, unless that takes long."""
        if status := self.status():
            # Whatever is wrong there is in the log already; the other figures are wanted all the more.
            with contextlib.suppress(Exception):
                await status.read(_FIGURES_KEPT_MILLISECONDS, _FIGURES_PATIENCE_SECONDS)


async def _check(storage: Storage | None) -> str:
    if storage is None:
        return "not open"
    try:
        async with asyncio.timeout(_PING_SECONDS):
            await storage.ping()
    except StorageUnavailable as error:
        return error.message
    except TimeoutError:
        return "The database does not answer in time."
    return "ok"


def health_routes(health: Health, metrics: Metrics) -> Sequence[BaseRoute]:
    """`/health/live`, `/health/ready` and `/metrics`."""

    async def live(_: Request) -> Response:
        return JSONResponse({"status": "live", "version": health.version}, headers=_NOT_KEPT)

    async def ready(_: Request) -> Response:
        status, report = await health.report()
        return JSONResponse(report, status, headers=_NOT_KEPT)

    async def figures(_: Request) -> Response:
        await health.count_again()
        return Response(metrics.render(), headers=_NOT_KEPT | {"content-type": metrics.content_type})

    return [
        Route("/health/live", live),
        Route("/health/ready", ready),
        Route("/metrics", figures),
    ]


def schema_route(sdl: str) -> BaseRoute:
    """`/schema.graphql`."""

    async def schema(_: Request) -> Response:
        return PlainTextResponse(sdl + "\n")

    return Route("/schema.graphql", schema)
