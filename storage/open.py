"""Opens the storage that the settings ask for: for each backend, a list of what is built from what."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from clock import Clock
from errors import StartRefused
from metrics import Metrics
from storage.protocols import Storage
from storage.sql.catalog import SqlCatalog
from storage.sql.database import Database
from storage.sql.migrate import migrate, read_migrations, require_current
from storage.sql.players import SqlPlayers
from storage.sql.sqlite import open_sqlite


@dataclass(frozen=True, slots=True)
class StorageOptions:
    """What to open.

    `path` is the SQLite file, `readers` its reading connections, `acquire_seconds` how long a read waits for one of
    them before it is refused. `read_only` takes no lock and changes nothing, not even old tables.
    """

    backend: str
    path: Path
    readers: int = 4
    acquire_seconds: float = 5.0
    read_only: bool = False


@asynccontextmanager
async def open_storage(options: StorageOptions, *, clock: Clock, metrics: Metrics) -> AsyncIterator[Storage]:
    """The storage, ready for use until the end of the block, with its tables brought up to date.

    Raises `StartRefused`, saying what to change, when the backend is unknown, its database is held by another
    process, cannot be opened, or was written by newer code.
    """
    if options.backend != "sqlite":
        raise StartRefused(f"STORAGE_TYPE is {options.backend!r}; what it can be is: sqlite.")
    async with _open_on_sqlite(options, clock, metrics) as storage:
        yield storage


@asynccontextmanager
async def _open_on_sqlite(options: StorageOptions, clock: Clock, metrics: Metrics) -> AsyncIterator[Storage]:
    async with open_sqlite(
        options.path,
        clock,
        readers=options.readers,
        acquire_seconds=options.acquire_seconds,
        read_only=options.read_only,
    ) as database:
        if options.read_only:
            await require_current(database, read_migrations())
        else:
            await migrate(database, read_migrations(), clock)
        yield Storage(
            backend="sqlite",
            server_version=database.server_version,
            players=SqlPlayers(database, metrics),
            catalog=SqlCatalog(database, metrics),
            ping=partial(_ping, database),
        )


async def _ping(database: Database) -> None:
    await database.fetch("SELECT number FROM schema_migrations WHERE number = 1")
