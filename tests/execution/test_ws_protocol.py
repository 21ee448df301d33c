"""graphql-transport-ws over real sockets: the handshake, the order of messages, and what closes a socket."""

import asyncio
from collections.abc import AsyncIterator

import httpx2
import orjson
import pytest
from websockets.exceptions import InvalidStatus

from execution.subscriptions.options import StreamOptions
from tests.execution.streaming import MESSAGE_BYTES, SUBPROTOCOL, Served, Talk, serving

WATCH = "subscription { watch { number } }"


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    async with serving() as served:
        yield served


@pytest.fixture
async def talk(served: Served) -> AsyncIterator[Talk]:
    async with served.initialised() as talk:
        yield talk


# ---------------------------------------------------------------------------------------------- handshake


async def test_the_subprotocol_is_agreed_on(served: Served) -> None:
    async with served.talk(subprotocols=["graphql-ws", SUBPROTOCOL]) as talk:
        assert talk.socket.subprotocol == SUBPROTOCOL


@pytest.mark.parametrize("offered", [None, ["graphql-ws"], ["soap"]])
async def test_any_other_subprotocol_closes_4406(served: Served, offered: list[str] | None) -> None:
    async with served.talk(subprotocols=offered) as talk:
        assert talk.socket.subprotocol is None
        assert await talk.closed() == (4406, "Subprotocol not acceptable")

    await served.counted("stream_closes_total", 1, transport="websocket", reason="subprotocol")


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "http://127.0.0.1:1",
        "http://127.0.0.1",
        "file://",
        "",
        "127.0.0.1:{port}",
    ],
)
async def test_a_foreign_page_is_refused_before_the_socket_opens(served: Served, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with served.talk(additional_headers={"Origin": origin.format(port=served.port)}):
            pass

    assert refused.value.response.status_code == 403
    assert orjson.loads(refused.value.response.body or b"") == {
        "errors": [
            {"message": "This page may not open a WebSocket here.", "extensions": {"code": "BAD_REQUEST"}}
        ]
    }
    assert served.figure("stream_closes_total", transport="websocket", reason="origin") == 1


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_our_own_page_may_open_a_socket(served: Served, scheme: str) -> None:
    async with served.talk(origin=f"{scheme}://127.0.0.1:{served.port}") as talk:
        await talk.init()


async def test_a_page_of_the_settings_may_open_a_socket_and_no_other() -> None:
    async with serving(StreamOptions(origins=frozenset({"https://friend.example"}))) as served:
        async with served.talk(origin="https://Friend.example") as talk:
            await talk.init()
        with pytest.raises(InvalidStatus):
            async with served.talk(origin="https://friend.example.evil.example"):
                pass


# ------------------------------------------------------------------------------------------ initialisation


async def test_init_is_acknowledged_and_its_payload_reaches_the_context(served: Served) -> None:
    async with served.talk() as talk:
        await talk.init({"token": "abc"})
        await talk.subscribe("1", "{ notes { token transport } }")

        assert await talk.hear() == {
            "id": "1",
            "type": "next",
            "payload": {"data": {"notes": [{"token": "abc", "transport": "websocket"}]}},
        }


async def test_the_headers_of_the_handshake_reach_the_context(served: Served) -> None:
    async with served.initialised(additional_headers={"Authorization": "Bearer x"}) as talk:
        await talk.subscribe("1", "{ hello }")
        await talk.hear()

    assert served.board.contexts[0].visitor.headers[b"authorization"] == b"Bearer x"


async def test_subscribing_before_the_acknowledgement_closes_4401(served: Served) -> None:
    async with served.talk() as talk:
        await talk.subscribe("1", "{ hello }")

        assert await talk.closed() == (4401, "Unauthorized")
    assert served.board.contexts == []


async def test_a_second_init_closes_4429(served: Served, talk: Talk) -> None:
    await talk.say({"type": "connection_init"})

    assert await talk.closed() == (4429, "Too many initialisation requests")


async def test_a_client_that_does_not_init_in_time_is_closed_4408() -> None:
    async with serving(StreamOptions(init_seconds=0.05)) as served, served.talk() as talk:
        await talk.say({"type": "ping"})

        assert await talk.hear() == {"type": "pong"}
        assert await talk.closed() == (4408, "Connection initialisation timeout")
        await served.counted("stream_closes_total", 1, transport="websocket", reason="init_timeout")


async def test_a_client_that_did_init_may_be_silent_for_longer() -> None:
    async with serving(StreamOptions(init_seconds=0.05)) as served, served.initialised() as talk:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(talk.socket.recv(), 0.2)

        await talk.subscribe("1", "{ hello }")
        assert (await talk.hear())["payload"] == {"data": {"hello": "Hello, you!"}}


@pytest.mark.parametrize("payload", [None, {}, {"a": [1]}])
async def test_ping_is_answered_with_its_own_payload(talk: Talk, payload: object) -> None:
    await talk.say({"type": "ping", "payload": payload})

    assert await talk.hear() == {"type": "pong"} | ({} if payload is None else {"payload": payload})


async def test_pong_and_complete_of_nobody_are_passed_over(talk: Talk) -> None:
    await talk.say({"type": "pong", "payload": {"a": 1}})
    await talk.complete("nobody")
    await talk.say({"type": "ping"})

    assert await talk.hear() == {"type": "pong"}


# ------------------------------------------------------------------------------------------ hostile frames


BAD_FRAMES = {
    "[]": "Message is expected to be an object, but got an array",
    "null": "Message is expected to be an object, but got null",
    "7": "Message is expected to be an object, but got a number",
    "true": "Message is expected to be an object, but got a boolean",
    '"x"': "Message is expected to be an object, but got a string",
    "": "Invalid message received",
    "{": "Invalid message received",
    "NaN": "Invalid message received",
    "[" * 100_000: "Invalid message received",
    '{"type":"ping","payload":{"a":' + '{"a":' * 100_000: "Invalid message received",
    '{"type":"ping","payload":{"a":"\\ud800"}}': "Invalid message received",
    '{"type":"\\udc00"}': "Invalid message received",
    "{}": "Message is expected to have a string 'type' property, but got null",
    '{"type":7}': "Message is expected to have a string 'type' property, but got a number",
    '{"type":""}': "Invalid message 'type' property \"\"",
    '{"type":"start"}': "Invalid message 'type' property \"start\"",
    '{"type":"connection_ack"}': "Unexpected message of type connection_ack received",
    '{"type":"next","id":"1","payload":{}}': "Unexpected message of type next received",
    '{"type":"error","id":"1","payload":[]}': "Unexpected message of type error received",
    '{"type":"connection_init","payload":[]}': (
        "\"connection_init\" message expects the 'payload' property to be an object or missing, but got an array"
    ),
    '{"type":"ping","payload":"x"}': (
        "\"ping\" message expects the 'payload' property to be an object or missing, but got a string"
    ),
    '{"type":"pong","payload":1}': (
        "\"pong\" message expects the 'payload' property to be an object or missing, but got a number"
    ),
    '{"type":"complete"}': "\"complete\" message expects the 'id' property to be a string, but got null",
    '{"type":"complete","id":""}': "\"complete\" message requires a non-empty 'id' property",
    '{"type":"subscribe","payload":{"query":"{hello}"}}': (
        "\"subscribe\" message expects the 'id' property to be a string, but got null"
    ),
    '{"type":"subscribe","id":{},"payload":{"query":"{hello}"}}': (
        "\"subscribe\" message expects the 'id' property to be a string, but got an object"
    ),
    '{"type":"subscribe","id":"","payload":{"query":"{hello}"}}': (
        "\"subscribe\" message requires a non-empty 'id' property"
    ),
    '{"type":"subscribe","id":"1"}': (
        "\"subscribe\" message expects the 'payload' property to be an object, but got null"
    ),
    '{"type":"subscribe","id":"1","payload":null}': (
        "\"subscribe\" message expects the 'payload' property to be an object, but got null"
    ),
    '{"type":"subscribe","id":"1","payload":"{hello}"}': (
        "\"subscribe\" message expects the 'payload' property to be an object, but got a string"
    ),
    '{"type":"subscribe","id":"1","payload":{}}': (
        '"subscribe" message expects payload.query to be a string, but got null'
    ),
    '{"type":"subscribe","id":"1","payload":{"query":7}}': (
        '"subscribe" message expects payload.query to be a string, but got a number'
    ),
    '{"type":"subscribe","id":"1","payload":{"query":"{hello}","variables":[]}}': (
        '"subscribe" message expects payload.variables to be an object or missing, but got an array'
    ),
    '{"type":"subscribe","id":"1","payload":{"query":"{hello}","operationName":7}}': (
        '"subscribe" message expects payload.operationName to be a string or missing, but got a number'
    ),
    '{"type":"subscribe","id":"1","payload":{"query":"{hello}","extensions":false}}': (
        '"subscribe" message expects payload.extensions to be an object or missing, but got a boolean'
    ),
}


@pytest.mark.parametrize("frame", BAD_FRAMES, ids=lambda frame: frame[:60])
async def test_a_frame_that_is_no_message_closes_4400(served: Served, frame: str) -> None:
    async with served.initialised() as talk:
        await talk.socket.send(frame)

        assert await talk.closed() == (4400, BAD_FRAMES[frame])
    await served.counted("stream_closes_total", 1, transport="websocket", reason="bad_message")
    assert served.board.contexts == []


async def test_a_binary_frame_closes_4400(talk: Talk) -> None:
    await talk.socket.send(b'{"type":"ping"}')

    assert await talk.closed() == (4400, "Message is expected to be text, but got binary")


async def test_a_text_frame_that_is_not_utf8_closes_1007(talk: Talk) -> None:
    await talk.socket.send(b'{"type":"\xff"}', text=True)

    assert (await talk.closed())[0] == 1007


async def test_a_message_in_fragments_is_one_message(talk: Talk) -> None:
    await talk.socket.send(['{"ty', 'pe":"pi', 'ng"}'])

    assert await talk.hear() == {"type": "pong"}


async def test_a_reason_is_cut_to_what_a_close_frame_holds(talk: Talk) -> None:
    await talk.say({"type": "ü" * 500})

    code, reason = await talk.closed()

    assert code == 4400
    assert reason == "Invalid message 'type' property \"" + "ü" * 45
    assert len(reason.encode()) == 123


async def test_an_integer_of_five_thousand_digits_hurts_nobody(talk: Talk) -> None:
    variables = '{"to":' + "9" * 5000 + "}"
    query = "subscription ($to: Int!) { count(to: $to) }"
    await talk.socket.send(
        '{"id":"1","type":"subscribe","payload":{"query":"' + query + '","variables":' + variables + "}}"
    )

    assert await talk.closed() == (4400, "Invalid message received")


async def test_an_integer_past_its_range_is_an_error_of_its_operation(talk: Talk) -> None:
    await talk.subscribe("1", "subscription ($to: Int!) { count(to: $to) }", variables={"to": 2**63})

    heard = await talk.hear()

    assert (heard["id"], heard["type"]) == ("1", "error")
    assert [error["extensions"]["code"] for error in heard["payload"]] == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("member", ["query", "variables", "extensions"])
async def test_nul_is_an_error_of_its_operation(talk: Talk, member: str) -> None:
    payload = {"query": "{ hello }"} | {member: "{ hello } #\0" if member == "query" else {"a": ["\0"]}}
    await talk.say({"id": "1", "type": "subscribe", "payload": payload})

    heard = await talk.hear()

    assert (heard["id"], heard["type"]) == ("1", "error")
    assert [error["extensions"]["code"] for error in heard["payload"]] == ["BAD_USER_INPUT"]


async def test_a_message_of_a_mebibyte_is_read_and_a_longer_one_closes_1009(served: Served) -> None:
    empty = len(orjson.dumps({"type": "ping", "payload": {"a": ""}}))
    async with served.initialised() as talk:
        await talk.say({"type": "ping", "payload": {"a": "x" * (MESSAGE_BYTES - empty)}})
        assert (await talk.hear())["type"] == "pong"

        await talk.say({"type": "ping", "payload": {"a": "x" * (MESSAGE_BYTES - empty + 1)}})
        assert (await talk.closed())[0] == 1009


# ---------------------------------------------------------------------------------------------- other doors


async def test_http_and_websocket_share_the_path(served: Served, talk: Talk) -> None:
    async with httpx2.AsyncClient() as client:
        answer = await client.post(served.url, json={"query": "{ hello }"})

    assert answer.json() == {"data": {"hello": "Hello, you!"}}


async def test_open_sockets_are_counted(served: Served) -> None:
    async with served.initialised(), served.initialised():
        assert served.figure("stream_connections", transport="websocket") == 2

    await served.counted("stream_connections", 0, transport="websocket")
    await served.counted("stream_closes_total", 2, transport="websocket", reason="client_left")
