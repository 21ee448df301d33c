"""What admins see and remove of a caller's, and the sweep of what has expired, over HTTP and in the background."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.app.backends import SERVERS, served_on
from tests.app.server import Server, served
from tests.app.talking import ask, codes, keep
from tests.replay import Replay

ERASE = """
  mutation ($caller: String!) { eraseCaller(input: {caller: $caller}) {
    __typename ... on EraseCallerPayload { conversations messages } ... on Error { code message }
  } }
"""
LOOK = """
  query ($caller: String!, $last: Int, $before: String) {
    callerConversations(caller: $caller, last: $last, before: $before) {
      totalCount pageInfo { hasPreviousPage startCursor } nodes { channelId history { content } }
    }
  }
"""


@pytest.fixture(params=SERVERS)
async def any_server(request: pytest.FixtureRequest, replay: Replay, tmp_path: Path) -> AsyncIterator[Server]:
    async with served_on(request.param, replay.url, tmp_path / "kept.db") as server:
        yield server


async def kept(server: Server) -> tuple[int, int]:
    """How many conversations and messages there are, whoever's and however old."""
    archives = server.storage.archives
    return await archives["conversations"].count(), await archives["messages"].count()


async def test_all_of_a_caller_goes_and_nothing_of_others(any_server: Server) -> None:
    for number in range(45):
        await keep(any_server, "somebody", 2, channel=f"{number}")
    await keep(any_server, "somebody", 3, ttl=1)
    other = await keep(any_server, "another", 2)
    any_server.clock.advance(1)

    erased = await ask(any_server, ERASE, caller="somebody")
    again = await ask(any_server, ERASE, caller="somebody")

    assert erased == {"__typename": "EraseCallerPayload", "conversations": 46, "messages": 93}
    assert again == {"__typename": "EraseCallerPayload", "conversations": 0, "messages": 0}
    assert await kept(any_server) == (1, 2)
    assert list(await any_server.storage.conversations.get_many([other.id], now=any_server.clock.now())) == [
        other.id
    ]


async def test_an_admin_reads_the_conversations_of_any_caller(server: Server) -> None:
    for channel in ("a", "b", "c"):
        await keep(server, "somebody", channel=channel)
        server.clock.advance(1)

    oldest = await ask(server, LOOK, caller="somebody", last=2)
    newest = await ask(server, LOOK, caller="somebody", last=2, before=oldest["pageInfo"]["startCursor"])

    assert [each["channelId"] for each in oldest["nodes"]] == ["b", "a"]
    assert oldest["nodes"][0]["history"] == [{"content": "message 1"}]
    assert [each["channelId"] for each in newest["nodes"]] == ["c"]
    assert (oldest["totalCount"], newest["pageInfo"]["hasPreviousPage"]) == (3, False)


@pytest.mark.parametrize("caller", ["", "x" * 256, "a\x00b"])
async def test_what_is_no_name_of_a_caller_is_bad_user_input(server: Server, caller: str) -> None:
    answers = [await server.answer(query, {"caller": caller}) for query in (ERASE, LOOK)]

    assert [codes(answer) for answer in answers] == [["BAD_USER_INPUT"]] * 2


async def test_who_is_nobody_is_told_so(replay: Replay) -> None:
    async with served(replay.url, host="0.0.0.0", auth_mode="public") as public:
        answers = [await public.answer(query, {"caller": "local"}) for query in (ERASE, LOOK)]

    assert [codes(answer) for answer in answers] == [["UNAUTHENTICATED"]] * 2


async def test_what_has_expired_is_swept_with_its_messages_and_nothing_else(
    replay: Replay, tmp_path: Path
) -> None:
    path = tmp_path / "kept.db"
    async with served(replay.url, storage_path=path) as idle:
        for number in range(41):
            await keep(idle, "local", 2, channel=f"{number}", ttl=60)
        await keep(idle, "local", 3, ttl=61)
        await keep(idle, "local", 4)
        clock = idle.clock
    clock.advance(60)
    async with served(
        replay.url, storage_path=path, clock=clock, job_concurrency=1, sweep_interval=300
    ) as busy:
        # Jobs, what is ephemeral, and conversations.
        await busy.ended_runs(3)
        swept = await kept(busy)

    assert swept == (2, 7)
