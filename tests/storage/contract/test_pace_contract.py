"""What every backend does for the pace that processes share: it is kept whole, and replaced by one of many."""

import asyncio

from blizzard.pace import ThrottleSettings
from blizzard.pace_text import decode_pace
from blizzard.shared_pace import SharedPace
from blizzard.throttle import Throttle
from metrics import Metrics
from refresh.pace import CachedPace, paces_of
from storage import Storage
from tests.clock import FrozenClock
from tests.storage.made import NOW

SETTINGS = ThrottleSettings()


async def test_a_pace_is_read_as_it_was_put_and_replaced_by_its_version(storage: Storage) -> None:
    clock = FrozenClock(NOW)
    store = CachedPace(storage.cache, clock)

    nothing = await store.read()
    is_first = await store.replace(None, b"first")
    is_second_first = await store.replace(None, b"another")
    first = await store.read()
    is_replaced = await store.replace(first, b"second")
    is_late = await store.replace(first, b"third")
    second = await store.read()

    assert nothing is None
    assert (is_first, is_second_first, is_replaced, is_late) == (True, False, True, False)
    assert first is not None
    assert second is not None
    assert (first.text, second.text) == (b"first", b"second")
    assert second.version > first.version


async def test_a_version_does_not_come_again_after_the_store_was_emptied(storage: Storage) -> None:
    clock = FrozenClock(NOW)
    store = CachedPace(storage.cache, clock)
    await store.replace(None, b"first")
    before = await store.read()
    await storage.cache.delete(["upstream:pace"])
    clock.advance(0.001)
    await store.replace(None, b"second")

    is_done = await store.replace(before, b"third")

    assert is_done is False


async def test_twenty_processes_at_once_lose_no_turn(storage: Storage) -> None:
    async def take_a_turn() -> Throttle:
        # Each has time of its own, which passes as it waits.
        clock, metrics = FrozenClock(NOW), Metrics()
        paces = SharedPace(SETTINGS, CachedPace(storage.cache, clock), clock, metrics, lambda: 0.5)
        throttle = Throttle(SETTINGS, clock, metrics, paces=paces, jitter=lambda: 0.5)
        await throttle.turn()
        return throttle

    throttles = await asyncio.gather(*(take_a_turn() for _ in range(20)))

    kept = (await storage.cache.get_many(["upstream:pace"], now=NOW))["upstream:pace"]
    pace = decode_pace(kept.value)
    assert len(throttles) == 20
    assert pace is not None
    assert (pace.turns, pace.left_at) == (20, NOW / 1000 + 19 * 2.0)


async def test_a_penalty_outlives_the_process_on_every_backend(storage: Storage) -> None:
    clock, metrics = FrozenClock(NOW), Metrics()
    first = Throttle(SETTINGS, clock, metrics, paces=paces_of(storage, SETTINGS, clock, metrics))
    await first.turn()
    await first.refuse()

    paces = paces_of(storage, SETTINGS, clock, metrics)
    pace = await paces.change(lambda pace: pace)

    assert (pace.penalty_until, pace.delay) == (NOW + 60_000, 10.0)
