"""What every bus does: wakes who waits, tells the highest pointer once, and holds no more than that."""

import asyncio
from collections.abc import Sequence

import pytest

from models.events import Pointer, player_topic
from storage import Storage, Subscription
from tests.storage.probes import ODD_NAMES, ODD_TEXTS

A, B = "player:a", "player:b"
PATIENCE = 5.0  # seconds until a signal counts as lost


async def told(subscription: Subscription, last: Pointer) -> list[Pointer]:
    """Everything told until the pointer `last` was, which has to come soon."""
    pointers: list[Pointer] = []
    async with asyncio.timeout(PATIENCE):
        while last not in pointers:
            pointers += await subscription.wait()
    return pointers


async def one_look(subscription: Subscription) -> Sequence[Pointer]:
    async with asyncio.timeout(PATIENCE):
        return await subscription.wait()


async def test_who_waits_for_a_topic_is_woken_with_the_pointer(storage: Storage) -> None:
    async with storage.bus.subscribe([A, B]) as subscription:
        waiting = asyncio.create_task(one_look(subscription))
        await asyncio.sleep(0)

        await storage.bus.publish([Pointer(A, 3)])

        assert await waiting == [Pointer(A, 3)]


async def test_what_was_published_before_the_look_is_told_at_the_look(storage: Storage) -> None:
    async with storage.bus.subscribe([A]) as subscription:
        await storage.bus.publish([Pointer(A, 3)])

        assert await one_look(subscription) == [Pointer(A, 3)]


async def test_the_highest_pointer_of_each_topic_is_told(storage: Storage) -> None:
    async with storage.bus.subscribe([A, B]) as subscription:
        await storage.bus.publish([Pointer(A, 4), Pointer(A, 6), Pointer(A, 5), Pointer(B, 2)])

        assert sorted(await one_look(subscription), key=str) == [Pointer(A, 6), Pointer(B, 2)]


async def test_a_slow_subscriber_holds_one_pointer_for_each_topic(storage: Storage) -> None:
    async with storage.bus.subscribe([A, B]) as subscription:
        for version in range(1, 201):
            await storage.bus.publish([Pointer(A, version), Pointer(B, version)])

        # The last of A and B may come by another way than the first, so there may be more than one look.
        pointers = await told(subscription, Pointer(A, 200))

    assert pointers.count(Pointer(A, 200)) == 1
    assert len(pointers) < 20


async def test_other_topics_wake_nobody(storage: Storage) -> None:
    async with storage.bus.subscribe([A]) as subscription:
        await storage.bus.publish([Pointer(B, 9), Pointer("player:A", 9), Pointer("player:a ", 9)])
        await storage.bus.publish([Pointer(A, 1)])

        assert await told(subscription, Pointer(A, 1)) == [Pointer(A, 1)]


async def test_all_subscribers_of_a_topic_are_woken(storage: Storage) -> None:
    async with storage.bus.subscribe([A]) as first, storage.bus.subscribe([B, A]) as second:
        await storage.bus.publish([Pointer(A, 1)])

        assert await one_look(first) == [Pointer(A, 1)]
        assert await one_look(second) == [Pointer(A, 1)]


async def test_version_zero_says_read_the_log_and_no_higher_one_hides_it(storage: Storage) -> None:
    async with storage.bus.subscribe([A]) as subscription:
        await storage.bus.publish([Pointer(A, 3), Pointer(A, 0), Pointer(A, 4)])

        assert await one_look(subscription) == [Pointer(A, 0)]


async def test_a_look_that_was_cancelled_loses_nothing(storage: Storage) -> None:
    async with storage.bus.subscribe([A]) as subscription:
        looking = asyncio.create_task(subscription.wait())
        await asyncio.sleep(0)
        publishing = asyncio.create_task(storage.bus.publish([Pointer(A, 1)]))
        looking.cancel()
        await asyncio.wait([looking, publishing])

        assert Pointer(A, 1) in await told(subscription, Pointer(A, 1))


async def test_a_new_subscriber_hears_what_comes_and_the_left_one_nothing(storage: Storage) -> None:
    async with storage.bus.subscribe([A]) as left:
        await storage.bus.publish([Pointer(A, 1)])
        assert await one_look(left) == [Pointer(A, 1)]

    async with storage.bus.subscribe([A]) as present:
        await storage.bus.publish([Pointer(A, 2)])
        assert Pointer(A, 2) in await told(present, Pointer(A, 2))

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await left.wait()


@pytest.mark.parametrize("text", ODD_TEXTS, ids=ODD_NAMES)
async def test_topics_are_any_text(storage: Storage, text: str) -> None:
    topic = player_topic(text)
    async with storage.bus.subscribe([topic]) as subscription:
        await storage.bus.publish([Pointer(topic, NOW_SEQUENCE)])

        assert await one_look(subscription) == [Pointer(topic, NOW_SEQUENCE)]


async def test_publishing_nothing_or_to_nobody_does_nothing(storage: Storage) -> None:
    await storage.bus.publish([])
    await storage.bus.publish([Pointer(A, 1)])

    async with storage.bus.subscribe([]) as subscription:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await subscription.wait()


async def test_twenty_publishers_and_twenty_subscribers_meet(storage: Storage) -> None:
    topics = [f"topic:{number}" for number in range(20)]

    async def subscriber() -> dict[str, int]:
        highest: dict[str, int] = {}
        async with storage.bus.subscribe(topics) as subscription, asyncio.timeout(PATIENCE):
            ready.release()
            while highest != dict.fromkeys(topics, 10):
                for pointer in await subscription.wait():
                    highest[pointer.topic] = max(pointer.version, highest.get(pointer.topic, 0))
        return highest

    ready = asyncio.Semaphore(0)
    subscribers = [asyncio.create_task(subscriber()) for _ in range(20)]
    for _ in subscribers:
        await ready.acquire()
    await asyncio.gather(
        *(storage.bus.publish([Pointer(topic, version)]) for topic in topics for version in range(1, 11))
    )

    assert await asyncio.gather(*subscribers) == [dict.fromkeys(topics, 10)] * 20


NOW_SEQUENCE = 1_800_000_000_000
