"""The breaker: one failure spares the next calls, one good trial ends it."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from structlog.testing import capture_logs

from errors import BadUserInput, StorageUnavailable
from metrics import Metrics
from storage.redis.breaker import Breaker
from tests.clock import FrozenClock


class Server:
    """What is behind the breaker: it answers or fails as told, and counts its calls."""

    def __init__(self, clock: FrozenClock) -> None:
        self.is_up = True
        self.calls = 0
        self._clock = clock

    async def ask(self) -> str:
        self.calls += 1
        if not self.is_up:
            now = self._clock.now()
            raise StorageUnavailable("down", now=now, next_check_at=now + 5_000)
        return "answer"


@pytest.fixture
def server(clock: FrozenClock) -> Server:
    return Server(clock)


@pytest.fixture
def breaker(clock: FrozenClock, metrics: Metrics) -> Breaker:
    return Breaker("Redis", clock, metrics, first_seconds=1.0, longest_seconds=30.0)


async def fails(breaker: Breaker, ask: Callable[[], Awaitable[str]]) -> StorageUnavailable:
    with pytest.raises(StorageUnavailable) as raised:
        await breaker.call(ask)
    return raised.value


def figure(metrics: Metrics, name: str) -> float | None:
    return metrics.registry.get_sample_value(f"playgraph_{name}", {"server": "Redis"})


async def test_calls_go_through_while_the_server_answers(server: Server, breaker: Breaker) -> None:
    answers = [await breaker.call(server.ask) for _ in range(3)]

    assert answers == ["answer"] * 3
    assert (server.calls, breaker.is_open) == (3, False)


async def test_after_a_failure_calls_fail_without_asking_until_the_pause_is_over(
    server: Server, breaker: Breaker, clock: FrozenClock, metrics: Metrics
) -> None:
    server.is_up = False
    await fails(breaker, server.ask)
    clock.advance(0.999)

    refusal = await fails(breaker, server.ask)

    assert (server.calls, breaker.is_open) == (1, True)
    assert (refusal.message, refusal.retry_after) == ("Redis is out of reach.", 1)
    assert figure(metrics, "breaker_refusals_total") == 1
    assert figure(metrics, "breaker_open") == 1


async def test_a_good_trial_closes_it(
    server: Server, breaker: Breaker, clock: FrozenClock, metrics: Metrics
) -> None:
    server.is_up = False
    await fails(breaker, server.ask)
    server.is_up = True
    clock.advance(1.0)

    answers = [await breaker.call(server.ask) for _ in range(2)]

    assert answers == ["answer"] * 2
    assert (server.calls, breaker.is_open) == (3, False)
    assert figure(metrics, "breaker_open") == 0


async def test_pauses_double_up_to_the_longest_and_begin_anew_after_a_success(
    server: Server, breaker: Breaker, clock: FrozenClock
) -> None:
    server.is_up = False
    await fails(breaker, server.ask)

    pauses = []
    for _ in range(7):
        asked, paused = server.calls, 0
        while server.calls == asked:
            clock.advance(1.0)
            paused += 1
            await fails(breaker, server.ask)
        pauses.append(paused)
    server.is_up = True
    clock.advance(30.0)
    await breaker.call(server.ask)
    server.is_up = False
    await fails(breaker, server.ask)
    clock.advance(1.0)
    asked = server.calls
    await fails(breaker, server.ask)

    assert pauses == [1, 2, 4, 8, 16, 30, 30]
    assert server.calls == asked + 1


async def test_of_many_calls_one_is_the_trial(server: Server, breaker: Breaker, clock: FrozenClock) -> None:
    server.is_up = False
    await fails(breaker, server.ask)
    clock.advance(1.0)
    go_on = asyncio.Event()

    async def slow() -> str:
        await go_on.wait()
        server.is_up = True
        return await server.ask()

    trial = asyncio.create_task(breaker.call(slow))
    await asyncio.sleep(0)
    for _ in range(19):
        await fails(breaker, server.ask)
    go_on.set()

    assert await trial == "answer"
    assert (server.calls, breaker.is_open) == (2, False)


async def test_a_cancelled_trial_says_nothing_and_leaves_room_for_the_next(
    server: Server, breaker: Breaker, clock: FrozenClock
) -> None:
    server.is_up = False
    await fails(breaker, server.ask)
    server.is_up = True
    clock.advance(1.0)

    async def endless() -> str:
        await asyncio.Event().wait()
        return "never"

    trial = asyncio.create_task(breaker.call(endless))
    await asyncio.sleep(0)
    trial.cancel()
    await asyncio.wait([trial])

    assert breaker.is_open
    assert await breaker.call(server.ask) == "answer"
    assert not breaker.is_open


async def test_calls_that_fail_together_open_it_once(server: Server, breaker: Breaker) -> None:
    server.is_up = False

    with capture_logs() as logs:
        failures = await asyncio.gather(
            *(breaker.call(server.ask) for _ in range(20)), return_exceptions=True
        )

    assert [type(each) for each in failures] == [StorageUnavailable] * 20
    assert [each["event"] for each in logs] == ["breaker opened"]


async def test_opening_and_closing_are_each_logged_once(
    server: Server, breaker: Breaker, clock: FrozenClock
) -> None:
    server.is_up = False

    with capture_logs() as logs:
        for _ in range(10):
            await fails(breaker, server.ask)
            clock.advance(1.0)
        server.is_up = True
        clock.advance(30.0)
        for _ in range(3):
            await breaker.call(server.ask)

    assert [each["event"] for each in logs] == ["breaker opened", "breaker closed"]


async def test_a_clock_that_was_set_back_makes_no_pause_longer(
    server: Server, breaker: Breaker, clock: FrozenClock
) -> None:
    server.is_up = False
    await fails(breaker, server.ask)
    server.is_up = True

    clock.advance(-3_600.0)

    assert await breaker.call(server.ask) == "answer"


async def test_an_error_of_the_caller_is_no_failure_of_the_server(breaker: Breaker) -> None:
    async def refuse() -> str:
        raise BadUserInput("no such thing")

    with pytest.raises(BadUserInput):
        await breaker.call(refuse)

    assert not breaker.is_open
