"""Copies on Redis. The contract is on `storage.protocols.Cache`."""

from collections.abc import Collection, Mapping, Sequence
from heapq import nsmallest

from metrics import Metrics
from storage.protocols import CacheEntry
from storage.redis.connection import RedisServer, Value
from storage.redis.copy_format import (
    HEAD_SIZE,
    decode_copies,
    encode_copy,
    encode_order,
    encode_time,
    is_live,
)
from storage.redis.counted import Counted
from storage.redis.endings import collect_after, in_steps
from storage.redis.keys import starts_with
from storage.redis.script import read_script

_MARGIN = (
    60_000  # milliseconds between the end of a copy and its collection: copies are large, and may go early
)

# Sent as text, which the server keeps under its digest after the first time: in a pipeline, a digest that it does not
# know could not be answered with the text. Three hundred bytes beside a copy of thousands.
_SET = read_script("set_copy", "copies").text

_REPLACE = read_script("replace_copy", "copies")


class RedisCache:
    """The copies on one server, or spread over a Cluster."""

    def __init__(self, server: RedisServer, metrics: Metrics) -> None:
        self._server = server
        self._counted = Counted(metrics, "cache")

    async def get_many(self, keys: Collection[str], *, now: int) -> Mapping[str, CacheEntry]:
        entries: dict[str, CacheEntry] = {}
        for step in in_steps(keys):
            with self._counted.read():
                copies = await self._server.get_values(self._names(step))
            entries |= decode_copies(step, copies, now)
        return entries

    async def set_many(self, entries: Mapping[str, CacheEntry], *, now: int) -> None:
        for step in in_steps(entries):
            commands = [self._put(key, entries[key], now) for key in step]
            with self._counted.write():
                await self._server.call_many(commands)

    async def replace(self, key: str, entry: CacheEntry, *, expected_order: int | None, now: int) -> bool:
        expected = b"" if expected_order is None else encode_order(expected_order)
        keep = collect_after(now, entry.expires_at, _MARGIN)
        args = (encode_copy(entry), encode_time(now), keep, expected)
        with self._counted.write():
            return bool(await self._server.run(_REPLACE, [self._server.keys.cache(key)], args))

    async def delete(self, keys: Collection[str]) -> int:
        count = 0
        for step in in_steps(keys):
            with self._counted.write():
                count += sum(await self._server.call_many([("UNLINK", name) for name in self._names(step)]))
        return count

    async def exists(self, keys: Collection[str], *, now: int) -> frozenset[str]:
        found: set[str] = set()
        for step in in_steps(keys):
            with self._counted.read():
                heads = await self._heads(self._names(step))
            found |= {key for key, head in zip(step, heads, strict=True) if is_live(head, now)}
        return frozenset(found)

    async def keys(self, prefix: str, *, now: int, limit: int) -> Sequence[str]:
        before = len(self._server.keys.cache("").encode())
        lowest: list[bytes] = []
        with self._counted.read():
            async for names in self._server.scan(starts_with(self._server.keys.cache(prefix))):
                heads = await self._heads(names)
                live = {name for name, head in zip(names, heads, strict=True) if is_live(head, now)}
                # Bytes of UTF-8 are in the order of the code points.
                lowest = nsmallest(limit, live.union(lowest))
        return [name[before:].decode() for name in lowest]

    def _put(self, key: str, entry: CacheEntry, now: int) -> Sequence[Value]:
        keep = collect_after(now, entry.expires_at, _MARGIN)
        return ("EVAL", _SET, 1, self._server.keys.cache(key), encode_copy(entry), encode_time(now), keep)

    async def _heads(self, names: Sequence[str] | Sequence[bytes]) -> Sequence[bytes]:
        return await self._server.call_many([("GETRANGE", name, 0, HEAD_SIZE - 1) for name in names])

    def _names(self, keys: Sequence[str]) -> list[str]:
        begin = self._server.keys.cache("")
        return [begin + key for key in keys]
