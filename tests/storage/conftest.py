"""Storage on a temporary file, and the figures it counts."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from metrics import Metrics
from storage import SqliteOptions, Storage, StorageOptions, open_storage
from storage.sql.migrate import migrate, read_migrations
from storage.sql.sqlite import SqliteDatabase, open_sqlite
from tests.clock import FrozenClock
from tests.servers.missing import say_what_was_missing
from tests.servers.shared import end_what_is_shared
from tests.storage.moving import Opener


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


@pytest.fixture
def store(tmp_path: Path, clock: FrozenClock, metrics: Metrics) -> Opener:
    """Opens the store of a name in the test's folder."""

    @asynccontextmanager
    async def opened(name: str) -> AsyncIterator[Storage]:
        options = StorageOptions("sqlite", SqliteOptions(tmp_path / f"{name}.db"))
        async with open_storage(options, clock=clock, metrics=metrics) as storage:
            yield storage

    return opened


@pytest.fixture(scope="session", autouse=True)
def no_server_left_behind() -> Iterator[None]:
    yield
    end_what_is_shared()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    say_what_was_missing(terminalreporter)
