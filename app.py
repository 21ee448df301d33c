"""Builds everything from the settings and returns the ASGI app. Owns start-up and shutdown; knows every room."""

import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from starlette.applications import Starlette
from starlette.routing import Route

from blizzard.client import Upstream, UpstreamSettings
from blizzard.reference import load_reference
from blizzard.throttle import Throttle, ThrottleSettings
from clock import Clock, SystemClock
from execution.endpoint import GraphQLEndpoint
from execution.limits import DocumentLimits
from execution.requests import RequestLimits
from metrics import Metrics
from models.catalog import HERO, HERO_USAGE, HEROES, ROLES
from models.reference import Reference
from pages.errors import ERROR_PAGES
from pages.explorer import explorer_routes
from pages.health import Health, health_routes
from pages.landing import landing_routes
from refresh.backoff import Backoff
from refresh.catalog import CatalogOptions, CatalogRefresher
from refresh.freshness import Windows
from refresh.jobs import Jobs
from refresh.reference import ReferenceRefresher
from refresh.refresher import Refresher, RefreshOptions
from refresh.searches import Searches
from resolvers.context import RequestContext
from resolvers.loaders import Loaders
from schema import schema
from schema.faults import format_error
from settings import Settings, load_settings
from storage import Storage, StorageOptions, open_storage

VERSION = "0.1.0"
EXAMPLES = Path(__file__).parent / "examples"


class _Parts(NamedTuple):
    """What is open while the app runs."""

    storage: Storage
    refresher: Refresher
    pages: ReferenceRefresher
    searches: Searches


class Playgraph:
    """The parts of a running server that requests reach for. Opened and closed by the app's lifespan."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.metrics = Metrics()
        self.reference: Reference = load_reference(settings.static_base_url)
        self._parts: _Parts | None = None

    @property
    def storage(self) -> Storage | None:
        """The storage; None until it is open."""
        return self._parts and self._parts.storage

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Open what has to be opened, in the order in which it is needed; close it in the opposite one."""
        settings, clock, metrics = self.settings, self.clock, self.metrics
        async with AsyncExitStack() as stack:
            storage = await stack.enter_async_context(
                open_storage(_storage_options(settings), clock=clock, metrics=metrics)
            )
            throttle = Throttle(_throttle_settings(settings), clock, metrics)
            upstream = await stack.enter_async_context(
                Upstream(_upstream_settings(settings), throttle, clock, metrics)
            )
            windows = Windows(settings.player_stale_after, settings.player_expired_after)
            jobs = Jobs(storage.players, upstream, windows, _backoff(settings), clock)
            options = RefreshOptions(windows, settings.cold_read_deadline, settings.cold_fetch_queue)
            refresher = Refresher(storage.players, jobs, options, clock, metrics)
            stack.push_async_callback(refresher.close)
            catalog = CatalogRefresher(storage.catalog, _catalog_options(settings), clock, metrics)
            stack.push_async_callback(catalog.close)
            window = Windows(settings.search_stale_after, settings.search_stale_after)
            searches = Searches(upstream, window, settings.cold_read_deadline, clock, metrics)
            stack.push_async_callback(searches.close)
            pages = ReferenceRefresher(catalog, upstream)
            self._parts = _Parts(storage, refresher, pages, searches)
            yield

    def make_context(self) -> RequestContext:
        """What one request's resolvers reach for, with loaders of its own."""
        assert self._parts is not None
        storage, refresher, pages, searches = self._parts
        return RequestContext(
            loaders=Loaders(storage.players, refresher, self.reference, pages),
            refresher=refresher,
            pages=pages,
            searches=searches,
            reference=self.reference,
            clock=self.clock,
        )


def create_app(settings: Settings | None = None, *, clock: Clock | None = None) -> Starlette:
    """The app for these settings (those of the environment when none are given); its lifespan opens it."""
    settings = settings or load_settings()
    playgraph = Playgraph(settings, clock or SystemClock())
    endpoint = GraphQLEndpoint(
        schema,
        make_context=playgraph.make_context,
        format_error=format_error,
        metrics=playgraph.metrics,
        limits=_document_limits(settings),
        request_limits=RequestLimits(body_bytes=settings.graphql_body_limit),
    )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with playgraph.opened():
            yield

    health = Health(VERSION, settings.storage_type, lambda: playgraph.storage)
    app = Starlette(
        lifespan=lifespan,
        exception_handlers=ERROR_PAGES,
        routes=[
            Route("/graphql", endpoint),
            *health_routes(health, playgraph.metrics, schema.as_str()),
            *landing_routes(VERSION),
            *explorer_routes(EXAMPLES),
        ],
    )
    # A redirect would name whatever host the request claims to be for.
    app.router.redirect_slashes = False
    return app


def _storage_options(settings: Settings) -> StorageOptions:
    return StorageOptions(
        backend=settings.storage_type, path=settings.storage_path, readers=settings.storage_readers
    )


def _upstream_settings(settings: Settings) -> UpstreamSettings:
    return UpstreamSettings(
        base_url=settings.blizzard_url,
        version=VERSION,
        contact=settings.upstream_contact,
        total_timeout=settings.upstream_timeout,
        read_timeout=settings.upstream_timeout,
        retries=settings.upstream_retries,
        body_limit=settings.upstream_body_limit,
    )


def _throttle_settings(settings: Settings) -> ThrottleSettings:
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


def _backoff(settings: Settings) -> Backoff:
    return Backoff(
        initial_seconds=settings.unknown_player_initial_retry,
        multiplier=settings.unknown_player_retry_multiplier,
        max_seconds=settings.unknown_player_max_retry,
    )


def _catalog_options(settings: Settings) -> CatalogOptions:
    day = Windows(settings.catalog_stale_after, settings.catalog_stale_after)
    usage = Windows(settings.usage_stale_after, settings.usage_stale_after)
    return CatalogOptions(
        windows={HEROES.name: day, HERO.name: day, ROLES.name: day, HERO_USAGE.name: usage},
        cold_read_deadline=settings.cold_read_deadline,
        fetch_queue=settings.cold_fetch_queue,
        hold_seconds=settings.catalog_hold_duration,
    )


def _document_limits(settings: Settings) -> DocumentLimits:
    return DocumentLimits(
        max_tokens=settings.graphql_max_tokens,
        max_nesting=settings.graphql_max_nesting,
        max_depth=settings.graphql_max_depth,
        max_aliases=settings.graphql_max_aliases,
        max_cost=settings.graphql_max_cost,
    )


if __name__ == "__main__":
    from commands.main import main

    sys.exit(main(sys.argv[1:]))
