"""The Redis that tests share: a prefix of each test's own on it, swept away afterwards."""

import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from redis.exceptions import RedisError

from storage import RedisOptions
from tests.servers.missing import require

URL = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/0")


@asynccontextmanager
async def own_redis() -> AsyncIterator[RedisOptions]:
    """Options with a key prefix that nobody else has; what lies under it is gone after the block."""
    require(complaint_about_redis())
    options = RedisOptions(URL, key_prefix=f"test-{uuid.uuid4().hex}:", start_seconds=5.0)
    try:
        yield options
    finally:
        await _sweep_away(options.key_prefix)


def complaint_about_redis() -> str | None:
    """What to say where there is no server; None when it answers."""
    if _answers():
        return None
    return f"no Redis answers at {URL} (TEST_REDIS_URL says where it is)"


@cache
def _answers() -> bool:
    with Redis.from_url(URL, socket_timeout=2, socket_connect_timeout=2) as client:
        try:
            return bool(client.ping())
        except RedisError:
            return False


async def _sweep_away(prefix: str) -> None:
    async with AsyncRedis.from_url(URL) as client:
        async for key in client.scan_iter(match=f"{prefix}*", count=1_000):
            await client.unlink(key)
