"""Searching for players: pages, orders, private players, and reading the found ones together."""

from base64 import b64encode
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.app.server import Server, served
from tests.replay import Replay
from tests.synthetic import career_page, search_row

SEARCH = """
  query ($name: String!, $first: Int, $after: String, $last: Int, $before: String, $orderBy: PlayerSearchOrder) {
    searchPlayers(name: $name, first: $first, after: $after, last: $last, before: $before, orderBy: $orderBy) {
      edges { cursor node { blizzardId } }
      nodes { playerId blizzardId privacy lastUpdatedAt }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      totalCount
    }
  }
"""


@pytest.fixture
def upstream(replay: Replay) -> Replay:
    """Twenty-five players named Otter, every fifth of them private, and one named otter."""
    replay.search["Otter"] = [
        search_row("Otter", f"{number:02}|aa", last_updated=1_700_000_000 + number, is_public=number % 5 > 0)
        for number in range(25)
    ] + [search_row("otter", "99|aa")]
    return replay


@pytest.fixture
async def server(upstream: Replay) -> AsyncIterator[Server]:
    async with served(upstream.url) as server:
        yield server


async def search(server: Server, name: str = "Otter", **variables: object) -> dict[str, Any]:
    found: dict[str, Any] = (await server.data(SEARCH, {"name": name, **variables}))["searchPlayers"]
    return found


def ids(found: dict[str, Any]) -> list[str]:
    return [node["blizzardId"][:2] for node in found["nodes"]]


async def test_the_first_page_has_twenty_and_leads_to_the_rest(server: Server, upstream: Replay) -> None:
    first = await search(server)
    rest = await search(server, after=first["pageInfo"]["endCursor"])

    assert ids(first) == [f"{number:02}" for number in range(20)]
    assert ids(rest) == [f"{number:02}" for number in range(20, 25)]
    assert first["totalCount"] == 25
    assert (first["pageInfo"]["hasNextPage"], first["pageInfo"]["hasPreviousPage"]) == (True, False)
    assert (rest["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasPreviousPage"]) == (False, True)
    assert [edge["node"]["blizzardId"][:2] for edge in rest["edges"]] == ids(rest)
    assert upstream.requests == ["/en-us/search/account-by-name/Otter/"]


async def test_pages_go_backwards_too(server: Server) -> None:
    last = await search(server, last=2)
    before = await search(server, last=3, before=last["pageInfo"]["startCursor"])

    assert (ids(last), ids(before)) == (["23", "24"], ["20", "21", "22"])
    assert (before["pageInfo"]["hasNextPage"], before["pageInfo"]["hasPreviousPage"]) == (True, True)


async def test_private_players_are_found_and_say_so(server: Server) -> None:
    found = await search(server, first=2)

    assert [node["privacy"] for node in found["nodes"]] == ["PRIVATE", "PUBLIC"]


@pytest.mark.parametrize(
    ("order", "first_ids"),
    [
        ("PLAYER_ID_DESC", ["24", "23"]),
        ("LAST_UPDATED_AT_DESC", ["24", "23"]),
        ("LAST_UPDATED_AT_ASC", ["00", "01"]),
        ("NAME_DESC", ["00", "01"]),
    ],
)
async def test_orders(server: Server, order: str, first_ids: list[str]) -> None:
    assert ids(await search(server, first=2, orderBy=order)) == first_ids


async def test_case_counts_and_nobody_is_an_empty_page(server: Server) -> None:
    lower = await search(server, "otter")
    nobody = await search(server, "Nobody")

    assert ids(lower) == ["99"]
    assert nobody == {
        "edges": [],
        "nodes": [],
        "pageInfo": {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None},
        "totalCount": 0,
    }


async def test_a_search_is_remembered_for_ten_minutes(server: Server, upstream: Replay) -> None:
    await search(server)
    server.clock.advance(599.999)
    await search(server)
    asked = len(upstream.requests)
    server.clock.advance(0.001)
    await search(server)

    assert (asked, len(upstream.requests)) == (1, 2)


async def test_found_players_are_read_together(server: Server, upstream: Replay) -> None:
    query = '{ searchPlayers(name: "Otter", first: 10) { nodes { player { ... on Player { username } } } } }'
    upstream.careers |= {f"{number:02}|aa": career_page(name="Otter") for number in range(10)}
    await server.data(query)
    reads = await server.figure("playgraph_storage_reads_total")
    asked = len(upstream.requests)

    answer = await server.data(query)

    assert answer["searchPlayers"]["nodes"] == [{"player": {"username": "Otter"}}] * 10
    assert await server.figure("playgraph_storage_reads_total") - reads == 1
    assert len(upstream.requests) == asked


async def test_players_who_are_not_asked_for_are_not_fetched(server: Server, upstream: Replay) -> None:
    await search(server)

    assert len(upstream.requests) == 1


@pytest.mark.parametrize(
    "variables",
    [
        {"first": -1},
        {"last": -1},
        {"first": 101},
        {"last": 101},
        {"first": 1, "last": 1},
        {"after": "nonsense"},
        {"after": ""},
        {"before": b64encode(b"place:-1").decode()},
        {"after": b64encode(b"place:9999999999").decode()},
        {"name": ""},
        {"name": "x" * 65},
        {"name": "a\nb"},
        {"name": "Otter-12"},
        {"name": "../Otter#1234"},
    ],
)
async def test_what_no_page_can_be_cut_with_is_bad_user_input(
    server: Server, upstream: Replay, variables: dict[str, object]
) -> None:
    answer = await server.answer(SEARCH, {"name": "Otter", **variables})

    assert answer["data"] == {"searchPlayers": None}
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("variables", [{"first": 0}, {"first": 100}, {"last": 100}, {"name": "x" * 64}])
async def test_the_limits_themselves_are_allowed(server: Server, variables: dict[str, object]) -> None:
    assert "errors" not in await server.answer(SEARCH, {"name": "Otter", **variables})


async def test_a_failing_search_is_a_coded_error(server: Server, upstream: Replay) -> None:
    upstream.status["/en-us/search/account-by-name/Otter/"] = 500

    answer = await server.answer(SEARCH, {"name": "Otter"})

    [error] = answer["errors"]
    assert (error["extensions"]["code"], error["extensions"]["retryAfter"]) == ("UPSTREAM_UNAVAILABLE", 30)
