"""The bus over Redis, with servers and connections that break."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from metrics import Metrics
from models.events import Pointer
from storage.bus.patience import Patience
from tests.servers.missing import require
from tests.servers.redis import RedisServer, redis_server
from tests.storage.probes import counted
from tests.storage.real_cluster import complaint_about_redis_server
from tests.storage.redis_buses import GAP, PATIENCE, TOPIC, heard, look, opened_bus, until

CHANNEL = "bus:events"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    """A server of the test's own, to be broken."""
    require(complaint_about_redis_server())
    with redis_server(tmp_path / "redis") as server:
        yield server


async def test_what_one_process_says_wakes_the_others_and_its_own_once(server: RedisServer) -> None:
    async with (
        opened_bus(server.url) as one,
        opened_bus(server.url) as other,
        one.subscribe([TOPIC]) as mine,
        other.subscribe([TOPIC]) as theirs,
    ):
        await one.publish([Pointer(TOPIC, 1)])
        first = await look(theirs)
        await other.publish([Pointer(TOPIC, 2)])

        # The answer of the other one comes after everything that went over the server before it.
        told = [*await look(mine), *await look(mine)]

    assert first == [Pointer(TOPIC, 1)]
    assert told == [Pointer(TOPIC, 1), Pointer(TOPIC, 2)]


async def test_all_that_is_published_together_is_one_message(server: RedisServer, metrics: Metrics) -> None:
    topics = [f"topic:{number}" for number in range(500)]
    async with (
        opened_bus(server.url, metrics) as one,
        opened_bus(server.url) as other,
        other.subscribe(topics) as theirs,
    ):
        await one.publish([Pointer(topic, version) for topic in topics for version in (1, 3, 2)])

        told = await look(theirs)

    assert sorted(told, key=str) == sorted((Pointer(topic, 3) for topic in topics), key=str)
    assert counted(metrics, "writes", "bus") == 1


async def test_cut_connections_are_told_as_a_gap_and_made_anew(server: RedisServer) -> None:
    async with (
        opened_bus(server.url) as one,
        opened_bus(server.url) as other,
        one.subscribe([TOPIC]) as mine,
        other.subscribe([TOPIC]) as theirs,
    ):
        cut = server.ask("CLIENT", "KILL", "TYPE", "pubsub")

        gaps = [await look(mine), await look(theirs)]
        told = await heard(theirs, one, 7)

    assert cut == 2
    assert gaps == [[GAP], [GAP]]
    assert told == [Pointer(TOPIC, 7)]


async def test_after_a_restart_of_the_server_everybody_looks_and_hears_again(server: RedisServer) -> None:
    async with (
        opened_bus(server.url) as one,
        opened_bus(server.url) as other,
        one.subscribe([TOPIC]) as mine,
        other.subscribe([TOPIC, "else"]) as theirs,
    ):
        started = time.monotonic()
        await asyncio.to_thread(server.restart)

        gaps = [await look(mine), await look(theirs)]
        recovered = time.monotonic() - started
        told = await heard(theirs, one, 7)

    assert gaps[0] == [GAP]
    assert sorted(gaps[1], key=str) == [Pointer("else", 0), GAP]
    assert told == [Pointer(TOPIC, 7)]
    assert recovered < 3.0


async def test_with_the_server_away_this_process_is_woken_and_the_others_when_it_is_back(
    server: RedisServer, metrics: Metrics
) -> None:
    async with (
        opened_bus(server.url, metrics) as one,
        opened_bus(server.url) as other,
        one.subscribe([TOPIC]) as mine,
        other.subscribe([TOPIC]) as theirs,
    ):
        server.kill()
        for version in range(1, 101):
            await one.publish([Pointer(TOPIC, version)])
        at_once = await look(mine)
        await until(lambda: counted(metrics, "errors", "bus") > 0)
        await asyncio.to_thread(server.start)

        gap = await look(theirs)
        told = await heard(theirs, one, 101)

        assert at_once == [Pointer(TOPIC, 100)]
        # What waited is said before or after they listen again, and they look in both cases.
        assert gap in ([GAP], [Pointer(TOPIC, 100)])
        assert told[-1] == Pointer(TOPIC, 101)
        assert {*told[:-1]} <= {GAP, Pointer(TOPIC, 100)}


async def test_a_bus_opens_without_its_server_and_joins_when_it_comes(server: RedisServer) -> None:
    server.kill()
    started = time.monotonic()

    async with opened_bus(server.url) as one, one.subscribe([TOPIC]) as mine:
        opened = time.monotonic() - started
        await one.publish([Pointer(TOPIC, 1)])
        alone = await look(mine)
        await asyncio.to_thread(server.start)
        joined = await look(mine)
        async with opened_bus(server.url) as other:
            told = await heard(mine, other, 2)

    assert (alone, joined) == ([Pointer(TOPIC, 1)], [GAP])
    assert told == [Pointer(TOPIC, 2)]
    assert PATIENCE.answer <= opened < PATIENCE.answer + 1.0


async def test_publishing_waits_for_no_server_that_does_not_answer(server: RedisServer) -> None:
    async with opened_bus(server.url) as bus, bus.subscribe([TOPIC]) as mine:
        server.freeze()
        started = time.monotonic()

        for version in range(1, 1_001):
            await bus.publish([Pointer(TOPIC, version)])
        took = time.monotonic() - started
        told = await look(mine)
        server.thaw()

    assert told == [Pointer(TOPIC, 1_000)]
    assert took < 0.2


async def test_a_connection_that_went_silent_is_given_up_for_a_new_one(
    server: RedisServer, metrics: Metrics
) -> None:
    async with opened_bus(server.url, metrics) as bus, bus.subscribe([TOPIC]) as mine:
        server.freeze()
        await until(lambda: counted(metrics, "errors", "bus") > 0)
        server.thaw()

        assert await look(mine) == [GAP]
        async with opened_bus(server.url) as other:
            assert await heard(mine, other, 5) == [Pointer(TOPIC, 5)]


async def test_a_quiet_connection_that_answers_is_kept(server: RedisServer, metrics: Metrics) -> None:
    patience = Patience(answer=0.5, silence=0.02)
    async with opened_bus(server.url, metrics, patience) as bus, bus.subscribe([TOPIC]) as mine:
        before = _pings(server)
        await until(lambda: _pings(server) >= before + 3)
        async with opened_bus(server.url) as other:
            told = await heard(mine, other, 5)

    assert told == [Pointer(TOPIC, 5)]
    assert counted(metrics, "errors", "bus") == 0


async def test_what_cannot_be_read_has_everybody_look(server: RedisServer) -> None:
    async with opened_bus(server.url) as bus, bus.subscribe([TOPIC]) as mine:
        server.ask("PUBLISH", CHANNEL, "of another make")

        assert await look(mine) == [GAP]


async def test_too_much_to_say_is_said_as_look_everywhere(server: RedisServer) -> None:
    patience = Patience(answer=0.5, silence=5.0, unsent=10)
    async with (
        opened_bus(server.url, patience=patience) as one,
        opened_bus(server.url) as other,
        other.subscribe([TOPIC]) as theirs,
    ):
        await one.publish([Pointer(f"topic:{number}", 1) for number in range(11)])

        assert await look(theirs) == [GAP]
        assert await heard(theirs, one, 3) == [Pointer(TOPIC, 3)]


async def test_what_was_published_last_is_said_before_the_bus_closes(server: RedisServer) -> None:
    async with opened_bus(server.url) as other, other.subscribe([TOPIC]) as theirs:
        async with opened_bus(server.url) as one:
            await one.publish([Pointer(TOPIC, 9)])

        assert await look(theirs) == [Pointer(TOPIC, 9)]


async def test_closed_buses_leave_no_connection_behind(server: RedisServer) -> None:
    for _ in range(3):
        async with opened_bus(server.url) as bus, bus.subscribe([TOPIC]):
            server.ask("CLIENT", "KILL", "TYPE", "pubsub")

    def is_alone() -> bool:
        with server.client() as client:
            return len(client.client_list()) == 1

    await until(is_alone)


def _pings(server: RedisServer) -> int:
    with server.client() as client:
        return int(client.info("commandstats")["cmdstat_ping"]["calls"])
