"""The storage that the contract is tried on: one line for each backend."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import cast

import pytest

from clock import Clock
from metrics import Metrics
from storage import Storage, StorageOptions, open_storage
from storage.sql.players import SqlPlayers
from tests.clock import FrozenClock

InUse = Callable[[], int]


@asynccontextmanager
async def _sqlite(folder: Path, clock: Clock, metrics: Metrics) -> AsyncIterator[tuple[Storage, InUse]]:
    options = StorageOptions(backend="sqlite", path=folder / "contract.db")
    async with open_storage(options, clock=clock, metrics=metrics) as storage:
        players = cast(SqlPlayers, storage.players)
        yield storage, lambda: players._database.connections_in_use


Opener = Callable[[Path, Clock, Metrics], AbstractAsyncContextManager[tuple[Storage, InUse]]]
BACKENDS: dict[str, Opener] = {"sqlite": _sqlite}


@pytest.fixture(params=BACKENDS)
async def storage(
    request: pytest.FixtureRequest, tmp_path: Path, clock: FrozenClock, metrics: Metrics
) -> AsyncIterator[Storage]:
    async with BACKENDS[request.param](tmp_path, clock, metrics) as (storage, in_use):
        yield storage
        assert in_use() == 0
