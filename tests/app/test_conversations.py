"""Conversations over HTTP: begun and resumed, added to, read and deleted; every outcome, every limit, and expiry."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from errors import StartRefused
from resolvers.ids import written_global_id
from settings import load_settings
from tests.app.server import Server, served
from tests.app.talking import (
    ADD,
    DELETE,
    NODE,
    NOT_FOUND,
    READ,
    START,
    add,
    ask,
    codes,
    keep,
    read,
    said,
    start,
)
from tests.replay import Replay

TTL = 1800
TOTAL = "{ conversations { totalCount } }"


@pytest.fixture
async def small(replay: Replay) -> AsyncIterator[Server]:
    """A server that keeps little."""
    given: dict[str, Any] = {
        "caller_max_conversations": 2,
        "conversation_max_messages": 3,
        "message_max_bytes": 8,
    }
    async with served(replay.url, **given) as server:
        yield server


async def test_a_new_conversation_is_empty_and_tells_when_it_will_be_gone(server: Server) -> None:
    started = await ask(server, START, input={"channelId": "general", "userId": "ada"})

    assert started == {
        "__typename": "StartConversationPayload",
        "resumed": False,
        "conversation": {
            "id": started["conversation"]["id"],
            "userId": "ada",
            "channelId": "general",
            "createdAt": "2027-01-15T08:00:00.000Z",
            "lastActivityAt": "2027-01-15T08:00:00.000Z",
            "expiresAt": "2027-01-15T08:30:00.000Z",
            "messageCount": 0,
            "history": [],
        },
    }


@pytest.mark.parametrize("user", [{}, {"userId": None}, {"userId": "local"}])
async def test_who_names_no_user_speaks_for_themselves(server: Server, user: dict[str, object]) -> None:
    started = await ask(server, START, input={"channelId": "general", **user})

    assert started["conversation"]["userId"] == "local"


async def test_a_conversation_is_resumed_by_its_id_and_its_activity_moves(server: Server) -> None:
    first = await start(server)
    await said(server, first, "Hello")
    server.clock.advance(60)

    resumed = await ask(server, START, input={"channelId": "general", "conversationId": first})

    conversation = resumed["conversation"]
    assert (resumed["resumed"], conversation["id"]) == (True, first)
    assert (conversation["messageCount"], conversation["history"]) == (1, [{"content": "Hello"}])
    assert conversation["createdAt"] == "2027-01-15T08:00:00.000Z"
    assert conversation["lastActivityAt"] == "2027-01-15T08:01:00.000Z"
    assert conversation["expiresAt"] == "2027-01-15T08:31:00.000Z"


async def test_an_id_may_be_the_global_one_or_the_bare_uuid_in_any_case(server: Server) -> None:
    kept = await keep(server, "local")
    conversation_id = written_global_id("Conversation", kept.id)
    spellings = [
        conversation_id,
        kept.id,
        kept.id.upper(),
        written_global_id("Conversation", kept.id.upper()),
    ]

    read_as = [(await read(server, each))["id"] for each in spellings]
    resumed = [
        await ask(server, START, input={"channelId": "general", "userId": "ada", "conversationId": each})
        for each in spellings
    ]
    added = [await add(server, each, "Hi") for each in spellings]
    deleted = await ask(server, DELETE, id=kept.id.upper())

    assert read_as == [conversation_id] * 4
    assert [each["conversation"]["id"] for each in resumed] == [conversation_id] * 4
    assert [each["conversation"]["id"] for each in added] == [conversation_id] * 4
    assert deleted["conversationId"] == conversation_id


async def test_who_resumes_what_is_elsewhere_foreign_gone_or_absent_begins_anew(server: Server) -> None:
    mine = await start(server, "general")
    elsewhere = await start(server, "random")
    foreign = (await keep(server, "somebody", channel="general")).id
    expired = (await keep(server, "local", 0, ttl=0)).id
    ids = [elsewhere, foreign, expired, str(uuid4())]

    started = [
        await ask(server, START, input={"channelId": "general", "conversationId": each}) for each in ids
    ]

    assert [each["resumed"] for each in started] == [False] * 4
    assert len({mine, *ids, *(each["conversation"]["id"] for each in started)}) == 9
    assert [each["conversation"]["messageCount"] for each in started] == [0] * 4


async def test_messages_are_numbered_and_the_conversation_moves_with_them(server: Server) -> None:
    conversation_id = await start(server)
    server.clock.advance(10)

    first = await add(server, conversation_id, "Who heals best?")
    server.clock.advance(10)
    second = await add(server, conversation_id, "Ana does.", role="ASSISTANT", parentId=first["added"]["id"])

    assert first["added"] | {"id": None} == {
        "id": None,
        "sequence": 1,
        "role": "USER",
        "chatRole": "user",
        "content": "Who heals best?",
        "createdAt": "2027-01-15T08:00:10.000Z",
        "parent": None,
        "replies": [],
    }
    assert second["added"]["parent"] == {"id": first["added"]["id"]}
    assert (second["added"]["sequence"], second["added"]["chatRole"]) == (2, "assistant")
    assert second["conversation"] == {
        "id": conversation_id,
        "messageCount": 2,
        "lastActivityAt": "2027-01-15T08:00:20.000Z",
        "expiresAt": "2027-01-15T08:30:20.000Z",
        "history": [
            {"sequence": 1, "content": "Who heals best?", "parent": None},
            {"sequence": 2, "content": "Ana does.", "parent": {"sequence": 1}},
        ],
    }
    history = (await read(server, conversation_id))["history"]
    assert history[0]["replies"] == [{"sequence": 2}]


async def test_a_repeated_client_key_gives_the_first_message(server: Server) -> None:
    conversation_id = await start(server)
    first = await add(server, conversation_id, "Hello", clientKey="line 1")
    server.clock.advance(60)
    before = await read(server, conversation_id)

    again = await add(server, conversation_id, "Goodbye", role="ASSISTANT", clientKey="line 1")

    assert again == first
    assert await read(server, conversation_id) == before


async def test_one_client_key_in_two_conversations_is_two_messages(server: Server) -> None:
    one, other = await start(server), await start(server)

    added = [await add(server, each, "Hello", clientKey="line 1") for each in (one, other)]

    assert [each["added"]["sequence"] for each in added] == [1, 1]
    assert added[0]["added"]["id"] != added[1]["added"]["id"]


async def test_a_mutation_sees_what_the_one_before_it_has_changed(server: Server) -> None:
    conversation_id = await start(server)
    (question,) = await said(server, conversation_id, "Who heals best?")
    answer = """addMessage(input: {conversationId: $id, role: ASSISTANT, content: "%s", parentId: $to}) {
      ... on AddMessagePayload {
        message { parent { replies { content } } } conversation { history { content } messages { totalCount } }
      }
    }"""

    answered = await server.data(
        f"mutation ($id: ID!, $to: ID!) {{ one: {answer % 'Ana.'} two: {answer % 'Or Mercy.'} }}",
        {"id": conversation_id, "to": question},
    )

    assert answered["one"] == {
        "message": {"parent": {"replies": [{"content": "Ana."}]}},
        "conversation": {
            "history": [{"content": "Who heals best?"}, {"content": "Ana."}],
            "messages": {"totalCount": 2},
        },
    }
    assert answered["two"] == {
        "message": {"parent": {"replies": [{"content": "Ana."}, {"content": "Or Mercy."}]}},
        "conversation": {
            "history": [{"content": "Who heals best?"}, {"content": "Ana."}, {"content": "Or Mercy."}],
            "messages": {"totalCount": 3},
        },
    }


async def test_a_parent_is_a_message_of_the_same_conversation(server: Server) -> None:
    conversation_id, other = await start(server), await start(server)
    (elsewhere,) = await said(server, other, "Hello")

    refused = [await add(server, conversation_id, "Hi", parentId=each) for each in (elsewhere, str(uuid4()))]

    message = "The parent is no message of this conversation."
    assert refused == [{"__typename": "RuleViolation", "code": "RULE_VIOLATION", "message": message}] * 2
    assert (await read(server, conversation_id))["messageCount"] == 0


async def test_a_deleted_conversation_is_gone_with_its_messages(server: Server) -> None:
    conversation_id = await start(server)
    message_ids = await said(server, conversation_id, "Hello", "Anybody?")

    deleted = await ask(server, DELETE, id=conversation_id)
    again = await ask(server, DELETE, id=conversation_id)

    assert deleted == {
        "__typename": "DeleteConversationPayload",
        "conversationId": conversation_id,
        "messages": 2,
    }
    assert again == NOT_FOUND
    assert await read(server, conversation_id) is None
    assert [await ask(server, NODE, id=each) for each in (conversation_id, *message_ids)] == [None] * 3


async def test_a_conversation_is_there_until_the_moment_it_expires_and_gone_from_then_on(
    server: Server,
) -> None:
    conversation_id = await start(server)
    (message_id,) = await said(server, conversation_id, "Hello")

    server.clock.advance(TTL - 0.001)
    before = [
        await read(server, conversation_id),
        await ask(server, NODE, id=message_id),
        await ask(server, TOTAL),
    ]
    server.clock.advance(0.001)
    after = [
        await read(server, conversation_id),
        await ask(server, NODE, id=message_id),
        await ask(server, TOTAL),
    ]

    assert [before[0]["messageCount"], before[1]["content"], before[2]] == [1, "Hello", {"totalCount": 1}]
    assert after == [None, None, {"totalCount": 0}]
    assert await add(server, conversation_id, "Anybody?") == NOT_FOUND
    assert await ask(server, DELETE, id=conversation_id) == NOT_FOUND


async def test_what_is_said_in_the_last_moment_keeps_it_alive(server: Server) -> None:
    conversation_id = await start(server)
    server.clock.advance(TTL - 0.001)

    added = await add(server, conversation_id, "Still here")
    server.clock.advance(TTL - 0.001)

    assert added["conversation"]["expiresAt"] == "2027-01-15T08:59:59.999Z"
    assert (await read(server, conversation_id))["messageCount"] == 1


async def test_without_a_time_to_live_nothing_expires(replay: Replay) -> None:
    async with served(replay.url, conversation_ttl=0) as server:
        conversation_id = await start(server)
        server.clock.advance(100 * 365 * 86_400)
        found = await read(server, conversation_id)

    assert (found["id"], found["expiresAt"]) == (conversation_id, None)


async def test_a_caller_has_so_many_conversations_and_no_more(small: Server) -> None:
    first = await start(small)
    await start(small)

    refused = await ask(small, START, input={"channelId": "general"})
    resumed = await ask(small, START, input={"channelId": "general", "conversationId": first})

    assert refused == {
        "__typename": "LimitExceeded",
        "limit": 2,
        "code": "LIMIT_EXCEEDED",
        "message": "A caller has at most 2 conversations at a time.",
    }
    assert resumed["resumed"] is True
    assert await ask(small, TOTAL) == {"totalCount": 2}


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("conversation_ttl", 0, 3_155_760_000),
        ("conversation_max_messages", 1, 100_000),
        ("caller_max_conversations", 1, 1_000_000_000),
        ("message_max_bytes", 1, 16_777_216),
    ],
)
def test_what_a_limit_may_be_has_limits(name: str, least: int, most: int) -> None:
    allowed = [load_settings(**{name: value, "_env_file": None}) for value in (least, most)]

    assert [getattr(each, name) for each in allowed] == [least, most]
    with pytest.raises(StartRefused, match=f"{name.upper()}: "):
        load_settings(**{name: least - 1, "_env_file": None})
    with pytest.raises(StartRefused, match=f"{name.upper()}: "):
        load_settings(**{name: most + 1, "_env_file": None})


async def test_what_has_expired_makes_room(small: Server) -> None:
    await start(small)
    await start(small)
    small.clock.advance(TTL)

    await start(small)

    assert await ask(small, TOTAL) == {"totalCount": 1}


async def test_a_conversation_has_so_many_messages_and_no_more(small: Server) -> None:
    conversation_id = await start(small)
    first = await add(small, conversation_id, "1", clientKey="first")
    await said(small, conversation_id, "2", "3")
    before = await read(small, conversation_id)

    refused = await add(small, conversation_id, "4")
    repeated = await add(small, conversation_id, "1", clientKey="first")

    assert refused == {
        "__typename": "LimitExceeded",
        "limit": 3,
        "code": "LIMIT_EXCEEDED",
        "message": "A conversation has at most 3 messages.",
    }
    assert repeated["added"]["id"] == first["added"]["id"]
    assert await read(small, conversation_id) == before


@pytest.mark.parametrize(
    ("fits", "too_long"), [("12345678", "123456789"), ("😀😀", "😀😀!"), ("ÄÄÄÄ", "ÄÄÄÄÄ")]
)
async def test_content_is_measured_in_bytes_and_refused_past_the_limit(
    small: Server, fits: str, too_long: str
) -> None:
    conversation_id = await start(small)

    added = await add(small, conversation_id, fits)
    refused = await add(small, conversation_id, too_long)

    assert added["added"]["content"] == fits
    assert refused == {
        "__typename": "LimitExceeded",
        "limit": 8,
        "code": "LIMIT_EXCEEDED",
        "message": f"content: {len(too_long.encode())} bytes of UTF-8 given, at most 8 are kept.",
    }
    assert (await read(small, conversation_id))["messageCount"] == 1


async def test_the_usual_limit_of_content_is_32_kib(server: Server) -> None:
    conversation_id = await start(server)

    added = await add(server, conversation_id, "x" * 32_768)
    refused = await add(server, conversation_id, "x" * 32_769)

    assert added["added"]["content"] == "x" * 32_768
    assert (refused["__typename"], refused["limit"]) == ("LimitExceeded", 32_768)


@pytest.mark.parametrize(
    "text",
    ["'; drop table messages; --", "100 % _", "😀 👩‍👩‍👧", " ", "\n\r\n", "\u202eodd", "e\u0301", "\ufeff"],
)
async def test_odd_text_is_kept_as_it_is(server: Server, text: str) -> None:
    conversation_id = await start(server, text, userId=text)

    await add(server, conversation_id, text, clientKey=text)

    found = await read(server, conversation_id)
    assert (found["channelId"], found["userId"]) == (text, text)
    assert [message["content"] for message in found["history"]] == [text]


@pytest.mark.parametrize("length", [1, 255])
async def test_names_have_1_to_255_characters(server: Server, length: int) -> None:
    name = "😀" * length

    conversation_id = await start(server, name, userId=name)
    added = await add(server, conversation_id, "Hello", clientKey=name)
    found = await server.data(
        "query ($n: String!) { conversations(userId: $n, channelId: $n) { totalCount } }", {"n": name}
    )

    assert added["added"]["sequence"] == 1
    assert found == {"conversations": {"totalCount": 1}}


ABSENT = "7d1cb212-95f0-4f37-bda2-e6c3c60729ec"
WRONG_IDS = [
    "",
    "nonsense",
    "00000000-0000-4000-8000-00000000000",
    "00000000000040008000000000000000",
    "{00000000-0000-4000-8000-000000000000}",
    "٠٠٠٠٠٠٠٠-0000-4000-8000-000000000000",
    "00000000-0000-4000-8000-000000000000\n",
    written_global_id("Hero", "ana"),
    written_global_id("Conversation", "nonsense"),
    written_global_id("Nothing", "00000000-0000-4000-8000-000000000000"),
]


@pytest.mark.parametrize("wrong", [*WRONG_IDS, written_global_id("Message", ABSENT)])
async def test_what_is_no_id_of_a_conversation_is_bad_user_input(server: Server, wrong: str) -> None:
    answers = [
        await server.answer(READ, {"id": wrong}),
        await server.answer(DELETE, {"id": wrong}),
        await server.answer(START, {"input": {"channelId": "general", "conversationId": wrong}}),
        await server.answer(ADD, {"input": {"conversationId": wrong, "role": "USER", "content": "Hi"}}),
    ]

    assert [codes(answer) for answer in answers] == [["BAD_USER_INPUT"]] * 4
    assert await ask(server, TOTAL) == {"totalCount": 0}


@pytest.mark.parametrize("wrong", [*WRONG_IDS, written_global_id("Conversation", ABSENT)])
async def test_what_is_no_id_of_a_message_is_no_parent(server: Server, wrong: str) -> None:
    conversation_id = await start(server)
    written = {"conversationId": conversation_id, "role": "USER", "content": "Hi", "parentId": wrong}

    answer = await server.answer(ADD, {"input": written})

    assert codes(answer) == ["BAD_USER_INPUT"]
    assert (await read(server, conversation_id))["messageCount"] == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"content": ""},
        {"content": "a\x00b"},
        {"content": None},
        {"clientKey": ""},
        {"clientKey": "x" * 256},
        {"clientKey": "a\x00b"},
        {"role": "SYSTEM"},
        {"role": None},
        {"parentId": 5},
    ],
)
async def test_a_malformed_message_is_bad_user_input_and_nothing_is_added(
    server: Server, wrong: dict[str, object]
) -> None:
    conversation_id = await start(server)
    written = {"conversationId": conversation_id, "role": "USER", "content": "Hi"}

    answer = await server.answer(ADD, {"input": written | wrong})

    assert codes(answer) == ["BAD_USER_INPUT"]
    assert (await read(server, conversation_id))["messageCount"] == 0


@pytest.mark.parametrize("name", ["channelId", "userId"])
@pytest.mark.parametrize("wrong", ["", "x" * 256, "a\x00b", 5])
async def test_a_malformed_name_is_bad_user_input_and_nothing_begins(
    server: Server, name: str, wrong: object
) -> None:
    begun = await server.answer(START, {"input": {"channelId": "general", name: wrong}})
    listed = await server.answer(
        f"query ($n: String!) {{ conversations({name}: $n) {{ totalCount }} }}", {"n": wrong}
    )

    assert (codes(begun), codes(listed)) == (["BAD_USER_INPUT"], ["BAD_USER_INPUT"])
    assert await ask(server, TOTAL) == {"totalCount": 0}


async def test_half_a_surrogate_pair_is_bad_user_input(server: Server) -> None:
    body = (
        b'{"query": "mutation ($c: String!) { startConversation(input: {channelId: $c}) { __typename } }", '
    )

    response = await server.client.post(
        "/graphql",
        content=body + rb'"variables": {"c": "\ud800"}}',
        headers={"content-type": "application/json"},
    )

    assert codes(response.json()) == ["BAD_USER_INPUT"]
    assert await ask(server, TOTAL) == {"totalCount": 0}


@pytest.mark.parametrize(("last", "count"), [(1, 1), (100, 100), (None, 10)])
async def test_history_gives_the_newest_messages_oldest_first(
    server: Server, last: int | None, count: int
) -> None:
    kept = await keep(server, "local", 120)
    query = "query ($id: ID!, $last: Int) { conversation(id: $id) { history(last: $last) { sequence } } }"

    found = await ask(server, query, id=kept.id, last=last)

    assert [each["sequence"] for each in found["history"]] == list(range(121 - count, 121))


async def test_history_without_a_number_gives_ten(server: Server) -> None:
    kept = await keep(server, "local", 12)

    found = await ask(
        server, "query ($id: ID!) { conversation(id: $id) { history { sequence } } }", id=kept.id
    )

    assert [each["sequence"] for each in found["history"]] == list(range(3, 13))


@pytest.mark.parametrize("last", [0, 101, -1])
async def test_history_of_another_number_is_bad_user_input(server: Server, last: int) -> None:
    kept = await keep(server, "local")
    query = "query ($id: ID!, $last: Int) { conversation(id: $id) { history(last: $last) { sequence } } }"

    assert codes(await server.answer(query, {"id": kept.id, "last": last})) == ["BAD_USER_INPUT"]


REPLIES = "query ($id: ID!, $first: Int) { node(id: $id) { ... on Message { replies(first: $first) { content } } } }"


@pytest.mark.parametrize(("first", "count"), [(0, 0), (1, 1), (100, 100), (None, 20)])
async def test_replies_are_the_first_in_order(server: Server, first: int | None, count: int) -> None:
    conversation_id = await start(server)
    (question,) = await said(server, conversation_id, "Who heals best?")
    answers = [f"answer {number}" for number in range(101)]
    for answer in answers:
        await add(server, conversation_id, answer, parentId=question)

    found = await ask(server, REPLIES, id=question, first=first)

    assert [each["content"] for each in found["replies"]] == answers[:count]


@pytest.mark.parametrize("first", [-1, 101])
async def test_replies_of_another_number_are_bad_user_input(server: Server, first: int) -> None:
    (message_id,) = await said(server, await start(server), "Hello")

    assert codes(await server.answer(REPLIES, {"id": message_id, "first": first})) == ["BAD_USER_INPUT"]


async def test_conversations_and_messages_are_nodes(server: Server) -> None:
    conversation_id = await start(server)
    (message_id,) = await said(server, conversation_id, "Hello")

    found = [await ask(server, NODE, id=each) for each in (conversation_id, message_id)]

    assert found == [
        {
            "__typename": "Conversation",
            "id": conversation_id,
            "channelId": "general",
            "history": [{"content": "Hello"}],
        },
        {"__typename": "Message", "id": message_id, "content": "Hello"},
    ]
