"""Hybrid storage on a PostgreSQL and a Redis of the tests' own, which they may break."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from clock import Clock
from metrics import Metrics
from storage import PostgresOptions, RedisOptions, Storage, StorageOptions, open_storage
from tests.servers.missing import require
from tests.servers.postgres import PostgresServer, complaint_about_programs, postgres_server, run_sql
from tests.servers.redis import RedisServer, have_redis_server, redis_server

TIMEOUT = 0.5
"""Seconds that one call to Redis may take."""


@dataclass(frozen=True, slots=True)
class Servers:
    """Both, running."""

    postgres: PostgresServer
    redis: RedisServer

    @property
    def options(self) -> StorageOptions:
        """What opens them. Times are short, so that a test sees the end of them."""
        return StorageOptions(
            "hybrid",
            postgres=PostgresOptions(
                self.postgres.url,
                pool_max=6,
                connect_seconds=1.0,
                acquire_seconds=1.0,
                statement_seconds=1.0,
                start_seconds=20.0,
            ),
            redis=RedisOptions(self.redis.url, timeout_seconds=TIMEOUT),
        )


@contextmanager
def own_servers(folder: Path) -> Iterator[Servers]:
    """Both servers, until the end of the block."""
    require(complaint_about_programs())
    require(None if have_redis_server() else "redis-server is not installed")
    with postgres_server({"max_connections": "20"}) as postgres, redis_server(folder) as redis:
        yield Servers(postgres, redis)


@asynccontextmanager
async def opened(servers: Servers, clock: Clock, metrics: Metrics) -> AsyncIterator[Storage]:
    """The storage, empty at the beginning of the block; both servers run, and are emptied, after it."""
    async with open_storage(servers.options, clock=clock, metrics=metrics) as storage:
        yield storage
        assert storage.connections_in_use() == 0
    await run_sql(servers.postgres.url, "DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    servers.redis.ask("FLUSHALL")
