"""How often storage asks its server does not depend on how many players are asked for.

Counted on the wire, not by our own figures.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import aiosqlite
import pytest

from metrics import Metrics
from storage import Players, SqliteOptions, StorageOptions, open_storage
from tests.clock import FrozenClock
from tests.storage.made_items import made_player_item
from tests.storage.real_postgres import own_postgres
from tests.storage.real_redis import own_redis
from tests.storage.wire import Wire, counting_wire

MANY = 5_000
PUT_AT_ONCE = 500
Counted = tuple[Players, Callable[[], int]]
"""Players, and how many round trips there were so far."""


async def _filled(stack: AsyncExitStack, options: StorageOptions) -> Players:
    storage = await stack.enter_async_context(open_storage(options, clock=FrozenClock(), metrics=Metrics()))
    made = made_player_item("0|x")
    for first in range(0, MANY, PUT_AT_ONCE):
        keys = [f"{number}|x" for number in range(first, first + PUT_AT_ONCE)]
        await storage.archives["players"].put_many(
            [replace(made, key=key, player_ids=(key,)) for key in keys]
        )
    return storage.players


@asynccontextmanager
async def _sqlite(folder: Path) -> AsyncIterator[Counted]:
    """There is no wire: what counts is how often a statement goes to a connection's thread."""
    fetch = aiosqlite.Connection.execute_fetchall
    with patch.object(aiosqlite.Connection, "execute_fetchall", autospec=True, side_effect=fetch) as fetched:
        async with AsyncExitStack() as stack:
            players = await _filled(stack, StorageOptions("sqlite", SqliteOptions(folder / "kept.db")))
            yield players, lambda: fetched.call_count


@asynccontextmanager
async def _postgres(_: Path) -> AsyncIterator[Counted]:
    async with AsyncExitStack() as stack:
        options = await stack.enter_async_context(own_postgres())
        wire = await stack.enter_async_context(counting_wire(options.url))
        # LISTEN goes another way, so that only calls are counted.
        through = replace(options, url=wire.url, direct_url=options.url, pool_max=1)
        yield await _filled(stack, StorageOptions("postgres", postgres=through)), lambda: wire.round_trips


@asynccontextmanager
async def _redis(_: Path) -> AsyncIterator[Counted]:
    async with AsyncExitStack() as stack:
        options = await stack.enter_async_context(own_redis())
        wire = await stack.enter_async_context(counting_wire(options.url))
        through = replace(options, url=wire.url)
        yield await _filled(stack, StorageOptions("redis", redis=through)), lambda: wire.round_trips


@asynccontextmanager
async def _hybrid(_: Path) -> AsyncIterator[Counted]:
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
        yield await _filled(stack, through), lambda: sum(wire.round_trips for wire in wires)


OPENERS: dict[str, Callable[[Path], AbstractAsyncContextManager[Counted]]] = {
    "sqlite": _sqlite,
    "postgres": _postgres,
    "redis": _redis,
    "hybrid": _hybrid,
}


async def _asked(counted: Counted, count: int) -> int:
    """Round trips of reading so many players, all of whom are kept."""
    players, round_trips = counted
    player_ids = [f"{number}|x" for number in range(count)]
    before = round_trips()
    kept = await players.get_many(player_ids)
    assert kept.keys() == {*player_ids}
    return round_trips() - before


@pytest.mark.parametrize(
    ("backend", "at_first"),
    [
        ("sqlite", 1),
        ("postgres", 2),  # the statement is prepared
        ("redis", 1),
        ("hybrid", 4),  # Redis, PostgreSQL as above, and Redis to put the copies
    ],
)
async def test_many_players_take_as_many_round_trips_as_one(
    backend: str, at_first: int, tmp_path: Path
) -> None:
    async with OPENERS[backend](tmp_path) as counted:
        first_time = [await _asked(counted, count) for count in (1, 50)]
        await _asked(counted, 900)
        again = [await _asked(counted, count) for count in (1, 50, 900)]

    assert (first_time, again) == ([at_first] * 2, [1] * 3)


@pytest.mark.parametrize(
    ("backend", "again"),
    [
        ("sqlite", 1),
        ("postgres", 2),  # the driver keeps no statement of such a length prepared
        ("redis", 1),
        ("hybrid", 6),  # copies are read a thousand at a time, and one more key says whether they count
    ],
)
async def test_thousands_of_players_are_read_in_large_batches(
    backend: str, again: int, tmp_path: Path
) -> None:
    async with OPENERS[backend](tmp_path) as counted:
        await _asked(counted, MANY)
        taken = await _asked(counted, MANY)

    assert taken == again
