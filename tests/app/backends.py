"""The whole app on each choice of STORAGE_TYPE."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from tests.app.server import Server, served
from tests.storage.real_postgres import own_postgres
from tests.storage.real_redis import own_redis

SERVERS = {
    "sqlite": (),
    "postgres": (own_postgres,),
    "redis": (own_redis,),
    "hybrid": (own_postgres, own_redis),
}
"""What each choice needs."""


@asynccontextmanager
async def served_on(backend: str, blizzard_url: str, path: Path, **given: object) -> AsyncIterator[Server]:
    """A running server on a storage of its own. `given` are settings."""
    async with AsyncExitStack() as stack:
        settings: dict[str, Any] = {"storage_type": backend, **given}
        if own_postgres in SERVERS[backend]:
            settings["database_url"] = (await stack.enter_async_context(own_postgres())).url
        if own_redis in SERVERS[backend]:
            redis = await stack.enter_async_context(own_redis())
            settings |= {"redis_url": redis.url, "redis_key_prefix": redis.key_prefix}
        yield await stack.enter_async_context(served(blizzard_url, storage_path=path, **settings))
