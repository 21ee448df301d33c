"""The pace towards Blizzard: what each status does to it, in exact figures."""

import asyncio
import json
from typing import Any

import pytest

from blizzard.throttle import Throttle, ThrottleSettings
from errors import UpstreamRateLimited
from metrics import Metrics
from tests.clock import FrozenClock
from tests.pages import BLIZZARD

TRACE = BLIZZARD / "vectors" / "throttle_trace.json"


@pytest.fixture
def throttle(clock: FrozenClock) -> Throttle:
    return Throttle(ThrottleSettings(), clock, Metrics())


async def answered(throttle: Throttle, *statuses: int) -> None:
    """Let one request after the other leave, and count their statuses."""
    for status in statuses:
        await throttle.turn()
        if status == 403:
            await throttle.refuse()
        else:
            await throttle.record(status)


async def recovered(throttle: Throttle) -> list[float]:
    """Answer 200 until the delay is the shortest; every delay on the way."""
    delays = [throttle.pace.delay]
    while throttle.pace.delay > 0.1:
        await answered(throttle, 200)
        if throttle.pace.delay != delays[-1]:
            delays.append(throttle.pace.delay)
    return delays


async def refused_in_a_row(throttle: Throttle, clock: FrozenClock, times: int) -> list[tuple[float, float]]:
    """Refuse the first request after each penalty; the delay and ssthresh after each refusal."""
    seen = []
    for _ in range(times):
        await throttle.refuse()
        seen.append((throttle.pace.delay, throttle.pace.ssthresh))
        clock.advance(61)
    return seen


async def test_slow_start_halves_the_delay_after_ten_successes_each(
    throttle: Throttle, clock: FrozenClock
) -> None:
    started_at = clock.now()

    delays = await recovered(throttle)

    assert delays == [2.0, 1.0, 0.5, 0.25, 0.125, 0.1]
    assert clock.now() - started_at == 36_750


@pytest.mark.parametrize(("successes", "delay"), [(9, 2.0), (10, 1.0), (19, 1.0), (20, 0.5)])
async def test_the_tenth_success_in_a_row_lowers_the_delay(
    throttle: Throttle, successes: int, delay: float
) -> None:
    await answered(throttle, *[200] * successes)

    assert throttle.pace.delay == delay


@pytest.mark.parametrize("status", [500, 503, 302, 418])
async def test_any_other_status_ends_the_streak_and_leaves_the_delay(throttle: Throttle, status: int) -> None:
    await answered(throttle, *[200] * 9)

    await answered(throttle, status)

    assert (throttle.pace.streak, throttle.pace.delay) == (0, 2.0)


async def test_unknown_players_do_not_keep_the_delay_from_recovering(throttle: Throttle) -> None:
    await answered(throttle, *[404] * 10)

    assert (throttle.pace.streak, throttle.pace.delay) == (0, 1.0)


async def test_at_the_shortest_delay_a_404_ends_the_streak(throttle: Throttle) -> None:
    await answered(throttle, *[200] * 53)

    await answered(throttle, 404)

    assert (throttle.pace.streak, throttle.pace.delay) == (0, 0.1)


async def test_a_refusal_starts_a_penalty_of_sixty_seconds_and_a_delay_of_ten(throttle: Throttle) -> None:
    await recovered(throttle)

    await throttle.refuse()

    assert throttle.penalty_seconds == 60.0
    assert (throttle.pace.delay, throttle.pace.ssthresh, throttle.pace.streak) == (10.0, 0.2, 0)


async def test_after_the_first_refusal_the_delay_comes_back_in_minutes(
    throttle: Throttle, clock: FrozenClock
) -> None:
    await answered(throttle, *[200] * 120, 403)
    clock.advance(60)
    started_at = clock.now()

    delays = await recovered(throttle)

    assert delays == [10.0, 5.0, 2.5, 1.25, 0.625, 0.3125, 0.15625, 0.10625, 0.1]
    assert clock.now() - started_at == 192_125


@pytest.mark.parametrize(
    ("later", "retry_after"), [(0, 60), (0.001, 60), (1, 59), (30, 30), (59.2, 1), (59.999, 1)]
)
async def test_during_a_penalty_nothing_leaves(
    throttle: Throttle, clock: FrozenClock, later: float, retry_after: int
) -> None:
    await throttle.turn()
    await throttle.refuse()
    clock.advance(later)
    throttle_was = (throttle.pace.delay, throttle.pace.ssthresh, throttle.pace.streak)

    with pytest.raises(UpstreamRateLimited) as refused:
        await throttle.turn()

    assert refused.value.retry_after == retry_after
    assert (throttle.pace.delay, throttle.pace.ssthresh, throttle.pace.streak) == throttle_was
    assert clock.slept == []


async def test_the_first_request_after_a_penalty_leaves_at_once(
    throttle: Throttle, clock: FrozenClock
) -> None:
    await throttle.turn()
    await throttle.refuse()
    clock.advance(60)

    await throttle.turn()

    assert clock.slept == []


async def test_refusals_in_a_row_double_the_delay_but_not_what_is_known_of_the_pace(
    throttle: Throttle, clock: FrozenClock
) -> None:
    await recovered(throttle)

    seen = await refused_in_a_row(throttle, clock, 4)

    assert seen == [(10.0, 0.2), (20.0, 0.2), (30.0, 0.2), (30.0, 0.2)]


async def test_refusals_of_requests_sent_before_the_penalty_count_once(
    throttle: Throttle, clock: FrozenClock
) -> None:
    await throttle.refuse()
    clock.advance(1)

    await throttle.refuse()

    assert (throttle.pace.delay, throttle.penalty_seconds) == (10.0, 59.0)


async def test_answers_during_a_penalty_do_not_count(throttle: Throttle) -> None:
    await throttle.refuse()

    await throttle.record(200)

    assert throttle.pace.streak == 0


@pytest.mark.parametrize(
    ("retry_after", "penalty"),
    [(None, 60.0), (0.0, 60.0), (60.0, 60.0), (61.0, 61.0), (3600.0, 3600.0), (3601.0, 3600.0)],
)
async def test_a_longer_retry_after_lengthens_the_penalty_up_to_an_hour(
    throttle: Throttle, retry_after: float | None, penalty: float
) -> None:
    await throttle.refuse(retry_after)

    assert throttle.penalty_seconds == penalty


@pytest.mark.parametrize(("retry_after", "penalty"), [(5.0, 50.0), (120.0, 120.0)])
async def test_a_second_retry_after_can_lengthen_a_penalty_but_not_shorten_it(
    throttle: Throttle, clock: FrozenClock, retry_after: float, penalty: float
) -> None:
    await throttle.refuse()
    clock.advance(10)

    await throttle.refuse(retry_after)

    assert throttle.penalty_seconds == penalty


async def test_callers_at_the_same_time_leave_one_after_the_other(
    throttle: Throttle, clock: FrozenClock
) -> None:
    left_at: list[int] = []
    started_at = clock.now()

    async def leave() -> None:
        await throttle.turn()
        left_at.append(clock.now() - started_at)

    await asyncio.gather(leave(), leave(), leave(), leave())

    assert left_at == [0, 2_000, 4_000, 6_000]


class HeldClock(FrozenClock):
    """Sleeps until woken."""

    def __init__(self) -> None:
        super().__init__()
        self.asleep = asyncio.Event()
        self.wake = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.asleep.set()
        await self.wake.wait()
        self.advance(seconds)


async def test_a_caller_cancelled_while_waiting_gives_its_place_up() -> None:
    clock = HeldClock()
    throttle = Throttle(ThrottleSettings(), clock, Metrics())
    await throttle.turn()
    waiting = asyncio.create_task(throttle.turn())
    await clock.asleep.wait()
    estimate_with_one = throttle.wait_estimate()

    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)

    assert (estimate_with_one, throttle.wait_estimate()) == (4.0, 2.0)


async def test_a_penalty_that_starts_while_waiting_refuses_who_waits() -> None:
    clock = HeldClock()
    throttle = Throttle(ThrottleSettings(), clock, Metrics())
    await throttle.turn()
    waiting = [asyncio.create_task(throttle.turn()) for _ in range(3)]
    await clock.asleep.wait()

    await throttle.refuse()
    clock.wake.set()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)

    assert [type(outcome) for outcome in outcomes] == [UpstreamRateLimited] * 3
    assert clock.slept == [2.0]


async def test_the_wait_estimate_is_the_rest_of_the_penalty_or_of_the_queue(
    throttle: Throttle, clock: FrozenClock
) -> None:
    before_any = throttle.wait_estimate()
    await throttle.turn()
    after_one = throttle.wait_estimate()
    clock.advance(0.5)
    later = throttle.wait_estimate()
    await throttle.refuse()

    assert (before_any, after_one, later, throttle.wait_estimate()) == (0.0, 2.0, 1.5, 60.0)


async def test_delays_of_zero_are_no_pace(clock: FrozenClock) -> None:
    settings = ThrottleSettings(start_delay=0, min_delay=0, max_delay=0, penalty_seconds=0)
    throttle = Throttle(settings, clock, Metrics())

    await answered(throttle, 200, 403, 200, 500, 404, 200)

    assert (throttle.pace.delay, clock.slept, throttle.penalty_seconds) == (0.0, [], 0.0)


async def test_all_settings_may_be_zero(clock: FrozenClock) -> None:
    settings = ThrottleSettings(0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    throttle = Throttle(settings, clock, Metrics())

    await answered(throttle, *[200] * 30, 403, 404, *[200] * 30)

    assert (throttle.pace.delay, clock.slept) == (0.0, [])


async def test_a_clock_set_back_costs_no_more_than_the_delay(throttle: Throttle, clock: FrozenClock) -> None:
    await throttle.turn()
    clock.advance(-3600)

    await throttle.turn()

    assert clock.slept == [2.0]


async def test_the_metric_shows_the_delay(clock: FrozenClock) -> None:
    metrics = Metrics()
    throttle = Throttle(ThrottleSettings(), clock, metrics)
    await throttle.refuse()

    shown = metrics.registry.get_sample_value("playgraph_upstream_throttle_delay_seconds")

    assert shown == 10.0


def recorded_trace() -> list[dict[str, Any]]:
    """The recorded run of another server's throttle, up to the first refusal and the recovery from it.

    That server let a request through in the last second of a penalty; this one does not, so that all later
    times move by the 0.8 s that were missing.
    """
    entries = [entry for entry in json.loads(TRACE.read_text()) if "request" in entry]
    recovery = entries[: next(i for i, entry in enumerate(entries) if entry["request"] == 264) + 1]
    return [
        {
            "request": entry["request"],
            "status": entry["status"],
            "t": pytest.approx(entry["t"] + (0.8 if entry["request"] > 122 else 0), abs=0.0011),
            "waited": pytest.approx(entry["waited"], abs=0.0011),
            "delay_before": entry["delay_before"],
            "delay_after": entry["delay_after"],
            "ssthresh": float(entry["ssthresh"] or 0.1),
            "streak": int(entry["streak"]),
        }
        for entry in recovery
    ]


async def replayed(
    throttle: Throttle, clock: FrozenClock, trace: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """What this throttle does at each entry when it sends the same requests and gets the same statuses."""
    seen: list[dict[str, Any]] = []
    started_at = clock.now()
    request = 0
    for entry in trace:
        await answered(throttle, *[200] * (entry["request"] - request - 1))
        clock.advance(throttle.penalty_seconds)
        request = entry["request"]
        before, asked_at = throttle.pace.delay, clock.now()
        await answered(throttle, entry["status"])
        seen.append(
            {
                "request": request,
                "status": entry["status"],
                "t": (clock.now() - started_at) / 1000,
                "waited": (clock.now() - asked_at) / 1000,
                "delay_before": before,
                "delay_after": throttle.pace.delay,
                "ssthresh": throttle.pace.ssthresh,
                "streak": throttle.pace.streak,
            }
        )
    return seen


@pytest.mark.pages
@pytest.mark.skipif(not TRACE.is_file(), reason="the recorded trace (../shared/blizzard) is not here")
async def test_the_recorded_trace_up_to_the_first_recovery(throttle: Throttle, clock: FrozenClock) -> None:
    trace = recorded_trace()

    assert await replayed(throttle, clock, trace) == trace
