"""Hybrid starts without Redis, but not without PostgreSQL, nor half configured."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from errors import StartRefused
from metrics import Metrics
from models.events import Pointer
from models.players import KeptPlayer
from storage import PostgresOptions, RedisOptions, StorageOptions, open_storage
from tests.clock import FrozenClock
from tests.servers.redis import redis_server
from tests.servers.waiting import free_port
from tests.storage.load import eventually
from tests.storage.made import ID, made_player
from tests.storage.own_hybrid import Servers, opened, own_servers
from tests.storage.probes import counted


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with own_servers(tmp_path_factory.mktemp("redis")) as servers:
        yield servers


async def test_it_says_which_servers_answered(servers: Servers, clock: FrozenClock, metrics: Metrics) -> None:
    async with opened(servers, clock, metrics) as storage:
        names = [part.split()[0] for part in storage.server_version.split(", ")]

        assert names == ["PostgreSQL", "Redis"]
        assert storage.backend == "hybrid"
        assert storage.trouble() is None


async def test_it_starts_without_redis_and_takes_it_up_when_it_comes(
    servers: Servers, clock: FrozenClock, metrics: Metrics
) -> None:
    servers.redis.stop()
    try:
        async with open_storage(servers.options, clock=clock, metrics=metrics) as storage:
            record = await storage.players.save(made_player(), [])
            kept = await storage.players.get_many([ID])
            trouble = storage.trouble()
            servers.redis.start()
            clock.advance(31)
            await storage.ping()

            assert storage.trouble() is None
            assert [await storage.players.get_many([ID]) for _ in range(2)] == [{ID: KeptPlayer(record)}] * 2
            assert counted(metrics, "cache_hits", "players") == 1
            async with storage.bus.subscribe(["topic"]) as subscription:
                await eventually(lambda: servers.redis.ask("PUBSUB", "CHANNELS", "*") != [])
                await storage.bus.publish([Pointer("topic", 1)])
                assert {pointer.topic for pointer in await subscription.wait()} == {"topic"}
    finally:
        servers.redis.stop()
        servers.redis.start()

    assert kept == {ID: KeptPlayer(record)}
    assert trouble is not None
    assert trouble.startswith("Redis does not answer")


async def test_it_does_not_start_without_postgres(
    servers: Servers, clock: FrozenClock, metrics: Metrics
) -> None:
    place = f"127.0.0.1:{free_port()}"
    postgres = PostgresOptions(f"postgresql://postgres@{place}/none", start_seconds=0.5, connect_seconds=0.5)

    with pytest.raises(StartRefused, match=place):
        async with open_storage(replace(servers.options, postgres=postgres), clock=clock, metrics=metrics):
            pass


async def test_a_wrong_password_of_redis_is_refused_at_once(
    servers: Servers, clock: FrozenClock, metrics: Metrics, tmp_path: Path
) -> None:
    with redis_server(tmp_path) as guarded:
        guarded.ask("CONFIG", "SET", "requirepass", "secret")
        wrong = RedisOptions(guarded.url.replace("redis://", "redis://:guess@"))
        try:
            with pytest.raises(StartRefused, match="REDIS_URL") as refusal:
                async with open_storage(replace(servers.options, redis=wrong), clock=clock, metrics=metrics):
                    pass
        finally:
            guarded.stop()

    assert "guess" not in refusal.value.message


@pytest.mark.parametrize(
    ("options", "missing"),
    [
        (StorageOptions("hybrid", redis=RedisOptions("redis://127.0.0.1:1/0")), "DATABASE_URL"),
        (StorageOptions("hybrid", postgres=PostgresOptions("postgresql://127.0.0.1:1/none")), "REDIS_URL"),
    ],
    ids=["no database", "no redis"],
)
async def test_a_missing_address_is_named(
    clock: FrozenClock, metrics: Metrics, options: StorageOptions, missing: str
) -> None:
    with pytest.raises(StartRefused, match=f"STORAGE_TYPE=hybrid needs {missing}"):
        async with open_storage(options, clock=clock, metrics=metrics):
            pass
