"""The state of storage is read once for all who ask, and nobody waits for a database that hangs."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from errors import StorageUnavailable
from metrics import Metrics
from models.storage import KindStatistics, StorageHealth
from storage import SqliteOptions, StatusReader, Storage, StorageOptions, open_storage
from tests.clock import FrozenClock


@pytest.fixture
async def storage(tmp_path: Path, clock: FrozenClock, metrics: Metrics) -> AsyncIterator[Storage]:
    options = StorageOptions("sqlite", SqliteOptions(tmp_path / "status.db"))
    async with open_storage(options, clock=clock, metrics=metrics) as storage:
        yield storage


@asynccontextmanager
async def reading(storage: Storage, clock: FrozenClock, metrics: Metrics) -> AsyncIterator[StatusReader]:
    reader = StatusReader(storage, clock, metrics, ping_seconds=0.05)
    yield reader
    await reader.close()


class Gate:
    """Stands before a call of storage: lets nothing through until it is opened, and counts who came."""

    def __init__(self, call: Any) -> None:
        self._call = call
        self.opened = asyncio.Event()
        self.calls = 0

    async def __call__(self, *arguments: Any) -> Any:
        self.calls += 1
        await self.opened.wait()
        return await self._call(*arguments)


async def test_twenty_who_ask_at_once_share_one_reading(
    storage: Storage, clock: FrozenClock, metrics: Metrics
) -> None:
    gate = Gate(storage.ephemeral_statistics)
    gate.opened.set()
    async with reading(replace(storage, ephemeral_statistics=gate), clock, metrics) as reader:
        found = await asyncio.gather(*(reader.read(5_000, 5.0) for _ in range(20)))

    assert gate.calls == 1
    assert all(each is found[0] for each in found)


async def test_a_database_that_hangs_is_down(storage: Storage, clock: FrozenClock, metrics: Metrics) -> None:
    async with reading(replace(storage, ping=Gate(storage.ping)), clock, metrics) as reader:
        status = await reader.read(5_000, 5.0)

    assert (status.health, status.kinds) == (StorageHealth.DOWN, ())


async def test_counting_that_takes_long_goes_on_for_the_next_who_asks(
    storage: Storage, clock: FrozenClock, metrics: Metrics
) -> None:
    gate = Gate(storage.ephemeral_statistics)
    async with reading(replace(storage, ephemeral_statistics=gate), clock, metrics) as reader:
        with pytest.raises(StorageUnavailable) as refusal:
            await reader.read(5_000, 0.01)
        gate.opened.set()
        status = await reader.read(5_000, 5.0)

    assert refusal.value.retry_after == 5
    assert (status.health, gate.calls) == (StorageHealth.HEALTHY, 1)


async def test_a_caller_who_leaves_does_not_stop_the_reading(
    storage: Storage, clock: FrozenClock, metrics: Metrics
) -> None:
    gate = Gate(storage.ephemeral_statistics)
    async with reading(replace(storage, ephemeral_statistics=gate), clock, metrics) as reader:
        leaving = asyncio.create_task(reader.read(5_000, 5.0))
        staying = asyncio.create_task(reader.read(5_000, 5.0))
        await asyncio.sleep(0)
        leaving.cancel()
        gate.opened.set()

        status = await staying

    assert leaving.cancelled()
    assert (status.health, gate.calls) == (StorageHealth.HEALTHY, 1)


async def test_what_the_backend_can_do_without_makes_it_degraded(
    storage: Storage, clock: FrozenClock, metrics: Metrics
) -> None:
    troubled = replace(storage, trouble=lambda: "Redis does not answer.")
    async with reading(troubled, clock, metrics) as reader:
        status = await reader.read(5_000, 5.0)

    assert status.health is StorageHealth.DEGRADED
    assert len(status.kinds) == 9


async def test_what_may_go_is_left_out_while_its_server_is_away(
    storage: Storage, clock: FrozenClock, metrics: Metrics
) -> None:
    async def away(now: int) -> Sequence[KindStatistics]:
        raise StorageUnavailable("Redis does not answer.", now=now, next_check_at=now + 1_000)

    async with reading(replace(storage, ephemeral_statistics=away), clock, metrics) as reader:
        status = await reader.read(5_000, 5.0)

    assert status.health is StorageHealth.DEGRADED
    assert {kind.kind for kind in status.kinds} == set(storage.archives)


async def test_a_failed_count_is_kept_as_long_as_a_good_one(
    storage: Storage, clock: FrozenClock, metrics: Metrics
) -> None:
    calls: list[int] = []

    class Broken:
        async def statistics(self, now: int) -> KindStatistics:
            calls.append(now)
            raise StorageUnavailable("It took too long.", now=now, next_check_at=now + 1_000)

    broken: Any = Broken()
    async with reading(replace(storage, archives={"players": broken}), clock, metrics) as reader:
        for _ in range(3):
            with pytest.raises(StorageUnavailable, match="It took too long"):
                await reader.read(5_000, 5.0)

    assert len(calls) == 1
