"""STORAGE_TYPE=redis: one server (or one primary, or a Cluster), any number of processes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial

import structlog

from clock import Clock
from errors import StartRefused, StorageUnavailable
from metrics import Metrics
from storage.bus.redis import open_redis_bus
from storage.options import RedisOptions, StorageOptions
from storage.protocols import EventBus, Storage
from storage.redis.archives import redis_archives
from storage.redis.cache import RedisCache
from storage.redis.catalog import RedisCatalog
from storage.redis.check import check_redis
from storage.redis.connection import RedisServer, open_redis
from storage.redis.conversations import RedisConversations
from storage.redis.counters import RedisCounters
from storage.redis.ephemeral import ephemeral_statistics, sweep
from storage.redis.history import RedisHistory
from storage.redis.job_claims import RedisJobClaims
from storage.redis.jobs import RedisJobs
from storage.redis.layout import STEPS, bring_up_to_date
from storage.redis.leases import RedisLeases
from storage.redis.players import RedisPlayers
from storage.redis.safety import doubts, refuse_eviction, refuse_old
from storage.redis.snapshot import redis_snapshot

_log = structlog.get_logger()


@asynccontextmanager
async def open_backend(options: StorageOptions, clock: Clock, metrics: Metrics) -> AsyncIterator[Storage]:
    """The storage on a server that keeps everything. Raises `StartRefused`."""
    async with open_redis(required_redis(options), clock) as server:
        refuse_old(server)
        try:
            await refuse_eviction(server)
            await bring_up_to_date(server)
            notes = await doubts(server)
        except StorageUnavailable as error:
            raise StartRefused(f"Redis answers, and refuses to work: {error.__cause__}.") from error
        for note in notes:
            _log.warning(note)
        async with open_redis_bus(server, metrics) as bus:
            yield replace(_storage(server, metrics, bus), notes=notes)


def required_redis(options: StorageOptions) -> RedisOptions:
    """The part of the options that is about Redis. Raises `StartRefused` when it is not there."""
    if options.redis is None:
        raise StartRefused(
            f"STORAGE_TYPE={options.backend} needs REDIS_URL; it is an address like redis://:password@host:6379/0."
        )
    return options.redis


def _storage(server: RedisServer, metrics: Metrics, bus: EventBus) -> Storage:
    return Storage(
        backend="redis",
        server_version=server.server_version,
        schema_version=len(STEPS),
        players=RedisPlayers(server, metrics),
        history=RedisHistory(server, metrics),
        catalog=RedisCatalog(server, metrics),
        conversations=RedisConversations(server, metrics),
        jobs=RedisJobs(server, metrics),
        job_claims=RedisJobClaims(server, metrics),
        cache=RedisCache(server, metrics),
        counters=RedisCounters(server, metrics),
        leases=RedisLeases(server, metrics),
        bus=bus,
        ping=server.ping,
        archives=redis_archives(server, metrics),
        snapshot=partial(redis_snapshot, server, metrics),
        check=partial(check_redis, server),
        trouble=lambda: None,
        sweep=partial(sweep, server),
        ephemeral_statistics=partial(ephemeral_statistics, server),
        connections_in_use=lambda: server.connections_in_use,
    )
