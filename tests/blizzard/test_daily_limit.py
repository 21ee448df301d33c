"""The limit of a day: exact at both ends, over all processes, also while the counter is away."""

import asyncio
from datetime import UTC, datetime

import pytest

from blizzard.daily_limit import DailyLimit
from blizzard.throttle import Throttle, ThrottleSettings
from errors import StorageUnavailable, UpstreamRateLimited
from metrics import Metrics
from tests.clock import FrozenClock

NOON = round(datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp() * 1000)
NO_PACE = ThrottleSettings(start_delay=0, min_delay=0)


class SharedCounter:
    """Counts that end, as `storage.Counters` has them; away when told."""

    def __init__(self) -> None:
        self.counts: dict[str, tuple[int, int]] = {}
        self.is_away = False

    async def add(self, key: str, amount: int, *, now: int, expires_at: int) -> int:
        await asyncio.sleep(0)
        if self.is_away:
            raise StorageUnavailable("The store is away.", now=now, next_check_at=now + 1000)
        total, end = self.counts.get(key, (0, expires_at))
        if now >= end:
            total, end = 0, expires_at
        self.counts[key] = (total + amount, end)
        return total + amount

    @property
    def total(self) -> int:
        return sum(total for total, _ in self.counts.values())


@pytest.fixture
def noon() -> FrozenClock:
    return FrozenClock(NOON)


async def let_through(daily: DailyLimit, times: int) -> int:
    """How many of so many at once were let through."""
    outcomes = await asyncio.gather(*(daily.count() for _ in range(times)), return_exceptions=True)
    refused = [outcome for outcome in outcomes if outcome is not None]
    assert {type(outcome) for outcome in refused} <= {UpstreamRateLimited}
    return outcomes.count(None)


async def test_the_last_request_of_the_day_leaves_and_the_next_waits_for_midnight(noon: FrozenClock) -> None:
    daily = DailyLimit(3, SharedCounter(), noon)
    for _ in range(3):
        daily.refuse_beyond()
        await daily.count()

    with pytest.raises(UpstreamRateLimited) as refused:
        daily.refuse_beyond()
    with pytest.raises(UpstreamRateLimited):
        await daily.count()

    assert refused.value.retry_after == 12 * 3600
    assert refused.value.next_check_at == NOON + 12 * 3_600_000


async def test_a_new_day_begins_at_midnight_of_utc_to_the_millisecond(noon: FrozenClock) -> None:
    daily = DailyLimit(1, SharedCounter(), noon)
    await daily.count()

    noon.advance(12 * 3600 - 0.001)
    before = await let_through(daily, 1)
    noon.advance(0.001)
    after = await let_through(daily, 2)

    assert (before, after) == (0, 1)


async def test_processes_share_the_requests_of_the_day(noon: FrozenClock) -> None:
    counter = SharedCounter()
    fleet = [DailyLimit(25, counter, noon) for _ in range(4)]

    passed = await asyncio.gather(*(let_through(daily, 10) for daily in fleet))

    assert sum(passed) == 25


async def test_without_the_counter_a_process_counts_on_and_tells_it_later(noon: FrozenClock) -> None:
    counter = SharedCounter()
    daily = DailyLimit(10, counter, noon)
    await let_through(daily, 4)
    counter.is_away = True

    alone = await let_through(daily, 3)
    counter.is_away = False
    back = await let_through(daily, 1)

    assert (alone, back, counter.total) == (3, 1, 8)
    assert await let_through(daily, 9) == 2


async def test_without_the_counter_the_limit_is_kept_too(noon: FrozenClock) -> None:
    counter = SharedCounter()
    daily = DailyLimit(5, counter, noon)
    await let_through(daily, 3)
    counter.is_away = True

    assert await let_through(daily, 9) == 2


async def test_a_counter_that_forgot_gives_no_second_day(noon: FrozenClock) -> None:
    counter = SharedCounter()
    daily = DailyLimit(5, counter, noon)
    await let_through(daily, 4)
    counter.counts.clear()

    assert await let_through(daily, 9) == 1


async def test_a_counter_that_forgot_is_told_by_the_first_who_notices(noon: FrozenClock) -> None:
    counter = SharedCounter()
    fleet = [DailyLimit(10, counter, noon) for _ in range(4)]
    before = [await let_through(daily, 2) for daily in fleet]
    counter.counts.clear()

    after = [await let_through(daily, 9) for daily in reversed(fleet)]

    assert (sum(before), sum(after)) == (8, 2)


async def test_no_limit_counts_nothing(noon: FrozenClock) -> None:
    counter = SharedCounter()
    daily = DailyLimit(0, counter, noon)

    assert await let_through(daily, 50) == 50
    assert counter.counts == {}


async def test_a_turn_beyond_the_limit_is_refused_and_takes_no_slot(noon: FrozenClock) -> None:
    counter = SharedCounter()
    daily = DailyLimit(2, counter, noon)
    throttle = Throttle(NO_PACE, noon, Metrics(), daily=daily)
    await throttle.turn()
    await throttle.turn(is_background=True)
    pace = throttle.pace

    with pytest.raises(UpstreamRateLimited) as refused:
        await throttle.turn()

    assert refused.value.retry_after == 12 * 3600
    assert (throttle.pace, counter.total) == (pace, 2)
