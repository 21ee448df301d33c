"""Streams and their visitors: who may open one, and the end of those whose time is over."""

from collections.abc import AsyncIterator

import orjson
import pytest

from execution.subscriptions.options import StreamOptions
from tests.execution.guests import FOREVER, MINUTE, guests_only
from tests.execution.http_streams import asking
from tests.execution.streaming import Served, serving
from tests.refresh.held_clock import HeldClock

WATCH = 'subscription { watch(topic: "x") { number } }'
SSE = "text/event-stream"
MULTIPART = "multipart/mixed;subscriptionSpec=1.0"
EXPIRED = {"message": "The token has expired.", "extensions": {"code": "UNAUTHENTICATED"}}


@pytest.fixture
def clock() -> HeldClock:
    return HeldClock()


@pytest.fixture
async def served(clock: HeldClock) -> AsyncIterator[Served]:
    # No sign of life in between, so that what is heard is what was meant.
    async with serving(StreamOptions(heartbeat_seconds=1_000), admission=guests_only(clock)) as served:
        yield served


async def test_a_socket_whose_first_message_is_false_is_closed_4403_before_it_is_acknowledged(
    served: Served,
) -> None:
    async with served.talk() as talk:
        await talk.say({"type": "connection_init", "payload": {"guest": "Host x"}})
        await talk.subscribe("1", "mutation { bump }")

        assert await talk.closed() == (4403, "Forbidden")
    assert served.board.marks == []
    await served.counted("stream_closes_total", 1, transport="websocket", reason="forbidden")


async def test_a_socket_whose_handshake_is_false_is_closed_4403(served: Served) -> None:
    async with served.talk(additional_headers={"Authorization": "Host x"}) as talk:
        await talk.say({"type": "connection_init"})

        assert await talk.closed() == (4403, "Forbidden")


async def test_who_a_visitor_is_reaches_the_context_of_every_event(served: Served) -> None:
    async with served.talk() as talk:
        await talk.init({"guest": FOREVER})
        await talk.subscribe("1", WATCH)
        served.board.post("x", 1)
        await talk.hear()

    assert [visit.caller for visit in served.board.contexts] == [FOREVER, FOREVER]


async def test_a_socket_is_closed_when_its_time_is_over_and_its_subscriptions_end(
    served: Served, clock: HeldClock
) -> None:
    async with served.talk() as talk:
        await talk.init({"guest": MINUTE})
        await talk.subscribe("1", WATCH)
        await served.board.until("open x")
        await clock.until_sleeping(60)
        clock.advance(59.999)
        served.board.post("x", 1)
        heard = await talk.hear()

        clock.advance(0.001)

        assert heard["payload"] == {"data": {"watch": {"number": 1}}}
        assert await talk.closed() == (4403, "Token expired")
    await served.board.until("closed x")
    await served.counted("stream_closes_total", 1, transport="websocket", reason="token_expired")


async def test_an_idle_socket_is_closed_when_its_time_is_over(served: Served, clock: HeldClock) -> None:
    async with served.talk() as talk:
        await talk.init({"guest": MINUTE})
        await clock.until_sleeping(60)

        clock.advance(60)

        assert await talk.closed() == (4403, "Token expired")


async def test_an_operation_that_comes_too_late_is_not_run(served: Served, clock: HeldClock) -> None:
    async with served.talk() as talk:
        await talk.init({"guest": MINUTE})

        clock.advance(60)
        await talk.subscribe("1", "mutation { bump }")

        assert await talk.closed() == (4403, "Token expired")
    assert served.board.marks == []


async def test_a_socket_without_an_end_stays(served: Served, clock: HeldClock) -> None:
    async with served.talk() as talk:
        await talk.init({"guest": FOREVER})
        clock.advance(10**9)
        await talk.subscribe("1", "{ hello }")

        assert (await talk.hear())["payload"] == {"data": {"hello": "Hello, you!"}}


async def test_a_second_first_message_is_refused_whatever_it_says(served: Served) -> None:
    async with served.talk() as talk:
        await talk.init({"guest": MINUTE})
        await talk.say({"type": "connection_init", "payload": {"guest": FOREVER}})

        assert await talk.closed() == (4429, "Too many initialisation requests")


async def test_an_event_stream_ends_with_an_error_and_complete_when_its_time_is_over(
    served: Served, clock: HeldClock
) -> None:
    async with asking(served, WATCH, SSE, authorization=MINUTE) as heard:
        await served.board.until("open x")
        await clock.until_sleeping(60)
        clock.advance(59.999)
        served.board.post("x", 1)
        first = await heard.until(b"}}}\n\n")
        clock.advance(0.001)
        rest = await heard.rest()

    error, complete, end = rest.split(b"\n\n")
    assert first.endswith(b'data: {"data":{"watch":{"number":1}}}\n\n')
    assert orjson.loads(error.removeprefix(b"event: next\ndata: ")) == {"errors": [EXPIRED]}
    assert (complete, end) == (b"event: complete\ndata:", b"")
    assert served.board.marks == ["open x", "closed x"]
    await served.counted("stream_closes_total", 1, transport="sse", reason="token_expired")
    assert served.figure("graphql_errors_total", code="UNAUTHENTICATED") == 1


async def test_a_multipart_stream_ends_with_an_error_when_its_time_is_over(
    served: Served, clock: HeldClock
) -> None:
    async with asking(served, WATCH, MULTIPART, authorization=MINUTE) as heard:
        await served.board.until("open x")
        await clock.until_sleeping(60)
        clock.advance(60)
        stream = await heard.rest()

    last = stream.split(b"\r\n\r\n")[-1]
    told, boundary, end = last.partition(b"\r\n--graphql")
    assert orjson.loads(told) == {"payload": None, "errors": [EXPIRED]}
    assert (boundary, end) == (b"\r\n--graphql", b"--\r\n")
    assert served.board.marks == ["open x", "closed x"]


async def test_a_query_in_a_stream_ends_as_always(served: Served, clock: HeldClock) -> None:
    async with asking(served, "{ hello }", SSE, authorization=MINUTE) as heard:
        stream = await heard.rest()

    assert stream.endswith(b'data: {"data":{"hello":"Hello, you!"}}\n\nevent: complete\ndata:\n\n')
    assert served.figure("stream_closes_total", transport="sse", reason="finished") == 1
