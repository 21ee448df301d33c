"""The throttle against simulated upstreams with a limit of their own: it settles below the limit and stays useful."""

from collections import deque
from dataclasses import dataclass

import pytest

from blizzard.throttle import Throttle, ThrottleSettings
from errors import UpstreamRateLimited
from metrics import Metrics
from tests.clock import FrozenClock


class SpacingLimit:
    """Refuses a request that comes sooner than `1 / pace` seconds after the one before."""

    def __init__(self, pace: float) -> None:
        self._gap = 1000 / pace
        self._last = -1e18

    def refuses(self, now: int) -> bool:
        is_early = now - self._last < self._gap - 1  # the clock counts whole milliseconds
        self._last = now
        return is_early


class WindowLimit:
    """Refuses a request when `count` were let through in the last `seconds`."""

    def __init__(self, count: int, seconds: float) -> None:
        self._span = round(seconds * 1000)
        self._times: deque[int] = deque(maxlen=count)

    def refuses(self, now: int) -> bool:
        is_full = len(self._times) == self._times.maxlen and now - self._times[0] < self._span
        if not is_full:
            self._times.append(now)
        return is_full


@dataclass
class Run:
    """What a client that always has a request ready lived through."""

    refused_at: list[float]
    served_at: list[float]

    def served(self, start: float, end: float) -> float:
        """Requests served per second between two moments, in seconds since the beginning."""
        return sum(start <= moment < end for moment in self.served_at) / (end - start)

    def refusals(self, start: float, end: float) -> int:
        return sum(start <= moment < end for moment in self.refused_at)


async def simulated(
    limit: SpacingLimit | WindowLimit, seconds: float, *, in_a_row: int = 1, lifted_at: float = 1e9
) -> Run:
    """Ask without a pause for `seconds`.

    The first refusal is followed by further ones until `in_a_row`; from `lifted_at` on nothing is refused.
    """
    clock = FrozenClock()
    throttle = Throttle(ThrottleSettings(), clock, Metrics())
    start = clock.now()
    run = Run([], [])
    while (now := (clock.now() - start) / 1000) < seconds:
        try:
            await throttle.turn()
        except UpstreamRateLimited:
            clock.advance(throttle.penalty_seconds)
            continue
        now = (clock.now() - start) / 1000
        is_refused = now < lifted_at and limit.refuses(clock.now())
        if is_refused or 0 < len(run.refused_at) < in_a_row:
            await throttle.refuse()
            run.refused_at.append(now)
        else:
            await throttle.record(200)
            run.served_at.append(now)
    return run


@pytest.mark.parametrize(("pace", "settled_after"), [(0.5, 270), (1.0, 300), (4.0, 330)])
async def test_after_one_refusal_it_settles_at_the_allowed_pace(pace: float, settled_after: int) -> None:
    run = await simulated(SpacingLimit(pace), settled_after + 300)

    assert len(run.refused_at) == 1
    assert run.served(settled_after, settled_after + 300) == pytest.approx(pace, rel=0.01)


@pytest.mark.parametrize("pace", [0.5, 1.0, 4.0])
async def test_after_three_refusals_in_a_row_it_is_back_at_the_allowed_pace_in_minutes(pace: float) -> None:
    run = await simulated(SpacingLimit(pace), 1_200, in_a_row=3)

    back_at = run.refused_at[2] + 60 + 600
    assert len(run.refused_at) == 3
    assert run.served(back_at, back_at + 300) == pytest.approx(pace, rel=0.01)


@pytest.mark.parametrize("pace", [0.7, 1.5, 3.0, 6.0])
async def test_an_odd_limit_is_met_within_a_fifth_after_some_careful_steps(pace: float) -> None:
    run = await simulated(SpacingLimit(pace), 10_800)

    assert run.served(3_600, 10_800) >= 0.8 * pace
    assert run.refusals(3_600, 10_800) <= 2


@pytest.mark.parametrize(("count", "seconds"), [(10, 10.0), (60, 60.0), (240, 60.0)])
async def test_a_limit_counted_over_a_window_is_found_too(count: int, seconds: float) -> None:
    run = await simulated(WindowLimit(count, seconds), 10_800)

    assert run.served(3_600, 10_800) >= 0.75 * count / seconds
    assert run.refusals(3_600, 10_800) <= 3


async def test_a_limit_counted_over_ten_minutes_still_leaves_half_of_it() -> None:
    run = await simulated(WindowLimit(600, 600.0), 10_800)

    assert run.served(3_600, 10_800) >= 0.5
    assert run.refusals(3_600, 10_800) <= 6


async def test_refusals_grow_rare_at_a_limit_that_never_moves() -> None:
    run = await simulated(SpacingLimit(1.0), 36_000)

    assert run.refusals(0, 10_800) == 5
    assert run.refusals(10_800, 36_000) == 2
    assert run.served(0, 36_000) >= 0.9


async def test_rests_double_and_are_short_again_once_less_has_proved_itself() -> None:
    same = await simulated(SpacingLimit(1.0), 5_500)
    less = await simulated(SpacingLimit(3.0), 4_000)

    assert [round(moment) for moment in same.refused_at] == [28, 907, 2_398, 5_088]
    assert [round(moment) for moment in less.refused_at] == [33, 987, 1_884, 3_380]


async def test_a_limit_that_is_lifted_is_found_lifted() -> None:
    limit = SpacingLimit(1.0)

    run = await simulated(limit, 3_600, lifted_at=600)

    assert run.served(1_800, 3_600) >= 9.0
