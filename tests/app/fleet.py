"""Servers and workers in processes of their own on one storage, started and ended as an operator does."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2

from tests.architecture.sources import ROOT
from tests.storage.real_postgres import own_postgres
from tests.storage.real_redis import own_redis

DEADLINE = 30.0
QUICK = {
    "LOG_FORMAT": "json",
    "THROTTLE_START_DELAY": "0",
    "THROTTLE_MIN_DELAY": "0",
    "UPSTREAM_RETRIES": "0",
    # The machine may be busy; what is tested is who fetches, not how long it takes.
    "COLD_READ_DEADLINE": "60",
    "UPSTREAM_TIMEOUT": "30",
    "STALE_CATALOG_INTERVAL": "0",
    "NEW_HEROES_INTERVAL": "0",
    "PRUNE_INTERVAL": "0",
    "SWEEP_INTERVAL": "0",
}
"""Settings of all processes here: no pace, and nothing that comes round by itself."""


@dataclass
class Member:
    """A process. `lines` are those it has logged so far."""

    process: asyncio.subprocess.Process
    url: str = ""
    lines: list[str] = field(default_factory=list)
    heard: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def said(self, words: str) -> str:
        """The first line with these words, waited for."""
        async with asyncio.timeout(DEADLINE), self.heard:
            await self.heard.wait_for(lambda: any(words in line for line in self.lines))
        return next(line for line in self.lines if words in line)

    async def listen(self) -> None:
        """Take in what the process logs, until it ends."""
        assert self.process.stderr is not None
        async for line in self.process.stderr:
            async with self.heard:
                self.lines.append(line.decode())
                self.heard.notify_all()

    async def end(self) -> int:
        """Tell it to stop; its exit status."""
        self.process.terminate()
        async with asyncio.timeout(DEADLINE):
            return await self.process.wait()

    async def answer(self, client: httpx2.AsyncClient, query: str, **variables: object) -> dict[str, Any]:
        """The data of a query that must not fail."""
        asked = {"query": query, "variables": variables}
        answer = (await client.post(f"{self.url}/graphql", json=asked)).json()
        assert "errors" not in answer, answer
        found: dict[str, Any] = answer["data"]
        return found


@dataclass(frozen=True)
class Fleet:
    """The environment that all processes share, and the processes."""

    env: Mapping[str, str]
    stack: AsyncExitStack

    async def serve(self, **given: str) -> Member:
        """A server that answers."""
        member = await self.stack.enter_async_context(_running("serve", {**self.env, "PORT": "0", **given}))
        line = await member.said("running on")
        member.url = str(json.loads(line)["event"]).split(" on ")[1].split(" ")[0]
        return member

    async def work(self, **given: str) -> Member:
        """A worker that works."""
        member = await self.stack.enter_async_context(_running("worker", {**self.env, **given}))
        await member.said('"working"')
        return member


@asynccontextmanager
async def fleet(backend: str, blizzard_url: str) -> AsyncIterator[Fleet]:
    """No process yet, on a storage of its own."""
    async with AsyncExitStack() as stack:
        env = {**QUICK, "STORAGE_TYPE": backend, "BLIZZARD_URL": blizzard_url}
        if backend in ("postgres", "hybrid"):
            env["DATABASE_URL"] = (await stack.enter_async_context(own_postgres())).url
        if backend in ("redis", "hybrid"):
            redis = await stack.enter_async_context(own_redis())
            env |= {"REDIS_URL": redis.url, "REDIS_KEY_PREFIX": redis.key_prefix}
        yield Fleet(env, stack)


@asynccontextmanager
async def _running(command: str, env: Mapping[str, str]) -> AsyncIterator[Member]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "app.py", command, cwd=ROOT, env={**os.environ, **env}, stderr=asyncio.subprocess.PIPE
    )
    member = Member(process)
    listening = asyncio.create_task(member.listen())
    try:
        yield member
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await listening
