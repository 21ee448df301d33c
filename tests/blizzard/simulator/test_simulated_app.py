"""The whole app in front of the simulator: what a client is told of invented players and heroes."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import pytest

from blizzard.simulator import Fault, Faults, PlayerKind, Simulator
from blizzard.simulator.careers import played
from models.players import Platform
from tests.app.server import Server, served
from tests.refresh.held_clock import HeldClock

PLAYER = """
query Player($id: PlayerId!) {
  player(playerId: $id) {
    __typename
    ... on Player {
      battletag
      privacy
      lastUpdatedAt
      statsSummary(gamemode: QUICKPLAY) { general { gamesPlayed timePlayed } }
    }
    ... on Error { code }
  }
}
"""


@pytest.fixture
def clock() -> HeldClock:
    return HeldClock()


@pytest.fixture
async def simulator(clock: HeldClock) -> AsyncIterator[Simulator]:
    async with Simulator(seed=7, players=100, clock=clock) as opened:
        yield opened


@pytest.fixture
async def server(simulator: Simulator, clock: HeldClock) -> AsyncIterator[Server]:
    async with served(simulator.url, clock=clock) as opened:
        yield opened


async def while_time_passes(clock: HeldClock, answer: Coroutine[Any, Any, dict[str, Any]]) -> dict[str, Any]:
    """The answer, for which somebody may sleep between two attempts."""
    task = asyncio.create_task(answer)
    while not task.done():
        clock.advance(0.1)
        await asyncio.wait([task], timeout=0.01)
    return await task


async def ask(server: Server, player_id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await server.data(PLAYER, {"id": player_id}))["player"]
    return found


async def test_an_invented_player_is_served_with_its_own_figures(
    server: Server, simulator: Simulator
) -> None:
    player = simulator.players.first(PlayerKind.RANKED)
    career = played(7, player, Platform.PC, 0).quickplay
    assert career is not None

    found = await ask(server, "Otter-1042")

    assert found["battletag"] == "Otter#1042"
    assert found["privacy"] == "PUBLIC"
    assert found["statsSummary"]["general"] == {
        "gamesPlayed": career.together["games_played"],
        "timePlayed": career.together["time_played"],
    }
    assert simulator.requests == 3


async def test_a_player_that_changed_is_served_changed(server: Server, clock: HeldClock) -> None:
    before = await ask(server, "Lynx-1042")

    clock.advance(3600)
    after = await ask(server, "Lynx-1042")

    # An hour has 60 changes, in each of which three heroes play nine minutes more.
    grown = after["statsSummary"]["general"]["timePlayed"] - before["statsSummary"]["general"]["timePlayed"]
    assert grown == 60 * 3 * 540
    assert after["lastUpdatedAt"] > before["lastUpdatedAt"]


@pytest.mark.parametrize(
    ("player_id", "expected"),
    [
        ("Badger-1042", {"__typename": "Player", "privacy": "PRIVATE"}),
        ("Nobody-1042", {"__typename": "PlayerNotFound", "code": "PLAYER_NOT_FOUND"}),
        ("Error-1000", {"__typename": "UpstreamUnavailable", "code": "UPSTREAM_UNAVAILABLE"}),
        ("Refused-1000", {"__typename": "UpstreamUnavailable", "code": "UPSTREAM_RATE_LIMITED"}),
        ("Dropped-1000", {"__typename": "UpstreamUnavailable", "code": "UPSTREAM_UNAVAILABLE"}),
        ("Cut-1000", {"__typename": "UpstreamUnavailable", "code": "UPSTREAM_UNAVAILABLE"}),
    ],
)
async def test_each_outcome_can_be_had_by_name(
    server: Server, player_id: str, expected: dict[str, str]
) -> None:
    found = await ask(server, player_id)

    assert {name: found.get(name) for name in expected} == expected


@pytest.mark.parametrize("number", range(9))
async def test_a_player_of_every_kind_is_found_by_its_id(
    server: Server, simulator: Simulator, number: int
) -> None:
    player = simulator.players.numbered(number)

    found = await ask(server, player.blizzard_id)

    assert found["__typename"] == "Player"
    assert found["privacy"] == ("PUBLIC" if player.is_public else "PRIVATE")


async def test_a_hero_that_no_table_has_is_served(server: Server) -> None:
    query = '{ hero(key: "fennel", locale: DE_DE) { name role { key } description hitpoints { total } } }'

    hero = (await server.data(query))["hero"]

    assert hero["name"] == "Fennel"
    assert hero["role"] == {"key": "SUPPORT"}
    assert hero["description"].endswith(" [de-de]")
    assert hero["hitpoints"] is None


async def test_public_players_of_a_name_are_found(server: Server, simulator: Simulator) -> None:
    query = '{ searchPlayers(name: "Otter", first: 50) { edges { node { blizzardId } } } }'

    edges = (await server.data(query))["searchPlayers"]["edges"]

    expected = {player.blizzard_id for player in simulator.players.named("Otter") if player.is_public}
    assert {edge["node"]["blizzardId"].replace("%7C", "|") for edge in edges} == expected
    assert len(expected) == 3


async def test_above_the_pace_the_app_says_that_it_has_to_wait(clock: HeldClock) -> None:
    faults = Faults(pace=2, pace_seconds=60.0)
    async with (
        Simulator(faults=faults, clock=clock) as simulator,
        served(simulator.url, clock=clock) as server,
    ):
        found = await ask(server, "Otter-1042")

    assert found == {"__typename": "UpstreamUnavailable", "code": "UPSTREAM_RATE_LIMITED"}


async def test_upstream_that_fails_now_and_then_is_asked_again(clock: HeldClock) -> None:
    faults = Faults(shares={Fault.ERROR: 0.3, Fault.DROPPED: 0.1})
    async with (
        Simulator(faults=faults, clock=clock) as simulator,
        served(simulator.url, clock=clock, upstream_retries=10) as server,
    ):
        found = [
            (await while_time_passes(clock, ask(server, f"Otter-{number}")))["__typename"]
            for number in range(1042, 1047)
        ]

        assert found == ["Player"] * 5
        assert simulator.requests > 15
