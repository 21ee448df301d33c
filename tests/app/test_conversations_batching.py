"""Many conversations with their messages cost the same few reads as two, on every backend."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.app.backends import SERVERS, served_on
from tests.app.server import Server
from tests.app.talking import READS, add, keep, read, start
from tests.replay import Replay

HISTORIES = (
    "query ($n: Int!) { conversations(first: $n) { nodes { history(last: 10) { content parent { id } } } } }"
)
EVERYTHING = """
  query ($n: Int!) { conversations(first: $n) {
    nodes { channelId messages(first: 50) { totalCount nodes { sequence content parent { sequence } } } }
  } }
"""
REPLIES = """
  query ($n: Int!) { conversations(first: $n) {
    nodes { history(last: 10) { content replies(first: 1) { content } } }
  } }
"""


@pytest.fixture(params=SERVERS)
async def server(request: pytest.FixtureRequest, replay: Replay, tmp_path: Path) -> AsyncIterator[Server]:
    async with served_on(request.param, replay.url, tmp_path / "kept.db") as server:
        yield server


async def counted(server: Server, query: str, count: int) -> tuple[list[dict[str, Any]], float]:
    """The conversations that a query of so many gives, and how many reads it cost."""
    before = await server.figure(READS)
    answer = await server.data(query, {"n": count})
    return answer["conversations"]["nodes"], await server.figure(READS) - before


async def test_histories_with_parents_cost_the_same_reads_for_2_and_for_50(server: Server) -> None:
    for number in range(50):
        await keep(server, "local", 12, channel=f"{number}")

    two, for_two = await counted(server, HISTORIES, 2)
    fifty, for_fifty = await counted(server, HISTORIES, 50)

    # The list, the messages, and the parents that are not among them.
    assert (for_two, for_fifty) == (3, 3)
    assert (len(two), len(fifty)) == (2, 50)
    assert [message["content"] for message in fifty[49]["history"]] == [
        f"message {number}" for number in range(3, 13)
    ]
    assert None not in [message["parent"] for each in fifty for message in each["history"]]


async def test_replies_cost_one_read_for_all(server: Server) -> None:
    for number in range(20):
        await keep(server, "local", 4, channel=f"{number}")

    two, for_two = await counted(server, REPLIES, 2)
    twenty, for_twenty = await counted(server, REPLIES, 20)

    assert (for_two, for_twenty) == (3, 3)
    assert twenty[:2] == two
    assert [message["replies"] for message in twenty[19]["history"]] == [
        [{"content": "message 2"}],
        [{"content": "message 3"}],
        [{"content": "message 4"}],
        [],
    ]


async def test_a_hundred_conversations_of_fifty_messages_are_one_query_of_few_reads(server: Server) -> None:
    for number in range(100):
        await keep(server, "local", 50, channel=f"{number}")

    _, for_two = await counted(server, EVERYTHING, 2)
    hundred, for_hundred = await counted(server, EVERYTHING, 100)

    expected = [
        {
            "sequence": number,
            "content": f"message {number}",
            "parent": {"sequence": number - 1} if number > 1 else None,
        }
        for number in range(1, 51)
    ]
    assert (for_two, for_hundred) == (2, 2)
    assert {each["channelId"] for each in hundred} == {f"{number}" for number in range(100)}
    assert [each["messages"] for each in hundred] == [{"totalCount": 50, "nodes": expected}] * 100


async def test_what_is_said_is_read_again_on_every_backend(server: Server) -> None:
    conversation_id = await start(server)

    question = await add(server, conversation_id, "Who heals best?", clientKey="1")
    again = await add(server, conversation_id, "Who heals best?", clientKey="1")
    await add(server, conversation_id, "Ana.", role="ASSISTANT", parentId=question["added"]["id"])

    found = await read(server, conversation_id)
    assert again == question
    assert [(each["sequence"], each["content"], each["parent"]) for each in found["history"]] == [
        (1, "Who heals best?", None),
        (2, "Ana.", {"id": question["added"]["id"]}),
    ]
