"""So many WebSockets and streamed answers are open at a time in one process, and no more."""

from collections.abc import AsyncIterator

import httpx2
import orjson
import pytest
from websockets.exceptions import InvalidStatus

from tests.execution.streaming import Served, serving

FULL = "This server has 2 streams open, which is all it takes. Try again later."
ERRORS = {"errors": [{"message": FULL, "extensions": {"code": "LIMIT_EXCEEDED"}}]}


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    async with serving(streams=2) as served:
        yield served


async def streamed(served: Served, accept: str) -> httpx2.Response:
    async with httpx2.AsyncClient(trust_env=False) as client:
        return await client.post(
            f"http://127.0.0.1:{served.port}/graphql",
            json={"query": "{ __typename }"},
            headers={"accept": accept},
        )


async def test_a_websocket_above_the_limit_is_refused_before_it_opens(served: Served) -> None:
    async with served.initialised(), served.initialised():
        with pytest.raises(InvalidStatus) as refused:
            async with served.talk():
                raise AssertionError

    assert refused.value.response.status_code == 503
    assert orjson.loads(refused.value.response.body) == ERRORS
    assert served.figure("stream_closes_total", transport="websocket", reason="full") == 1


@pytest.mark.parametrize("accept", ["text/event-stream", "multipart/mixed;subscriptionSpec=1.0"])
async def test_a_streamed_answer_above_the_limit_is_refused_as_an_error(served: Served, accept: str) -> None:
    async with served.initialised(), served.initialised():
        answer = await streamed(served, accept)

    assert (answer.status_code, answer.json()) == (503, ERRORS)
    assert answer.headers["content-type"].startswith("application/json")


async def test_queries_are_answered_however_many_streams_are_open(served: Served) -> None:
    async with served.initialised(), served.initialised():
        answer = await streamed(served, "application/json")

    assert (answer.status_code, answer.json()) == (200, {"data": {"__typename": "Query"}})


async def test_the_last_one_below_the_limit_is_served(served: Served) -> None:
    async with served.initialised():
        answer = await streamed(served, "text/event-stream")

    assert (answer.status_code, b'"__typename":"Query"' in answer.content) == (200, True)


async def test_one_that_ends_makes_room(served: Served) -> None:
    async with served.initialised():
        async with served.initialised():
            pass
        await served.counted("stream_connections", 1, transport="websocket")
        async with served.initialised() as talk:
            assert talk.socket.subprotocol is not None
