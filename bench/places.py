"""Where each backend is kept for a while: a file, a schema and a key prefix of its own, gone afterwards."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from storage import SqliteOptions, StorageOptions
from tests.servers.postgres import complaint_about_shared_server
from tests.storage.real_postgres import own_postgres
from tests.storage.real_redis import complaint_about_redis, own_redis

# Longer than any run: a copy that ends in the middle of it would be read from the database.
_CACHE_SECONDS = 3_600.0


@asynccontextmanager
async def _sqlite(folder: Path) -> AsyncIterator[StorageOptions]:
    yield StorageOptions("sqlite", SqliteOptions(folder / "bench.db"))


@asynccontextmanager
async def _postgres(_: Path) -> AsyncIterator[StorageOptions]:
    async with own_postgres() as postgres:
        yield StorageOptions("postgres", postgres=postgres)


@asynccontextmanager
async def _redis(_: Path) -> AsyncIterator[StorageOptions]:
    async with own_redis() as redis:
        yield StorageOptions("redis", redis=redis)


@asynccontextmanager
async def _hybrid(_: Path) -> AsyncIterator[StorageOptions]:
    async with own_postgres() as postgres, own_redis() as redis:
        yield StorageOptions("hybrid", postgres=postgres, redis=redis, cache_seconds=_CACHE_SECONDS)


PLACES: dict[str, Callable[[Path], AbstractAsyncContextManager[StorageOptions]]] = {
    "sqlite": _sqlite,
    "postgres": _postgres,
    "redis": _redis,
    "hybrid": _hybrid,
}
"""By backend, in the order of a tour through all four: the options to open it with; the folder is for its files."""


def missing_server(backend: str) -> str | None:
    """What the backend lacks on this machine, in a sentence; None when its servers answer."""
    postgres, redis = complaint_about_shared_server, complaint_about_redis
    complaints: dict[str, Sequence[Callable[[], str | None]]] = {
        "sqlite": [],
        "postgres": [postgres],
        "redis": [redis],
        "hybrid": [postgres, redis],
    }
    return next((said for complaint in complaints[backend] if (said := complaint())), None)
