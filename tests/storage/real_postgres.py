"""A real PostgreSQL for tests of storage: each test has a schema of its own."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace

from storage import PostgresOptions
from tests.servers.missing import require
from tests.servers.pgbouncer import complaint_about_pgbouncer, shared_pgbouncer_url
from tests.servers.postgres import SHARED_URL, complaint_about_shared_server, in_schema, own_schema

Schemas = Callable[[], AbstractAsyncContextManager[str]]
"""Gives the name of a schema that is the test's own: a new one, or one whose tables are there and empty."""


# A machine that runs other tests as well is no server that is too slow. What is about slowness sets its own.
def _patient(options: PostgresOptions) -> PostgresOptions:
    return replace(options, start_seconds=5.0, acquire_seconds=60.0, statement_seconds=60.0)


@asynccontextmanager
async def own_postgres(schemas: Schemas = own_schema) -> AsyncIterator[PostgresOptions]:
    """A schema on the shared server."""
    require(complaint_about_shared_server())
    async with schemas() as schema:
        yield _patient(PostgresOptions(in_schema(SHARED_URL, schema)))


@asynccontextmanager
async def own_pooled_postgres(schemas: Schemas = own_schema) -> AsyncIterator[PostgresOptions]:
    """A schema on the shared server, reached through pgbouncer in transaction mode."""
    require(complaint_about_pgbouncer())
    async with schemas() as schema:
        options = PostgresOptions(
            f"{shared_pgbouncer_url()}?search_path={schema}",
            direct_url=in_schema(SHARED_URL, schema),
            pgbouncer=True,
        )
        yield _patient(options)
