"""`messageAdded` over a real WebSocket: the backlog and what is added, once and in order, until there is no more."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.app.server import DEADLINE, Server, served
from tests.app.subscribing import SUBPROTOCOL, Listener, listening, on_a_socket
from tests.app.talking import DELETE, add, ask, keep, said, start
from tests.replay import Replay

TICK = 15
TTL = 1800
FOLLOW = """
  subscription ($id: ID!, $after: Int) { messageAdded(conversationId: $id, after: $after) {
    sequence role content parent { sequence content } replies { sequence }
  } }
"""
BRIEF = (
    "subscription ($id: ID!, $after: Int) { messageAdded(conversationId: $id, after: $after) { sequence } }"
)


@pytest.fixture
async def url(server: Server) -> AsyncIterator[str]:
    async with on_a_socket(server) as url:
        yield url


async def begun(server: Server, listener: Listener) -> None:
    """Return when the subscription has told what there was, and waits."""
    await listener.settled()
    await server.clock.until_sleeping(TICK)


async def event(listener: Listener) -> dict[str, Any]:
    found: dict[str, Any] = (await listener.next())["messageAdded"]
    return found


async def sequences(listener: Listener, count: int) -> list[int]:
    """The sequences of the next so many messages."""
    return [(await event(listener))["sequence"] for _ in range(count)]


async def test_a_message_is_told_when_it_is_added_and_those_before_are_not(server: Server, url: str) -> None:
    conversation_id = await start(server)
    (question,) = await said(server, conversation_id, "Who heals best?")
    async with listening(url, FOLLOW, id=conversation_id) as listener:
        await begun(server, listener)
        await add(server, conversation_id, "Ana.", role="ASSISTANT", parentId=question)
        found = await event(listener)

    assert found == {
        "sequence": 2,
        "role": "ASSISTANT",
        "content": "Ana.",
        "parent": {"sequence": 1, "content": "Who heals best?"},
        "replies": [],
    }


async def test_each_event_sees_what_there_is_by_then(server: Server, url: str) -> None:
    conversation_id = await start(server)
    async with listening(url, FOLLOW, id=conversation_id) as listener:
        await begun(server, listener)
        question = (await add(server, conversation_id, "Who heals best?"))["added"]["id"]
        first = await event(listener)
        await add(server, conversation_id, "Ana.", role="ASSISTANT", parentId=question)
        second = await event(listener)

    assert (first["content"], first["parent"]) == ("Who heals best?", None)
    assert (second["content"], second["parent"]["sequence"]) == ("Ana.", 1)


@pytest.mark.parametrize(("after", "told"), [(0, [1, 2, 3, 4]), (2, [3, 4]), (3, [4]), (4, [5])])
async def test_the_backlog_after_a_sequence_comes_first(
    server: Server, url: str, after: int, told: list[int]
) -> None:
    conversation_id = await start(server)
    await said(server, conversation_id, "1", "2", "3")
    async with listening(url, BRIEF, id=conversation_id, after=after) as listener:
        await said(server, conversation_id, "4", "5")
        heard = await sequences(listener, len(told))

    assert heard == told


async def test_a_backlog_longer_than_one_read_comes_whole(server: Server, url: str) -> None:
    kept = await keep(server, "local", 201)
    async with listening(url, BRIEF, id=kept.id, after=0) as listener:
        heard = await sequences(listener, 201)

    assert heard == list(range(1, 202))


async def test_a_repeated_client_key_is_no_event(server: Server, url: str) -> None:
    conversation_id = await start(server)
    async with listening(url, BRIEF, id=conversation_id) as listener:
        await begun(server, listener)
        await add(server, conversation_id, "Hello", clientKey="1")
        await add(server, conversation_id, "Hello", clientKey="1")
        await add(server, conversation_id, "Anybody?", clientKey="2")
        heard = await sequences(listener, 2)

    assert heard == [1, 2]


async def test_what_is_said_elsewhere_is_not_told(server: Server, url: str) -> None:
    conversation_id, other = await start(server), await start(server)
    async with listening(url, FOLLOW, id=conversation_id) as listener:
        await begun(server, listener)
        await said(server, other, "elsewhere")
        await said(server, conversation_id, "here")
        found = await event(listener)

    assert (found["sequence"], found["content"]) == (1, "here")


async def test_deletion_completes_the_subscription(server: Server, url: str) -> None:
    conversation_id = await start(server)
    async with listening(url, BRIEF, id=conversation_id) as listener:
        await begun(server, listener)
        await ask(server, DELETE, id=conversation_id)
        message = await listener.hear()

    assert message["type"] == "complete"


async def test_expiry_completes_the_subscription_at_the_next_look(server: Server, url: str) -> None:
    conversation_id = await start(server)
    async with listening(url, BRIEF, id=conversation_id) as listener:
        await begun(server, listener)
        server.clock.advance(TTL)
        message = await listener.hear()

    assert message["type"] == "complete"


@pytest.mark.parametrize(
    "variables",
    [{"after": -1}, {"id": "nonsense"}, {"id": ""}, {"after": 2**31}, {"after": "1"}, {"id": None}],
)
async def test_bad_input_is_refused_with_a_code(
    server: Server, url: str, variables: dict[str, object]
) -> None:
    conversation_id = await start(server)
    async with listening(url, BRIEF, **{"id": conversation_id, **variables}) as listener:
        message = await listener.hear()

    assert message["type"] == "error"
    assert [error["extensions"]["code"] for error in message["payload"]] == ["BAD_USER_INPUT"]


async def test_the_greatest_sequence_there_can_be_is_waited_for(server: Server, url: str) -> None:
    conversation_id = await start(server)
    async with listening(url, BRIEF, id=conversation_id, after=2**31 - 1) as listener:
        await begun(server, listener)
        await said(server, conversation_id, "Hello")
        await ask(server, DELETE, id=conversation_id)
        message = await listener.hear()

    assert message["type"] == "complete"


async def test_an_event_with_more_bytes_than_an_answer_may_have_ends_the_subscription(replay: Replay) -> None:
    async with (
        served(replay.url, message_max_bytes=9, answer_max_bytes=17) as server,
        on_a_socket(server) as url,
    ):
        kept = await keep(server, "local", 2)
        async with listening(url, FOLLOW, id=kept.id, after=0) as listener:
            first = await event(listener)
            refused = await listener.hear()

    message = "An answer has at most 17 bytes of messages. Ask for fewer messages at a time."
    assert first["content"] == "message 1"
    assert refused == {
        "id": "1",
        "type": "error",
        "payload": [{"message": message, "extensions": {"code": "LIMIT_EXCEEDED"}}],
    }


async def test_two_subscribers_are_told_the_same(server: Server, url: str) -> None:
    conversation_id = await start(server)
    async with (
        listening(url, BRIEF, id=conversation_id, after=0) as one,
        listening(url, BRIEF, id=conversation_id, after=0) as other,
    ):
        await said(server, conversation_id, "1", "2", "3")
        heard = [await sequences(each, 3) for each in (one, other)]

    assert heard == [[1, 2, 3], [1, 2, 3]]


@asynccontextmanager
async def reading_little(url: str, query: str, **variables: object) -> AsyncIterator[ClientConnection]:
    """A subscriber whose system takes little off its hands: what it does not read soon stays at the server."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.setblocking(False)
    await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", int(url.rpartition(":")[2])))
    address = url.replace("http://", "ws://", 1) + "/graphql"
    async with connect(
        address,
        sock=raw,
        subprotocols=[SUBPROTOCOL],
        compression=None,
        proxy=None,
        max_queue=1,
        ping_interval=None,
    ) as connection:
        await connection.send('{"type": "connection_init"}')
        assert orjson.loads(await connection.recv())["type"] == "connection_ack"
        asked = {"query": query, "variables": variables}
        await connection.send(orjson.dumps({"id": "1", "type": "subscribe", "payload": asked}).decode())
        yield connection


async def followers(server: Server, count: int) -> None:
    """Return when so many subscriptions are under way."""
    async with asyncio.timeout(DEADLINE):
        while await server.figure("playgraph_subscriptions") != count:  # noqa: ASYNC110 - figures tell nobody
            await asyncio.sleep(0.01)


async def test_who_is_too_slow_is_closed_with_a_reason_and_goes_on_where_it_was(replay: Replay) -> None:
    # More than the systems on both sides hold.
    large = FOLLOW.replace("content", "content a: content b: content c: content", 1)
    heard: list[int] = []
    async with (
        served(replay.url, stream_waiting_events=5, stream_slow_timeout=0.1) as server,
        on_a_socket(server) as url,
    ):
        conversation_id = await start(server)
        for _ in range(200):
            await add(server, conversation_id, "x" * 32_000)
        async with reading_little(url, large, id=conversation_id, after=0) as connection:
            await followers(server, 1)
            await followers(server, 0)
            with pytest.raises(ConnectionClosed) as closed:  # noqa: PT012 - it comes after what was sent before
                while True:
                    event = orjson.loads(await connection.recv())
                    heard.append(event["payload"]["data"]["messageAdded"]["sequence"])
        async with listening(url, BRIEF, id=conversation_id, after=heard[-1]) as listener:
            rest = await sequences(listener, 200 - len(heard))

    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (
        4430,
        "Too slow: more events wait than are kept.",
    )
    assert heard + rest == list(range(1, 201))
