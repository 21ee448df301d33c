"""One piece of work per key, however many wait."""

import asyncio

import pytest
from prometheus_client import Gauge

from errors import BadUserInput
from metrics import Metrics
from refresh.flights import Flights


class Work:
    """Work that counts its starts and ends when the test says so."""

    def __init__(self) -> None:
        self.starts = 0
        self.go_on = asyncio.Event()

    async def __call__(self) -> str:
        self.starts += 1
        await self.go_on.wait()
        return "done"


@pytest.fixture
def under_way() -> Gauge:
    return Metrics().flights


@pytest.fixture
def flights(under_way: Gauge) -> Flights[str]:
    return Flights[str](limit=2, under_way=under_way)


async def test_a_hundred_callers_share_one_flight(flights: Flights[str]) -> None:
    work = Work()
    callers = [asyncio.create_task(flights.join("key", work, deadline=30)) for _ in range(100)]
    await asyncio.sleep(0)

    work.go_on.set()

    assert await asyncio.gather(*callers) == ["done"] * 100
    assert work.starts == 1


async def test_past_the_deadline_the_caller_leaves_and_the_flight_goes_on(flights: Flights[str]) -> None:
    work = Work()
    with pytest.raises(TimeoutError):
        await flights.join("key", work, deadline=0)

    work.go_on.set()

    assert await flights.join("key", work, deadline=30) == "done"
    assert work.starts == 1


async def test_a_cancelled_caller_leaves_the_flight_to_the_others(flights: Flights[str]) -> None:
    work = Work()
    first = asyncio.create_task(flights.join("key", work, deadline=30))
    second = asyncio.create_task(flights.join("key", work, deadline=30))
    await asyncio.sleep(0)

    first.cancel()
    work.go_on.set()

    assert await second == "done"
    assert work.starts == 1


async def test_an_error_reaches_every_caller_and_the_next_one_starts_anew(flights: Flights[str]) -> None:
    async def fail() -> str:
        raise BadUserInput("no")

    results = await asyncio.gather(
        flights.join("key", fail, deadline=30), flights.join("key", fail, deadline=30), return_exceptions=True
    )
    work = Work()
    work.go_on.set()

    assert [type(each) for each in results] == [BadUserInput, BadUserInput]
    assert await flights.join("key", work, deadline=30) == "done"


async def test_as_many_keys_as_the_limit_fill_it(flights: Flights[str]) -> None:
    work = Work()
    one = asyncio.create_task(flights.join("one", work, deadline=30))
    await asyncio.sleep(0)
    was_full = flights.is_full

    two = asyncio.create_task(flights.join("two", work, deadline=30))
    await asyncio.sleep(0)

    assert (was_full, flights.is_full) == (False, True)
    assert "one" in flights
    work.go_on.set()
    assert list(await asyncio.gather(one, two)) == ["done", "done"]
    assert "one" not in flights


async def test_closing_stops_what_is_under_way(flights: Flights[str], under_way: Gauge) -> None:
    with pytest.raises(TimeoutError):
        await flights.join("key", Work(), deadline=0)
    assert under_way._value.get() == 1

    await flights.close()

    assert under_way._value.get() == 0
    assert "key" not in flights
