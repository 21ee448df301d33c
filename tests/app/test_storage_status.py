"""`Query.storage` and the figures of storage, asked of a running server."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.app.server import Server, served
from tests.app.test_storage_trouble import damage, mend
from tests.replay import Replay
from tests.synthetic import career_page

STATUS = (
    "{ storage { backend health serverVersion schemaVersion bytes kinds { kind count bytes ages { p50 } } } }"
)
HEALTH = "{ storage { health bytes kinds { kind } } }"
PLAYER = "query($id: PlayerId!) { player(playerId: $id) { __typename } }"


@pytest.fixture
async def server(replay: Replay, tmp_path: Path) -> AsyncIterator[Server]:
    for name in ("Somebody", "Another"):
        replay.careers[f"{name}-1234"] = career_page(name=name)
    async with served(replay.url, storage_path=tmp_path / "kept.db") as server:
        yield server


async def kept_players(server: Server) -> int:
    kinds = (await server.data(STATUS))["storage"]["kinds"]
    count: int = next(kind["count"] for kind in kinds if kind["kind"] == "players")
    return count


async def test_what_is_kept_is_counted_weighed_and_aged(server: Server) -> None:
    await server.data(PLAYER, {"id": "Somebody-1234"})
    server.clock.advance(90)

    status = (await server.data(STATUS))["storage"]

    kinds = {kind["kind"]: kind for kind in status["kinds"]}
    assert (status["backend"], status["health"]) == ("sqlite", "HEALTHY")
    assert status["serverVersion"] == f"SQLite {sqlite3.sqlite_version}"
    assert (kinds["players"]["count"], kinds["players"]["ages"]) == (1, {"p50": 90.0})
    assert (kinds["unknown_players"]["count"], kinds["unknown_players"]["bytes"]) == (0, 0)
    assert status["bytes"] == sum(kind["bytes"] for kind in status["kinds"]) > 100
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


async def test_it_is_counted_again_after_five_seconds_and_not_before(server: Server) -> None:
    before = await kept_players(server)
    await server.data(PLAYER, {"id": "Somebody-1234"})

    server.clock.advance(4.999)
    still = await kept_players(server)
    server.clock.advance(0.001)
    after = await kept_players(server)

    assert (before, still, after) == (0, 0, 1)


async def test_a_database_out_of_reach_is_down_and_then_well_again(server: Server, tmp_path: Path) -> None:
    await damage(tmp_path / "kept.db")
    broken = (await server.data(HEALTH))["storage"]
    await mend(tmp_path / "kept.db")
    server.clock.advance(5)

    mended = (await server.data(HEALTH))["storage"]

    assert broken == {"health": "DOWN", "bytes": 0.0, "kinds": []}
    assert (mended["health"], len(mended["kinds"])) == ("HEALTHY", 9)


async def test_metrics_tell_records_and_bytes_of_each_kind(server: Server) -> None:
    await server.data(PLAYER, {"id": "Somebody-1234"})

    entries = await server.figure('playgraph_storage_entries{kind="players"}')
    size = await server.figure('playgraph_storage_bytes{kind="players"}')

    assert entries == 1
    assert size > 100
    assert await server.figure('playgraph_storage_health{state="healthy"}') == 1
    assert await server.figure("playgraph_storage_connections_limit") == 3
    assert await server.figure("playgraph_storage_connections_in_use") == 0


async def test_metrics_are_counted_again_after_fifteen_seconds_and_not_before(server: Server) -> None:
    entries = 'playgraph_storage_entries{kind="players"}'
    before = await server.figure(entries)
    await server.data(PLAYER, {"id": "Somebody-1234"})

    server.clock.advance(14.999)
    still = await server.figure(entries)
    server.clock.advance(0.001)
    after = await server.figure(entries)

    assert (before, still, after) == (0, 0, 1)


async def test_metrics_of_a_database_out_of_reach_claim_nothing(server: Server, tmp_path: Path) -> None:
    await server.client.get("/metrics")
    await damage(tmp_path / "kept.db")
    server.clock.advance(15)

    text = (await server.client.get("/metrics")).text

    assert 'playgraph_storage_health{state="down"} 1.0' in text
    assert "playgraph_storage_entries{" not in text
