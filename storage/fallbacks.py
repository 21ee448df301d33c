"""What hybrid does while Redis is away: calls go through a breaker, and when that refuses, to what stands in."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial

from errors import StorageUnavailable
from storage.protocols import Cache, CacheEntry, Counters, Leases
from storage.redis.breaker import Breaker


class GuardedCache:
    """A cache that is not asked again at once after it failed. Raises `StorageUnavailable`."""

    def __init__(self, cache: Cache, breaker: Breaker) -> None:
        self._cache = cache
        self._breaker = breaker

    async def get_many(self, keys: Collection[str], *, now: int) -> Mapping[str, CacheEntry]:
        return await self._breaker.call(partial(self._cache.get_many, keys, now=now))

    async def set_many(self, entries: Mapping[str, CacheEntry], *, now: int) -> None:
        await self._breaker.call(partial(self._cache.set_many, entries, now=now))

    async def replace(self, key: str, entry: CacheEntry, *, expected_order: int | None, now: int) -> bool:
        replace = partial(self._cache.replace, key, entry, expected_order=expected_order, now=now)
        return await self._breaker.call(replace)

    async def delete(self, keys: Collection[str]) -> int:
        return await self._breaker.call(partial(self._cache.delete, keys))

    async def exists(self, keys: Collection[str], *, now: int) -> frozenset[str]:
        return await self._breaker.call(partial(self._cache.exists, keys, now=now))

    async def keys(self, prefix: str, *, now: int, limit: int) -> Sequence[str]:
        return await self._breaker.call(partial(self._cache.keys, prefix, now=now, limit=limit))


class MissingCache:
    """A cache that has nothing and takes nothing while the one behind it is away. Only `replace` says so then."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    async def get_many(self, keys: Collection[str], *, now: int) -> Mapping[str, CacheEntry]:
        try:
            return await self._cache.get_many(keys, now=now)
        except StorageUnavailable:
            return {}

    async def set_many(self, entries: Mapping[str, CacheEntry], *, now: int) -> None:
        try:
            await self._cache.set_many(entries, now=now)
        except StorageUnavailable:
            return

    async def replace(self, key: str, entry: CacheEntry, *, expected_order: int | None, now: int) -> bool:
        # Not hidden: whoever compares and sets has to know that others may do so at the same time.
        return await self._cache.replace(key, entry, expected_order=expected_order, now=now)

    async def delete(self, keys: Collection[str]) -> int:
        try:
            return await self._cache.delete(keys)
        except StorageUnavailable:
            return 0

    async def exists(self, keys: Collection[str], *, now: int) -> frozenset[str]:
        try:
            return await self._cache.exists(keys, now=now)
        except StorageUnavailable:
            return frozenset()

    async def keys(self, prefix: str, *, now: int, limit: int) -> Sequence[str]:
        try:
            return await self._cache.keys(prefix, now=now, limit=limit)
        except StorageUnavailable:
            return []


class FallbackCounters:
    """Counts of all processes, and those of this one alone while the others cannot be reached. The two are not added
    up: a count begins anew when the server goes, and goes on where it was when the server is back."""

    def __init__(self, counters: Counters, breaker: Breaker, local: Counters) -> None:
        self._counters = counters
        self._breaker = breaker
        self._local = local

    async def add(self, key: str, amount: int, *, now: int, expires_at: int) -> int:
        add = partial(self._counters.add, key, amount, now=now, expires_at=expires_at)
        try:
            return await self._breaker.call(add)
        except StorageUnavailable:
            return await self._local.add(key, amount, now=now, expires_at=expires_at)

    async def get_many(self, keys: Collection[str], *, now: int) -> Mapping[str, int]:
        try:
            return await self._breaker.call(partial(self._counters.get_many, keys, now=now))
        except StorageUnavailable:
            return await self._local.get_many(keys, now=now)


class FallbackLeases:
    """Leases of a server, and of a second one while the first is away.

    What the first had given is not known to the second: around the moment at which it goes or comes back, a lease may
    have two holders for as long as one lasts, which leases allow.
    """

    def __init__(self, leases: Leases, breaker: Breaker, second: Leases) -> None:
        self._leases = leases
        self._breaker = breaker
        self._second = second

    async def acquire(self, name: str, token: str, *, now: int, expires_at: int) -> bool:
        acquire = partial(self._leases.acquire, name, token, now=now, expires_at=expires_at)
        try:
            return await self._breaker.call(acquire)
        except StorageUnavailable:
            return await self._second.acquire(name, token, now=now, expires_at=expires_at)

    async def renew(self, name: str, token: str, *, now: int, expires_at: int) -> bool:
        renew = partial(self._leases.renew, name, token, now=now, expires_at=expires_at)
        try:
            is_renewed = await self._breaker.call(renew)
        except StorageUnavailable:
            is_renewed = False
        # Not the first's: it may be one that the second gave while the first was away.
        return is_renewed or await self._second.renew(name, token, now=now, expires_at=expires_at)

    async def release(self, name: str, token: str) -> bool:
        try:
            is_released = await self._breaker.call(partial(self._leases.release, name, token))
        except StorageUnavailable:
            is_released = False
        return is_released or await self._second.release(name, token)
