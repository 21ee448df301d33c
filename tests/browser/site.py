"""The real server as users start it, in a process of its own, with a stand-in for upstream behind it."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from settings import Settings
from tests.architecture.sources import ROOT
from tests.browser.upstream import inhabit
from tests.replay import Replay


@dataclass(frozen=True)
class Site:
    """A running server: where it listens and the file it keeps facts in."""

    url: str
    database: Path

    async def get(self, path: str) -> httpx2.Response:
        async with httpx2.AsyncClient(base_url=self.url) as client:
            return await client.get(path)

    async def answer(self, query: str) -> Any:
        async with httpx2.AsyncClient(base_url=self.url) as client:
            return (await client.post("/graphql", json={"query": query})).json()


@asynccontextmanager
async def running_site(folder: Path) -> AsyncIterator[Site]:
    """`python app.py serve` on a free port of loopback, until the end of the block."""
    database = folder / "playgraph.db"
    async with Replay() as replay:
        inhabit(replay)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(ROOT / "app.py"),
            "serve",
            cwd=folder,
            env=_environment(replay.url, database),
            stderr=asyncio.subprocess.PIPE,
        )
        assert process.stderr is not None
        try:
            url = await asyncio.wait_for(_address(process.stderr), 20)
            # What it logs later is read too: a full pipe would stop it.
            rest = asyncio.create_task(process.stderr.read())
            yield Site(url, database)
        finally:
            process.terminate()
            await process.wait()
        await rest


def _environment(blizzard_url: str, database: Path) -> dict[str, str]:
    ambient = {name: value for name, value in os.environ.items() if name.lower() not in Settings.model_fields}
    return ambient | {
        "BLIZZARD_URL": blizzard_url,
        "LOG_FORMAT": "json",
        "PORT": "0",
        "STORAGE_PATH": str(database),
        "THROTTLE_MIN_DELAY": "0",
        "THROTTLE_START_DELAY": "0",
        "UPSTREAM_RETRIES": "0",
    }


async def _address(log: asyncio.StreamReader) -> str:
    """Where the server says that it listens; StopAsyncIteration when it ends without having said so."""
    events = (str(json.loads(line)["event"]) async for line in log)
    said = await anext(event async for event in events if "running on" in event)
    return said.split(" on ")[1].split(" ")[0]
