"""SIGTERM to a real server process with streams open: each is told, none is torn, and none delays the end for long."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from execution.subscriptions.options import StreamOptions
from metrics import Metrics
from tests.browser.site import running_site
from tests.execution.http_streams import asking
from tests.execution.processes import running
from tests.execution.stream_schema import Board
from tests.execution.streaming import Served, build, serving

WATCH = 'subscription { watch(topic: "x") { number } }'
APOLLO = "multipart/mixed;boundary=graphql;subscriptionSpec=1.0"


def reached(port: int) -> Served:
    """The clients' side of a server that runs elsewhere."""
    board, metrics = Board(), Metrics()
    return Served(board, metrics, build(board, metrics, StreamOptions()), port)


async def until(served: Served, mark: str, times: int) -> None:
    async with served.initialised() as talk:
        await talk.subscribe("1", f'{{ until(mark: "{mark}", times: {times}) }}')
        assert "data" in (await talk.hear())["payload"]


async def ask_and_read_nothing(port: int) -> asyncio.StreamWriter:
    """Begin a stream of half a gigabyte."""
    _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
    body = b'{"query":"subscription { large(size: 500000, to: 1000) { text } }"}'
    head = b"POST /graphql HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nContent-Type: application/json\r\n"
    writer.write(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    return writer


async def test_sigterm_completes_every_stream_and_ends_the_process_soon() -> None:
    async with running() as server, AsyncExitStack() as stack:
        served = reached(server.port)
        sockets = [await stack.enter_async_context(served.initialised()) for _ in range(20)]
        for talk in sockets:
            await talk.subscribe("a", WATCH)
            await talk.subscribe("b", WATCH)
        sse = await stack.enter_async_context(asking(served, WATCH, "text/event-stream"))
        multipart = await stack.enter_async_context(asking(served, WATCH, APOLLO))
        await until(served, "open x", 42)

        ending = asyncio.create_task(server.terminate())
        for talk in sockets:
            assert await talk.hear() == {"id": "a", "type": "complete"}
            assert await talk.hear() == {"id": "b", "type": "complete"}
            assert await talk.closed() == (1001, "The server is going away.")
        assert await sse.rest() == b":\n\nevent: complete\ndata:\n\n"
        assert await multipart.rest() == b"\r\n--graphql--\r\n"
        rest, seconds = await ending

    assert rest.strip().split(",").count("closed x") == 42
    assert seconds < 3
    assert server.process.returncode == 0


async def test_a_client_that_reads_nothing_does_not_keep_the_process_up() -> None:
    async with running() as server:
        writer = await ask_and_read_nothing(server.port)
        await until(reached(server.port), "large", 10)

        rest, seconds = await server.terminate()

        writer.transport.abort()
    assert "closed large" in rest
    # Two seconds for last words that cannot be said, and one of uvicorn's looks at what is open.
    assert seconds < 5
    assert server.process.returncode == 0


async def test_the_product_closes_an_idle_socket_with_1001(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        site = await stack.enter_async_context(running_site(tmp_path))
        async with reached(int(site.url.rpartition(":")[2])).initialised() as talk:
            await talk.subscribe("1", "{ __typename }")
            heard = await talk.hear(), await talk.hear()
            ending = asyncio.create_task(stack.aclose())

            closed = await talk.closed()

            await ending
    assert heard == (
        {"id": "1", "type": "next", "payload": {"data": {"__typename": "Query"}}},
        {"id": "1", "type": "complete"},
    )
    assert closed == (1001, "The server is going away.")


async def test_stop_has_a_limit_after_which_it_cuts() -> None:
    async with serving(StreamOptions(close_seconds=30, send_seconds=30)) as served:
        writer = await ask_and_read_nothing(served.port)
        await served.board.until("large", 10)

        await served.streams.stop(seconds=0.1)

        await served.counted("stream_connections", 0, transport="sse")
        assert served.board.marks[-1] == "closed large"
        writer.transport.abort()
