"""Valkey in the place of Redis: what the contract, which runs on it too, does not ask."""

from collections.abc import AsyncIterator

import pytest

from metrics import Metrics
from models.events import Pointer
from storage import RedisOptions, Storage, StorageOptions, open_storage
from tests.clock import FrozenClock
from tests.storage.real_valkey import own_valkey
from tests.storage.redis_buses import look


@pytest.fixture
async def options() -> AsyncIterator[RedisOptions]:
    async with own_valkey() as options:
        yield options


@pytest.fixture
async def storage(options: RedisOptions, clock: FrozenClock, metrics: Metrics) -> AsyncIterator[Storage]:
    async with open_storage(StorageOptions("redis", redis=options), clock=clock, metrics=metrics) as storage:
        yield storage


async def test_it_says_that_it_is_valkey_and_raises_no_doubt(storage: Storage) -> None:
    name, version = storage.server_version.split()

    assert name == "Valkey"
    assert int(version.split(".")[0]) >= 7
    assert storage.notes == []


async def test_signals_pass_between_processes(
    options: RedisOptions, storage: Storage, clock: FrozenClock
) -> None:
    async with (
        open_storage(StorageOptions("redis", redis=options), clock=clock, metrics=Metrics()) as other,
        other.bus.subscribe(["topic"]) as theirs,
    ):
        await storage.bus.publish([Pointer("topic", 1)])

        assert await look(theirs) == [Pointer("topic", 1)]
