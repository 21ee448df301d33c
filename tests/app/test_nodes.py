"""Every object with an id can be read again by it."""

from base64 import b64encode

import pytest

from tests.app.server import Server
from tests.replay import Replay
from tests.synthetic import career_page

IDS = """{
  hero(key: "ana") { id }
  roles { id }
  map(key: "busan") { id }
  gamemode(key: "stadium") { id }
  player(playerId: "Somebody-1234") { ... on Player { id } }
}"""
NODES = """
  query ($ids: [ID!]!) {
    nodes(ids: $ids) {
      __typename id
      ... on Hero { name } ... on Role { name } ... on Map { name } ... on Gamemode { name }
      ... on Player { username }
    }
  }
"""


def written(text: str) -> str:
    return b64encode(text.encode()).decode()


async def test_every_type_of_object_is_read_again_by_its_id(server: Server, replay: Replay) -> None:
    replay.careers["Somebody-1234"] = career_page(name="Somebody")
    found = await server.data(IDS)
    ids = [
        found["hero"]["id"],
        found["roles"][0]["id"],
        *(found[key]["id"] for key in ("map", "gamemode", "player")),
    ]

    answer = await server.data(NODES, {"ids": ids})

    assert answer["nodes"] == [
        {"__typename": "Hero", "id": ids[0], "name": "Ana"},
        {"__typename": "Role", "id": ids[1], "name": "Tank"},
        {"__typename": "Map", "id": ids[2], "name": "Busan"},
        {"__typename": "Gamemode", "id": ids[3], "name": "Stadium"},
        {"__typename": "Player", "id": ids[4], "username": "Somebody"},
    ]


async def test_an_id_of_nothing_is_null(server: Server) -> None:
    ids = [written(text) for text in ("Hero:nobody", "Map:nowhere", "Gamemode:none", "Role:healer")]

    answer = await server.data(NODES, {"ids": ids})

    assert answer["nodes"] == [None, None, None, None]


async def test_an_unknown_player_is_a_coded_error_beside_its_neighbours(server: Server) -> None:
    answer = await server.answer(NODES, {"ids": [written("Player:Nobody-1234"), written("Map:busan")]})

    [error] = answer["errors"]
    assert answer["data"]["nodes"][0] is None
    assert answer["data"]["nodes"][1]["name"] == "Busan"
    assert error["path"] == ["nodes", 0]
    assert error["extensions"]["code"] == "PLAYER_NOT_FOUND"
    assert (error["extensions"]["retryAfter"], error["extensions"]["checkCount"]) == (600, 1)


@pytest.mark.parametrize(
    "node_id",
    [
        "",
        "nonsense",
        "Hero:ana",
        written("Hero"),
        written("Hero:"),
        written(":ana"),
        written("Nothing:ana"),
        written("Hero:ana:xx-xx"),
        written("Player:nonsense"),
        written("Hero:a\x00"),
        "AAAA" * 1000,
        "é",
    ],
)
async def test_an_id_that_is_none_of_ours_is_bad_user_input(server: Server, node_id: str) -> None:
    one = await server.answer("query ($id: ID!) { node(id: $id) { id } }", {"id": node_id})
    many = await server.answer(NODES, {"ids": [written("Map:busan"), node_id]})

    assert [error["extensions"]["code"] for error in one["errors"]] == ["BAD_USER_INPUT"]
    assert [error["extensions"]["code"] for error in many["errors"]] == ["BAD_USER_INPUT"]


async def test_a_hundred_ids_are_allowed_and_one_more_is_not(server: Server) -> None:
    hundred = await server.data(NODES, {"ids": [written("Map:busan")] * 100})
    refused = await server.answer(NODES, {"ids": [written("Map:busan")] * 101})

    assert len(hundred["nodes"]) == 100
    assert [error["extensions"]["code"] for error in refused["errors"]] == ["BAD_USER_INPUT"]
