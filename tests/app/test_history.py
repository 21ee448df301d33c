"""A player's history over HTTP: a snapshot for each visible change of the figures, page by page, read together."""

from base64 import b64encode
from typing import Any

import pytest

from tests.app.server import Server, flights_land
from tests.replay import Replay
from tests.synthetic import Gamemode, View, career_page

PLAYER = "Somebody-1234"
HISTORY_READS = 'playgraph_storage_reads_total{repository="history"}'
QUERY = """
  query ($first: Int, $after: String, $last: Int, $before: String, $since: DateTime, $until: DateTime) {
    player(playerId: "Somebody-1234") {
      ... on Player {
        version
        history(first: $first, after: $after, last: $last, before: $before, since: $since, until: $until) {
          totalCount
          pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
          edges { cursor node { version } }
          nodes {
            takenAt version gamesPlayed timePlayed winrate kda endorsement
            competitive { pc { season tank { division tier } } console { season } }
          }
        }
      }
    }
  }
"""


async def ask(server: Server, **variables: object) -> dict[str, Any]:
    """The history, as a page of it is asked for."""
    found: dict[str, Any] = (await server.data(QUERY, variables))["player"]["history"]
    return found


async def refresh(server: Server, replay: Replay, page: str) -> int:
    """Have the player fetched an hour later, when upstream shows this page; the player's version then."""
    replay.careers[PLAYER] = page
    server.clock.advance(3600)
    version: int = (await server.data(QUERY))["player"]["version"]
    return version


async def keep_levels(server: Server, replay: Replay, count: int) -> None:
    """So many snapshots, one an hour: their endorsement levels are 1, 2, ... and 1 again after 5."""
    for number in range(count):
        await refresh(server, replay, career_page(endorsement=1 + number % 5))


def versions(page: dict[str, Any]) -> list[int]:
    return [node["version"] for node in page["nodes"]]


async def test_refreshes_with_a_change_are_told_and_those_without_are_not(
    server: Server, replay: Replay
) -> None:
    ranked = View(season=21, ranks={"tank": ("Gold", 2)})
    promoted = View(season=21, ranks={"tank": ("Gold", 1)})

    kept = [
        await refresh(server, replay, career_page(pc=ranked)),
        await refresh(server, replay, career_page(pc=ranked)),
        await refresh(server, replay, career_page(pc=ranked, title="Day Owl")),
        await refresh(server, replay, career_page(pc=promoted, title="Day Owl")),
        await refresh(server, replay, career_page(is_private=True, title="Day Owl")),
    ]
    page = await ask(server)

    assert kept == [1, 1, 2, 3, 4]
    assert page["totalCount"] == 3
    hidden, second, first = page["nodes"]
    assert hidden == {
        "takenAt": "2027-01-15T13:00:00.000Z",
        "version": 4,
        "gamesPlayed": None,
        "timePlayed": None,
        "winrate": None,
        "kda": None,
        "endorsement": 3,
        "competitive": None,
    }
    assert (second["takenAt"], second["version"]) == ("2027-01-15T12:00:00.000Z", 3)
    assert second["competitive"]["pc"] == {"season": 21, "tank": {"division": "gold", "tier": 1}}
    assert (first["gamesPlayed"], first["timePlayed"], first["winrate"], first["kda"]) == (
        second["gamesPlayed"],
        second["timePlayed"],
        second["winrate"],
        second["kda"],
    )
    assert (first["gamesPlayed"], first["timePlayed"], first["winrate"], first["kda"]) == (
        30,
        18_000,
        60.0,
        3.42,
    )
    assert (first["takenAt"], first["version"]) == ("2027-01-15T09:00:00.000Z", 1)
    assert first["competitive"]["pc"] == {"season": 21, "tank": {"division": "gold", "tier": 2}}


async def test_the_figures_are_those_of_the_summary_without_arguments(server: Server, replay: Replay) -> None:
    view = View(quickplay=Gamemode(), competitive=Gamemode(), season=21)
    await refresh(server, replay, career_page(pc=view, console=view))

    general = (
        await server.data(
            '{ player(playerId: "Somebody-1234") { ... on Player { statsSummary { general {'
            " gamesPlayed timePlayed winrate kda } } } } }"
        )
    )["player"]["statsSummary"]["general"]
    (snapshot,) = (await ask(server))["nodes"]

    assert {name: snapshot[name] for name in general} == general
    assert general["gamesPlayed"] > 0


async def test_pages_lead_from_the_newest_to_the_oldest(server: Server, replay: Replay) -> None:
    await keep_levels(server, replay, 7)
    first = await ask(server, first=3)
    second = await ask(server, first=3, after=first["pageInfo"]["endCursor"])
    third = await ask(server, first=3, after=second["pageInfo"]["endCursor"])
    beyond = await ask(server, first=3, after=third["pageInfo"]["endCursor"])

    assert [versions(page) for page in (first, second, third, beyond)] == [[7, 6, 5], [4, 3, 2], [1], []]
    assert [
        (page["pageInfo"]["hasPreviousPage"], page["pageInfo"]["hasNextPage"])
        for page in (first, second, third, beyond)
    ] == [(False, True), (True, True), (True, False), (True, False)]
    assert {page["totalCount"] for page in (first, second, third, beyond)} == {7}
    assert [edge["node"]["version"] for edge in second["edges"]] == [4, 3, 2]
    assert second["pageInfo"]["startCursor"] == second["edges"][0]["cursor"]
    assert (beyond["pageInfo"]["startCursor"], beyond["pageInfo"]["endCursor"]) == (None, None)


async def test_pages_lead_back_from_the_oldest_to_the_newest(server: Server, replay: Replay) -> None:
    await keep_levels(server, replay, 5)
    oldest = await ask(server, last=2)
    middle = await ask(server, last=2, before=oldest["pageInfo"]["startCursor"])
    newest = await ask(server, last=2, before=middle["pageInfo"]["startCursor"])

    assert [versions(page) for page in (oldest, middle, newest)] == [[2, 1], [4, 3], [5]]
    assert [
        (page["pageInfo"]["hasPreviousPage"], page["pageInfo"]["hasNextPage"])
        for page in (oldest, middle, newest)
    ] == [(True, False), (True, True), (False, True)]


async def test_a_cursor_stays_right_while_snapshots_are_added(server: Server, replay: Replay) -> None:
    await keep_levels(server, replay, 3)
    cursor = (await ask(server, first=1))["pageInfo"]["endCursor"]
    await refresh(server, replay, career_page(endorsement=5))

    page = await ask(server, after=cursor)

    assert versions(page) == [2, 1]
    assert page["totalCount"] == 4


async def test_without_arguments_twenty_are_given(server: Server, replay: Replay) -> None:
    await keep_levels(server, replay, 22)

    page = await ask(server)

    assert versions(page) == list(range(22, 2, -1))
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (22, True)


async def test_since_is_inclusive_and_until_exclusive(server: Server, replay: Replay) -> None:
    await keep_levels(server, replay, 4)
    times = [node["takenAt"] for node in reversed((await ask(server))["nodes"])]

    between = await ask(server, since=times[1], until=times[3])
    nothing = await ask(server, since=times[1], until=times[1])
    rest = await ask(server, since=times[1], until=times[3], after=between["pageInfo"]["startCursor"])

    assert (versions(between), between["totalCount"]) == ([3, 2], 2)
    assert (versions(nothing), nothing["totalCount"]) == ([], 0)
    assert (versions(rest), rest["totalCount"], rest["pageInfo"]["hasNextPage"]) == ([2], 2, False)


@pytest.mark.parametrize(
    "variables",
    [
        {"first": -1},
        {"first": 101},
        {"last": 101},
        {"last": -1},
        {"first": 1, "last": 1},
        {"after": ""},
        {"after": "nonsense"},
        {"before": "💥"},
        {"after": b64encode(b"place:1").decode()},
        {"after": b64encode(b"version:").decode()},
        {"after": b64encode(b"version:-1").decode()},
        {"before": b64encode(b"version:9999999999").decode()},
        {"since": "yesterday"},
        {"until": "2027-01-15T09:00:00"},
        {"since": 5},
    ],
)
async def test_bad_input_is_bad_user_input(
    server: Server, replay: Replay, variables: dict[str, object]
) -> None:
    await refresh(server, replay, career_page())

    answer = await server.answer(QUERY, variables)

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("size", [0, 100])
async def test_the_bounds_of_a_page_are_allowed(server: Server, replay: Replay, size: int) -> None:
    await keep_levels(server, replay, 2)

    page = await ask(server, first=size)

    assert versions(page) == [2, 1][:size]
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (2, size == 0)


async def test_the_histories_of_a_hundred_players_are_one_read_and_none_when_not_asked_for(
    server: Server, replay: Replay
) -> None:
    ids = [f"Player{number}-1234" for number in range(100)]
    replay.careers |= {player_id: career_page(name=player_id.split("-")[0]) for player_id in ids}
    players = "query ($ids: [PlayerId!]!) { players(playerIds: $ids) { ... on Player { username %s } } }"
    await server.data(players % "", {"ids": ids})
    await flights_land()
    before = await server.figure(HISTORY_READS)

    await server.data(players % "", {"ids": ids})
    unasked = await server.figure(HISTORY_READS)
    answer = await server.data(
        players % "history(first: 5) { nodes { version } } oldest: history(last: 1) { totalCount }",
        {"ids": ids},
    )

    assert (before, unasked, await server.figure(HISTORY_READS)) == (0, 0, 1)
    assert [player["username"] for player in answer["players"]] == [each.split("-")[0] for each in ids]
    assert all(
        (player["history"], player["oldest"]) == ({"nodes": [{"version": 1}]}, {"totalCount": 1})
        for player in answer["players"]
    )
