"""Nothing reveals what others have: absent, foreign and expired give the same answers for the same reads."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from errors import NotFound, Unauthenticated
from identity.callers import NOBODY, Caller, Scope
from resolvers import conversations, message_events
from resolvers.context import RequestContext
from resolvers.ids import written_global_id
from tests.app.server import Server, served
from tests.app.subscribing import listening, on_a_socket
from tests.app.talking import ADD, DELETE, NODE, READ, READS, START, codes, first_message, keep
from tests.replay import Replay

KINDS = ("absent", "foreign", "expired")
FOLLOW = "subscription ($id: ID!) { messageAdded(conversationId: $id, after: 0) { content } }"


async def hidden(server: Server) -> dict[str, tuple[str, str]]:
    """The id of a conversation, and that of a message in it, of each kind."""
    foreign = await keep(server, "somebody")
    expired = await keep(server, "local", ttl=1)
    kept = {"foreign": foreign, "expired": expired}
    ids = {name: (each.id, await first_message(server, each.id)) for name, each in kept.items()}
    server.clock.advance(1)
    return ids | {"absent": (str(uuid4()), str(uuid4()))}


async def answered(server: Server, query: str, **variables: object) -> tuple[Any, float]:
    """An answer, and how many reads it cost."""
    before = await server.figure(READS)
    answer = await server.answer(query, variables)
    return answer, await server.figure(READS) - before


@pytest.mark.parametrize(("query", "expected"), [(READ, {"conversation": None}), (NODE, {"node": None})])
async def test_a_conversation_that_is_not_mine_or_gone_reads_like_none(
    server: Server, query: str, expected: object
) -> None:
    ids = await hidden(server)

    found = [
        await answered(server, query, id=written_global_id("Conversation", ids[kind][0])) for kind in KINDS
    ]

    assert found == [({"data": expected}, 1)] * 3


async def test_a_message_of_such_a_conversation_reads_like_none(server: Server) -> None:
    ids = await hidden(server)

    found = [await answered(server, NODE, id=written_global_id("Message", ids[kind][1])) for kind in KINDS]

    assert found == [({"data": {"node": None}}, 2)] * 3


async def test_a_mutation_on_one_is_refused_alike_and_changes_nothing(server: Server) -> None:
    ids = [(await hidden(server))[kind][0] for kind in KINDS]
    before = await server.storage.archives["messages"].count()
    written = {"role": "USER", "content": "Hi", "clientKey": "1"}

    added = [await answered(server, ADD, input={"conversationId": each, **written}) for each in ids]
    deleted = [await answered(server, DELETE, id=each) for each in ids]

    refusal = {"__typename": "NotFound", "code": "NOT_FOUND", "message": "There is no such conversation."}
    assert [answer for answer, _ in added] == [{"data": {"addMessage": refusal}}] * 3
    assert [answer for answer, _ in deleted] == [{"data": {"deleteConversation": refusal}}] * 3
    assert len({reads for _, reads in added}) == len({reads for _, reads in deleted}) == 1
    assert await server.storage.archives["messages"].count() == before


async def test_a_message_of_such_a_conversation_is_no_parent(server: Server) -> None:
    ids = await hidden(server)
    mine = await keep(server, "local", 0)
    written = {"conversationId": mine.id, "role": "USER", "content": "Hi"}

    found = [await answered(server, ADD, input={**written, "parentId": ids[kind][1]}) for kind in KINDS]

    message = "The parent is no message of this conversation."
    refusal = {"__typename": "RuleViolation", "code": "RULE_VIOLATION", "message": message}
    assert [answer for answer, _ in found] == [{"data": {"addMessage": refusal}}] * 3
    assert len({reads for _, reads in found}) == 1


async def test_nobody_can_follow_one(server: Server) -> None:
    ids = [(await hidden(server))[kind][0] for kind in KINDS]
    heard = []
    async with on_a_socket(server) as url:
        for each in ids:
            async with listening(url, FOLLOW, id=each) as listener:
                heard.append(await listener.hear())

    assert [each["type"] for each in heard] == ["error"] * 3
    assert [(error["message"], error["extensions"]) for each in heard for error in each["payload"]] == [
        ("There is no such conversation.", {"code": "NOT_FOUND"})
    ] * 3


@pytest.fixture
async def public(replay: Replay) -> AsyncIterator[Server]:
    """A server that others than this machine can ask."""
    async with served(replay.url, host="0.0.0.0", auth_mode="public") as server:
        yield server


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        (READ, {"id": str(uuid4())}),
        ("{ conversations { totalCount } }", {}),
        (START, {"input": {"channelId": "general"}}),
        (ADD, {"input": {"conversationId": str(uuid4()), "role": "USER", "content": "Hi"}}),
        (DELETE, {"id": str(uuid4())}),
    ],
)
async def test_who_is_nobody_has_no_conversations(
    public: Server, query: str, variables: dict[str, object]
) -> None:
    answer, reads = await answered(public, query, **variables)

    assert (codes(answer), reads) == (["UNAUTHENTICATED"], 0)
    assert await public.storage.archives["conversations"].count() == 0


async def test_to_who_is_nobody_no_node_is_there(public: Server) -> None:
    kept = await keep(public, "somebody")
    message_id = await first_message(public, kept.id)
    ids = [written_global_id("Conversation", kept.id), written_global_id("Message", message_id)]

    found = [await answered(public, NODE, id=each) for each in ids]

    assert found == [({"data": {"node": None}}, 0)] * 2


def as_caller(server: Server, caller: Caller) -> RequestContext:
    context: RequestContext = server.app.state.playgraph.make_context(caller)
    return context


async def test_a_token_without_the_scope_finds_no_node(server: Server) -> None:
    kept = await keep(server, "somebody")
    message_id = await first_message(server, kept.id)
    right = Caller("somebody", frozenset({Scope.CONVERSATIONS}))
    callers = [Caller("somebody", frozenset({Scope.GAMES, Scope.ADMIN})), NOBODY, right]

    found = [
        (
            await conversations.conversation_node(as_caller(server, each), kept.id),
            await conversations.message_node(as_caller(server, each), message_id),
        )
        for each in callers
    ]

    assert found[:2] == [(None, None)] * 2
    assert [each.id for each in found[2] if each] == [kept.id, message_id]


async def test_callers_have_conversations_of_their_own(server: Server) -> None:
    kept = await keep(server, "somebody")
    mine, theirs = (as_caller(server, Caller(name, frozenset(Scope))) for name in ("local", "somebody"))

    assert await conversations.conversation(mine, kept.id) is None
    assert await conversations.conversation(theirs, kept.id) == kept
    with pytest.raises(NotFound):
        await conversations.delete_conversation(mine, kept.id)
    assert await conversations.conversation(as_caller(server, theirs.caller), kept.id) == kept


async def test_who_is_nobody_cannot_follow(server: Server) -> None:
    kept = await keep(server, "somebody")

    with pytest.raises(Unauthenticated):
        await anext(message_events.message_added(as_caller(server, NOBODY), kept.id, 0))
