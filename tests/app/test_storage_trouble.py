"""The database fails under a running server: typed errors, neighbours unharmed, and recovery by itself."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.app.server import Server, served
from tests.replay import Replay
from tests.synthetic import career_page

QUERY = """{
  player(playerId: "Somebody-1234") {
    __typename
    ... on Player { username }
    ... on RetryableError { code retryAfter }
  }
  players(playerIds: ["Somebody-1234", "Somebody#1234"]) { __typename }
  hero(key: "ana") { name }
}"""


def rewrite_schema(path: Path, old: str, new: str, version: int) -> None:
    """Damage the file's own description of its tables, or mend it, from another connection."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA writable_schema = ON")
    # Waits for its turn, which a write that began with reading would not.
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE name = 'players'", (old, new))
    # Makes open connections read the description again.
    connection.execute(f"PRAGMA schema_version = {version}")
    connection.execute("COMMIT")
    connection.close()


async def damage(path: Path) -> None:
    # On a thread: the server's own transaction, which may be in the way, goes on with the loop alone.
    await asyncio.to_thread(rewrite_schema, path, "CREATE TABLE", "DAMAGED TABLE", 1_000)


async def mend(path: Path) -> None:
    await asyncio.to_thread(rewrite_schema, path, "DAMAGED TABLE", "CREATE TABLE", 1_001)


@pytest.fixture
async def server(replay: Replay, tmp_path: Path) -> AsyncIterator[Server]:
    replay.careers["Somebody-1234"] = career_page(name="Somebody")
    async with served(replay.url, storage_path=tmp_path / "kept.db") as server:
        yield server


async def test_a_read_that_fails_is_a_typed_error_beside_what_needs_no_storage(
    server: Server, replay: Replay, tmp_path: Path
) -> None:
    await server.data(QUERY)
    asked = len(replay.requests)
    await damage(tmp_path / "kept.db")

    answer = await server.data(QUERY)

    assert answer == {
        "player": {"__typename": "StorageUnavailable", "code": "STORAGE_UNAVAILABLE", "retryAfter": 30},
        "players": [{"__typename": "StorageUnavailable"}, {"__typename": "StorageUnavailable"}],
        "hero": {"name": "Ana"},
    }
    assert len(replay.requests) == asked


async def test_when_the_database_is_back_so_is_the_server(server: Server, tmp_path: Path) -> None:
    before = await server.data(QUERY)
    await damage(tmp_path / "kept.db")
    await server.data(QUERY)
    await mend(tmp_path / "kept.db")

    assert await server.data(QUERY) == before


async def test_readiness_follows_the_database_and_liveness_does_not(server: Server, tmp_path: Path) -> None:
    await damage(tmp_path / "kept.db")
    broken = await server.client.get("/health/ready")
    live = await server.client.get("/health/live")
    await mend(tmp_path / "kept.db")
    mended = await server.client.get("/health/ready")

    assert (broken.status_code, broken.json()["status"]) == (503, "degraded")
    assert live.status_code == 200
    assert (mended.status_code, mended.json()["status"]) == (200, "ready")
