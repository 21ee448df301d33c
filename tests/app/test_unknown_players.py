"""A player Blizzard does not know: typed, counted down, kept, and not asked for again too early."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.app.server import Server, served
from tests.refresh.held_clock import HeldClock
from tests.replay import Replay
from tests.synthetic import career_page

QUERY = """
  query ($id: PlayerId!) {
    player(playerId: $id) {
      __typename
      ... on Player { username }
      ... on PlayerNotFound { code message playerId retryAfter nextCheckAt checkCount }
    }
  }
"""


async def ask(server: Server, player_id: str = "Nobody-1234") -> dict[str, Any]:
    found: dict[str, Any] = (await server.data(QUERY, {"id": player_id}))["player"]
    return found


def careers_asked(replay: Replay) -> int:
    return sum("/career/" in path for path in replay.requests)


async def test_the_first_answer_tells_everything(server: Server) -> None:
    assert await ask(server) == {
        "__typename": "PlayerNotFound",
        "code": "PLAYER_NOT_FOUND",
        "message": "Blizzard has no player Nobody-1234.",
        "playerId": "Nobody-1234",
        "retryAfter": 600,
        "nextCheckAt": "2027-01-15T08:10:00.000Z",
        "checkCount": 1,
    }


@pytest.mark.parametrize("spelling", ["Nobody#1234", "Nobody-1234", " Nobody#1234 "])
async def test_before_the_next_check_upstream_is_not_asked(
    server: Server, replay: Replay, spelling: str
) -> None:
    await ask(server)
    asked = len(replay.requests)
    server.clock.advance(599.999)

    found = await ask(server, spelling)

    assert len(replay.requests) == asked
    assert (found["retryAfter"], found["checkCount"]) == (1, 1)


async def test_retry_after_counts_down_in_whole_seconds_rounded_up(server: Server) -> None:
    await ask(server)

    server.clock.advance(0.5)
    assert (await ask(server))["retryAfter"] == 600

    server.clock.advance(0.5)
    assert (await ask(server))["retryAfter"] == 599


async def checks(server: Server, count: int) -> list[tuple[int, int]]:
    """Count and wait of so many checks, each made as soon as it is due."""
    found = []
    for _ in range(count):
        answer = await ask(server)
        found.append((answer["checkCount"], answer["retryAfter"]))
        server.clock.advance(answer["retryAfter"])
    return found


async def test_each_check_in_vain_makes_the_wait_longer(server: Server) -> None:
    waits = await checks(server, 6)

    assert waits == [(1, 600), (2, 1800), (3, 5400), (4, 16_200), (5, 21_600), (6, 21_600)]


async def test_a_player_who_appears_is_served_and_the_count_starts_anew(
    server: Server, replay: Replay
) -> None:
    await ask(server)
    server.clock.advance(600)
    replay.careers["Nobody-1234"] = career_page(name="Nobody")

    assert await ask(server) == {"__typename": "Player", "username": "Nobody"}

    assert await server.figure("playgraph_storage_errors_total") == 0


async def test_a_hundred_askers_are_one_check(server: Server, replay: Replay) -> None:
    aliases = " ".join(f'a{n}: player(playerId: "Nobody-1234") {{ ...found }}' for n in range(30))
    fragment = "fragment found on PlayerResult { ... on PlayerNotFound { checkCount } }"
    players = "players(playerIds: $ids) { ...found }"

    answer = await server.data(
        f"query ($ids: [PlayerId!]!) {{ {aliases} {players} }} {fragment}", {"ids": ["Nobody#1234"] * 70}
    )

    counts = [each["checkCount"] for each in answer.pop("players")] + [
        each["checkCount"] for each in answer.values()
    ]
    assert counts == [1] * 100
    assert careers_asked(replay) == 1


@pytest.fixture
async def restarted(replay: Replay, tmp_path: Path) -> AsyncIterator[Server]:
    """A server on the file that another server, now stopped, has asked for Nobody with."""
    clock = HeldClock()
    path = tmp_path / "kept.db"
    async with served(replay.url, storage_path=path, clock=clock) as first:
        await ask(first)
    clock.advance(100)
    async with served(replay.url, storage_path=path, clock=clock) as second:
        yield second


async def test_the_count_survives_a_restart(restarted: Server, replay: Replay) -> None:
    asked = len(replay.requests)

    found = await ask(restarted)

    assert (found["checkCount"], found["retryAfter"]) == (1, 500)
    assert len(replay.requests) == asked


async def test_the_numbers_are_settings(replay: Replay) -> None:
    async with served(
        replay.url,
        unknown_player_initial_retry=10,
        unknown_player_retry_multiplier=2,
        unknown_player_max_retry=15,
    ) as server:
        first = await ask(server)
        server.clock.advance(10)
        second = await ask(server)

    assert (first["retryAfter"], second["retryAfter"]) == (10, 15)


async def test_a_known_player_whom_upstream_forgets_is_still_served(server: Server, replay: Replay) -> None:
    replay.careers["Nobody-1234"] = career_page(name="Nobody")
    await ask(server)
    del replay.careers["Nobody-1234"]
    server.clock.advance(7200)

    assert await ask(server) == {"__typename": "Player", "username": "Nobody"}

    asked = len(replay.requests)
    assert await ask(server) == {"__typename": "Player", "username": "Nobody"}
    assert len(replay.requests) == asked


async def test_many_players_are_answered_each_on_its_own(server: Server, replay: Replay) -> None:
    replay.careers["Somebody-1234"] = career_page(name="Somebody")

    answer = await server.data(
        "query ($ids: [PlayerId!]!) { players(playerIds: $ids) { __typename ... on Error { code } } }",
        {"ids": ["Nobody-1234", "Somebody#1234", "Nobody#1234"]},
    )

    assert answer["players"] == [
        {"__typename": "PlayerNotFound", "code": "PLAYER_NOT_FOUND"},
        {"__typename": "Player"},
        {"__typename": "PlayerNotFound", "code": "PLAYER_NOT_FOUND"},
    ]
