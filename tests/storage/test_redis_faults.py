"""What callers see when Redis is killed, frozen, full, flushed of its scripts or made a replica; and what is lost."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from redis.exceptions import ResponseError

from errors import StorageUnavailable
from metrics import Metrics
from models.players import KeptPlayer, PlayerRecord
from storage.options import RedisOptions
from storage.redis.archives import redis_archives
from storage.redis.check import check_redis
from storage.redis.connection import RedisServer, open_redis
from storage.redis.players import RedisPlayers
from tests.clock import FrozenClock
from tests.servers.redis import RedisServer as OwnServer
from tests.servers.redis import redis_server
from tests.servers.waiting import wait_until
from tests.storage.made import ID, NOW, made_career, made_player
from tests.storage.made_items import every_item, made_catalog_item, made_player_item
from tests.storage.probes import counted

TIMEOUT = 0.5
KEYS = [f"p{number}|x" for number in range(8)]
DURABLE = {"appendonly": "yes", "appendfsync": "always"}


@pytest.fixture
def own(tmp_path: Path) -> Iterator[OwnServer]:
    with redis_server(tmp_path, DURABLE) as own:
        yield own


@pytest.fixture
async def server(own: OwnServer, clock: FrozenClock) -> AsyncIterator[RedisServer]:
    async with open_redis(RedisOptions(own.url, timeout_seconds=TIMEOUT), clock) as server:
        yield server
        assert server.connections_in_use == 0


@pytest.fixture
def players(server: RedisServer, metrics: Metrics) -> RedisPlayers:
    return RedisPlayers(server, metrics)


@dataclass
class Load:
    """Writers that go on whatever happens, what was acknowledged to them, and what failed otherwise than it may."""

    players: RedisPlayers
    acknowledged: dict[str, int] = field(default_factory=dict)
    refused: int = 0
    longest: float = 0.0
    _moved: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._write(key)) for key in KEYS]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        outcomes = await asyncio.gather(*self._tasks, return_exceptions=True)
        assert [outcome for outcome in outcomes if not isinstance(outcome, asyncio.CancelledError)] == []

    async def reach(self, more: int) -> None:
        """Wait until every writer has been acknowledged so many more writes."""
        aims = {key: self.acknowledged.get(key, 0) + more for key in KEYS}
        await self.until(lambda: all(self.acknowledged.get(key, 0) >= aim for key, aim in aims.items()))

    async def be_refused(self, more: int) -> None:
        """Wait until so many more writes were refused."""
        aim = self.refused + more
        await self.until(lambda: self.refused >= aim)

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Look again after each outcome of a write, for ten seconds."""
        async with asyncio.timeout(10):
            while not is_so():
                self._moved.clear()
                await self._moved.wait()

    async def _write(self, key: str) -> None:
        loop = asyncio.get_running_loop()
        for number in itertools.count(1):
            player = made_player(key, eliminations=number, fetched_at=NOW + number)
            began = loop.time()
            try:
                await self.players.save(player, [f"{key}-{number % 3}"])
            except StorageUnavailable:
                self.refused += 1
            else:
                self.acknowledged[key] = number
            self._moved.set()
            self.longest = max(self.longest, loop.time() - began)

    async def lost(self) -> dict[str, int]:
        """Players of whom less is kept than was acknowledged before."""
        acknowledged = dict(self.acknowledged)
        kept = await self.players.get_many(KEYS)
        last = {key: _eliminations(kept[key].record) for key in acknowledged}
        return {key: number for key, number in acknowledged.items() if last[key] < number}


def _eliminations(record: PlayerRecord | None) -> int:
    assert record is not None
    return record.hero_totals[0].eliminations


@pytest.fixture
async def load(players: RedisPlayers) -> AsyncIterator[Load]:
    load = Load(players)
    load.start()
    await load.reach(5)
    yield load
    await load.stop()


async def until_it_answers(server: RedisServer) -> None:
    async with asyncio.timeout(10):
        while True:
            try:
                return await server.ping()
            except StorageUnavailable:
                await asyncio.sleep(0)


async def test_a_server_killed_mid_load_loses_nothing_acknowledged(
    own: OwnServer, server: RedisServer, load: Load
) -> None:
    for _ in range(3):
        await asyncio.to_thread(own.kill)
        await load.be_refused(8)
        await asyncio.to_thread(own.start)
        await until_it_answers(server)

        assert await load.lost() == {}
        await load.reach(3)

    await load.stop()
    assert await load.lost() == {}
    # Each record is one whole write: profile and career of the same one.
    kept, careers = await load.players.get_many(KEYS), await load.players.get_careers(KEYS)
    assert careers == {key: made_career(_eliminations(kept[key].record)) for key in KEYS}
    assert await check_redis(server) == []
    assert load.longest < TIMEOUT + 1.0


async def test_a_frozen_server_is_given_up_in_time_and_used_again(
    own: OwnServer, players: RedisPlayers, metrics: Metrics
) -> None:
    record = await players.save(made_player(), [])
    loop = asyncio.get_running_loop()
    own.freeze()
    try:
        began = loop.time()
        with pytest.raises(StorageUnavailable) as refused:
            await players.get_many([ID])
        took = loop.time() - began
    finally:
        own.thaw()

    assert refused.value.retry_after == 5
    assert TIMEOUT <= took < TIMEOUT + 0.5
    assert counted(metrics, "errors", "players") == 1
    assert await players.get_many([ID]) == {ID: KeptPlayer(record)}


async def test_scripts_flushed_mid_load_are_noticed_by_nobody(own: OwnServer, load: Load) -> None:
    for _ in range(20):
        await asyncio.to_thread(own.ask, "SCRIPT", "FLUSH")
        await load.reach(1)

    await load.stop()
    assert load.refused == 0
    assert await load.lost() == {}


async def test_connections_cut_mid_load_cost_calls_under_way_and_nothing_else(
    own: OwnServer, server: RedisServer, load: Load
) -> None:
    for _ in range(5):
        await asyncio.to_thread(own.ask, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        await load.reach(2)

    await load.stop()
    # Eight writers, each with at most one call under way at each cut.
    assert load.refused <= 5 * 8
    assert await load.lost() == {}
    assert await check_redis(server) == []


async def is_refused(call: Callable[[], Awaitable[object]]) -> None:
    with pytest.raises(StorageUnavailable) as refused:
        await call()
    assert (refused.value.retry_after, refused.value.message) == (
        5,
        "The database does not answer at the moment.",
    )


async def refuses_writes_and_reads_on(
    players: RedisPlayers, refuse: Callable[[], object], allow: Callable[[], object]
) -> None:
    """The same for every way of refusing: a typed error, nothing changed, reads answer, and all is well afterwards."""
    record = await players.save(made_player(), [])
    later = made_player(eliminations=8, fetched_at=NOW + 1)
    await asyncio.to_thread(refuse)

    await is_refused(lambda: players.save(later, ["Ana-1234"]))
    await is_refused(lambda: players.confirm(ID, NOW + 1, ["Ana-1234"]))

    assert await players.get_many([ID, "Ana-1234"]) == {ID: KeptPlayer(record)}
    assert await players.get_careers([ID]) == {ID: made_career()}
    await asyncio.to_thread(allow)
    assert (await players.save(later, ["Ana-1234"])).version == 2


async def test_a_full_server_refuses_writes(own: OwnServer, players: RedisPlayers) -> None:
    await refuses_writes_and_reads_on(
        players,
        lambda: own.ask("CONFIG", "SET", "maxmemory", 1),
        lambda: own.ask("CONFIG", "SET", "maxmemory", 0),
    )


async def test_a_full_server_takes_no_items_and_lets_go_of_what_it_has(
    own: OwnServer, server: RedisServer, players: RedisPlayers, metrics: Metrics
) -> None:
    archives = redis_archives(server, metrics)
    for number in range(3):
        await players.save(made_player(f"p{number}|x", fetched_at=NOW + number), [f"Ana-{number}"])
    await archives["catalog"].put_many([made_catalog_item()])
    before = await every_item(archives)
    own.ask("CONFIG", "SET", "maxmemory", 1)

    await is_refused(lambda: archives["players"].put_many([made_player_item(ID), made_player_item("p1|x")]))
    await is_refused(lambda: archives["catalog"].put_many([made_catalog_item(name="Amari")]))

    assert await every_item(archives) == before
    assert await players.prune(NOW + 1, 10) == 1
    assert [await archives["players"].clear(10), await archives["catalog"].clear(10)] == [2, 1]
    assert [(await archive.statistics(NOW)).size for archive in archives.values()] == [0] * 6
    assert await check_redis(server) == []


async def test_a_primary_made_a_replica_refuses_writes(own: OwnServer, players: RedisPlayers) -> None:
    await refuses_writes_and_reads_on(
        players,
        lambda: own.ask("REPLICAOF", "127.0.0.1", 1),
        lambda: own.ask("REPLICAOF", "NO", "ONE"),
    )


async def test_a_server_that_misses_its_replicas_refuses_writes(
    own: OwnServer, players: RedisPlayers
) -> None:
    await refuses_writes_and_reads_on(
        players,
        lambda: own.ask("CONFIG", "SET", "min-replicas-to-write", 1),
        lambda: own.ask("CONFIG", "SET", "min-replicas-to-write", 0),
    )


async def test_a_server_in_somebodys_endless_script_refuses_everything_until_it_ends(
    own: OwnServer, players: RedisPlayers
) -> None:
    record = await players.save(made_player(), [])
    own.ask("CONFIG", "SET", "busy-reply-threshold", 1)
    endless = asyncio.create_task(asyncio.to_thread(own.ask, "EVAL", "while true do end", 0))
    await asyncio.to_thread(wait_until_busy, own)

    await is_refused(lambda: players.get_many([ID]))
    own.ask("SCRIPT", "KILL")
    await asyncio.wait([endless])

    assert "killed by user" in str(endless.exception())
    assert await players.get_many([ID]) == {ID: KeptPlayer(record)}


def wait_until_busy(own: OwnServer) -> None:
    def is_busy() -> bool:
        try:
            own.ask("EXISTS", "x")
        except ResponseError as error:
            return "BUSY" in str(error)
        return False

    wait_until(is_busy)
