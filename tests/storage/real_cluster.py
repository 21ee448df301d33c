"""The Redis Cluster that tests share: started by the first that asks for it, ended after the last."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from storage import RedisOptions
from tests.servers.missing import require
from tests.servers.redis import RedisCluster, have_redis_server, redis_cluster
from tests.servers.shared import share


@cache
def shared_cluster() -> RedisCluster:
    """Three masters, which tests may not stop. Skips or fails the test where there is no Redis to start."""
    require(complaint_about_redis_server())
    folder = share(TemporaryDirectory(prefix="playgraph-cluster-"))
    return share(redis_cluster(Path(folder)))


@asynccontextmanager
async def own_cluster() -> AsyncIterator[RedisOptions]:
    """Options with a key prefix that nobody else has. What lies under it goes with the servers."""
    yield RedisOptions(shared_cluster().url, key_prefix=f"test-{uuid.uuid4().hex}:", start_seconds=5.0)


def complaint_about_redis_server() -> str | None:
    """What to say where no Redis can be started; None where one can."""
    return None if have_redis_server() else "there is no redis-server on the path"
