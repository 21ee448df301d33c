"""Bad input is answered quickly with a code, never with a fault of ours."""

from typing import Any

import httpx2
import pytest

from tests.app.server import Server, served
from tests.replay import Replay

QUERY = "query ($id: PlayerId!) { player(playerId: $id) { __typename } }"
MANY = "query ($ids: [PlayerId!]!) { players(playerIds: $ids) { __typename } }"


def codes(answer: dict[str, Any]) -> list[str]:
    return [error["extensions"]["code"] for error in answer["errors"]]


@pytest.mark.parametrize(
    "player_id",
    [
        "",
        " ",
        "TeKrop",
        "TeKrop-",
        "TeKrop-12",
        "TeKrop-12345678901",
        "#2217",
        "T-2217",
        "T" * 33 + "-2217",
        "Te Krop-2217",
        "../../etc-2217",
        "a%2Fb-2217",
        "xyz|abc",
        "abc|",
        "|",
        "😀😀-2217",
        "TeKrop-2217\u0000",
        "x" * 100_000,
        "TeKrop-2217\n-1",
        "\u202eTeKrop-2217",
    ],
)
async def test_a_malformed_id_is_bad_user_input(server: Server, replay: Replay, player_id: str) -> None:
    answer = await server.answer(QUERY, {"id": player_id})

    assert codes(answer) == ["BAD_USER_INPUT"]
    assert len(answer["errors"][0]["message"]) < 400
    assert replay.requests == []


@pytest.mark.parametrize("player_id", [None, 5, 1.5, True, ["a"], {"a": 1}])
async def test_an_id_that_is_no_text_is_bad_user_input(server: Server, player_id: object) -> None:
    assert codes(await server.answer(QUERY, {"id": player_id})) == ["BAD_USER_INPUT"]


async def test_a_malformed_id_in_the_document_is_bad_user_input(server: Server) -> None:
    answer = await server.answer('{ player(playerId: "nonsense") { __typename } }')

    assert codes(answer) == ["BAD_USER_INPUT"]


async def test_one_malformed_id_among_many_refuses_the_request_with_its_index(
    server: Server, replay: Replay
) -> None:
    by_variable = await server.answer(MANY, {"ids": ["TeKrop-2217", "nonsense", "Nobody-1234"]})
    by_literal = await server.answer(
        '{ players(playerIds: ["TeKrop-2217", "nonsense", "Nobody-1234"]) { __typename } }'
    )

    assert codes(by_variable) == ["BAD_USER_INPUT"]
    assert "$ids' has invalid value at [1]" in by_variable["errors"][0]["message"]
    assert codes(by_literal) == ["BAD_USER_INPUT"]
    assert by_literal["errors"][0]["extensions"]["index"] == 1
    assert replay.requests == []


async def test_a_hundred_ids_are_allowed_and_one_more_is_not(server: Server, replay: Replay) -> None:
    hundred = await server.data(MANY, {"ids": ["Nobody-1234"] * 100})
    asked = len(replay.requests)
    refused = await server.answer(MANY, {"ids": ["Nobody-1234"] * 101})

    assert len(hundred["players"]) == 100
    assert codes(refused) == ["BAD_USER_INPUT"]
    assert len(replay.requests) == asked


async def test_an_empty_list_of_ids_is_an_empty_answer(server: Server) -> None:
    assert await server.data(MANY, {"ids": []}) == {"players": []}


@pytest.mark.parametrize("root", ["heroes", "maps", "gamemodes"])
async def test_a_hundred_keys_are_allowed_and_one_more_is_not(server: Server, root: str) -> None:
    query = f"query ($keys: [String!]) {{ {root}(keys: $keys) {{ key }} }}"

    assert await server.data(query, {"keys": ["nothing"] * 100}) == {root: []}
    assert codes(await server.answer(query, {"keys": ["nothing"] * 101})) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize(
    "key", ["", "nobody", "😀", "'; drop table players; --", "x" * 100_000, "%", "ANA", "ana\n"]
)
async def test_a_key_nobody_has_is_null(server: Server, key: str) -> None:
    query = "query ($k: String!) { hero(key: $k) { key } map(key: $k) { key } gamemode(key: $k) { key } }"

    assert await server.data(query, {"k": key}) == {"hero": None, "map": None, "gamemode": None}


BOMB = (
    "{ heroes { ...f0 } } "
    + " ".join(f"fragment f{n} on Hero {{ key ...f{n + 1} ...f{n + 1} }}" for n in range(150))
    + " fragment f150 on Hero { key }"
)
DEEP = "{ heroes " + "{ role { heroes " * 8 + "{ key }" + " } }" * 8 + " }"


@pytest.mark.parametrize(
    "document",
    [
        pytest.param("", id="empty"),
        pytest.param("{", id="unfinished"),
        pytest.param("{ nothing }", id="no such field"),
        pytest.param("{}", id="empty selection"),
        pytest.param("\ud800", id="lone surrogate"),
        pytest.param("{ heroes { key } \u0000}", id="null byte"),
        pytest.param(BOMB, id="fragment bomb"),
        pytest.param(DEEP, id="too deep"),
        pytest.param("{ " + "heroes { key } " * 2_000 + "}", id="too long"),
        pytest.param("{" * 10_000, id="ten thousand brackets"),
        pytest.param("{ " + " ".join(f"a{n}: heroes {{ key }}" for n in range(31)) + " }", id="31 aliases"),
        pytest.param("query a { heroes { key } } query b { heroes { key } }", id="which operation"),
        pytest.param("mutation { heroes }", id="no mutations"),
        pytest.param("x" * 100_000, id="100 kB of letters"),
        pytest.param("{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }", id="circle"),
    ],
)
async def test_a_bad_document_is_refused_with_a_code_and_without_data(server: Server, document: str) -> None:
    response = await server.client.post(
        "/graphql",
        content=httpx2.Request("POST", "http://x", json={"query": document}).content
        if document.isascii() or "\ud800" not in document
        else b'{"query": "\\ud800"}',
        headers={"content-type": "application/json", "accept": "application/graphql-response+json"},
    )

    answer = response.json()
    assert response.status_code == 400
    assert "data" not in answer
    assert all(code != "INTERNAL_SERVER_ERROR" for code in codes(answer))


async def test_thirty_aliases_are_allowed(server: Server) -> None:
    answer = await server.data("{ " + " ".join(f'a{n}: hero(key: "ana") {{ key }}' for n in range(30)) + " }")

    assert len(answer) == 30


ROUNDS = "{ maps { " + "gamemodes { maps { " * 4 + "key" + " } }" * 4 + " } }"


async def test_relations_that_would_fill_an_endless_answer_are_refused(
    server: Server, replay: Replay
) -> None:
    answer = await server.answer(ROUNDS)

    assert codes(answer) == ["GRAPHQL_VALIDATION_FAILED"]
    assert "data" not in answer


async def test_as_much_as_the_limit_is_answered_and_one_more_is_not(replay: Replay) -> None:
    query = '{ maps(keys: ["busan", "oasis"]) { key gamemodes { key } } }'
    async with (
        served(replay.url, graphql_max_cost=9) as generous,
        served(replay.url, graphql_max_cost=8) as strict,
    ):
        answered = await generous.answer(query)
        refused = await strict.answer(query)

    assert len(answered["data"]["maps"]) == 2
    assert codes(refused) == ["GRAPHQL_VALIDATION_FAILED"]
