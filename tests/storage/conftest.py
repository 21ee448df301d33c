"""Storage on a temporary file, and the figures it counts."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from metrics import Metrics
from storage.sql.migrate import migrate, read_migrations
from storage.sql.sqlite import SqliteDatabase, open_sqlite
from tests.clock import FrozenClock


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
async def database(tmp_path: Path, clock: FrozenClock) -> AsyncIterator[SqliteDatabase]:
    """An open SQLite file with one table of its own."""
    async with open_sqlite(tmp_path / "own.db", clock, readers=2, acquire_seconds=0.05) as database:
        await database.transaction(
            lambda tx: tx.execute("CREATE TABLE marks (name TEXT NOT NULL PRIMARY KEY, payload BYTEA)")
        )
        yield database
        assert database.connections_in_use == 0


@pytest.fixture
async def tables(tmp_path: Path, clock: FrozenClock) -> AsyncIterator[SqliteDatabase]:
    """An open SQLite file with the tables of this code, and one connection to read."""
    async with open_sqlite(tmp_path / "tables.db", clock, readers=1, acquire_seconds=0.05) as database:
        await migrate(database, read_migrations(), clock)
        yield database
