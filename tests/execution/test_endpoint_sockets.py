"""The endpoint behind a real server on a real socket: slow, endless and broken bodies."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import uvicorn

from execution.requests import RequestLimits
from tests.execution.small_schema import Wired, wire

HEAD = b"POST /graphql HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
BODY = b'{"query":"{ hello }"}'
LIMITS = RequestLimits(body_bytes=100_000, body_seconds=0.15)


@dataclass
class Server:
    wired: Wired
    port: int

    async def say(self, *parts: bytes, pause: float = 0.0) -> bytes:
        """Send the parts, and read one answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)
        heard = await asyncio.wait_for(_answer(reader), 3)
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)
        return heard


async def _answer(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    return head + await reader.readexactly(length)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    wired = wire(request_limits=LIMITS)
    config = uvicorn.Config(
        wired.endpoint, port=0, lifespan="off", log_config=None, server_header=False, access_log=False
    )
    running = uvicorn.Server(config)
    running.config.load()
    running.lifespan = config.lifespan_class(config)
    await running.startup()
    port: int = running.servers[0].sockets[0].getsockname()[1]
    yield Server(wired, port)
    await running.shutdown()


async def test_body_in_chunks_is_read(server: Server) -> None:
    heard = await server.say(
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n",
        b"9\r\n" + BODY[:9] + b"\r\n",
        b"c\r\n" + BODY[9:],
        b"\r\n0\r\n\r\n",
    )

    assert heard.startswith(b"HTTP/1.1 200 OK\r\n")
    assert heard.endswith(b'{"data":{"hello":"Hello, you!"}}')


async def test_declared_length_past_the_limit_is_413_before_the_body_comes(server: Server) -> None:
    heard = await server.say(HEAD + b"Content-Length: 10000000000\r\n\r\n")

    assert heard.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close\r\n" in heard
    assert b'"message":"The body is longer than 100000 bytes."' in heard


async def test_whole_body_past_the_limit_is_told_413_to_a_client_that_sends_on(server: Server) -> None:
    heard = await server.say(HEAD + b"Content-Length: 4000000\r\n\r\n", b"a" * 4_000_000)

    assert heard.startswith(b"HTTP/1.1 413 ")


async def test_chunks_past_the_limit_are_413_before_they_end(server: Server) -> None:
    chunk = b"c350\r\n" + b" " * 50_000 + b"\r\n"

    heard = await server.say(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", chunk, chunk, chunk)

    assert heard.startswith(b"HTTP/1.1 413 ")
    assert server.wired.ledger.calls == []


async def test_client_that_asks_before_sending_too_much_is_not_told_to_go_on(server: Server) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)

    writer.write(HEAD + b"Expect: 100-continue\r\nContent-Length: 100001\r\n\r\n")
    heard = await asyncio.wait_for(reader.read(), 3)

    writer.close()
    assert heard.startswith(b"HTTP/1.1 413 ")
    assert heard.endswith(b'"extensions":{"code":"BAD_REQUEST"}}]}')


async def test_body_that_does_not_come_is_408(server: Server) -> None:
    heard = await server.say(HEAD + b"Content-Length: 21\r\n\r\n", BODY[:5])

    assert heard.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close\r\n" in heard
    assert b'"The body took longer than 0.15 seconds."' in heard
    assert server.wired.ledger.calls == []


async def test_body_that_drips_is_408_although_each_part_is_quick(server: Server) -> None:
    drops = [BODY[place : place + 1] for place in range(20)]

    heard = await server.say(HEAD + b"Content-Length: 21\r\n\r\n", *drops, pause=0.02)

    assert heard.startswith(b"HTTP/1.1 408 ")


async def test_connection_is_kept_after_a_refused_document(server: Server) -> None:
    body = b'{"query":"{ nonsense }"}'
    refused = HEAD + b"Content-Length: 24\r\n\r\n" + body
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)

    writer.write(refused)
    first = await asyncio.wait_for(_answer(reader), 3)
    writer.write(HEAD + b"Content-Length: 21\r\n\r\n" + BODY)
    second = await asyncio.wait_for(_answer(reader), 3)

    writer.close()
    assert b"GRAPHQL_VALIDATION_FAILED" in first
    assert second.endswith(b'{"data":{"hello":"Hello, you!"}}')


async def test_client_that_leaves_in_the_middle_hurts_nobody(server: Server) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(HEAD + b"Content-Length: 21\r\n\r\n" + BODY[:5])
    await writer.drain()
    writer.close()

    heard = await server.say(HEAD + b"Content-Length: 21\r\n\r\n" + BODY)

    assert heard.startswith(b"HTTP/1.1 200 OK\r\n")
