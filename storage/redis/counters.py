"""Counts on Redis. The contract is on `storage.protocols.Counters`.

A count is a hash with its `sum` and the moment at which it `ends`.
"""

from collections.abc import Collection, Mapping

from metrics import Metrics
from storage.redis.connection import RedisServer
from storage.redis.counted import Counted
from storage.redis.endings import collect_after, in_steps
from storage.redis.script import read_script

_MARGIN = 600_000  # milliseconds between the end of a count and its collection

_ADD = read_script("add_to_count")


class RedisCounters:
    """The counts on one server."""

    def __init__(self, server: RedisServer, metrics: Metrics) -> None:
        self._server = server
        self._counted = Counted(metrics, "counters")

    async def add(self, key: str, amount: int, *, now: int, expires_at: int) -> int:
        args = (amount, now, expires_at, collect_after(now, expires_at, _MARGIN))
        with self._counted.write():
            return int(await self._server.run(_ADD, [self._server.keys.counter(key)], args))

    async def get_many(self, keys: Collection[str], *, now: int) -> Mapping[str, int]:
        counts: dict[str, int] = {}
        for step in in_steps(keys):
            with self._counted.read():
                answers = await self._server.call_many(
                    [("HMGET", self._server.keys.counter(key), "sum", "ends") for key in step]
                )
            kept = zip(step, answers, strict=True)
            counts |= {key: int(total) for key, (total, ends) in kept if total and int(ends) > now}
        return counts
