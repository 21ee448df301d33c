"""STORAGE_TYPE=postgres: one server, any number of processes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from clock import Clock
from errors import StartRefused, StorageUnavailable
from metrics import Metrics
from storage.bus.postgres import open_postgres_bus
from storage.options import PostgresOptions, StorageOptions
from storage.protocols import Storage
from storage.sql.assembly import sql_storage
from storage.sql.migrate import migrate, read_migrations
from storage.sql.postgres import PostgresDatabase, open_postgres


@asynccontextmanager
async def open_backend(options: StorageOptions, clock: Clock, metrics: Metrics) -> AsyncIterator[Storage]:
    """The storage on a server. Raises `StartRefused`."""
    postgres = required_postgres(options)
    require_direct(postgres)
    async with (
        open_current_postgres(postgres, clock) as database,
        open_postgres_bus(postgres, database, metrics) as bus,
    ):
        yield sql_storage("postgres", database, metrics, bus)


def required_postgres(options: StorageOptions) -> PostgresOptions:
    """The part of the options that is about PostgreSQL. Raises `StartRefused` when it is not there."""
    if options.postgres is None:
        raise StartRefused(
            f"STORAGE_TYPE={options.backend} needs DATABASE_URL (or POSTGRES_HOST); it is an address like "
            "postgresql://user:password@host:5432/playgraph."
        )
    return options.postgres


def require_direct(options: PostgresOptions) -> None:
    """Raises `StartRefused` when signals between processes would have to go through a pooler, which loses them all."""
    if options.pgbouncer and options.direct_url is None:
        raise StartRefused(
            "POSTGRES_PGBOUNCER=true needs DATABASE_DIRECT_URL, the address of the server behind it: LISTEN does not "
            "work through a pooler."
        )


@asynccontextmanager
async def open_current_postgres(options: PostgresOptions, clock: Clock) -> AsyncIterator[PostgresDatabase]:
    """The database with its tables brought up to date. Raises `StartRefused`."""
    async with open_postgres(options, clock) as database:
        try:
            await migrate(database, read_migrations(), clock)
        except StorageUnavailable as error:
            raise StartRefused(
                f"The tables in PostgreSQL could not be brought up to date: {error.__cause__}. Is another session "
                "holding them locked, or the server read-only? Start again when that is over."
            ) from error
        yield database
