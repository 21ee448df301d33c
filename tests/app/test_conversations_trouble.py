"""What stands in the way: a database out of reach, a scope that is missing, a query that costs too much."""

from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from identity.callers import Caller, Scope
from tests.app.server import Server, served
from tests.app.talking import ADD, DELETE, READ, START, add, ask, codes, keep, said, start
from tests.app.test_erasure import ERASE, LOOK
from tests.app.test_storage_trouble import damage, mend
from tests.replay import Replay

ADDED = {"conversationId": str(uuid4()), "role": "USER", "content": "Hi"}
MUTATIONS: list[Any] = [
    pytest.param(START, {"input": {"channelId": "general"}}, id="startConversation"),
    pytest.param(ADD, {"input": ADDED}, id="addMessage"),
    pytest.param(DELETE, {"id": str(uuid4())}, id="deleteConversation"),
    pytest.param(ERASE, {"caller": "local"}, id="eraseCaller"),
]


@pytest.mark.parametrize(("query", "variables"), MUTATIONS)
async def test_a_mutation_without_a_database_says_so_by_type_and_changes_nothing(
    replay: Replay, tmp_path: Path, query: str, variables: dict[str, object]
) -> None:
    path = tmp_path / "kept.db"
    async with served(replay.url, storage_path=path) as server:
        conversation_id = await start(server)
        await said(server, conversation_id, "Hello")
        await damage(path)
        refused = await ask(server, query, **variables)
        await mend(path)
        found = await ask(server, READ, id=conversation_id)
        total = await server.storage.archives["conversations"].count()

    assert (refused["__typename"], refused["code"]) == ("StorageUnavailable", "STORAGE_UNAVAILABLE")
    assert ([message["content"] for message in found["history"]], total) == (["Hello"], 1)


async def test_a_read_without_a_database_is_a_coded_error_beside_its_neighbours(
    replay: Replay, tmp_path: Path
) -> None:
    path = tmp_path / "kept.db"
    async with served(replay.url, storage_path=path) as server:
        conversation_id = await start(server)
        await damage(path)
        answer = await server.answer(
            'query ($id: ID!) { conversation(id: $id) { id } conversations { totalCount } gamemode(key: "escort")'
            " { name } node(id: $id) { id } }",
            {"id": conversation_id},
        )

    assert answer["data"] == {
        "conversation": None,
        "conversations": None,
        "gamemode": {"name": "Escort"},
        "node": None,
    }
    assert sorted(codes(answer)) == ["STORAGE_UNAVAILABLE"] * 3


async def test_without_the_scope_admin_nothing_is_shown_and_nothing_erased(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keep(server, "somebody")
    playgraph = server.app.state.playgraph
    make_context, caller = playgraph.make_context, Caller("somebody", frozenset({Scope.CONVERSATIONS}))
    monkeypatch.setattr(
        playgraph, "make_context", lambda *given: replace(make_context(*given), caller=caller)
    )

    erased = await ask(server, ERASE, caller="somebody")
    seen = await server.answer(LOOK, {"caller": "somebody"})

    assert (erased["__typename"], erased["code"]) == ("Forbidden", "FORBIDDEN")
    assert (codes(seen), seen["data"]) == (["FORBIDDEN"], {"callerConversations": None})
    assert await server.storage.archives["messages"].count() == 1


THREAD = "{ conversations { nodes { history(last: 2) { content parent { content } } } } }"
THREE_TIMES = {
    "history": [{"content": "Grüße", "parent": None}, {"content": "A", "parent": {"content": "Grüße"}}]
}


async def test_an_answer_has_so_many_bytes_of_messages_and_no_more(replay: Replay, tmp_path: Path) -> None:
    path = tmp_path / "kept.db"
    async with served(replay.url, storage_path=path, answer_max_bytes=15, message_max_bytes=7) as generous:
        conversation_id = await start(generous)
        (parent_id,) = await said(generous, conversation_id, "Grüße")
        await add(generous, conversation_id, "A", parentId=parent_id)
        answered = await generous.answer(THREAD)
        again = await generous.answer(THREAD)
    async with served(replay.url, storage_path=path, answer_max_bytes=14, message_max_bytes=7) as strict:
        refused = await strict.answer(THREAD)
        without = await strict.data("{ conversations { nodes { history { sequence } } } }")

    assert answered == again == {"data": {"conversations": {"nodes": [THREE_TIMES]}}}
    message = "An answer has at most 14 bytes of messages. Ask for fewer messages at a time."
    assert refused == {"errors": [{"message": message, "extensions": {"code": "LIMIT_EXCEEDED"}}]}
    assert without["conversations"]["nodes"] == [{"history": [{"sequence": 1}, {"sequence": 2}]}]


async def test_the_longest_message_can_be_read_whatever_an_answer_may_have(replay: Replay) -> None:
    async with served(replay.url, message_max_bytes=9, answer_max_bytes=1) as server:
        await keep(server, "local")
        found = await server.data("{ conversations { nodes { history { content } } } }")

    assert found["conversations"]["nodes"] == [{"history": [{"content": "message 1"}]}]


@pytest.mark.parametrize(
    ("query", "cost"),
    [
        (
            "{ conversations(first: 2) { nodes { history(last: 3) { content } } } }",
            1 + 2 * (1 + 1 + 3 * (20 + 1)),
        ),
        ("{ conversations { nodes { id } } }", 1 + 20 * 2),
        ("{ conversations(last: 1) { nodes { history { content } } } }", 1 + 1 + 1 + 10 * (20 + 1)),
        (
            "{ conversations(first: 1) { nodes { messages { nodes { replies { content } } } } } }",
            1 + 1 + 1 + 20 * (20 + 1 + 1 + 20 * (20 + 1)),
        ),
        (
            "{ conversations(first: 1) { nodes { history(last: 1) { parent { content } } } } }",
            1 + 1 + 1 + (20 + 1 + (20 + 1)),
        ),
        ('{ callerConversations(caller: "a", first: 5) { nodes { id } } }', 1 + 5 * 2),
    ],
)
async def test_lists_cost_as_much_as_they_are_long(replay: Replay, query: str, cost: int) -> None:
    async with (
        served(replay.url, graphql_max_cost=cost) as generous,
        served(replay.url, graphql_max_cost=cost - 1) as strict,
    ):
        answered = await generous.answer(query)
        refused = await strict.answer(query)

    assert "errors" not in answered
    assert codes(refused) == ["GRAPHQL_VALIDATION_FAILED"]
