"""The whole app, opened as a server opens it, on a temporary SQLite file; asked over its ASGI face."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2
from starlette.applications import Starlette

from app import create_app
from models.jobs import JobState
from settings import Settings, load_settings
from storage import Storage
from tests.refresh.held_clock import HeldClock

DEADLINE = 20.0
COMES_ROUND = ("stale_catalog_interval", "new_heroes_interval", "prune_interval", "sweep_interval")


@dataclass(frozen=True)
class Server:
    """A running app, its clock and a client for it."""

    app: Starlette
    clock: HeldClock
    client: httpx2.AsyncClient

    async def post(self, query: object, variables: object = None) -> httpx2.Response:
        return await self.client.post("/graphql", json={"query": query, "variables": variables})

    async def answer(self, query: str, variables: Mapping[str, object] | None = None) -> dict[str, Any]:
        answer: dict[str, Any] = (await self.post(query, variables)).json()
        return answer

    async def data(self, query: str, variables: Mapping[str, object] | None = None) -> dict[str, Any]:
        """The data of a query that must not fail."""
        answer = await self.answer(query, variables)
        assert "errors" not in answer, answer["errors"]
        found: dict[str, Any] = answer["data"]
        return found

    async def figure(self, name: str) -> float:
        """A metric: the sum over all its labels, or of those with the given ones (`name{label="value"}`)."""
        lines = (await self.client.get("/metrics")).text.splitlines()
        return sum(
            float(line.rpartition(" ")[2]) for line in lines if line.startswith((name + "{", name + " "))
        )

    @property
    def storage(self) -> Storage:
        """The storage that the server has open."""
        storage: Storage = self.app.state.playgraph.storage
        return storage

    async def rest(self) -> None:
        """Return when nothing is being fetched, asked for or waiting for its turn any more."""
        async with asyncio.timeout(DEADLINE):
            await flights_land()
            while await self._open_jobs():  # noqa: ASYNC110 - rows of a table tell nobody
                await asyncio.sleep(0.01)

    async def ended_runs(self, count: int) -> None:
        """Return when so many runs of jobs have ended here since the start."""
        async with asyncio.timeout(DEADLINE):
            while await self.figure("playgraph_job_runs_total") < count:  # noqa: ASYNC110 - figures tell nobody
                await asyncio.sleep(0.01)

    async def _open_jobs(self) -> int:
        counts = await self.storage.jobs.counts()
        return sum(
            count for (_, state), count in counts.items() if state in (JobState.QUEUED, JobState.RUNNING)
        )


async def flights_land() -> None:
    """Return when nothing is being fetched any more, for nobody waits for some fetches."""
    flights = [
        task for task in asyncio.all_tasks() if task.get_name().startswith(("flight", "stale records"))
    ]
    await asyncio.gather(*flights, return_exceptions=True)


def settings_for(blizzard_url: str, storage_path: Path, **given: object) -> Settings:
    """Settings for tests: no pace towards the stand-in for upstream, no setting taken from the environment."""
    quick: dict[str, object] = {
        "throttle_start_delay": 0,
        "throttle_min_delay": 0,
        "upstream_retries": 0,
        "cold_read_deadline": 30,
        # What is asked for in the background stays undone, except where a test is about that.
        "job_concurrency": 0,
        **dict.fromkeys(COMES_ROUND, 0),
        "_env_file": None,
    }
    return load_settings(**{"blizzard_url": blizzard_url, "storage_path": storage_path} | quick | given)


@asynccontextmanager
async def served(
    blizzard_url: str, *, storage_path: Path | None = None, clock: HeldClock | None = None, **given: object
) -> AsyncIterator[Server]:
    """A running server; on a file of its own unless one is named. `given` are settings."""
    clock = clock or HeldClock()
    with TemporaryDirectory() as folder:
        path = storage_path or Path(folder) / "playgraph.db"
        app = create_app(settings_for(blizzard_url, path, **given), clock=clock)
        async with (
            app.router.lifespan_context(app),
            httpx2.AsyncClient(
                transport=httpx2.ASGITransport(app=app), base_url="http://localhost"
            ) as client,
        ):
            yield Server(app, clock, client)
