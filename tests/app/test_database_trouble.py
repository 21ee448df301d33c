"""PostgreSQL refuses under a running server: typed errors, figures all the same, and nobody refused who has a copy."""

from collections.abc import AsyncIterator

import pytest

from tests.app.server import Server, served
from tests.replay import Replay
from tests.servers.postgres import run_sql
from tests.storage.real_postgres import own_postgres
from tests.storage.real_redis import own_redis
from tests.synthetic import career_page

PLAYERS = """query($ids: [PlayerId!]!) {
  players(playerIds: $ids) {
    __typename
    ... on Player { username }
    ... on RetryableError { code retryAfter }
  }
}"""
REFUSED = {"__typename": "StorageUnavailable", "code": "STORAGE_UNAVAILABLE", "retryAfter": 5}
KNOWN = {"__typename": "Player", "username": "Somebody"}


@pytest.fixture
def replayed(replay: Replay) -> Replay:
    replay.careers["Somebody-1234"] = career_page(name="Somebody")
    return replay


@pytest.fixture
async def database() -> AsyncIterator[str]:
    async with own_postgres() as postgres:
        yield postgres.url


@pytest.fixture
async def server(replayed: Replay, database: str) -> AsyncIterator[Server]:
    async with served(replayed.url, storage_type="postgres", database_url=database) as server:
        yield server


@pytest.fixture
async def copying_server(replayed: Replay, database: str) -> AsyncIterator[Server]:
    async with (
        own_redis() as redis,
        served(
            replayed.url,
            storage_type="hybrid",
            database_url=database,
            redis_url=redis.url,
            redis_key_prefix=redis.key_prefix,
        ) as server,
    ):
        yield server


async def test_a_table_that_is_gone_is_a_typed_error_until_it_is_back(server: Server, database: str) -> None:
    ids = {"ids": ["Somebody-1234"]}
    before = await server.data(PLAYERS, ids)

    await run_sql(database, "ALTER TABLE players RENAME TO away")
    without = await server.data(PLAYERS, ids)
    figures = await server.client.get("/metrics")
    await run_sql(database, "ALTER TABLE away RENAME TO players")

    assert before == {"players": [KNOWN]}
    assert without == {"players": [REFUSED]}
    assert figures.status_code == 200
    assert "playgraph_storage_connections_limit" in figures.text
    assert await server.data(PLAYERS, ids) == before


async def test_a_player_without_a_copy_takes_none_down_that_has_one(
    copying_server: Server, database: str
) -> None:
    await copying_server.data(PLAYERS, {"ids": ["Somebody-1234"]})

    await run_sql(database, "ALTER TABLE players RENAME TO away")
    answer = await copying_server.data(PLAYERS, {"ids": ["Else-1234", "Somebody-1234"]})

    assert answer == {"players": [REFUSED, KNOWN]}
