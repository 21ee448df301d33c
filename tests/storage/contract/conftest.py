"""The storage that the contract is tried on: one line for each backend."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from clock import Clock
from metrics import Metrics
from storage import PostgresOptions, RedisOptions, SqliteOptions, Storage, StorageOptions, open_storage
from tests.clock import FrozenClock
from tests.servers.postgres import emptied_schema
from tests.storage.made_games import KeptGames
from tests.storage.real_cluster import own_cluster
from tests.storage.real_postgres import own_pooled_postgres, own_postgres
from tests.storage.real_redis import own_redis
from tests.storage.real_valkey import own_valkey


@asynccontextmanager
async def _sqlite(folder: Path) -> AsyncIterator[StorageOptions]:
    yield StorageOptions("sqlite", SqliteOptions(folder / "contract.db"))


@asynccontextmanager
async def _on_redis(server: AbstractAsyncContextManager[RedisOptions]) -> AsyncIterator[StorageOptions]:
    async with server as redis:
        yield StorageOptions("redis", redis=redis)


@asynccontextmanager
async def _on_postgres(server: AbstractAsyncContextManager[PostgresOptions]) -> AsyncIterator[StorageOptions]:
    async with server as postgres:
        yield StorageOptions("postgres", postgres=postgres)


@asynccontextmanager
async def _hybrid() -> AsyncIterator[StorageOptions]:
    async with own_postgres(emptied_schema) as postgres, own_redis() as redis:
        yield StorageOptions("hybrid", postgres=postgres, redis=redis)


Source = Callable[[Path], AbstractAsyncContextManager[StorageOptions]]
BACKENDS: dict[str, Source] = {
    "sqlite": _sqlite,
    "redis": lambda _: _on_redis(own_redis()),
    "redis-cluster": lambda _: _on_redis(own_cluster()),
    "valkey": lambda _: _on_redis(own_valkey()),
    "postgres": lambda _: _on_postgres(own_postgres(emptied_schema)),
    "postgres-pgbouncer": lambda _: _on_postgres(own_pooled_postgres(emptied_schema)),
    "hybrid": lambda _: _hybrid(),
}


@asynccontextmanager
async def opened(name: str, folder: Path, clock: Clock, metrics: Metrics) -> AsyncIterator[Storage]:
    """An empty storage on a backend of that name, which misses nothing; what it needs of files is in the folder."""
    async with (
        BACKENDS[name](folder) as options,
        open_storage(options, clock=clock, metrics=metrics) as storage,
    ):
        assert storage.trouble() is None
        yield storage
        assert storage.trouble() is None


@pytest.fixture(params=BACKENDS)
async def storage(
    request: pytest.FixtureRequest, tmp_path: Path, clock: FrozenClock, metrics: Metrics
) -> AsyncIterator[Storage]:
    async with opened(request.param, tmp_path, clock, metrics) as storage:
        yield storage
        assert storage.connections_in_use() == 0


# Redis keeps no games yet.
GAME_BACKENDS = ["sqlite", "postgres", "postgres-pgbouncer", "hybrid"]


@pytest.fixture(params=GAME_BACKENDS)
async def kept(
    request: pytest.FixtureRequest, tmp_path: Path, clock: FrozenClock, metrics: Metrics
) -> AsyncIterator[KeptGames]:
    """What a storage keeps of games."""
    async with opened(request.param, tmp_path, clock, metrics) as storage:
        assert storage.games is not None
        assert storage.game_records is not None
        assert storage.box_scores is not None
        yield KeptGames(storage.games, storage.game_records, storage.box_scores)
        assert storage.connections_in_use() == 0
