"""STORAGE_TYPE=hybrid: PostgreSQL keeps what must not be lost, Redis what may go.

| what | lives in | while Redis is away |
|---|---|---|
| players, catalog | PostgreSQL, read through copies in Redis | read from PostgreSQL |
| history | PostgreSQL | the same |
| conversations | PostgreSQL | the same |
| games | PostgreSQL | the same |
| jobs | PostgreSQL | the same |
| archives, snapshot, prune, check | PostgreSQL; what they change has its copies dropped | the same |
| cache | Redis | has nothing, takes nothing |
| counters | Redis | each process counts for itself |
| leases | Redis | a table of PostgreSQL |
| bus | Redis | each process hears itself alone |

Emptying Redis loses no fact. An old copy is at worst stale, for as long as a copy is kept, and never taken for fresh:
freshness is judged by the record's own `fetched_at`. While PostgreSQL is away, what Redis has a copy of is still read.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from clock import Clock
from errors import StorageUnavailable
from metrics import Metrics
from models.catalog import CatalogRecord
from models.players import Career, KeptPlayer
from models.storage import KindStatistics
from storage.bus.redis import open_redis_bus
from storage.cached_archives import CachedArchive
from storage.cached_catalog import CachedCatalog
from storage.cached_copies import Copies
from storage.cached_players import CachedPlayers, IdsOf
from storage.codec import REMEMBERED_PROFILES
from storage.fallbacks import FallbackCounters, FallbackLeases, GuardedCache, MissingCache
from storage.items import CATALOG, PLAYERS, UNKNOWN_PLAYERS
from storage.local_counters import LocalCounters
from storage.on_postgres import open_current_postgres, required_postgres
from storage.on_redis import required_redis
from storage.options import StorageOptions
from storage.protocols import Cache, Storage
from storage.redis.breaker import Breaker
from storage.redis.cache import RedisCache
from storage.redis.connection import RedisServer, open_redis
from storage.redis.counters import RedisCounters
from storage.redis.ephemeral import ephemeral_statistics, sweep
from storage.redis.leases import RedisLeases
from storage.sql.assembly import sql_storage
from storage.sql.player_ids import ids_of

_AWAY = "Redis does not answer: records are read from PostgreSQL, limits and signals are those of each process alone."


@asynccontextmanager
async def open_backend(options: StorageOptions, clock: Clock, metrics: Metrics) -> AsyncIterator[Storage]:
    """The storage on two servers. It starts without Redis too, and takes it up when it comes. Raises `StartRefused`."""
    postgres, redis = required_postgres(options), required_redis(options)
    async with (
        open_current_postgres(postgres, clock) as database,
        open_redis(redis, clock, is_required=False) as server,
        open_redis_bus(server, metrics) as bus,
    ):
        optional = _Optional(server, Breaker("Redis", clock, metrics), metrics)
        await optional.look()
        durable = sql_storage("hybrid", database, metrics, bus)
        copying = _Copying(optional.guarded_cache, clock, options.cache_seconds, metrics)
        yield _with_redis(_with_copies(durable, copying, partial(ids_of, database)), optional)


@dataclass(frozen=True, slots=True)
class _Copying:
    """Where copies are kept, and for how long."""

    cache: Cache
    clock: Clock
    seconds: float
    metrics: Metrics

    def of(self, name: str, *, remembers: int = 0) -> Copies[Any]:
        return Copies(name, self.cache, self.clock, self.seconds, self.metrics, remembers=remembers)


def _with_copies(durable: Storage, copying: _Copying, ids_of_player: IdsOf) -> Storage:
    """Players and catalog of `durable`, read through copies that whatever changes them renews or drops."""
    records: Copies[KeptPlayer] = copying.of("players", remembers=REMEMBERED_PROFILES)
    careers: Copies[Career] = copying.of("careers")
    entries: Copies[CatalogRecord[Any]] = copying.of("catalog")
    players = CachedPlayers(durable.players, ids_of_player, records, careers)
    catalog = CachedCatalog(durable.catalog, entries)
    # Of histories, conversations and games no copies are made: each time they are asked for another part.
    dropped = {
        PLAYERS.name: players.drop_copies,
        UNKNOWN_PLAYERS.name: players.drop_copies,
        CATALOG.name: catalog.drop_copies,
    }
    archives = {name: CachedArchive(durable.archives[name], drop) for name, drop in dropped.items()}
    return replace(durable, players=players, catalog=catalog, archives={**durable.archives, **archives})


def _with_redis(durable: Storage, optional: "_Optional") -> Storage:
    """What may go in Redis, and what stands in for it."""
    server, breaker, metrics = optional.server, optional.breaker, optional.metrics
    return replace(
        durable,
        server_version=f"{durable.server_version}, {server.server_version}",
        cache=MissingCache(optional.guarded_cache),
        counters=FallbackCounters(RedisCounters(server, metrics), breaker, LocalCounters()),
        leases=FallbackLeases(RedisLeases(server, metrics), breaker, durable.leases),
        ping=partial(_ping, durable, optional),
        trouble=lambda: _AWAY if breaker.is_open else None,
        sweep=partial(_sweep, durable, optional),
        ephemeral_statistics=partial(_statistics, durable, optional),
        connections_in_use=lambda: durable.connections_in_use() + server.connections_in_use,
    )


class _Optional:
    """The Redis that may be away."""

    def __init__(self, server: RedisServer, breaker: Breaker, metrics: Metrics) -> None:
        self.server = server
        self.breaker = breaker
        self.metrics = metrics
        self.guarded_cache = GuardedCache(RedisCache(server, metrics), breaker)

    async def look(self) -> None:
        """Learn whether it is there. Raises nothing."""
        with suppress(StorageUnavailable):
            await self.breaker.call(self.server.ping)


async def _ping(durable: Storage, optional: _Optional) -> None:
    await durable.ping()
    # Without calls nobody would notice that it went, or that it is back.
    await optional.look()


async def _sweep(durable: Storage, optional: _Optional, now: int, limit: int) -> int:
    # Leases of times without Redis are in the table.
    count = await durable.sweep(now, limit)
    with suppress(StorageUnavailable):
        count += await optional.breaker.call(partial(sweep, optional.server, now, limit - count))
    return count


async def _statistics(durable: Storage, optional: _Optional, now: int) -> Sequence[KindStatistics]:
    """Of both: leases of times without Redis are in the table."""
    kept = await durable.ephemeral_statistics(now)
    try:
        quick = await optional.breaker.call(partial(ephemeral_statistics, optional.server, now))
    except StorageUnavailable:
        return kept
    sizes = {each.kind: each for each in quick}
    return [_sum(each, sizes.get(each.kind)) for each in kept]


def _sum(one: KindStatistics, other: KindStatistics | None) -> KindStatistics:
    if other is None:
        return one
    return KindStatistics(one.kind, one.count + other.count, one.size + other.size)
