"""Server-sent events as graphql-sse has them, byte by byte, and the end of their sources."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx2
import orjson
import pytest
from structlog.testing import capture_logs

from execution.subscriptions.options import StreamOptions
from tests.execution.http_streams import Heard, asking
from tests.execution.streaming import Served, serving

SSE = "text/event-stream"
WATCH = 'subscription { watch(topic: "x") { number context transport } }'
START = b":\n\n"
COMPLETE = b"event: complete\ndata:\n\n"


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    async with serving() as served:
        yield served


def ask(
    served: Served, query: str, *, method: str = "POST", **members: Any
) -> AbstractAsyncContextManager[Heard]:
    return asking(served, query, SSE, method=method, **members)


def told(stream: bytes) -> list[Any]:
    """The results of a whole stream, which must end with `complete`."""
    start, *parts, complete, end = stream.split(b"\n\n")
    assert (start + b"\n\n", complete + b"\n\n", end) == (START, COMPLETE, b"")
    assert all(part.startswith(b"event: next\ndata: ") for part in parts)
    return [orjson.loads(part.removeprefix(b"event: next\ndata: ")) for part in parts]


async def test_a_stream_has_exactly_these_bytes(served: Served) -> None:
    async with ask(served, "subscription { count(to: 2) }") as heard:
        stream = await heard.rest()

    assert heard.answer.status_code == 200
    assert heard.answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert heard.answer.headers["cache-control"] == "no-store"
    assert heard.answer.headers["x-accel-buffering"] == "no"
    assert heard.answer.headers["vary"] == "Accept"
    assert stream == (
        b":\n\n"
        b'event: next\ndata: {"data":{"count":1}}\n\n'
        b'event: next\ndata: {"data":{"count":2}}\n\n'
        b"event: complete\ndata:\n\n"
    )
    assert served.figure("stream_events_total", transport="sse") == 2
    assert served.figure("stream_closes_total", transport="sse", reason="finished") == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_events_come_as_they_happen_each_in_its_own_context(served: Served, method: str) -> None:
    async with ask(served, WATCH, method=method) as heard:
        for number in (1, 2):
            served.board.post("x", number)
            event = await heard.until(b"}}}\n\n")
            content = {"number": number, "context": number + 1, "transport": "sse"}
            assert orjson.loads(event.split(b"data: ")[1]) == {"data": {"watch": content}}


@pytest.mark.parametrize(
    ("query", "data"), [("{ hello }", {"hello": "Hello, you!"}), ("mutation { bump }", {"bump": 1})]
)
async def test_queries_and_mutations_are_streams_of_one(served: Served, query: str, data: object) -> None:
    async with ask(served, query) as heard:
        assert told(await heard.rest()) == [{"data": data}]


async def test_a_mutation_by_get_is_405_and_runs_nothing(served: Served) -> None:
    async with ask(served, "mutation { bump }", method="GET") as heard:
        body = orjson.loads(await heard.rest())

    assert (heard.answer.status_code, heard.answer.headers["allow"]) == (405, "POST")
    assert heard.answer.headers["content-type"] == "application/json; charset=utf-8"
    assert body["errors"][0]["extensions"] == {"code": "BAD_REQUEST"}
    assert served.board.marks == []


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("subscription {", "GRAPHQL_PARSE_FAILED"),
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription ($n: Int!) { count(to: $n) }", "BAD_USER_INPUT"),
        ("{ hello } { hello }", "GRAPHQL_VALIDATION_FAILED"),
        ("query A { hello } query B { hello }", "OPERATION_RESOLUTION_FAILURE"),
        ("subscription { refuses }", "BAD_USER_INPUT"),
    ],
)
async def test_refusals_are_told_inside_the_stream_without_data(
    served: Served, query: str, code: str
) -> None:
    async with ask(served, query) as heard:
        (result,) = told(await heard.rest())

    assert heard.answer.status_code == 200
    assert set(result) == {"errors"}
    assert {error["extensions"]["code"] for error in result["errors"]} == {code}
    assert served.figure("graphql_errors_total", code=code) == len(result["errors"])


async def test_what_is_wrong_about_the_request_itself_is_json_with_its_status(served: Served) -> None:
    async with httpx2.AsyncClient(trust_env=False) as client:
        answer = await client.post(
            served.url, content=b"{", headers={"Accept": SSE, "Content-Type": "text/plain"}
        )

    assert answer.status_code == 415
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.json()["errors"][0]["extensions"] == {"code": "BAD_REQUEST"}


async def test_a_source_that_breaks_tells_a_masked_error_last(served: Served) -> None:
    with capture_logs():
        async with ask(served, "subscription { breaks }") as heard:
            results = told(await heard.rest())

    assert results[0] == {"data": {"breaks": 1}}
    assert [error["extensions"] for error in results[1]["errors"]] == [{"code": "INTERNAL_SERVER_ERROR"}]
    assert "secret" not in str(results)
    assert len(results) == 2


async def test_a_quiet_stream_gives_signs_of_life() -> None:
    async with serving(StreamOptions(heartbeat_seconds=0.03)) as served, ask(served, WATCH) as heard:
        beats = [await heard.until(b"\n\n") for _ in range(4)]

    assert beats == [START] * 4


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_client_that_leaves_closes_the_source_at_once(served: Served, method: str) -> None:
    async with ask(served, WATCH, method=method) as heard:
        await served.board.until("open x")
        await heard.until(START)

    await served.board.until("closed x")
    await served.counted("stream_closes_total", 1, transport="sse", reason="client_left")
    assert served.figure("stream_connections", transport="sse") == 0
    assert served.figure("subscriptions", transport="sse") == 0


async def test_stopping_completes_the_stream_and_ends_the_answer_whole(served: Served) -> None:
    async with ask(served, WATCH) as heard:
        await served.board.until("open x")
        await served.streams.stop()
        stream = await heard.rest()

    assert stream == START + COMPLETE
    assert served.board.marks == ["open x", "closed x"]
    assert served.figure("stream_closes_total", transport="sse", reason="shutdown") == 1


async def test_a_stream_asked_for_while_stopping_is_complete_at_once(served: Served) -> None:
    await served.streams.stop()

    async with ask(served, WATCH) as heard:
        assert await heard.rest() == START + COMPLETE


async def test_a_connection_is_kept_after_a_stream_that_ended(served: Served) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    body = orjson.dumps({"query": "subscription { count(to: 1) }"})
    head = (
        "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAccept: text/event-stream\r\n"
    )
    for _ in range(2):
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        stream = await asyncio.wait_for(reader.readuntil(b"\r\n0\r\n\r\n"), 5)
        assert COMPLETE in stream

    writer.close()
    await writer.wait_closed()


# ----------------------------------------------------------------------------------------- slow clients


async def _connect_tightly(served: Served, query: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A client that takes next to nothing off the server's hands until it reads."""
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port, limit=1024)
    body = orjson.dumps({"query": query})
    head = f"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\nAccept: {SSE}\r\n"
    writer.write(head.encode() + b"Content-Type: application/json\r\n\r\n" + body)
    return reader, writer


LARGE = "subscription { large(size: 500000, to: 1000) { text } }"


async def test_a_client_that_reads_nothing_is_cut(caplog: pytest.LogCaptureFixture) -> None:
    options = StreamOptions(waiting_events=5, slow_seconds=30, send_seconds=0.2, close_seconds=0.5)
    async with serving(options) as served:
        _, writer = await _connect_tightly(served, LARGE)
        await served.counted("stream_closes_total", 1, transport="sse", reason="not_reading")

        assert served.board.marks.count("large") < 60
        assert served.board.marks[-1] == "closed large"
        assert [line for line in caplog.records if line.levelname == "ERROR"] == []
        writer.transport.abort()


async def test_a_client_that_is_too_slow_is_told_so_when_it_reads_on() -> None:
    options = StreamOptions(waiting_events=5, slow_seconds=0.1, send_seconds=10, close_seconds=10)
    async with serving(options) as served:
        reader, writer = await _connect_tightly(served, LARGE)
        await served.board.until("closed large")

        stream = b""
        while not stream.endswith(b"\r\n0\r\n\r\n"):
            stream = stream[-2000:] + await asyncio.wait_for(reader.read(1 << 20), 5)

        assert b'"extensions":{"code":"LIMIT_EXCEEDED"}' in stream
        assert COMPLETE in stream
        await served.counted("stream_closes_total", 1, transport="sse", reason="too_slow")
        writer.close()


async def test_no_stream_is_given_to_who_prefers_json(served: Served) -> None:
    urql = (
        "application/graphql-response+json, application/graphql+json, application/json, "
        "text/event-stream, multipart/mixed"
    )
    async with httpx2.AsyncClient(trust_env=False) as client:
        answer = await client.post(served.url, json={"query": "{ hello }"}, headers={"Accept": urql})
        refused = await client.post(
            served.url, json={"query": "subscription { count(to: 1) }"}, headers={"Accept": urql}
        )

    assert answer.headers["content-type"] == "application/graphql-response+json; charset=utf-8"
    assert answer.json() == {"data": {"hello": "Hello, you!"}}
    assert refused.json()["errors"][0]["extensions"] == {"code": "OPERATION_RESOLUTION_FAILURE"}
