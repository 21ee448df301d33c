"""Clients that read slowly or not at all: what waits for them is bounded, and nobody else notices."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import orjson
import pytest
from websockets.exceptions import ConnectionClosed

from execution.subscriptions.options import StreamOptions
from tests.execution.streaming import Served, Talk, serving

LARGE = 200_000
QUICK = StreamOptions(waiting_events=5, slow_seconds=0.15, send_seconds=0.4, close_seconds=0.1)
PATIENT = StreamOptions(waiting_events=5, slow_seconds=30, send_seconds=30)


@asynccontextmanager
async def tight(served: Served) -> AsyncIterator[Talk]:
    """A client whose system takes little off its hands: what it does not read soon stays at the server."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.setblocking(False)
    await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", served.port))
    async with served.initialised(sock=raw, max_queue=1, ping_interval=None) as talk:
        yield talk


@pytest.fixture
async def quick() -> AsyncIterator[Served]:
    async with serving(QUICK) as served:
        yield served


async def test_a_client_that_reads_nothing_holds_the_source_back_and_is_cut(quick: Served) -> None:
    async with tight(quick) as talk:
        await talk.subscribe("a", f"subscription {{ large(size: {LARGE}, to: 1000) {{ text }} }}")
        await quick.board.until("closed large")
        await quick.counted("stream_connections", 0, transport="websocket")
        talk.socket.transport.abort()

    # What the systems on both sides hold, what waits, and one that is being sent: not a thousand.
    assert quick.board.marks.count("large") < 60
    closes = [
        quick.figure("stream_closes_total", transport="websocket", reason=reason)
        for reason in ("too_slow", "not_reading")
    ]
    assert sum(closes) == 1


async def test_a_field_may_let_fewer_events_wait() -> None:
    options = replace(QUICK, waiting_events=900)
    async with serving(options) as served, tight(served) as talk:
        await talk.subscribe("a", f"subscription {{ few(size: {LARGE}, to: 1000) {{ text }} }}")
        await served.board.until("closed few")
        talk.socket.transport.abort()

    assert served.board.marks.count("few") < 60


async def test_a_client_that_is_too_slow_is_told_so_when_it_reads_on() -> None:
    options = StreamOptions(waiting_events=5, slow_seconds=0.1, send_seconds=10, close_seconds=10)
    async with serving(options) as served, tight(served) as talk:
        await talk.subscribe("a", f"subscription {{ large(size: {LARGE}, to: 1000) {{ number text }} }}")
        await served.board.until("closed large")

        numbers = []
        with pytest.raises(ConnectionClosed) as closed:  # noqa: PT012 - it comes after as many results as there are
            while True:
                numbers.append((await talk.hear())["payload"]["data"]["large"]["number"])

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4430
    assert closed.value.rcvd.reason == "Too slow: more events wait than are kept."
    assert numbers == list(range(1, len(numbers) + 1))


async def test_a_client_that_reads_in_time_misses_nothing_of_a_burst() -> None:
    async with serving(PATIENT) as served, tight(served) as talk:
        await talk.subscribe("a", f"subscription {{ large(size: {LARGE}, to: 100) {{ number text }} }}")

        heard = [(await talk.hear())["payload"]["data"]["large"]["number"] for _ in range(100)]

        assert heard == list(range(1, 101))
        assert await talk.hear() == {"id": "a", "type": "complete"}


async def test_what_may_be_replaced_is_kept_to_the_latest_of_each() -> None:
    async with serving(PATIENT) as served, tight(served) as talk:
        await talk.subscribe("a", f"subscription {{ latest(size: {LARGE}, to: 1000) {{ number text }} }}")
        await served.board.until("all yielded")

        numbers = []
        while (message := await talk.hear())["type"] == "next":
            numbers.append(message["payload"]["data"]["latest"]["number"])

    assert numbers == sorted(numbers)
    assert numbers[0] == 1
    assert numbers[-2:] == [999, 1000]
    assert len(numbers) < 100


async def test_a_stuck_client_holds_up_no_other(quick: Served) -> None:
    async with serving(PATIENT) as served, tight(served) as stuck, served.initialised() as other:
        await stuck.subscribe("a", f"subscription {{ large(size: {LARGE}, to: 1000) {{ text }} }}")
        await served.board.until("large", 6)

        for each in range(200):
            await other.subscribe(str(each), "{ hello }")
            assert [(await other.hear())["type"] for _ in range(2)] == ["next", "complete"]

        stuck.socket.transport.abort()


async def test_a_flood_of_pings_that_are_not_read_is_cut(quick: Served) -> None:
    async with tight(quick) as talk:
        ping = orjson.dumps({"type": "ping", "payload": {"a": "x" * LARGE}}).decode()

        async def flood() -> None:
            while True:
                await talk.socket.send(ping)

        flooding = asyncio.create_task(flood())
        await quick.counted("stream_closes_total", 1, transport="websocket", reason="not_reading")
        flooding.cancel()
        await asyncio.gather(flooding, return_exceptions=True)
        talk.socket.transport.abort()
