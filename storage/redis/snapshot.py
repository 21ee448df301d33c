"""The archives of one moment: copies of the tables on the server, read at leisure while others write."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from errors import StorageUnavailable
from metrics import Metrics
from storage.protocols import Snapshot
from storage.redis.archives import SHAPES, RedisArchiveReader
from storage.redis.connection import RedisServer
from storage.redis.counted import CountedServer
from storage.redis.script import read_script

LIFE_MILLISECONDS = 300_000
"""How long copies stay after the last look at them, when their reader died. No fact depends on it: a reader that comes
later than that is told that its copy is gone."""

_SNAPSHOT = read_script("snapshot")
_MEGABYTE = 1_000_000


@asynccontextmanager
async def redis_snapshot(
    server: RedisServer, metrics: Metrics, *, life: int = LIFE_MILLISECONDS
) -> AsyncIterator[Snapshot]:
    """The archives as they are when the block is entered, until its end.

    The players are of one moment, the catalog and the conversations of others just after it: nothing in one refers to
    another.
    Raises `StorageUnavailable` when the server has no room for the copies.
    """
    counted = CountedServer(server, metrics, "archives")
    part = f"snapshot:{secrets.token_hex(8)}:"
    tables = {
        shape.tag: (*shape.tables(server.keys, part), _mark(server, shape.tag, part)) for shape in SHAPES
    }
    try:
        for tag, originals in {shape.tag: shape.tables(server.keys, "") for shape in SHAPES}.items():
            await _copy(counted, originals, tables[tag], life)
        yield {
            shape.kind.name: RedisArchiveReader(shape, counted, tables[shape.tag], life) for shape in SHAPES
        }
    finally:
        # A reader that was cancelled takes its copies away too.
        await asyncio.shield(_drop(server, list(tables.values())))


def _mark(server: RedisServer, tag: str, part: str) -> str:
    return server.keys.snapshot_mark(tag, part)


async def _copy(counted: CountedServer, originals: Sequence[str], copies: Sequence[str], life: int) -> None:
    needed, room = await counted.write(_SNAPSHOT, [*originals, *copies], [life], patient=True)
    if needed > room:
        raise counted.unavailable(
            f"a snapshot needs {needed} bytes, there is room for {room}",
            f"A copy to read from takes about {-(-needed // _MEGABYTE)} MB, and Redis has {room // _MEGABYTE} MB left. "
            "Raise maxmemory, or back up by Redis's own means.",
        )


async def _drop(server: RedisServer, tables: Sequence[Sequence[str]]) -> None:
    for keys in tables:
        with suppress(StorageUnavailable):
            await server.call("UNLINK", *keys)
