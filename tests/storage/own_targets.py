"""A place of each backend's own where a test and the processes that it starts keep things; gone afterwards."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.servers.postgres import SHARED_URL, run_sql
from tests.servers.waiting import DEADLINE
from tests.storage.real_postgres import own_postgres
from tests.storage.real_redis import own_redis

TARGETS = ("sqlite", "postgres", "redis", "hybrid")
"""The backends, by the value of STORAGE_TYPE."""

_SESSIONS = "SELECT pid FROM pg_stat_activity WHERE application_name = $1"


@asynccontextmanager
async def own_target(backend: str, folder: Path) -> AsyncIterator[str]:
    """What `tests.storage.targets.options_of` reads."""
    if backend == "sqlite":
        yield str(folder / f"{uuid.uuid4().hex}.db")
    elif backend == "redis":
        async with _redis_target() as target:
            yield target
    elif backend == "postgres":
        async with _postgres_target() as target:
            yield target
    else:
        async with _postgres_target() as postgres, _redis_target() as redis:
            yield f"{postgres} {redis}"


@asynccontextmanager
async def _redis_target() -> AsyncIterator[str]:
    async with own_redis() as options:
        yield f"{options.url}#{options.key_prefix}"


@asynccontextmanager
async def _postgres_target() -> AsyncIterator[str]:
    async with own_postgres() as options:
        schema = options.url.partition("search_path=")[2].partition("&")[0]
        yield f"{options.url}&application_name={schema}"


async def until_forgotten(target: str) -> None:
    """Wait until the server has noticed that a process that was killed is gone, and undone what it had begun."""
    _, _, name = target.split(maxsplit=1)[0].partition("application_name=")
    end = time.monotonic() + DEADLINE
    while name and await run_sql(SHARED_URL, _SESSIONS, name):
        assert time.monotonic() < end, "the server still has sessions of the killed process"
        await asyncio.sleep(0.005)
