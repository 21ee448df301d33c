"""Stores whose round trips are counted on the wire, not by our own figures."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from unittest.mock import patch

import aiosqlite

from metrics import Metrics
from storage import SqliteOptions, Storage, StorageOptions, open_storage
from tests.clock import FrozenClock
from tests.storage.real_postgres import own_postgres
from tests.storage.real_redis import own_redis
from tests.storage.wire import Wire, counting_wire


@dataclass(frozen=True)
class WiredStore:
    """A store, and how many round trips there were so far."""

    storage: Storage
    round_trips: Callable[[], int]


async def _opened(stack: AsyncExitStack, options: StorageOptions) -> Storage:
    return await stack.enter_async_context(open_storage(options, clock=FrozenClock(), metrics=Metrics()))


@asynccontextmanager
async def _sqlite(folder: Path) -> AsyncIterator[WiredStore]:
    """There is no wire: what counts is how often a statement goes to a connection's thread."""
    fetch = aiosqlite.Connection.execute_fetchall
    with patch.object(aiosqlite.Connection, "execute_fetchall", autospec=True, side_effect=fetch) as fetched:
        async with AsyncExitStack() as stack:
            storage = await _opened(stack, StorageOptions("sqlite", SqliteOptions(folder / "kept.db")))
            yield WiredStore(storage, lambda: fetched.call_count)


@asynccontextmanager
async def _postgres(_: Path) -> AsyncIterator[WiredStore]:
    async with AsyncExitStack() as stack:
        options = await stack.enter_async_context(own_postgres())
        wire = await stack.enter_async_context(counting_wire(options.url))
        # LISTEN goes another way, so that only calls are counted.
        through = replace(options, url=wire.url, direct_url=options.url, pool_max=1)
        storage = await _opened(stack, StorageOptions("postgres", postgres=through))
        yield WiredStore(storage, lambda: wire.round_trips)


@asynccontextmanager
async def _redis(_: Path) -> AsyncIterator[WiredStore]:
    async with AsyncExitStack() as stack:
        options = await stack.enter_async_context(own_redis())
        wire = await stack.enter_async_context(counting_wire(options.url))
        through = replace(options, url=wire.url)
        storage = await _opened(stack, StorageOptions("redis", redis=through))
        yield WiredStore(storage, lambda: wire.round_trips)


@asynccontextmanager
async def _hybrid(_: Path) -> AsyncIterator[WiredStore]:
    async with AsyncExitStack() as stack:
        postgres, redis = (
            await stack.enter_async_context(own_postgres()),
            await stack.enter_async_context(own_redis()),
        )
        wires: list[Wire] = [
            await stack.enter_async_context(counting_wire(url)) for url in (postgres.url, redis.url)
        ]
        through = StorageOptions(
            "hybrid",
            postgres=replace(postgres, url=wires[0].url, direct_url=postgres.url, pool_max=1),
            redis=replace(redis, url=wires[1].url),
        )
        yield WiredStore(await _opened(stack, through), lambda: sum(wire.round_trips for wire in wires))


OPENERS: dict[str, Callable[[Path], AbstractAsyncContextManager[WiredStore]]] = {
    "sqlite": _sqlite,
    "postgres": _postgres,
    "redis": _redis,
    "hybrid": _hybrid,
}
