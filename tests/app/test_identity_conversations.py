"""Every way to a conversation, its messages and its edges, by everybody: only its caller with the scope gets there."""

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from identity.callers import Scope
from resolvers.ids import written_global_id
from tests.app.server import Server
from tests.app.talking import first_message, keep
from tests.app.tokens import bearer, serving_tokens
from tests.replay import Replay

ABSENT = "00000000-0000-4000-8000-000000000000"
RIGHT = bearer(Scope.CONVERSATIONS)
OTHER = bearer(Scope.CONVERSATIONS, subject="mercy")
UNFIT = bearer(*(scope for scope in Scope if scope is not Scope.CONVERSATIONS))
FALSE = {"wrong": bearer(*Scope, secret="t" * 32), "expired": bearer(*Scope, seconds=-30)}

# What leads to a conversation of ana's, `$c`, or to a message in it, `$m`; `$n` and `$k` are the same as nodes.
WAYS = {
    "conversation": "query ($c: ID!) { conversation(id: $c) { channelId messages { edges { node { content } } } } }",
    "conversations": "{ conversations { totalCount edges { cursor node { history { content } } } } }",
    "node of it": "query ($n: ID!) { node(id: $n) { id ... on Conversation { channelId } } }",
    "node of its message": "query ($k: ID!) { node(id: $k) { id ... on Message { content } } }",
    "nodes": "query ($n: ID!, $k: ID!) { nodes(ids: [$n, $k]) { id } }",
    "startConversation": """mutation ($c: ID!) {
      startConversation(input: {channelId: "general", userId: "ada", conversationId: $c}) {
        ... on StartConversationPayload { resumed conversation { messageCount } } ... on Error { code }
      }
    }""",
    "addMessage": """mutation ($c: ID!, $m: ID!) {
      addMessage(input: {conversationId: $c, role: USER, content: "Hello", parentId: $m}) {
        ... on AddMessagePayload { added: message { sequence } } ... on Error { code message }
      }
    }""",
    "deleteConversation": """mutation ($c: ID!) {
      deleteConversation(input: {conversationId: $c}) {
        ... on DeleteConversationPayload { messages } ... on Error { code message }
      }
    }""",
    "messageAdded": "subscription ($c: ID!) { messageAdded(conversationId: $c, after: 0) { content } }",
}
# Whoever follows their own conversation hears nothing more after its messages, and would wait.
ANSWERED = sorted(set(WAYS) - {"messageAdded"})
NODES = ("node of it", "node of its message", "nodes")
OPEN = [way for way in sorted(WAYS) if way not in NODES]


@pytest.fixture
async def server(somebody: Replay) -> AsyncIterator[Server]:
    async with serving_tokens(somebody) as server:
        yield server


async def ask(
    server: Server, way: str, authorization: str, conversation_id: str, message_id: str
) -> tuple[int, Any]:
    """The status and the answer; of a subscription all that it tells until it ends."""
    variables = {
        "c": conversation_id,
        "m": message_id,
        "n": written_global_id("Conversation", conversation_id),
        "k": written_global_id("Message", message_id),
    }
    used = {name: value for name, value in variables.items() if f"${name}:" in WAYS[way]}
    accept = "text/event-stream" if way == "messageAdded" else "application/json"
    answer = await server.client.post(
        "/graphql",
        json={"query": WAYS[way], "variables": used},
        headers={"Authorization": authorization, "Accept": accept},
    )
    lines = [line.removeprefix("data: ") for line in answer.text.splitlines() if line.startswith("data: {")]
    is_stream = "event-stream" in answer.headers["content-type"]
    return answer.status_code, [orjson.loads(line) for line in lines] if is_stream else answer.json()


async def kept_by_ana(server: Server) -> tuple[str, str]:
    """A conversation of ana's with one message, and that message."""
    kept = await keep(server, "ana")
    return kept.id, await first_message(server, kept.id)


async def counts(server: Server) -> tuple[int, int]:
    """How many conversations and messages are kept."""
    archives = server.storage.archives
    return await archives["conversations"].count(), await archives["messages"].count()


@pytest.mark.parametrize("way", ANSWERED)
async def test_its_caller_gets_there(server: Server, way: str) -> None:
    ids = await kept_by_ana(server)

    mine = await ask(server, way, RIGHT, *ids)
    none = await ask(server, way, RIGHT, ABSENT, ABSENT)

    assert "errors" not in mine[1]
    assert mine != none or way == "conversations"


@pytest.mark.parametrize("way", sorted(WAYS))
async def test_for_another_caller_it_is_not_there(server: Server, way: str) -> None:
    ids = await kept_by_ana(server)

    hidden = await ask(server, way, OTHER, *ids)
    after = await counts(server)
    absent = await ask(server, way, OTHER, ABSENT, ABSENT)

    assert hidden == absent
    # The one that starts its own has one more.
    assert after == ((2, 1) if way == "startConversation" else (1, 1))


@pytest.mark.parametrize("way", sorted(WAYS))
@pytest.mark.parametrize("authorization", ["", UNFIT], ids=["no token", "missing scope"])
async def test_without_the_scope_it_is_not_there_either(server: Server, way: str, authorization: str) -> None:
    ids = await kept_by_ana(server)

    hidden = await ask(server, way, authorization, *ids)
    absent = await ask(server, way, authorization, ABSENT, ABSENT)

    assert hidden == absent
    assert await counts(server) == (1, 1)


@pytest.mark.parametrize("way", OPEN)
@pytest.mark.parametrize(("authorization", "code"), [("", b"UNAUTHENTICATED"), (UNFIT, b"FORBIDDEN")])
async def test_who_may_not_is_told_so(server: Server, way: str, authorization: str, code: bytes) -> None:
    _, answer = await ask(server, way, authorization, ABSENT, ABSENT)

    assert code in orjson.dumps(answer)


@pytest.mark.parametrize("way", sorted(WAYS))
@pytest.mark.parametrize("token", sorted(FALSE))
async def test_a_false_token_is_refused_before_anything_is_looked_for(
    server: Server, way: str, token: str
) -> None:
    ids = await kept_by_ana(server)

    hidden = await ask(server, way, FALSE[token], *ids)
    absent = await ask(server, way, FALSE[token], ABSENT, ABSENT)

    assert hidden == absent
    assert (hidden[0], await counts(server)) == (401, (1, 1))
