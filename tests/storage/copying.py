"""Players and catalog read through copies, both on SQLite files of their own, and readers that can be held up."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from metrics import Metrics
from models.catalog import CatalogRecord
from models.players import Career, KeptPlayer
from storage.cached_catalog import CachedCatalog
from storage.cached_copies import Copies
from storage.cached_players import CachedPlayers
from storage.sql.cache import SqlCache
from storage.sql.catalog import SqlCatalog
from storage.sql.migrate import migrate, read_migrations
from storage.sql.player_ids import ids_of
from storage.sql.players import SqlPlayers
from storage.sql.sqlite import SqliteDatabase, open_sqlite
from tests.clock import FrozenClock

SECONDS = 300.0

Answer = TypeVar("Answer")


class HeldUp:
    """Reads of the repository behind it wait between the answer and the caller while `gate` is closed."""

    def __init__(self, repository: Any) -> None:
        self._repository = repository
        self.gate = asyncio.Event()
        self.gate.set()
        self.has_read = asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._repository, name)
        return partial(self._read, method) if name in ("get_many", "get_careers") else method

    async def _read(self, method: Callable[..., Awaitable[Answer]], *args: Collection[str]) -> Answer:
        answer = await method(*args)
        self.has_read.set()
        await self.gate.wait()
        return answer


@dataclass
class Copied:
    """A database, a cache, and the two together as two processes have them."""

    kept: SqliteDatabase
    copies: SqliteDatabase
    clock: FrozenClock
    metrics: Metrics

    def __post_init__(self) -> None:
        self.cache = SqlCache(self.copies, self.metrics)
        self.plain_players = SqlPlayers(self.kept, Metrics())
        self.plain_catalog = SqlCatalog(self.kept, Metrics())
        self.players = self.players_of(SqlPlayers(self.kept, self.metrics))
        self.catalog = self.catalog_of(SqlCatalog(self.kept, self.metrics))

    def players_of(self, players: Any) -> CachedPlayers:
        """Another process's players."""
        records: Copies[KeptPlayer] = self._copies("players")
        careers: Copies[Career] = self._copies("careers")
        return CachedPlayers(players, partial(ids_of, self.kept), records, careers)

    def catalog_of(self, catalog: Any) -> CachedCatalog:
        """Another process's catalog."""
        entries: Copies[CatalogRecord[Any]] = self._copies("catalog")
        return CachedCatalog(catalog, entries)

    def _copies(self, name: str) -> Copies[Any]:
        return Copies(name, self.cache, self.clock, SECONDS, self.metrics)


@asynccontextmanager
async def copied(folder: Path, clock: FrozenClock, metrics: Metrics) -> AsyncIterator[Copied]:
    """Both files, open."""
    async with (
        open_sqlite(folder / "kept.db", clock) as kept,
        open_sqlite(folder / "copies.db", clock) as copies,
    ):
        await migrate(kept, read_migrations(), clock)
        await migrate(copies, read_migrations(), clock)
        yield Copied(kept, copies, clock, metrics)
