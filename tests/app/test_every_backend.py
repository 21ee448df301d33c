"""The whole app on each choice of STORAGE_TYPE: the same query, the same answer, its state and its figures."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.app.backends import SERVERS, served_on
from tests.app.server import Server
from tests.replay import Replay
from tests.synthetic import career_page

PLAYER = '{ player(playerId: "Somebody-1234") { __typename ... on Player { username freshness { state } } } }'
HISTORY = (
    '{ player(playerId: "Somebody-1234") { ... on Player { history { totalCount nodes '
    "{ takenAt version endorsement } } } } }"
)
STATUS = "{ storage { backend health kinds { kind count ages { p99 } } } }"


@pytest.fixture(params=SERVERS)
async def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def server(backend: str, replay: Replay, tmp_path: Path) -> AsyncIterator[Server]:
    replay.careers["Somebody-1234"] = career_page(name="Somebody")
    async with served_on(backend, replay.url, tmp_path / "kept.db") as server:
        yield server


async def test_a_player_is_fetched_once_and_then_read(server: Server, replay: Replay) -> None:
    first = await server.data(PLAYER)
    asked = len(replay.requests)

    second = await server.data(PLAYER)

    assert first == {
        "player": {"__typename": "Player", "username": "Somebody", "freshness": {"state": "FRESH"}}
    }
    assert second == first
    assert len(replay.requests) == asked


async def test_a_change_is_told_by_the_history(server: Server, replay: Replay) -> None:
    await server.data(PLAYER)
    replay.careers["Somebody-1234"] = career_page(name="Somebody", endorsement=5)
    server.clock.advance(3600)

    answer = await server.data(HISTORY)

    assert answer["player"]["history"] == {
        "totalCount": 2,
        "nodes": [
            {"takenAt": "2027-01-15T09:00:00.000Z", "version": 2, "endorsement": 5},
            {"takenAt": "2027-01-15T08:00:00.000Z", "version": 1, "endorsement": 3},
        ],
    }


async def test_the_operator_sees_what_is_kept(server: Server, backend: str) -> None:
    await server.data(PLAYER)
    server.clock.advance(60)

    status = (await server.data(STATUS))["storage"]

    kinds = {kind["kind"]: kind for kind in status["kinds"]}
    assert (status["backend"], status["health"]) == (backend, "HEALTHY")
    assert (kinds["players"]["count"], kinds["players"]["ages"]) == (1, {"p99": 60.0})
    assert set(kinds) == {
        "players",
        "player_history",
        "unknown_players",
        "catalog",
        "conversations",
        "messages",
        "cache",
        "counters",
        "leases",
    }


async def test_figures_tell_records_reads_and_writes(server: Server) -> None:
    await server.data(PLAYER)

    entries = await server.figure('playgraph_storage_entries{kind="players"}')
    writes = await server.figure('playgraph_storage_writes_total{repository="players"}')
    errors = await server.figure("playgraph_storage_errors_total")

    assert (entries, writes, errors) == (1, 1, 0)
    assert await server.figure('playgraph_storage_reads_total{repository="players"}') >= 1
    assert await server.figure("playgraph_storage_connections_limit") > 0
    assert await server.figure("playgraph_storage_connections_in_use") == 0


async def test_it_is_ready(server: Server, backend: str) -> None:
    response = await server.client.get("/health/ready")

    assert response.status_code == 200
    assert response.json()["backend"] == backend
    assert response.json()["checks"] == {"storage": "ok"}
