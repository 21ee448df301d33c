"""Conversations in several processes: what is said at one server is told at another, each message once."""

import asyncio
from collections.abc import AsyncIterator

import httpx2
import pytest

from tests.app.fleet import Fleet, Member, fleet
from tests.app.subscribing import Listener, listening
from tests.app.talking import ADD, START
from tests.replay import Replay

FOLLOW = (
    "subscription ($id: ID!, $after: Int) { messageAdded(conversationId: $id, after: $after) { sequence } }"
)


@pytest.fixture(params=["postgres", "redis", "hybrid"])
async def processes(request: pytest.FixtureRequest, replay: Replay) -> AsyncIterator[Fleet]:
    async with fleet(request.param, replay.url) as processes:
        yield processes


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(trust_env=False, timeout=60) as client:
        yield client


async def say(server: Member, client: httpx2.AsyncClient, conversation_id: str, key: str) -> int:
    """Add a message under a client key; its sequence."""
    written = {"conversationId": conversation_id, "role": "USER", "content": key, "clientKey": key}
    answer = await server.answer(client, ADD, input=written)
    sequence: int = answer["addMessage"]["added"]["sequence"]
    return sequence


async def heard(listener: Listener, count: int) -> list[int]:
    return [(await listener.next())["messageAdded"]["sequence"] for _ in range(count)]


async def test_each_message_is_told_once_and_in_order_at_every_server(
    processes: Fleet, client: httpx2.AsyncClient
) -> None:
    # No tick comes to help while the test runs.
    one, other = [await processes.serve(JOB_CONCURRENCY="0", FOLLOW_TICK="600") for _ in range(2)]
    started = await one.answer(client, START, input={"channelId": "general"})
    conversation_id = started["startConversation"]["conversation"]["id"]
    async with (
        listening(one.url, FOLLOW, id=conversation_id, after=0) as at_one,
        listening(other.url, FOLLOW, id=conversation_id, after=0) as at_other,
    ):
        added = await asyncio.gather(
            *(say((one, other)[number % 2], client, conversation_id, f"{number}") for number in range(20))
        )
        again = await asyncio.gather(
            *(say((other, one)[number % 2], client, conversation_id, f"{number}") for number in range(20))
        )
        told = [await heard(each, 20) for each in (at_one, at_other)]

    assert sorted(added) == list(range(1, 21))
    assert again == added
    assert told == [list(range(1, 21))] * 2


async def test_who_goes_to_another_server_goes_on_where_they_were(
    processes: Fleet, client: httpx2.AsyncClient
) -> None:
    one, other = [await processes.serve(JOB_CONCURRENCY="0") for _ in range(2)]
    started = await one.answer(client, START, input={"channelId": "general"})
    conversation_id = started["startConversation"]["conversation"]["id"]
    async with listening(one.url, FOLLOW, id=conversation_id, after=0) as listener:
        await say(other, client, conversation_id, "1")
        first = await heard(listener, 1)
    one.process.kill()
    await one.process.wait()
    for key in ("2", "3"):
        await say(other, client, conversation_id, key)

    async with listening(other.url, FOLLOW, id=conversation_id, after=first[-1]) as listener:
        rest = await heard(listener, 2)

    assert (first, rest) == ([1], [2, 3])
