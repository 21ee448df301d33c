"""A server of one owner, and what others have a browser of that owner send to it."""

from collections.abc import AsyncIterator

import httpx2
import orjson
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.app.server import Server
from tests.app.subscribing import SUBPROTOCOL, Listener, listening, on_a_socket

REFRESH = 'mutation { refreshPlayer(input: {playerId: "Somebody-1234"}) { __typename } }'
STORAGE = "{ storage { backend } }"
FOREIGN_NAME = "Ask by the name 127.0.0.1 or localhost"
FOREIGN_PAGE = "A page of another place may not ask here"


@pytest.fixture
async def url(server: Server) -> AsyncIterator[str]:
    async with on_a_socket(server) as url:
        yield url


async def send(url: str, query: str, method: str = "POST", **headers: str) -> httpx2.Response:
    asked = {"json" if method == "POST" else "params": {"query": query}}
    async with httpx2.AsyncClient(trust_env=False, timeout=20) as client:
        return await client.request(method, f"{url}/graphql", headers=headers, **asked)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "accept", ["application/json", "text/event-stream", "multipart/mixed;subscriptionSpec=1.0"]
)
@pytest.mark.parametrize(
    ("headers", "words"),
    [
        # A page whose name leads to 127.0.0.1 by now: to the browser it asks its own server.
        ({"Host": "evil.example:8000", "Origin": "http://evil.example:8000"}, FOREIGN_NAME),
        ({"Host": "evil.example:8000"}, FOREIGN_NAME),
        ({"Origin": "https://evil.example"}, FOREIGN_PAGE),
        ({"Origin": "null"}, FOREIGN_PAGE),
        ({"X-Forwarded-For": "203.0.113.7"}, "A proxy passed this on"),
    ],
)
async def test_a_mutation_that_others_send_is_refused_and_does_nothing(
    server: Server, url: str, accept: str, headers: dict[str, str], words: str
) -> None:
    answer = await send(url, REFRESH, Accept=accept, **headers)

    [error] = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]) == (403, {"code": "FORBIDDEN"})
    assert error["message"].startswith(words)
    assert await server.storage.jobs.counts() == {}


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_question_by_another_name_learns_nothing(url: str, method: str) -> None:
    answer = await send(url, STORAGE, method, Host="evil.example")

    assert answer.status_code == 403
    assert "data" not in answer.json()


async def test_the_owner_is_answered_by_every_name_of_the_machine(url: str) -> None:
    names = ("localhost", "127.0.0.1:8000", "[::1]:8000")

    answers = [await send(url, STORAGE, Host=name) for name in names]

    assert [answer.json() for answer in answers] == [{"data": {"storage": {"backend": "sqlite"}}}] * 3


async def test_a_socket_of_a_page_under_another_name_is_closed_before_any_operation(
    server: Server, url: str
) -> None:
    async with connect(
        "ws://evil.example:8000/graphql",
        host="127.0.0.1",
        port=int(url.rpartition(":")[2]),
        subprotocols=[SUBPROTOCOL],
        proxy=None,
        origin="http://evil.example:8000",  # type: ignore[arg-type]
    ) as socket:
        await socket.send(orjson.dumps({"type": "connection_init"}).decode())
        with pytest.raises(ConnectionClosed) as closed:
            await Listener(socket).hear()

    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4403, "Forbidden")
    assert await server.figure("playgraph_graphql_operations_total") == 0


async def test_a_page_of_another_port_opens_no_socket(url: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await connect(
            url.replace("http://", "ws://", 1) + "/graphql",
            subprotocols=[SUBPROTOCOL],
            proxy=None,
            origin="http://localhost:5173",  # type: ignore[arg-type]
        )

    assert refused.value.response.status_code == 403


async def test_the_owners_own_socket_is_served(url: str) -> None:
    async with listening(url, STORAGE) as listener:
        assert await listener.next() == {"storage": {"backend": "sqlite"}}
