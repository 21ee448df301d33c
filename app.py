"""Builds everything from the settings and returns the ASGI app. Owns start-up and shutdown; knows every room."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute

from blizzard.client import Upstream
from blizzard.daily_limit import DailyLimit
from blizzard.reference import load_reference
from blizzard.throttle import Throttle
from clock import Clock, SystemClock
from execution.admission import Admission
from execution.endpoint import GraphQLEndpoint
from execution.operations import Operations
from execution.requests import RequestLimits
from execution.subscriptions.http import HttpStreams
from execution.subscriptions.open_streams import OpenStreams
from execution.subscriptions.running import Runner
from execution.subscriptions.websocket import WebSocketEndpoint
from execution.visitors import Identified, Visitor
from identity.callers import Caller
from identity.identity import Identity
from identity.options import check_bind
from metrics import Metrics
from models.jobs import JobKind
from models.reference import Reference
from options import (
    background_options,
    backoff,
    catalog_options,
    conversation_rules,
    document_limits,
    identity_options,
    storage_options,
    stream_options,
    throttle_settings,
    upstream_settings,
)
from pages.errors import ERROR_PAGES
from pages.explorer import explorer_routes
from pages.health import Health, health_routes, schema_route
from pages.landing import landing_routes
from refresh.background import (
    Background,
    Duties,
    Surroundings,
    refresh_functions,
)
from refresh.catalog import CatalogRefresher
from refresh.freshness import Windows
from refresh.jobs import Jobs
from refresh.pace import paces_of
from refresh.reference import ReferenceRefresher
from refresh.refresher import Behind, Refresher, RefreshOptions
from refresh.requests import RefreshRequests
from refresh.revalidation import Revalidation, RevalidationOptions
from refresh.schedule import Periodic
from refresh.searches import Searches
from refresh.sharing import SharedWork, SharingOptions
from refresh.table_queue import TableQueue
from refresh.upkeep import (
    look_for_new_heroes,
    prune_history,
    prune_players,
    sweep_catalog,
    sweep_conversations,
    sweep_ephemeral,
    sweep_jobs,
)
from resolvers.content_allowance import ContentAllowance
from resolvers.context import RequestContext
from resolvers.loaders import Loaders
from resolvers.streams import Following
from schema import schema
from schema.faults import format_error
from settings import Settings, load_settings
from storage import (
    Leases,
    StatusReader,
    Storage,
    open_storage,
)

VERSION = "0.1.0"
EXAMPLES = Path(__file__).parent / "examples"


class _Parts(NamedTuple):
    """What is open while the app runs."""

    storage: Storage
    status: StatusReader
    refresher: Refresher
    pages: ReferenceRefresher
    searches: Searches
    requests: RefreshRequests
    background: Background | None


class Playgraph:
    """The parts of a running server that requests reach for, and its background work. Opened and closed by the app's
    lifespan."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.metrics = Metrics()
        self.reference: Reference = load_reference(settings.static_base_url)
        self._rules = conversation_rules(settings)
        self.is_leaving = False
        self._parts: _Parts | None = None

    @property
    def storage(self) -> Storage | None:
        """The storage; None until it is open."""
        return self._parts and self._parts.storage

    @property
    def status(self) -> StatusReader | None:
        """What tells how storage is; None until it is open."""
        return self._parts and self._parts.status

    @property
    def health(self) -> Health:
        """What machines are told of how it is."""
        return Health(
            VERSION,
            self.settings.storage_type,
            lambda: self.storage,
            lambda: self.status,
            lambda: self.is_leaving,
        )

    def leave(self) -> None:
        """The server is about to stop: it is not ready any more, and begins no further background job."""
        self.is_leaving = True
        if self._parts and self._parts.background:
            self._parts.background.stop_claiming()

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Open what has to be opened, in the order in which it is needed; close it in the opposite one."""
        settings, clock, metrics = self.settings, self.clock, self.metrics
        async with AsyncExitStack() as stack:
            options = storage_options(settings)
            storage = await stack.enter_async_context(open_storage(options, clock=clock, metrics=metrics))
            metrics.storage_connections_limit.set(options.connection_limit)
            status = StatusReader(storage, clock, metrics)
            stack.push_async_callback(status.close)
            throttle = _throttle(settings, storage, clock, metrics)
            upstream = await stack.enter_async_context(
                Upstream(upstream_settings(settings, VERSION), throttle, clock, metrics)
            )
            bell = asyncio.Event()
            queue = TableQueue(storage.jobs, bell, clock, bus=storage.bus)
            behind = self._behind(storage, queue)
            stack.push_async_callback(behind.revalidation.close)
            windows = Windows(settings.player_stale_after, settings.player_expired_after)
            jobs = Jobs(storage.players, storage.bus, upstream, windows, backoff(settings), clock)
            refreshing = RefreshOptions(windows, settings.cold_read_deadline, settings.cold_fetch_queue)
            refresher = Refresher(storage.players, jobs, refreshing, behind)
            stack.push_async_callback(refresher.close)
            catalog = CatalogRefresher(storage.catalog, catalog_options(settings), behind)
            stack.push_async_callback(catalog.close)
            window = Windows(settings.search_stale_after, settings.search_stale_after)
            searches = Searches(upstream, window, settings.cold_read_deadline, clock, metrics)
            stack.push_async_callback(searches.close)
            pages = ReferenceRefresher(catalog, upstream)
            requests = RefreshRequests(
                storage.jobs, queue, storage.leases, jobs, settings.refresh_cooldown, clock
            )
            background = None
            if settings.job_concurrency > 0:
                table = self._table(storage, queue, pages)
                duties = Duties(refresh_functions(refresher, pages), table)
                around = Surroundings(bell, storage.bus, clock, metrics)
                leases = _leases(storage)
                background = Background(
                    storage.job_claims, queue, leases, duties, background_options(settings), around
                )
                await stack.enter_async_context(background.serving())
            self._parts = _Parts(storage, status, refresher, pages, searches, requests, background)
            yield

    def _behind(self, storage: Storage, queue: TableQueue) -> Behind:
        settings, clock = self.settings, self.clock
        # Above the time that one request may take, so that a live holder is not taken for dead.
        sharing = SharingOptions(lease_seconds=2 * settings.upstream_timeout, tick_seconds=settings.job_tick)
        asking = RevalidationOptions(settings.refresh_queue, memory_seconds=settings.job_lease_duration)
        return Behind(
            storage.bus,
            SharedWork(_leases(storage), storage.bus, sharing, clock),
            Revalidation(queue, asking, clock, self.metrics),
            clock,
            self.metrics,
        )

    def _table(self, storage: Storage, queue: TableQueue, pages: ReferenceRefresher) -> Sequence[Periodic]:
        settings, clock = self.settings, self.clock
        heroes = [hero.key for hero in self.reference.heroes]
        return [
            Periodic(
                JobKind.STALE_CATALOG, settings.stale_catalog_interval, sweep_catalog(pages, heroes, queue)
            ),
            Periodic(JobKind.NEW_HEROES, settings.new_heroes_interval, look_for_new_heroes(pages, queue)),
            Periodic(
                JobKind.PRUNE_PLAYERS,
                settings.prune_interval,
                prune_players(storage.players, settings.player_max_age, clock),
            ),
            Periodic(
                JobKind.PRUNE_HISTORY,
                settings.prune_interval,
                prune_history(storage.history, settings.player_history_max_age, clock),
            ),
            Periodic(JobKind.SWEEP_EPHEMERAL, settings.sweep_interval, sweep_ephemeral(storage.sweep, clock)),
            Periodic(
                JobKind.SWEEP_CONVERSATIONS,
                settings.sweep_interval,
                sweep_conversations(storage.conversations, clock),
            ),
            Periodic(
                JobKind.SWEEP_JOBS,
                settings.sweep_interval,
                sweep_jobs(storage.jobs, settings.job_retention, clock),
            ),
        ]

    def make_context(self, caller: Caller) -> RequestContext:
        """What the resolvers of this caller's request reach for, with loaders of its own."""
        assert self._parts is not None
        storage, status, refresher, pages, searches, requests, _ = self._parts
        return RequestContext(
            loaders=Loaders(storage, refresher, self.reference, pages, self.clock),
            players=storage.players,
            conversations=storage.conversations,
            conversation_rules=self._rules,
            contents=ContentAllowance(self._rules.max_answer_bytes),
            new_id=lambda: str(uuid4()),
            jobs=storage.jobs,
            refresher=refresher,
            requests=requests,
            following=Following(storage.bus, self.clock, self.settings.follow_tick),
            pages=pages,
            searches=searches,
            reference=self.reference,
            clock=self.clock,
            status=status,
            caller=caller,
        )


def create_app(settings: Settings | None = None, *, clock: Clock | None = None) -> Starlette:
    """The app for these settings (those of the environment when none are given); its lifespan opens it.

    Raises StartRefused when they would let in whom they should not.
    """
    settings = settings or load_settings()
    playgraph = Playgraph(settings, clock or SystemClock())
    identity = _identity(playgraph)

    async def identify(visitor: Visitor) -> Identified:
        caller = await identity.caller(visitor.headers, visitor.init)
        return Identified(visitor, caller, caller.expires_at)

    admission = Admission(identify, playgraph.clock)
    operations = Operations(
        schema,
        make_context=lambda _, caller: playgraph.make_context(caller),
        format_error=format_error,
        metrics=playgraph.metrics,
        limits=document_limits(settings),
        refuse_answer=lambda context: context.contents.excess,
    )
    streams = OpenStreams(playgraph.metrics, settings.max_streams)
    runner = Runner(operations, stream_options(settings), playgraph.metrics, admission)
    endpoint = GraphQLEndpoint(
        operations,
        HttpStreams(runner, streams),
        metrics=playgraph.metrics,
        admission=admission,
        request_limits=RequestLimits(body_bytes=settings.graphql_body_limit),
    )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with identity.opened(), playgraph.opened():
            yield
            # A server that did not say so itself says it here, before what the streams read from is closed.
            await streams.stop()

    app = Starlette(
        lifespan=lifespan,
        exception_handlers=ERROR_PAGES,
        routes=[
            Route("/graphql", endpoint),
            WebSocketRoute("/graphql", WebSocketEndpoint(runner, streams)),
            *health_routes(playgraph.health, playgraph.metrics),
            schema_route(schema.as_str()),
            *landing_routes(VERSION),
            *explorer_routes(EXAMPLES),
        ],
    )
    # A redirect would name whatever host the request claims to be for.
    app.router.redirect_slashes = False
    app.state.streams = streams
    app.state.playgraph = playgraph
    app.state.leave = playgraph.leave
    return app


def create_worker_app(settings: Settings) -> Starlette:
    """What a worker that is given a port listens with: it tells how it is, and answers nothing else. Its lifespan does
    the work."""
    playgraph = Playgraph(settings, SystemClock())

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with playgraph.opened():
            yield

    app = Starlette(
        lifespan=lifespan,
        exception_handlers=ERROR_PAGES,
        routes=health_routes(playgraph.health, playgraph.metrics),
    )
    app.state.streams = OpenStreams(playgraph.metrics)
    app.state.leave = playgraph.leave
    return app


def _identity(playgraph: Playgraph) -> Identity:
    options = identity_options(playgraph.settings)
    check_bind(options, playgraph.settings.host)
    refused = playgraph.metrics.refused_tokens
    return Identity(options, playgraph.clock, lambda reason: refused.labels(reason).inc())


def _leases(storage: Storage) -> Leases | None:
    """What processes agree by; None where there is one process, and nothing to agree on."""
    return None if storage.backend == "sqlite" else storage.leases


def _throttle(settings: Settings, storage: Storage, clock: Clock, metrics: Metrics) -> Throttle:
    rules = throttle_settings(settings)
    paces = paces_of(storage, rules, clock, metrics)
    daily = DailyLimit(settings.upstream_daily_limit, storage.counters, clock)
    return Throttle(rules, clock, metrics, paces=paces, daily=daily)


if __name__ == "__main__":
    from commands.main import main

    sys.exit(main(sys.argv[1:]))
