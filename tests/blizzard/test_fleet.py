"""Ten processes on one pace in simulated time: they settle under upstream's limit and are soon back after a refusal."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest

from blizzard.pace import ThrottleSettings
from errors import UpstreamRateLimited
from tests.blizzard.fleets import Fleet, Member, Upstream, figure, pass_time
from tests.blizzard.simulated_time import simulate

STEADY = ThrottleSettings(start_delay=0.5, min_delay=0.5)


@asynccontextmanager
async def asking(
    members: Sequence[Member], upstream: Upstream, *, callers: int = 3, is_background: bool = False
) -> AsyncIterator[None]:
    """All of them ask all the time, until the end of the block; then they stop in whatever they do."""
    tasks = [
        asyncio.create_task(member.ask_always(upstream, is_background=is_background))
        for member in members
        for _ in range(callers)
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def gaps(moments: Sequence[float]) -> list[float]:
    ordered = sorted(moments)
    return [later - earlier for earlier, later in pairwise(ordered)]


@pytest.mark.parametrize("is_background", [False, True])
@pytest.mark.parametrize("allowed", [1, 4])
def test_ten_processes_are_within_a_fifth_of_the_allowed_pace_six_minutes_after_a_refusal(
    allowed: int, is_background: bool
) -> None:
    async def world() -> Upstream:
        fleet, upstream = Fleet(10), Upstream(allowed)
        async with asking(fleet.members, upstream, is_background=is_background):
            await pass_time(900)
        return upstream

    upstream = simulate(world())

    refused_at = upstream.refused_at[0]
    # Those that were on their way when the first was refused are refused with it.
    assert upstream.refusals(refused_at + 1, 900) == 0
    assert 0.8 * allowed <= upstream.served(refused_at + 360, 900) <= 1.01 * allowed


def test_ten_processes_are_as_quick_as_one() -> None:
    async def world(count: int, callers: int) -> float:
        fleet, upstream = Fleet(count), Upstream(4)
        async with asking(fleet.members, upstream, callers=callers):
            await pass_time(1_200)
        return upstream.served(0, 1_200)

    ten, one = simulate(world(10, 1)), simulate(world(1, 10))

    assert ten == pytest.approx(one, rel=0.05)


@pytest.mark.parametrize("is_background", [False, True])
def test_requests_of_ten_processes_never_leave_closer_than_the_delay(is_background: bool) -> None:
    async def world() -> tuple[Fleet, Upstream]:
        fleet, upstream = Fleet(10, settings=STEADY), Upstream(1_000)
        async with asking(fleet.members, upstream, is_background=is_background):
            await pass_time(300)
        return fleet, upstream

    fleet, upstream = simulate(world())

    counts = [len(member.left_at) for member in fleet.members]
    assert min(gaps(upstream.served_at)) >= 0.498  # the clocks count whole milliseconds
    assert upstream.served(0, 300) >= 0.97 * 2
    assert max(counts) <= 2 * min(counts)


def test_a_refusal_of_one_process_stops_all_of_them() -> None:
    async def world() -> Upstream:
        fleet, upstream = Fleet(10, settings=STEADY), Upstream(1_000)
        async with asking(fleet.members, upstream):
            await pass_time(60)
            upstream.is_closed = True
            await pass_time(120)
        return upstream

    upstream = simulate(world())

    first = upstream.refused_at[0]
    # One that left in the time that the first answer took, then nothing for the penalty, then one that tries.
    assert upstream.refusals(first, first + 0.31) == 1
    assert upstream.refusals(first + 0.31, first + 60.3) <= 1
    assert upstream.refusals(first + 60.3, first + 62) == 1
    assert upstream.refusals(first + 62, 180) == 0


def test_after_three_refusals_in_a_row_it_takes_minutes_and_not_fifty_hours() -> None:
    async def world() -> Upstream:
        fleet, upstream = Fleet(10), Upstream(4)
        async with asking(fleet.members, upstream):
            await pass_time(120)
            upstream.is_closed = True
            await pass_time(200)
            upstream.is_closed = False
            await pass_time(1_000)
        return upstream

    upstream = simulate(world())

    reopened_at = 320
    assert upstream.refusals(120, reopened_at) >= 3
    assert upstream.served(reopened_at + 720, 1_320) >= 0.8 * 4


def test_a_process_that_dies_in_its_turn_costs_one_slot() -> None:
    async def world() -> tuple[Upstream, float]:
        fleet, upstream = Fleet(10, settings=STEADY), Upstream(1_000)
        async with asking(fleet.members[1:], upstream):
            for _ in range(20):
                async with asking(fleet.members[:1], upstream, callers=1):
                    await pass_time(4.7)
                # Another takes its place, and knows nothing.
                fleet.members[0] = fleet.joined()
        return upstream, asyncio.get_running_loop().time()

    upstream, lasted = simulate(world())

    assert upstream.served(0, lasted) * lasted >= 2 * lasted - 20 - 5
    assert max(gaps(upstream.served_at)) <= 2 * 0.5 + 0.01
    assert min(gaps(upstream.served_at)) >= 0.498


def test_without_the_store_ten_processes_keep_the_pace_that_they_had() -> None:
    async def world() -> tuple[Fleet, Upstream]:
        fleet, upstream = Fleet(10, settings=STEADY), Upstream(1_000)
        async with asking(fleet.members, upstream):
            await pass_time(300)
            fleet.store.is_away = True
            await pass_time(300)
            assert sum(figure(each, "upstream_throttle_shared") for each in fleet.members) == 0
            fleet.store.is_away = False
            await pass_time(300)
        return fleet, upstream

    fleet, upstream = simulate(world())

    assert upstream.served(0, 300) == pytest.approx(2, rel=0.03)
    assert upstream.served(310, 600) == pytest.approx(2, rel=0.15)
    assert upstream.served(620, 900) == pytest.approx(2, rel=0.03)
    assert min(gaps([moment for moment in upstream.served_at if moment > 620])) >= 0.498
    assert [figure(each, "upstream_throttle_shared") for each in fleet.members] == [1] * 10


def test_a_refusal_while_the_store_was_away_is_told_when_it_is_back() -> None:
    async def world() -> tuple[float, float, float]:
        fleet = Fleet(2, settings=STEADY)
        lonely, other = fleet.members
        await lonely.throttle.turn()
        await other.throttle.turn()
        fleet.store.is_away = True
        await lonely.throttle.turn()
        await lonely.throttle.refuse()
        penalty = lonely.throttle.penalty_seconds
        fleet.store.is_away = False
        await pass_time(61)
        await lonely.throttle.turn()
        await other.throttle.turn()
        return penalty, lonely.throttle.pace.delay, other.throttle.pace.delay

    penalty, own, others = simulate(world())

    assert (penalty, own, others) == (60.0, 10.0, 10.0)


def test_the_store_that_forgot_is_told_again() -> None:
    async def world() -> tuple[float, float]:
        fleet = Fleet(2, settings=ThrottleSettings(start_delay=2.0))
        await fleet.members[0].throttle.refuse()
        await pass_time(60)
        fleet.store.kept = None
        await fleet.members[0].throttle.turn()
        await fleet.members[1].throttle.turn()
        return fleet.members[0].throttle.pace.delay, fleet.members[1].throttle.pace.delay

    assert simulate(world()) == (10.0, 10.0)


def test_a_turn_costs_two_calls_where_nobody_else_wants_one() -> None:
    async def world() -> int:
        fleet = Fleet(2, settings=STEADY)
        for _ in range(10):
            for member in fleet.members:
                await pass_time(1)
                await member.throttle.turn()
        return fleet.store.calls // 2

    assert simulate(world()) == 2 * 20


def test_a_person_takes_the_next_slot_however_much_background_work_waits() -> None:
    async def world() -> tuple[list[float], Upstream]:
        fleet, upstream = Fleet(10, settings=STEADY), Upstream(1_000)
        person, waited = fleet.joined(), []
        async with asking(fleet.members, upstream, is_background=True):
            for _ in range(50):
                await pass_time(2.23)
                began_at = asyncio.get_running_loop().time()
                await person.throttle.turn()
                waited.append(asyncio.get_running_loop().time() - began_at)
        return waited, upstream

    waited, upstream = simulate(world())

    assert max(waited) <= 0.51
    assert upstream.served(10, 110) >= 1.4


def test_background_work_has_every_eleventh_turn_at_least() -> None:
    async def world() -> tuple[Fleet, Fleet]:
        fleet, upstream = Fleet(5, settings=STEADY), Upstream(1_000)
        workers = Fleet(0)
        workers.members = [fleet.joined() for _ in range(2)]
        async with (
            asking(fleet.members, upstream),
            asking(workers.members, upstream, is_background=True),
        ):
            await pass_time(330)
        return fleet, workers

    people, workers = simulate(world())

    turns_of_people = sum(len(member.left_at) for member in people.members)
    turns_of_workers = sum(len(member.left_at) for member in workers.members)
    assert turns_of_people + turns_of_workers == pytest.approx(660, rel=0.02)
    assert turns_of_workers == pytest.approx(60, rel=0.1)


@pytest.mark.parametrize("ahead", [0.05, -0.05, 1.0, -1.0, 3_000.0, -3_000.0])
def test_machines_whose_clocks_differ_keep_one_pace(ahead: float) -> None:
    async def world() -> tuple[list[int], Upstream]:
        fleet, upstream = Fleet(3, settings=STEADY), Upstream(1_000)
        other = fleet.joined(ahead=ahead)
        async with asking([*fleet.members, other], upstream):
            await pass_time(300)
        return [len(each.left_at) for each in (*fleet.members, other)], upstream

    counts, upstream = simulate(world())

    assert upstream.served(0, 300) == pytest.approx(2, rel=0.03)
    # What is not known yet of how far clocks are apart shortens one gap and lengthens the next.
    assert min(gaps([moment for moment in upstream.served_at if moment > 60])) >= 0.3
    assert max(counts) <= 4 * min(counts)


def test_a_clock_far_ahead_that_joins_in_a_penalty_holds_nobody_longer() -> None:
    async def world() -> list[float]:
        fleet = Fleet(2, settings=STEADY)
        here, there = fleet.members[0], fleet.joined(ahead=3_000.0)
        await here.throttle.turn()
        await there.throttle.turn()
        await here.throttle.refuse()
        with pytest.raises(UpstreamRateLimited) as refused:
            await there.throttle.turn()
        await there.throttle.refuse(3_600.0)
        with pytest.raises(UpstreamRateLimited) as longer:
            await fleet.members[1].throttle.turn()
        return [refused.value.retry_after, longer.value.retry_after]

    assert simulate(world()) == [60, 3_600]
