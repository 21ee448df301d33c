"""STORAGE_TYPE=sqlite: one file, one process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from clock import Clock
from metrics import Metrics
from storage.bus.local import LocalBus
from storage.options import StorageOptions
from storage.protocols import Storage
from storage.sql.assembly import sql_storage
from storage.sql.migrate import migrate, read_migrations, require_current
from storage.sql.sqlite import library_notes, open_sqlite


@asynccontextmanager
async def open_backend(options: StorageOptions, clock: Clock, metrics: Metrics) -> AsyncIterator[Storage]:
    """The storage on a file of its own. Raises `StartRefused`."""
    sqlite = options.sqlite
    async with open_sqlite(
        sqlite.path,
        clock,
        readers=sqlite.readers,
        acquire_seconds=sqlite.acquire_seconds,
        read_only=sqlite.read_only,
    ) as database:
        if sqlite.read_only:
            await require_current(database, read_migrations())
        else:
            await migrate(database, read_migrations(), clock)
        yield replace(sql_storage("sqlite", database, metrics, LocalBus()), notes=library_notes())
