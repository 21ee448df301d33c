"""The hub inside one process, as the buses with a server use it."""

import asyncio

from models.events import Pointer
from storage.bus.local import LocalBus

A, B = "player:a", "player:b"


async def test_a_gap_wakes_every_subscriber_for_each_of_its_topics() -> None:
    bus = LocalBus()
    async with bus.subscribe([A]) as first, bus.subscribe([A, B]) as second:
        bus.deliver_gap()

        assert await first.wait() == [Pointer(A, 0)]
        assert sorted(await second.wait(), key=str) == [Pointer(A, 0), Pointer(B, 0)]


async def test_a_gap_takes_the_place_of_what_was_pending_and_is_told_once() -> None:
    bus = LocalBus()
    async with bus.subscribe([A]) as subscription:
        bus.deliver([Pointer(A, 3)])
        bus.deliver_gap()
        bus.deliver([Pointer(A, 4)])

        assert await subscription.wait() == [Pointer(A, 0)]

        bus.deliver([Pointer(A, 5)])
        assert await subscription.wait() == [Pointer(A, 5)]


async def test_a_gap_with_nobody_waiting_is_no_later_news() -> None:
    bus = LocalBus()
    bus.deliver_gap()

    async with bus.subscribe([A]) as subscription:
        bus.deliver([Pointer(A, 1)])

        assert await subscription.wait() == [Pointer(A, 1)]


async def test_an_old_pointer_hides_no_later_one() -> None:
    bus = LocalBus()
    async with bus.subscribe([A]) as subscription:
        bus.deliver([Pointer(A, 7), Pointer(A, 6)])

        assert await subscription.wait() == [Pointer(A, 7)]


async def test_a_cancelled_look_loses_nothing_and_what_was_told_is_not_told_again() -> None:
    bus = LocalBus()
    async with bus.subscribe([A]) as subscription:
        looking = asyncio.create_task(subscription.wait())
        await asyncio.sleep(0)
        bus.deliver([Pointer(A, 1)])
        looking.cancel()
        await asyncio.wait([looking])
        bus.deliver([Pointer(A, 2)])

        assert looking.cancelled()
        assert await subscription.wait() == [Pointer(A, 2)]


async def test_two_looks_at_once_share_what_comes() -> None:
    bus = LocalBus()
    async with bus.subscribe([A]) as subscription, asyncio.timeout(5):
        looks = [asyncio.create_task(subscription.wait()) for _ in range(2)]
        await asyncio.sleep(0)
        bus.deliver([Pointer(A, 1)])
        await asyncio.wait(looks, return_when=asyncio.FIRST_COMPLETED)
        bus.deliver([Pointer(A, 2)])

        told = [pointer for look in looks for pointer in await look]
        assert sorted(told, key=lambda pointer: pointer.version) == [Pointer(A, 1), Pointer(A, 2)]


async def test_nothing_stays_behind_when_the_subscribers_are_gone() -> None:
    bus = LocalBus()
    async with bus.subscribe([A, B]), bus.subscribe([B]):
        during = bus.topics

    assert during == {A, B}
    assert bus.topics == frozenset()
