"""What the settings say to each room, in the room's own words."""

import random
from urllib.parse import quote
from uuid import uuid4

from blizzard.client import UpstreamSettings
from blizzard.throttle import ThrottleSettings
from execution.limits import DocumentLimits
from execution.subscriptions.options import StreamOptions
from identity.options import AuthMode, IdentityOptions
from models.catalog import HERO, HERO_USAGE, HEROES, ROLES
from refresh.attempts import RetryRule
from refresh.background import BackgroundOptions
from refresh.backoff import Backoff
from refresh.catalog import CatalogOptions
from refresh.freshness import Windows
from refresh.schedule import ScheduleOptions
from refresh.worker import WorkerOptions
from resolvers.conversation_rules import ConversationRules
from settings import Settings
from storage import PostgresOptions, RedisOptions, SqliteOptions, StorageOptions


def identity_options(settings: Settings) -> IdentityOptions:
    """Who callers can be, as the settings say."""
    return IdentityOptions(
        mode=AuthMode(settings.auth_mode),
        secret=settings.jwt_secret,
        keys=settings.jwt_keys,
        issuer=settings.jwt_issuer,
        audience=settings.jwt_audience,
        leeway_seconds=settings.jwt_leeway,
        origins=_origins(settings),
    )


def storage_options(settings: Settings) -> StorageOptions:
    """What the settings say to open."""
    return StorageOptions(
        backend=settings.storage_type,
        sqlite=SqliteOptions(
            settings.storage_path, settings.storage_readers, settings.storage_acquire_timeout
        ),
        postgres=_postgres_options(settings),
        redis=_redis_options(settings),
        cache_seconds=settings.storage_cache_ttl,
    )


def _postgres_options(settings: Settings) -> PostgresOptions | None:
    url = settings.database_url or _postgres_url(settings)
    return (
        None
        if not url
        else PostgresOptions(
            url=url,
            direct_url=settings.database_direct_url or None,
            pool_min=settings.postgres_pool_min,
            pool_max=settings.postgres_pool_max,
            pgbouncer=settings.postgres_pgbouncer,
            acquire_seconds=settings.storage_acquire_timeout,
            statement_seconds=settings.postgres_statement_timeout,
            start_seconds=settings.storage_start_timeout,
        )
    )


def _postgres_url(settings: Settings) -> str | None:
    if not settings.postgres_host:
        return None
    user, password = quote(settings.postgres_user, safe=""), quote(settings.postgres_password, safe="")
    host, port, database = (
        settings.postgres_host,
        settings.postgres_port,
        quote(settings.postgres_db, safe=""),
    )
    if host.startswith("/"):
        # The folder of a socket.
        return f"postgresql://{user}:{password}@/{database}?host={quote(host)}&port={port}"
    host = f"[{host}]" if ":" in host else host
    return f"postgresql://{user}:{password}@{host}:{port}/{database}"


def _redis_options(settings: Settings) -> RedisOptions | None:
    return (
        None
        if not settings.redis_url
        else RedisOptions(
            url=settings.redis_url,
            key_prefix=settings.redis_key_prefix,
            timeout_seconds=settings.redis_timeout,
            start_seconds=settings.storage_start_timeout,
        )
    )


def upstream_settings(settings: Settings, version: str) -> UpstreamSettings:
    """How to ask Blizzard, as this version of the server."""
    return UpstreamSettings(
        base_url=settings.blizzard_url,
        version=version,
        contact=settings.upstream_contact,
        total_timeout=settings.upstream_timeout,
        read_timeout=settings.upstream_timeout,
        retries=settings.upstream_retries,
        body_limit=settings.upstream_body_limit,
    )


def throttle_settings(settings: Settings) -> ThrottleSettings:
    """At which pace."""
    return ThrottleSettings(
        start_delay=settings.throttle_start_delay,
        min_delay=settings.throttle_min_delay,
        max_delay=settings.throttle_max_delay,
        slow_start_successes=settings.throttle_slow_start_successes,
        linear_successes=settings.throttle_linear_successes,
        linear_step=settings.throttle_linear_step,
        penalty_delay=settings.throttle_penalty_delay,
        penalty_seconds=settings.throttle_penalty_duration,
        hold_seconds=settings.throttle_hold_duration,
        max_hold_seconds=settings.throttle_max_hold_duration,
    )


def backoff(settings: Settings) -> Backoff:
    """How long to leave a player alone whom Blizzard does not know."""
    return Backoff(
        initial_seconds=settings.unknown_player_initial_retry,
        multiplier=settings.unknown_player_retry_multiplier,
        max_seconds=settings.unknown_player_max_retry,
    )


def catalog_options(settings: Settings) -> CatalogOptions:
    """How long reference pages are fresh, and how long to wait for one."""
    day = Windows(settings.catalog_stale_after, settings.catalog_expired_after)
    usage = Windows(settings.usage_stale_after, settings.usage_expired_after)
    return CatalogOptions(
        windows={HEROES.name: day, HERO.name: day, ROLES.name: day, HERO_USAGE.name: usage},
        cold_read_deadline=settings.cold_read_deadline,
        fetch_queue=settings.cold_fetch_queue,
        hold_seconds=settings.catalog_hold_duration,
    )


def conversation_rules(settings: Settings) -> ConversationRules:
    """What conversations may hold, and how long they stay."""
    return ConversationRules(
        ttl_seconds=settings.conversation_ttl,
        max_messages=settings.conversation_max_messages,
        max_conversations=settings.caller_max_conversations,
        max_bytes=settings.message_max_bytes,
        # Any message alone can be read.
        max_answer_bytes=max(settings.answer_max_bytes, settings.message_max_bytes),
    )


def background_options(settings: Settings) -> BackgroundOptions:
    """How background work is done, by a worker with a name of its own."""
    waits = Backoff(settings.job_initial_retry, 2.0, settings.job_max_retry)
    worker = WorkerOptions(
        token=uuid4().hex,
        concurrency=settings.job_concurrency,
        lease_seconds=settings.job_lease_duration,
        tick_seconds=settings.job_tick,
        run_seconds=settings.job_time_limit,
        stop_seconds=settings.job_stop_timeout,
        retry=RetryRule(settings.job_max_attempts, waits, random.random),
    )
    return BackgroundOptions(worker, ScheduleOptions(token=uuid4().hex, tick_seconds=settings.schedule_tick))


def document_limits(settings: Settings) -> DocumentLimits:
    """What a document may ask for."""
    return DocumentLimits(
        max_tokens=settings.graphql_max_tokens,
        max_nesting=settings.graphql_max_nesting,
        max_depth=settings.graphql_max_depth,
        max_aliases=settings.graphql_max_aliases,
        max_cost=settings.graphql_max_cost,
    )


def stream_options(settings: Settings) -> StreamOptions:
    """What bounds a stream."""
    return StreamOptions(
        init_seconds=settings.websocket_init_timeout,
        operations=settings.websocket_max_operations,
        waiting_events=settings.stream_waiting_events,
        slow_seconds=settings.stream_slow_timeout,
        send_seconds=settings.stream_send_timeout,
        heartbeat_seconds=settings.stream_heartbeat,
        origins=_origins(settings),
    )


def _origins(settings: Settings) -> frozenset[str]:
    return frozenset(filter(None, settings.allowed_origins.split(",")))
