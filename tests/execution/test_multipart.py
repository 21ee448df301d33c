"""Apollo's multipart protocol for subscriptions, byte by byte."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import orjson
import pytest
from structlog.testing import capture_logs

from execution.subscriptions.options import StreamOptions
from tests.execution.http_streams import Heard, asking
from tests.execution.streaming import Served, serving

APOLLO = (
    "multipart/mixed;boundary=graphql;subscriptionSpec=1.0,"
    "application/graphql-response+json,application/json;q=0.9"
)
WATCH = 'subscription { watch(topic: "x") { number context transport } }'
HEAD = b"\r\ncontent-type: application/json\r\n\r\n"
BOUNDARY = b"\r\n--graphql"


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    async with serving() as served:
        yield served


def ask(served: Served, query: str) -> AbstractAsyncContextManager[Heard]:
    return asking(served, query, APOLLO)


def told(stream: bytes) -> list[Any]:
    """The JSON of each part of a whole stream."""
    start, *parts, end = stream.split(BOUNDARY)
    assert (start, end) == (b"", b"--\r\n")
    assert all(part.startswith(HEAD) for part in parts)
    return [orjson.loads(part.removeprefix(HEAD)) for part in parts]


async def test_a_stream_has_exactly_these_bytes(served: Served) -> None:
    async with ask(served, "subscription { count(to: 2) }") as heard:
        stream = await heard.rest()

    assert heard.answer.status_code == 200
    assert heard.answer.headers["content-type"] == 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0'
    assert stream == (
        b"\r\n--graphql\r\ncontent-type: application/json\r\n\r\n"
        b'{"payload":{"data":{"count":1}}}'
        b"\r\n--graphql\r\ncontent-type: application/json\r\n\r\n"
        b'{"payload":{"data":{"count":2}}}'
        b"\r\n--graphql--\r\n"
    )


async def test_an_event_can_be_read_before_the_next_one_comes(served: Served) -> None:
    async with ask(served, WATCH) as heard:
        await heard.until(BOUNDARY)
        for number in (1, 2):
            served.board.post("x", number)
            part = await heard.until(BOUNDARY)
            content = {"number": number, "context": number + 1, "transport": "multipart"}
            assert orjson.loads(part.removeprefix(HEAD).removesuffix(BOUNDARY)) == {
                "payload": {"data": {"watch": content}}
            }


async def test_heartbeats_are_empty_objects() -> None:
    async with serving(StreamOptions(heartbeat_seconds=0.03)) as served, ask(served, WATCH) as heard:
        await heard.until(BOUNDARY)

        assert [await heard.until(BOUNDARY) for _ in range(3)] == [HEAD + b"{}" + BOUNDARY] * 3


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("subscription {", "GRAPHQL_PARSE_FAILED"),
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription ($n: Int!) { count(to: $n) }", "BAD_USER_INPUT"),
    ],
)
async def test_refusals_are_a_payload_without_data(served: Served, query: str, code: str) -> None:
    async with ask(served, query) as heard:
        (part,) = told(await heard.rest())

    assert set(part) == {"payload"}
    assert set(part["payload"]) == {"errors"}
    assert {error["extensions"]["code"] for error in part["payload"]["errors"]} == {code}


async def test_a_source_that_breaks_ends_with_errors_beside_a_null_payload(served: Served) -> None:
    with capture_logs():
        async with ask(served, "subscription { breaks }") as heard:
            parts = told(await heard.rest())

    assert parts[0] == {"payload": {"data": {"breaks": 1}}}
    assert parts[1]["payload"] is None
    assert [error["extensions"] for error in parts[1]["errors"]] == [{"code": "INTERNAL_SERVER_ERROR"}]
    assert len(parts) == 2


async def test_a_client_that_leaves_closes_the_source_at_once(served: Served) -> None:
    async with ask(served, WATCH):
        await served.board.until("open x")

    await served.board.until("closed x")
    await served.counted("stream_closes_total", 1, transport="multipart", reason="client_left")


async def test_stopping_ends_the_answer_whole(served: Served) -> None:
    async with ask(served, WATCH) as heard:
        await served.board.until("open x")
        await served.streams.stop()

        assert await heard.rest() == b"\r\n--graphql--\r\n"
    assert served.board.marks == ["open x", "closed x"]
