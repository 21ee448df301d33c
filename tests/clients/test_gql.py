"""Python's `gql` over both of its WebSocket transports, against a real server process."""

from collections.abc import AsyncIterator
from typing import Any

import gql
import pytest
from gql.transport.aiohttp_websockets import AIOHTTPWebsocketsTransport
from gql.transport.exceptions import TransportQueryError
from gql.transport.websockets import WebsocketsTransport

from tests.execution.processes import Running


@pytest.fixture(params=[WebsocketsTransport, AIOHTTPWebsocketsTransport])
async def session(request: pytest.FixtureRequest, server: Running) -> AsyncIterator[Any]:
    url = f"{server.url.replace('http', 'ws')}/graphql"
    client = gql.Client(transport=request.param(url=url, init_payload={"token": "abc"}))
    async with client as session:
        yield session


async def collect(session: Any, query: str) -> list[dict[str, Any]]:
    return [result async for result in session.subscribe(gql.gql(query))]


async def test_a_subscription_gives_every_result_and_ends(session: Any) -> None:
    assert await collect(session, "subscription { count(to: 3) }") == [
        {"count": 1},
        {"count": 2},
        {"count": 3},
    ]


async def test_a_query_runs_over_the_same_socket_and_knows_the_init_payload(session: Any) -> None:
    answer = await session.execute(gql.gql("{ hello notes { token } }"))

    assert answer == {"hello": "Hello, you!", "notes": [{"token": "abc"}]}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { refuses }", "BAD_USER_INPUT"),
        ("subscription { stops }", "BAD_USER_INPUT"),
    ],
)
async def test_errors_come_with_their_codes_and_leave_the_socket_open(
    session: Any, query: str, code: str
) -> None:
    with pytest.raises(TransportQueryError) as failed:
        await collect(session, query)

    assert [error["extensions"]["code"] for error in failed.value.errors or []] == [code]
    assert await session.execute(gql.gql("{ hello }")) == {"hello": "Hello, you!"}


async def test_leaving_a_subscription_closes_its_source(session: Any) -> None:
    watching = session.subscribe(gql.gql('subscription { watch(topic: "x") { number } }'))
    await session.execute(gql.gql('mutation { post(topic: "x", number: 7) }'))

    first = await anext(watching)
    await watching.aclose()
    marks = await session.execute(gql.gql('{ until(mark: "closed x") }'))

    assert first == {"watch": {"number": 7}}
    assert marks == {"until": ["open x", "closed x"]}
