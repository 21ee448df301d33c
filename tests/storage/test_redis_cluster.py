"""What is particular to a Redis Cluster: keys on all nodes, signals between nodes, a node that goes and comes back.

That the contract holds on a Cluster is shown by the contract's own tests.
"""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from errors import StorageUnavailable
from metrics import Metrics
from models.events import Pointer
from storage import CacheEntry
from storage.options import RedisOptions
from storage.redis.cache import RedisCache
from storage.redis.connection import open_redis
from storage.redis.ephemeral import ephemeral_statistics, sweep
from tests.clock import FrozenClock
from tests.servers.missing import require
from tests.servers.redis import RedisCluster, redis_cluster
from tests.storage.made import NOW
from tests.storage.real_cluster import complaint_about_redis_server, own_cluster, shared_cluster
from tests.storage.redis_buses import GAP, TOPIC, heard, look, opened_bus

END = NOW + 60_000
KEYS = [f"key-{number}" for number in range(300)]
COPIES = dict.fromkeys(KEYS, CacheEntry(b"x", END))


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[RedisCluster]:
    """A cluster of the test's own, to be broken."""
    require(complaint_about_redis_server())
    with redis_cluster(tmp_path) as cluster:
        yield cluster


async def test_copies_lie_on_all_nodes_and_are_found_on_all(clock: FrozenClock, metrics: Metrics) -> None:
    async with own_cluster() as options, open_redis(options, clock) as server:
        cache = RedisCache(server, metrics)
        await cache.set_many(COPIES, now=NOW)

        nodes = {shared_cluster().node_of(server.keys.cache(key)).port for key in KEYS}

        assert len(nodes) == 3
        assert await cache.get_many(KEYS, now=NOW) == COPIES
        assert await cache.keys("key-", now=NOW, limit=1_000) == sorted(KEYS)
        assert [each.count for each in await ephemeral_statistics(server, NOW)] == [300, 0, 0]
        assert [await sweep(server, END, 200) for _ in range(3)] == [200, 100, 0]


async def test_what_is_said_on_one_node_is_heard_on_the_others() -> None:
    url = shared_cluster().url
    async with (
        opened_bus(url) as one,
        opened_bus(url) as second,
        opened_bus(url) as third,
        second.subscribe([TOPIC]) as theirs,
        third.subscribe([TOPIC]) as others,
    ):
        await one.publish([Pointer(TOPIC, 3)])

        assert [await look(theirs), await look(others)] == [[Pointer(TOPIC, 3)]] * 2


async def test_connections_cut_on_every_node_are_told_as_a_gap_and_made_anew() -> None:
    cluster = shared_cluster()
    async with (
        opened_bus(cluster.url) as one,
        opened_bus(cluster.url) as other,
        one.subscribe([TOPIC]) as mine,
        other.subscribe([TOPIC]) as theirs,
    ):
        cut = [node.ask("CLIENT", "KILL", "TYPE", "pubsub") for node in cluster.nodes]

        gaps = [await look(mine), await look(theirs)]
        told = await heard(theirs, one, 7)

    assert sum(int(str(each)) for each in cut) == 2
    assert gaps == [[GAP], [GAP]]
    assert told[-1] == Pointer(TOPIC, 7)


async def test_a_lost_node_costs_its_own_keys_and_is_used_again_when_it_is_back(
    cluster: RedisCluster, clock: FrozenClock, metrics: Metrics
) -> None:
    for node in cluster.nodes:
        node.ask("CONFIG", "SET", "cluster-require-full-coverage", "no")
    options = RedisOptions(cluster.url, key_prefix="test:", timeout_seconds=1.0)
    async with open_redis(options, clock) as server:
        cache = RedisCache(server, metrics)
        lost = cluster.nodes[2]
        gone = [key for key in KEYS if cluster.node_of(server.keys.cache(key)) is lost]
        kept = [key for key in KEYS if key not in gone]
        await cache.set_many(COPIES, now=NOW)
        lost.kill()

        with pytest.raises(StorageUnavailable):
            await cache.get_many(gone[:1], now=NOW)
        others = await eventually_all(cache, kept)
        await asyncio.to_thread(lost.start)
        await cache_again(cache, gone)
        again = await eventually_all(cache, KEYS)

        assert min(len(gone), len(kept)) > 50
        assert others == set(kept)
        assert again == set(KEYS)


async def eventually_all(cache: RedisCache, keys: Sequence[str]) -> frozenset[str]:
    """Those of the keys that have a copy, once the client has learnt which nodes there are."""
    async with asyncio.timeout(10.0):
        while True:
            try:
                return await cache.exists(keys, now=NOW)
            except StorageUnavailable:
                await asyncio.sleep(0.01)


async def cache_again(cache: RedisCache, keys: Sequence[str]) -> None:
    async with asyncio.timeout(10.0):
        while True:
            try:
                return await cache.set_many({key: COPIES[key] for key in keys}, now=NOW)
            except StorageUnavailable:
                await asyncio.sleep(0.01)


async def test_the_bus_moves_to_another_node_when_its_own_is_lost(cluster: RedisCluster) -> None:
    async with (
        opened_bus(cluster.url) as one,
        opened_bus(cluster.url) as other,
        one.subscribe([TOPIC]) as mine,
        other.subscribe([TOPIC]) as theirs,
    ):
        listened = [node for node in cluster.nodes if "bus:events" in str(node.ask("PUBSUB", "CHANNELS"))]
        listened[0].kill()

        told = await heard(mine, other, 4), await heard(theirs, one, 5)

    assert [each[-1] for each in told] == [Pointer(TOPIC, 4), Pointer(TOPIC, 5)]
    assert GAP in [*told[0], *told[1]]


async def test_a_bus_opens_without_its_cluster_and_joins_when_it_comes(cluster: RedisCluster) -> None:
    for node in cluster.nodes:
        node.kill()

    async with opened_bus(cluster.url) as one, one.subscribe([TOPIC]) as mine:
        for node in cluster.nodes:
            await asyncio.to_thread(node.start)
        joined = await look(mine)
        async with opened_bus(cluster.url) as other:
            told = await heard(mine, other, 2)

    assert joined == [GAP]
    assert told[-1] == Pointer(TOPIC, 2)
