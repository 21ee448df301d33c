"""What machines ask: is it alive, is it ready, its figures, its schema."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from errors import StorageUnavailable
from metrics import Metrics
from storage import Storage

_NOT_KEPT = {"cache-control": "no-store"}


@dataclass(frozen=True, slots=True)
class Health:
    """What readiness is judged by; `storage` gives None until it is open."""

    version: str
    backend: str
    storage: Callable[[], Storage | None]

    async def report(self) -> tuple[int, dict[str, object]]:
        """200 and `ready` while storage answers, else 503 and `degraded`, with each check on its own."""
        storage = self.storage()
        checks: dict[str, object] = {"storage": await _check(storage)}
        is_ready = checks["storage"] == "ok"
        return (200 if is_ready else 503), {
            "status": "ready" if is_ready else "degraded",
            "version": self.version,
            "backend": self.backend,
            "server": storage.server_version if storage else None,
            "checks": checks,
        }


async def _check(storage: Storage | None) -> str:
    if storage is None:
        return "not open"
    try:
        await storage.ping()
    except StorageUnavailable as error:
        return error.message
    return "ok"


def health_routes(health: Health, metrics: Metrics, sdl: str) -> Sequence[BaseRoute]:
    """`/health/live`, `/health/ready`, `/metrics` and `/schema.graphql`."""

    async def live(_: Request) -> Response:
        return JSONResponse({"status": "live", "version": health.version}, headers=_NOT_KEPT)

    async def ready(_: Request) -> Response:
        status, report = await health.report()
        return JSONResponse(report, status, headers=_NOT_KEPT)

    async def figures(_: Request) -> Response:
        return Response(metrics.render(), headers=_NOT_KEPT | {"content-type": metrics.content_type})

    async def schema(_: Request) -> Response:
        return PlainTextResponse(sdl + "\n")

    return [
        Route("/health/live", live),
        Route("/health/ready", ready),
        Route("/metrics", figures),
        Route("/schema.graphql", schema),
    ]
