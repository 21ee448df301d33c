"""Leases on Redis. The contract is on `storage.protocols.Leases`.

A lease is a hash with the holder's `token` and the moment at which it `ends`.
"""

from metrics import Metrics
from storage.redis.connection import RedisServer, Value
from storage.redis.counted import Counted
from storage.redis.endings import collect_after
from storage.redis.script import Script, read_script

_MARGIN = 600_000  # milliseconds between the end of a lease and its collection

_ACQUIRE = read_script("acquire_lease")
_RENEW = read_script("renew_lease")
_RELEASE = read_script("release_lease")


class RedisLeases:
    """The leases on one server."""

    def __init__(self, server: RedisServer, metrics: Metrics) -> None:
        self._server = server
        self._counted = Counted(metrics, "leases")

    async def acquire(self, name: str, token: str, *, now: int, expires_at: int) -> bool:
        return await self._is_done(
            _ACQUIRE, name, token, now, expires_at, collect_after(now, expires_at, _MARGIN)
        )

    async def renew(self, name: str, token: str, *, now: int, expires_at: int) -> bool:
        return await self._is_done(
            _RENEW, name, token, now, expires_at, collect_after(now, expires_at, _MARGIN)
        )

    async def release(self, name: str, token: str) -> bool:
        return await self._is_done(_RELEASE, name, token)

    async def _is_done(self, script: Script, name: str, *args: Value) -> bool:
        with self._counted.write():
            return bool(await self._server.run(script, [self._server.keys.lease(name)], args))
