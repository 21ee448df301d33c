"""One piece of work for several processes: here two that share a database, and know nothing else of each other."""

import asyncio

import pytest

from errors import StorageUnavailable
from refresh.sharing import SharedWork, SharingOptions
from storage import EventBus
from tests.lossy_bus import LossyBus
from tests.refresh.work import DEADLINE, Work

LEASE, TICK = 20.0, 5.0
NAME = "refresh:player:ana"


class Page:
    """What is fetched, and kept for both processes once it was. Each fetch is announced in `begun`."""

    def __init__(self) -> None:
        self.kept: str | None = None
        self.begun: asyncio.Queue[str] = asyncio.Queue()
        self.may_end = asyncio.Event()
        self.failure: Exception | None = None

    async def find(self) -> str | None:
        return self.kept

    async def fetch(self) -> str:
        self.begun.put_nowait("fetch")
        await self.may_end.wait()
        if self.failure is not None:
            failure, self.failure = self.failure, None
            raise failure
        self.kept = self.kept or "page"
        return self.kept

    async def until_begun(self) -> None:
        await asyncio.wait_for(self.begun.get(), DEADLINE)


def process(work: Work, bus: EventBus | None = None) -> SharedWork:
    """What one process has to share with others on the same database."""
    return SharedWork(work.storage.leases, bus or work.storage.bus, SharingOptions(LEASE, TICK), work.clock)


def begin(shared: SharedWork, page: Page) -> "asyncio.Task[str]":
    return asyncio.create_task(shared.run(NAME, page.find, page.fetch))


async def test_the_second_process_waits_for_what_the_first_brings(work: Work) -> None:
    page = Page()
    first = begin(process(work), page)
    await page.until_begun()
    second = begin(process(work), page)
    await work.clock.until_sleeping(TICK)

    page.may_end.set()

    assert [await first, await second] == ["page", "page"]
    assert page.begun.empty()


async def test_a_signal_that_is_lost_costs_one_tick(work: Work) -> None:
    page = Page()
    first = begin(process(work), page)
    await page.until_begun()
    second = begin(process(work, LossyBus(work.storage.bus, share=1.0)), page)
    await work.clock.until_sleeping(TICK)
    page.may_end.set()
    await first
    is_waiting = not second.done()

    work.clock.advance(TICK)

    assert is_waiting
    assert await asyncio.wait_for(second, DEADLINE) == "page"
    assert page.begun.empty()


async def test_who_waited_takes_over_when_the_first_brings_nothing(work: Work) -> None:
    page = Page()
    now = work.clock.now()
    page.failure = StorageUnavailable("gone", now=now, next_check_at=now + 1)
    first = begin(process(work), page)
    await page.until_begun()
    second = begin(process(work), page)
    await work.clock.until_sleeping(TICK)
    page.may_end.set()

    with pytest.raises(StorageUnavailable):
        await first

    assert await asyncio.wait_for(second, DEADLINE) == "page"
    assert page.begun.qsize() == 1


async def test_a_process_that_died_blocks_nobody_past_its_lease(work: Work) -> None:
    page = Page()
    page.may_end.set()
    ends_at = work.clock.now() + round(1_000 * LEASE)
    await work.storage.leases.acquire(NAME, "dead", now=work.clock.now(), expires_at=ends_at)
    waiting = begin(process(work), page)
    looks = 0
    while not waiting.done():
        await work.clock.until_sleeping(TICK)
        looks += 1
        work.clock.advance(TICK)
        if looks == LEASE / TICK:
            await asyncio.wait_for(waiting, DEADLINE)

    assert waiting.result() == "page"
    assert looks == LEASE / TICK


async def test_the_lease_of_long_work_is_renewed(work: Work) -> None:
    page = Page()
    first = begin(process(work), page)
    await page.until_begun()
    for _ in range(9):
        await work.clock.until_sleeping(LEASE / 3)
        work.clock.advance(LEASE / 3)
    await work.clock.until_sleeping(LEASE / 3)
    now = work.clock.now()

    taken = await work.storage.leases.acquire(NAME, "another", now=now, expires_at=now + 1)
    page.may_end.set()

    assert not taken
    assert await first == "page"


async def test_the_lease_is_given_back_when_the_work_is_stopped(work: Work) -> None:
    page = Page()
    first = begin(process(work), page)
    await page.until_begun()

    first.cancel()
    await asyncio.wait([first])
    now = work.clock.now()

    assert first.cancelled()
    assert await work.storage.leases.acquire(NAME, "another", now=now, expires_at=now + 1)


async def test_one_process_alone_needs_no_lease(work: Work) -> None:
    page = Page()
    page.may_end.set()
    alone = SharedWork(None, work.storage.bus, SharingOptions(LEASE, TICK), work.clock)

    assert await alone.run(NAME, page.find, page.fetch) == "page"
    assert work.metrics.registry.get_sample_value(
        "playgraph_storage_writes_total", {"repository": "leases"}
    ) in (None, 0.0)
