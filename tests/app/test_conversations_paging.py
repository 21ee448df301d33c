"""Pages of messages and of conversations, both ways, at their edges, and while things move."""

from base64 import b64encode
from typing import Any

import pytest

from tests.app.server import Server
from tests.app.talking import add, ask, codes, keep, said, start

MESSAGES = """
  query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String) { conversation(id: $id) {
    messages(first: $first, after: $after, last: $last, before: $before) {
      totalCount
      pageInfo { hasPreviousPage hasNextPage startCursor endCursor }
      nodes { sequence }
      edges { cursor node { sequence } }
    }
  } }
"""
LIST = """
  query ($userId: String, $channelId: String, $first: Int, $after: String, $last: Int, $before: String) {
    conversations(
      userId: $userId, channelId: $channelId, first: $first, after: $after, last: $last, before: $before
    ) {
      totalCount
      pageInfo { hasPreviousPage hasNextPage startCursor endCursor }
      nodes { channelId }
      edges { cursor node { channelId } }
    }
  }
"""
NO_PAGES: list[dict[str, object]] = [
    {"first": -1},
    {"first": 101},
    {"last": -1},
    {"last": 101},
    {"first": 1, "last": 1},
    {"after": ""},
    {"after": "nonsense"},
    {"before": "💥"},
    {"after": b64encode(b"place:1").decode()},
    {"before": b64encode(b"sequence:-1").decode()},
    {"after": b64encode(b"active:1").decode()},
    {"after": b64encode(b"active:x:00000000-0000-4000-8000-000000000000").decode()},
    {"before": b64encode(b"active:" + b"9" * 16 + b":00000000-0000-4000-8000-000000000000").decode()},
    {"before": b64encode("active:٣:00000000-0000-4000-8000-000000000000".encode()).decode()},
]


async def page(server: Server, conversation_id: str, **arguments: object) -> dict[str, Any]:
    found: dict[str, Any] = (await ask(server, MESSAGES, id=conversation_id, **arguments))["messages"]
    return found


async def listed(server: Server, **arguments: object) -> dict[str, Any]:
    found: dict[str, Any] = await ask(server, LIST, **arguments)
    return found


def sequences(page: dict[str, Any]) -> list[int]:
    return [node["sequence"] for node in page["nodes"]]


def channels(page: dict[str, Any]) -> list[str]:
    return [node["channelId"] for node in page["nodes"]]


def sides(page: dict[str, Any]) -> tuple[bool, bool]:
    """Whether there is more before and after."""
    return page["pageInfo"]["hasPreviousPage"], page["pageInfo"]["hasNextPage"]


async def begin(server: Server, *names: str, **given: object) -> dict[str, str]:
    """Conversations in channels of these names, a second between them; their ids."""
    found = {}
    for name in names:
        found[name] = await start(server, name, **given)
        server.clock.advance(1)
    return found


async def test_messages_are_paged_from_the_first_to_the_last(server: Server) -> None:
    kept = await keep(server, "local", 7)
    first = await page(server, kept.id, first=3)
    second = await page(server, kept.id, first=3, after=first["pageInfo"]["endCursor"])
    third = await page(server, kept.id, first=3, after=second["pageInfo"]["endCursor"])
    beyond = await page(server, kept.id, first=3, after=third["pageInfo"]["endCursor"])

    pages = [first, second, third, beyond]
    assert [sequences(each) for each in pages] == [[1, 2, 3], [4, 5, 6], [7], []]
    assert [sides(each) for each in pages] == [(False, True), (True, True), (True, False), (True, False)]
    assert {each["totalCount"] for each in pages} == {7}
    assert [edge["node"]["sequence"] for edge in second["edges"]] == [4, 5, 6]
    assert second["pageInfo"]["startCursor"] == second["edges"][0]["cursor"]
    assert (beyond["pageInfo"]["startCursor"], beyond["pageInfo"]["endCursor"]) == (None, None)


async def test_messages_are_paged_from_the_last_to_the_first(server: Server) -> None:
    kept = await keep(server, "local", 5)
    newest = await page(server, kept.id, last=2)
    middle = await page(server, kept.id, last=2, before=newest["pageInfo"]["startCursor"])
    oldest = await page(server, kept.id, last=2, before=middle["pageInfo"]["startCursor"])
    beyond = await page(server, kept.id, last=2, before=oldest["pageInfo"]["startCursor"])

    pages = [newest, middle, oldest, beyond]
    assert [sequences(each) for each in pages] == [[4, 5], [2, 3], [1], []]
    assert [sides(each) for each in pages] == [(True, False), (True, True), (False, True), (False, True)]


async def test_a_page_lies_between_two_cursors(server: Server) -> None:
    kept = await keep(server, "local", 9)
    cursors = [edge["cursor"] for edge in (await page(server, kept.id))["edges"]]

    within = await page(server, kept.id, after=cursors[1], before=cursors[6])
    last_within = await page(server, kept.id, last=2, after=cursors[1], before=cursors[6])
    crossed = await page(server, kept.id, after=cursors[6], before=cursors[1])

    assert [sequences(each) for each in (within, last_within, crossed)] == [[3, 4, 5, 6], [5, 6], []]
    assert [sides(each) for each in (within, last_within)] == [(True, True), (True, True)]


async def test_a_cursor_stays_right_while_messages_are_added(server: Server) -> None:
    conversation_id = await start(server)
    await said(server, conversation_id, "1", "2")
    cursor = (await page(server, conversation_id))["pageInfo"]["endCursor"]
    await said(server, conversation_id, "3", "4")

    after = await page(server, conversation_id, after=cursor)
    before = await page(server, conversation_id, last=5, before=cursor)

    assert (sequences(after), after["totalCount"], sides(after)) == ([3, 4], 4, (True, False))
    assert (sequences(before), sides(before)) == ([1], (False, True))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, range(1, 21)),
        ({"first": 100}, range(1, 101)),
        ({"last": 100}, range(6, 106)),
        ({"first": 0}, range(0)),
        ({"last": 0}, range(0)),
    ],
)
async def test_a_page_of_messages_has_20_and_at_most_100(
    server: Server, arguments: dict[str, object], expected: range
) -> None:
    kept = await keep(server, "local", 105)

    found = await page(server, kept.id, **arguments)

    assert (sequences(found), found["totalCount"]) == (list(expected), 105)


async def test_a_conversation_without_messages_is_an_empty_page(server: Server) -> None:
    found = await page(server, await start(server))

    assert found == {
        "totalCount": 0,
        "pageInfo": {
            "hasPreviousPage": False,
            "hasNextPage": False,
            "startCursor": None,
            "endCursor": None,
        },
        "nodes": [],
        "edges": [],
    }


@pytest.mark.parametrize("arguments", NO_PAGES)
async def test_a_page_that_cannot_be_is_bad_user_input(server: Server, arguments: dict[str, object]) -> None:
    kept = await keep(server, "local")

    of_messages = await server.answer(MESSAGES, {"id": kept.id, **arguments})
    of_conversations = await server.answer(LIST, arguments)

    assert (codes(of_messages), codes(of_conversations)) == (["BAD_USER_INPUT"], ["BAD_USER_INPUT"])


async def test_conversations_are_listed_last_active_first(server: Server) -> None:
    ids = await begin(server, "a", "b", "c")
    await add(server, ids["a"], "Hello")

    found = await listed(server)

    assert (channels(found), found["totalCount"], sides(found)) == (["a", "c", "b"], 3, (False, False))


async def test_conversations_are_paged_both_ways(server: Server) -> None:
    await begin(server, "a", "b", "c", "d", "e")
    first = await listed(server, first=2)
    second = await listed(server, first=2, after=first["pageInfo"]["endCursor"])
    third = await listed(server, first=2, after=second["pageInfo"]["endCursor"])
    oldest = await listed(server, last=2)
    back = await listed(server, last=2, before=oldest["pageInfo"]["startCursor"])

    pages = [first, second, third, oldest, back]
    assert [channels(each) for each in pages] == [["e", "d"], ["c", "b"], ["a"], ["b", "a"], ["d", "c"]]
    assert [sides(each) for each in pages] == [
        (False, True),
        (True, True),
        (True, False),
        (True, False),
        (True, True),
    ]
    assert {each["totalCount"] for each in pages} == {5}


async def test_of_conversations_active_at_one_moment_none_is_lost_between_pages(server: Server) -> None:
    names = [f"channel {number}" for number in range(5)]
    for name in names:
        await start(server, name)
    first = await listed(server, first=2)
    second = await listed(server, first=2, after=first["pageInfo"]["endCursor"])
    third = await listed(server, first=2, after=second["pageInfo"]["endCursor"])

    assert sorted(channels(first) + channels(second) + channels(third)) == names


async def test_from_the_end_none_is_missed_while_they_move(server: Server) -> None:
    ids = await begin(server, "a", "b", "c", "d")
    first = await listed(server, last=2)
    await add(server, ids["a"], "Hello")
    await add(server, ids["c"], "Hello")
    second = await listed(server, last=10, before=first["pageInfo"]["startCursor"])

    assert channels(first) == ["b", "a"]
    assert set(channels(first) + channels(second)) == {"a", "b", "c", "d"}


async def test_conversations_are_found_by_user_and_by_channel(server: Server) -> None:
    await begin(server, "a", "b", userId="ada")
    await begin(server, "a", userId="ben")
    await begin(server, "b")
    own = {"userId": "local"}

    found = [
        await listed(server, **arguments)
        for arguments in ({"userId": "ada"}, {"channelId": "a"}, {"userId": "ben", "channelId": "b"}, own)
    ]

    assert [(channels(each), each["totalCount"]) for each in found] == [
        (["b", "a"], 2),
        (["a", "a"], 2),
        ([], 0),
        (["b"], 1),
    ]


async def test_those_of_others_and_those_that_are_gone_are_not_listed(server: Server) -> None:
    await keep(server, "somebody")
    await keep(server, "local", 0, ttl=0)
    await start(server, "mine")

    found = await listed(server)

    assert (channels(found), found["totalCount"]) == (["mine"], 1)


@pytest.mark.parametrize(("arguments", "count"), [({}, 20), ({"first": 100}, 100), ({"first": 0}, 0)])
async def test_a_page_of_conversations_has_20_and_at_most_100(
    server: Server, arguments: dict[str, object], count: int
) -> None:
    for number in range(101):
        await keep(server, "local", 0, channel=f"{number}")

    found = await listed(server, **arguments)

    assert (len(found["nodes"]), found["totalCount"], sides(found)) == (count, 101, (False, True))
