"""Asking for stale records: in batches, once for each key, and never in anybody's way."""

import asyncio
from collections.abc import Sequence

import pytest

from errors import StorageUnavailable
from models.jobs import Job, JobKind, JobRequest
from refresh.revalidation import Revalidation, RevalidationOptions
from refresh.table_queue import TableQueue
from tests.refresh.work import DEADLINE, Work

MEMORY = 60.0


class WatchedQueue(TableQueue):
    """A real queue, each of whose calls waits for the test, fails with the next of `failures`, and is noted."""

    def __init__(self, work: Work) -> None:
        super().__init__(work.storage.jobs, work.bell, work.clock)
        self.calls: list[list[str]] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.called = asyncio.Event()
        self.failures: list[Exception] = []

    async def enqueue(self, requests: Sequence[JobRequest]) -> Sequence[Job]:
        self.calls.append([request.key for request in requests])
        self.called.set()
        await self.may_answer.wait()
        if self.failures:
            raise self.failures.pop(0)
        return await super().enqueue(requests)


@pytest.fixture
def queue(work: Work) -> WatchedQueue:
    return WatchedQueue(work)


@pytest.fixture
def revalidation(work: Work, queue: WatchedQueue) -> Revalidation:
    return Revalidation(queue, RevalidationOptions(10, MEMORY), work.clock, work.metrics)


async def all_is_asked() -> None:
    """Return when nothing waits for being asked for."""
    tasks = [task for task in asyncio.all_tasks() if task.get_name() == "stale records"]
    await asyncio.wait_for(asyncio.gather(*tasks), DEADLINE)


def dropped(work: Work, reason: str) -> float:
    labels = {"kind": "player", "reason": reason}
    return work.metrics.registry.get_sample_value("playgraph_refresh_dropped_total", labels) or 0.0


async def test_what_is_found_together_is_one_call(revalidation: Revalidation, queue: WatchedQueue) -> None:
    for key in ("ana", "bob", "ana", "cid"):
        revalidation.ask(JobKind.PLAYER, key)
    await all_is_asked()

    assert queue.calls == [["ana", "bob", "cid"]]


async def test_what_is_found_during_a_call_goes_together_in_the_next(
    revalidation: Revalidation, queue: WatchedQueue
) -> None:
    queue.may_answer.clear()
    revalidation.ask(JobKind.PLAYER, "ana")
    await asyncio.wait_for(queue.called.wait(), DEADLINE)
    for key in ("bob", "ana", "cid"):
        revalidation.ask(JobKind.PLAYER, key)
    queue.may_answer.set()
    await all_is_asked()

    assert queue.calls == [["ana"], ["bob", "cid"]]


async def test_a_record_fetched_since_may_be_asked_for_again(
    work: Work, revalidation: Revalidation, queue: WatchedQueue
) -> None:
    asked_at = work.clock.now()
    revalidation.ask(JobKind.PLAYER, "ana", fetched_at=asked_at - 1)
    await all_is_asked()
    before = revalidation.is_asked(JobKind.PLAYER, "ana", asked_at - 1)
    since = revalidation.is_asked(JobKind.PLAYER, "ana", asked_at)

    revalidation.ask(JobKind.PLAYER, "ana", fetched_at=asked_at)
    await all_is_asked()

    assert (before, since) == (True, False)
    assert queue.calls == [["ana"], ["ana"]]


@pytest.mark.parametrize("reason", ["storage", "fault"])
async def test_a_call_that_fails_is_counted_and_the_next_reader_asks_again(
    work: Work, revalidation: Revalidation, queue: WatchedQueue, reason: str
) -> None:
    now = work.clock.now()
    queue.failures = [
        StorageUnavailable("away", now=now, next_check_at=now + 1)
        if reason == "storage"
        else ValueError("a mistake")
    ]
    revalidation.ask(JobKind.PLAYER, "ana")
    await all_is_asked()
    known = revalidation.is_asked(JobKind.PLAYER, "ana")

    revalidation.ask(JobKind.PLAYER, "ana")
    await all_is_asked()

    assert (known, revalidation.is_asked(JobKind.PLAYER, "ana")) == (False, True)
    assert dropped(work, reason) == 1
    assert queue.calls == [["ana"], ["ana"]]


async def test_past_the_limit_requests_are_dropped_until_others_are_forgotten(
    work: Work, revalidation: Revalidation, queue: WatchedQueue
) -> None:
    for number in range(12):
        revalidation.ask(JobKind.PLAYER, f"{number:02}")
    await all_is_asked()
    full = dropped(work, "full")
    work.clock.advance(MEMORY)
    revalidation.ask(JobKind.PLAYER, "11")
    await all_is_asked()

    assert (full, dropped(work, "full")) == (2, 2)
    assert queue.calls == [[f"{number:02}" for number in range(10)], ["11"]]


async def test_closing_waits_for_nothing(revalidation: Revalidation, queue: WatchedQueue) -> None:
    queue.may_answer.clear()
    revalidation.ask(JobKind.PLAYER, "ana")
    await asyncio.wait_for(queue.called.wait(), DEADLINE)

    await asyncio.wait_for(revalidation.close(), DEADLINE)

    assert [task for task in asyncio.all_tasks() if task.get_name() == "stale records"] == []
