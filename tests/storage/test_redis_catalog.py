"""The catalog on Redis: the trips that calls make."""

from collections.abc import AsyncIterator

import pytest

from metrics import Metrics
from models.catalog import HEROES
from storage.redis.catalog import RedisCatalog
from storage.redis.connection import RedisServer
from tests.clock import FrozenClock
from tests.storage.made_catalog import made_list
from tests.storage.redis_probes import own_server, sent_commands

KEY = "en-us"


@pytest.fixture
async def server(clock: FrozenClock) -> AsyncIterator[RedisServer]:
    async with own_server(clock) as server:
        yield server


@pytest.fixture
def catalog(server: RedisServer, metrics: Metrics) -> RedisCatalog:
    return RedisCatalog(server, metrics)


@pytest.mark.parametrize("count", [1, 100, 5_000])
async def test_a_read_is_one_trip_however_many_keys_are_asked_for(
    catalog: RedisCatalog, server: RedisServer, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    await catalog.save(HEROES, KEY, made_list())
    await catalog.get_many(HEROES, [KEY])
    sent = sent_commands(server, monkeypatch)
    asked = [KEY, *(f"missing-{number}" for number in range(count - 1))]

    await catalog.get_many(HEROES, asked)
    await catalog.get_sources(HEROES, asked)

    assert sent == ["EVALSHA"] * 2
