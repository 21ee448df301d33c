"""Tokens over every transport, to a real server: how they are sent, refused, and what their end ends."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from identity.callers import Scope
from tests.app.server import Server
from tests.app.subscribing import SUBPROTOCOL, Listener, on_a_socket
from tests.app.tokens import bearer, serving_tokens
from tests.identity.made_tokens import jwks, rs256, rsa_key, rsa_member
from tests.identity.provider import providing
from tests.refresh.held_clock import HeldClock
from tests.replay import Replay

STORAGE = "{ storage { backend } }"
SHOWN = {"data": {"storage": {"backend": "sqlite"}}}
FOLLOW = (
    'subscription { playerRefreshed(playerIds: ["Somebody-1234"], snapshot: true) '
    "{ ... on PlayerRefreshed { player { username } } } }"
)
TOLD = {"data": {"playerRefreshed": {"player": {"username": "Somebody"}}}}
EXPIRED = {"message": "The token has expired.", "extensions": {"code": "UNAUTHENTICATED"}}
ADMIN = bearer(Scope.ADMIN)
EXPIRES = 3600 + 30


@pytest.fixture
async def server(somebody: Replay) -> AsyncIterator[Server]:
    async with serving_tokens(somebody, stream_heartbeat=15) as server:
        yield server


@pytest.fixture
async def url(server: Server) -> AsyncIterator[str]:
    async with on_a_socket(server) as url:
        yield url


def socket(url: str, **headers: str) -> connect:
    address = url.replace("http://", "ws://", 1) + "/graphql"
    return connect(
        address, subprotocols=[SUBPROTOCOL], compression=None, proxy=None, additional_headers=headers
    )


async def say(socket: ClientConnection, **message: object) -> None:
    await socket.send(orjson.dumps(message).decode())


async def subscribe(socket: ClientConnection, query: str, id: str = "1") -> None:  # noqa: A002
    await say(socket, id=id, type="subscribe", payload={"query": query})


async def closed(socket: ClientConnection) -> tuple[int, str]:
    """Code and reason of the server's close, which must be what it says next."""
    with pytest.raises(ConnectionClosed) as closed:
        await Listener(socket).hear()
    said = closed.value.rcvd
    assert said is not None
    return said.code, said.reason


@pytest.mark.parametrize(
    ("init", "headers"),
    [
        ({"Authorization": ADMIN}, {}),
        ({"authorization": ADMIN}, {}),
        ({"headers": {"Authorization": ADMIN}}, {}),
        (None, {"Authorization": ADMIN}),
        ({"authorization": ADMIN}, {"Authorization": ADMIN}),
    ],
)
async def test_a_token_is_taken_wherever_a_socket_brings_it(
    url: str, init: dict[str, object] | None, headers: dict[str, str]
) -> None:
    async with socket(url, **headers) as opened:
        await say(opened, type="connection_init", payload=init)
        acknowledged = await Listener(opened).hear()
        await subscribe(opened, STORAGE)
        answer = await Listener(opened).hear()

    assert acknowledged == {"type": "connection_ack"}
    assert answer == {"id": "1", "type": "next", "payload": SHOWN}


async def test_without_a_token_a_socket_is_for_what_is_public(url: str) -> None:
    async with socket(url) as opened:
        await say(opened, type="connection_init")
        await Listener(opened).hear()
        await subscribe(opened, STORAGE)
        answer = await Listener(opened).hear()

    assert answer["payload"]["data"] == {"storage": None}
    assert [error["extensions"] for error in answer["payload"]["errors"]] == [{"code": "UNAUTHENTICATED"}]


@pytest.mark.parametrize(
    ("init", "headers", "reason"),
    [
        ({"Authorization": bearer(Scope.ADMIN, secret="t" * 32)}, {}, "signature"),
        ({"Authorization": bearer(Scope.ADMIN, seconds=-30)}, {}, "expired"),
        ({"Authorization": "Basic abc"}, {}, "malformed"),
        ({"Authorization": 5}, {}, "malformed"),
        ({"Authorization": "Bearer " + "x" * 8193}, {}, "too_long"),
        (None, {"Authorization": "Bearer x"}, "malformed"),
        ({"Authorization": ADMIN}, {"Authorization": bearer(Scope.GAMES)}, "two_tokens"),
        ({"Authorization": ADMIN, "headers": {"authorization": bearer()}}, {}, "two_tokens"),
    ],
)
async def test_a_bad_token_closes_a_socket_before_any_operation(
    server: Server, url: str, init: dict[str, object] | None, headers: dict[str, str], reason: str
) -> None:
    async with socket(url, **headers) as opened:
        await say(opened, type="connection_init", payload=init)
        await subscribe(opened, '{ map(key: "busan") { key } }')

        assert await closed(opened) == (4403, "Forbidden")
    assert await server.figure(f'playgraph_refused_tokens_total{{reason="{reason}"}}') == 1
    assert await server.figure("playgraph_graphql_operations_total") == 0


async def test_the_end_of_a_token_closes_its_socket_and_no_other(server: Server, url: str) -> None:
    async with socket(url) as ending, socket(url) as staying:
        await say(ending, type="connection_init", payload={"authorization": ADMIN})
        await say(staying, type="connection_init")
        for each in (ending, staying):
            await Listener(each).hear()
            await subscribe(each, FOLLOW)
            assert (await Listener(each).hear())["payload"] == TOLD
        await server.clock.until_sleeping(EXPIRES)

        server.clock.advance(EXPIRES)

        assert await closed(ending) == (4403, "Token expired")
        await Listener(staying).settled()


# ------------------------------------------------------------------------------------------- over HTTP


async def post(url: str, query: str, authorization: str, accept: str = "application/json") -> httpx2.Response:
    async with httpx2.AsyncClient(trust_env=False, timeout=20) as client:
        headers = {"Authorization": authorization, "Accept": accept}
        return await client.post(f"{url}/graphql", json={"query": query}, headers=headers)


async def test_a_token_is_taken_in_the_header_of_a_request(url: str) -> None:
    assert (await post(url, STORAGE, ADMIN)).json() == SHOWN


async def test_a_link_with_a_token_is_answered_too(url: str) -> None:
    async with httpx2.AsyncClient(trust_env=False, timeout=20) as client:
        answer = await client.get(
            f"{url}/graphql", params={"query": STORAGE}, headers={"Authorization": ADMIN}
        )

    assert answer.json() == SHOWN


@pytest.mark.parametrize(
    ("authorization", "message"),
    [
        (bearer(secret="t" * 32), "The token is not valid here."),
        (bearer(seconds=-30), "The token has expired."),
        ("Bearer " + "x" * 8193, "The token is too long."),
    ],
)
async def test_a_bad_token_is_401_with_a_challenge(url: str, authorization: str, message: str) -> None:
    answer = await post(url, '{ map(key: "busan") { key } }', authorization)

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == (
        f'Bearer error="invalid_token", error_description="{message}"'
    )
    assert answer.json() == {"errors": [{"message": message, "extensions": {"code": "UNAUTHENTICATED"}}]}


async def test_a_key_that_its_provider_puts_up_is_taken_and_one_that_it_takes_down_is_not(
    somebody: Replay,
) -> None:
    with providing(jwks(rsa_member(rsa_key(), kid="a"))) as provider:
        async with serving_tokens(somebody, jwt_secret=None, jwt_keys=provider.url) as server:
            first = await ask_by_key(server, "a", rsa_key())
            provider.text = jwks(rsa_member(rsa_key("second"), kid="b"))
            server.clock.advance(60)
            second = await ask_by_key(server, "b", rsa_key("second"))
            gone = await ask_by_key(server, "a", rsa_key())

    assert (first, second, gone) == (200, 200, 401)
    assert len(provider.asked) == 2


async def ask_by_key(server: Server, key_id: str, key: RSAPrivateKey) -> int:
    """The status that a caller gets whose token was made with this key."""
    headers = {"Authorization": f"Bearer {rs256(key, key_id, scope='admin')}"}
    answer = await server.client.post("/graphql", json={"query": STORAGE}, headers=headers)
    return answer.status_code


async def test_a_header_that_is_given_twice_is_no_token(url: str) -> None:
    async with httpx2.AsyncClient(trust_env=False, timeout=20) as client:
        headers = [("Authorization", ADMIN), ("Authorization", bearer())]
        answer = await client.post(f"{url}/graphql", json={"query": STORAGE}, headers=headers)

    assert answer.status_code == 401


async def test_a_token_that_ends_between_two_requests_is_refused(server: Server, url: str) -> None:
    server.clock.advance(EXPIRES - 0.001)
    before = await post(url, STORAGE, ADMIN)
    server.clock.advance(0.001)

    assert (before.status_code, (await post(url, STORAGE, ADMIN)).status_code) == (200, 401)


def told_by_events(stream: bytes) -> list[Any]:
    """The results of server-sent events, which must end with `complete`."""
    _, *parts, complete, end = stream.split(b"\n\n")
    assert (complete, end) == (b"event: complete\ndata:", b"")
    return [orjson.loads(part.removeprefix(b"event: next\ndata: ")) for part in parts if part != b":"]


def told_by_parts(stream: bytes) -> list[Any]:
    """The parts of a multipart answer, which must be whole; signs of life left out."""
    *parts, end = stream.split(b"\r\n--graphql")
    assert end == b"--\r\n"
    bodies = [orjson.loads(part.rpartition(b"\r\n\r\n")[2]) for part in parts if b"\r\n\r\n" in part]
    return [body for body in bodies if body]


async def until_expired(server: Server, clock: HeldClock, url: str, accept: str) -> bytes:
    """All bytes of a stream whose token ends after its first result."""
    async with httpx2.AsyncClient(trust_env=False, timeout=20) as client:
        headers = {"Authorization": ADMIN, "Accept": accept}
        async with client.stream("POST", f"{url}/graphql", json={"query": FOLLOW}, headers=headers) as answer:
            parts = answer.aiter_raw()
            stream = b""
            while b"Somebody" not in stream:
                stream += await anext(parts)
            await clock.until_sleeping(EXPIRES)
            clock.advance(EXPIRES)
            return stream + b"".join([part async for part in parts])


async def test_the_end_of_a_token_ends_its_event_stream(server: Server, url: str) -> None:
    stream = await until_expired(server, server.clock, url, "text/event-stream")

    assert told_by_events(stream) == [TOLD, {"errors": [EXPIRED]}]
    assert await server.figure('playgraph_stream_closes_total{reason="token_expired",transport="sse"}') == 1


async def test_the_end_of_a_token_ends_its_multipart_stream(server: Server, url: str) -> None:
    stream = await until_expired(server, server.clock, url, "multipart/mixed;subscriptionSpec=1.0")

    assert told_by_parts(stream) == [{"payload": TOLD}, {"payload": None, "errors": [EXPIRED]}]


@pytest.mark.parametrize("accept", ["text/event-stream", "multipart/mixed;subscriptionSpec=1.0"])
async def test_a_bad_token_opens_no_stream(url: str, accept: str) -> None:
    answer = await post(url, FOLLOW, bearer(secret="t" * 32), accept)

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/json; charset=utf-8"


async def test_pages_and_figures_need_no_token_and_mind_no_bad_one(server: Server) -> None:
    paths = ("/", "/explorer", "/schema.graphql", "/health/live", "/health/ready", "/metrics")

    answers = [await server.client.get(path, headers={"Authorization": "Bearer x"}) for path in paths]

    assert [answer.status_code for answer in answers] == [200] * len(paths)
