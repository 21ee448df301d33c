"""Opening Redis: what its address may be, what stops the start, and how the layout's version is kept."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import RedisCluster
from redis.asyncio.connection import SSLConnection, UnixDomainSocketConnection
from redis.asyncio.sentinel import SentinelConnectionPool

from errors import StartRefused
from metrics import Metrics
from storage import RedisOptions, StorageOptions, open_storage
from storage.redis.clients import make_client, place_of
from storage.redis.connection import RedisServer, open_redis
from storage.redis.keys import Keys
from storage.redis.layout import STEPS, bring_up_to_date
from storage.redis.safety import doubts, refuse_eviction, refuse_old
from tests.clock import FrozenClock
from tests.servers.redis import RedisServer as OwnServer
from tests.servers.redis import redis_cluster, redis_sentinel, redis_server
from tests.servers.waiting import free_port
from tests.storage.made import ID, made_player, made_record
from tests.storage.real_redis import own_redis
from tests.storage.redis_probes import own_server


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnServer]:
    """A server whose settings tests may change."""
    with redis_server(tmp_path_factory.mktemp("redis")) as own:
        yield own


def make(url: str) -> Any:
    return make_client(url, connect_seconds=1.0, max_connections=3)


async def test_each_form_of_address_makes_its_own_client() -> None:
    plain = make("redis://user:p%40ss@example.org:6390/2")
    secure = make("rediss://example.org")
    unix = make("unix:///run/redis.sock?db=3")

    named = plain.connection_pool.connection_kwargs
    assert {name: named[name] for name in ("host", "port", "db", "username", "password", "protocol")} == {
        "host": "example.org",
        "port": 6390,
        "db": 2,
        "username": "user",
        "password": "p@ss",
        "protocol": 3,
    }
    assert secure.connection_pool.connection_class is SSLConnection
    assert unix.connection_pool.connection_class is UnixDomainSocketConnection
    assert unix.connection_pool.connection_kwargs["path"] == "/run/redis.sock"


async def test_an_address_of_a_cluster_names_its_nodes() -> None:
    client = make("redis+cluster://:secret@one:7000,[::1]:7001,three")

    assert isinstance(client, RedisCluster)
    nodes = client.startup_nodes
    assert [(node.host, node.port) for node in nodes] == [("one", 7000), ("::1", 7001), ("three", 6379)]
    assert client.connection_kwargs["password"] == "secret"
    await client.aclose()


async def test_an_address_of_sentinels_names_them_and_the_service() -> None:
    client = make("redis+sentinel://user:secret@one,two:27000/games/4?sentinel_password=other")

    pool = client.connection_pool
    assert isinstance(pool, SentinelConnectionPool)
    assert pool.service_name == "games"
    assert (pool.connection_kwargs["db"], pool.connection_kwargs["password"]) == (4, "secret")
    asked = [sentinel.connection_pool.connection_kwargs for sentinel in pool.sentinel_manager.sentinels]
    assert [(each["host"], each["port"], each["password"]) for each in asked] == [
        ("one", 26379, "other"),
        ("two", 27000, "other"),
    ]


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://localhost", "REDIS_URL begins with 'http'"),
        ("localhost:6379", "REDIS_URL begins with 'localhost'"),
        ("redis+sentinel://one:26379", "REDIS_URL names no service"),
        ("redis+cluster://", "REDIS_URL names no host"),
        ("redis+cluster://one:port", "REDIS_URL cannot be read"),
        ("redis://one:port", "REDIS_URL cannot be read"),
        ("redis+sentinel://one/games/four", "REDIS_URL cannot be read"),
        ("redis://[::1", "REDIS_URL cannot be read"),
        ("redis://one?colour=blue", "REDIS_URL has an option that the driver does not know"),
        ("rediss://one?ssl_cert_reqs=perhaps", "REDIS_URL has an option that the driver does not know"),
        ("redis+cluster://one?colour=blue", "REDIS_URL has an option that the driver does not know"),
    ],
)
async def test_an_address_that_makes_no_sense_is_refused(url: str, message: str) -> None:
    with pytest.raises(StartRefused, match=f"^{message}"):
        make(url)


@pytest.mark.parametrize("sign", ["/", "?", "#"])
@pytest.mark.parametrize("begin", ["s3cret", "12"])
@pytest.mark.parametrize("scheme", ["redis", "rediss", "redis+cluster", "redis+sentinel"])
async def test_a_password_with_signs_that_end_it_is_refused_and_not_told(
    scheme: str, begin: str, sign: str
) -> None:
    with pytest.raises(StartRefused, match=r"^REDIS_URL cannot be read\.") as refused:
        make(f"{scheme}://:{begin}{sign}s3cret@one:6379/0")

    assert "s3cret" not in str(refused.value)
    assert "12" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("redis://user:secret@host:1/0", "host:1"),
        ("redis+cluster://:secret@a:1,b:2", "a:1,b:2"),
        ("unix://:secret@/run/redis.sock", "/run/redis.sock"),
    ],
)
def test_the_place_of_an_address_has_no_password(url: str, place: str) -> None:
    assert place_of(url) == place


async def test_a_server_that_does_not_answer_stops_the_start_without_telling_the_password(
    clock: FrozenClock,
) -> None:
    port = free_port()
    options = RedisOptions(f"redis://user:secret@127.0.0.1:{port}/0", start_seconds=0.2)

    with pytest.raises(StartRefused) as refused:
        async with open_redis(options, clock):
            raise AssertionError("it was opened")

    assert str(refused.value).startswith(
        f"Redis at 127.0.0.1:{port} did not answer within 0.2 seconds: Error 111 connecting to 127.0.0.1:{port}."
    )
    assert "secret" not in str(refused.value)


async def test_a_server_that_comes_up_late_is_waited_for(tmp_path: Path, clock: FrozenClock) -> None:
    own = OwnServer(tmp_path)
    opening = open_redis(RedisOptions(own.url, start_seconds=10.0), clock)
    entering = asyncio.create_task(opening.__aenter__())
    try:
        await asyncio.to_thread(own.start)

        server = await entering

        assert server.server_version.split()[0] in {"Redis", "Valkey"}
        await opening.__aexit__(None, None, None)
    finally:
        own.stop()


async def test_a_wrong_password_is_refused_at_once(own: OwnServer, clock: FrozenClock) -> None:
    options = RedisOptions(own.url.replace("//", "//user:secret@"), start_seconds=30.0)

    with pytest.raises(StartRefused) as refused:
        async with open_redis(options, clock):
            raise AssertionError("it was opened")

    assert str(refused.value) == (
        f"Redis at 127.0.0.1:{own.port} refuses this user or password. Set them in REDIS_URL."
    )


@pytest.mark.parametrize("policy", ["allkeys-lru", "allkeys-lfu", "allkeys-random"])
async def test_a_policy_that_may_delete_facts_stops_the_start(
    own: OwnServer, clock: FrozenClock, metrics: Metrics, policy: str
) -> None:
    own.ask("CONFIG", "SET", "maxmemory-policy", policy)
    options = StorageOptions("redis", redis=RedisOptions(own.url))

    with pytest.raises(
        StartRefused, match=f"^Redis has maxmemory-policy {policy}, .*`maxmemory-policy noeviction`"
    ):
        async with open_storage(options, clock=clock, metrics=metrics):
            raise AssertionError("it was opened")


@pytest.mark.parametrize("policy", ["noeviction", "volatile-lru", "volatile-ttl"])
async def test_a_policy_that_leaves_facts_alone_is_allowed(
    own: OwnServer, clock: FrozenClock, policy: str
) -> None:
    own.ask("CONFIG", "SET", "maxmemory-policy", policy)

    async with open_redis(RedisOptions(own.url), clock) as server:
        assert (await server.facts("memory"))["maxmemory_policy"] == policy
        await refuse_eviction(server)


@pytest.mark.parametrize(
    ("appendonly", "save", "beginnings"),
    [
        ("yes", "", []),
        ("no", "60 1", ["Redis keeps no append-only log"]),
        ("no", "", ["Redis writes nothing to its disk"]),
    ],
)
async def test_what_a_crash_may_cost_is_said(
    own: OwnServer, clock: FrozenClock, appendonly: str, save: str, beginnings: list[str]
) -> None:
    own.ask("CONFIG", "SET", "appendonly", appendonly, "save", save)

    async with open_redis(RedisOptions(own.url), clock) as server:
        said = await doubts(server)

    assert [sentence.partition(":")[0] for sentence in said] == beginnings


async def test_who_may_not_ask_for_settings_may_still_start(own: OwnServer, clock: FrozenClock) -> None:
    own.ask("CONFIG", "SET", "appendonly", "no", "maxmemory-policy", "noeviction")
    own.ask("ACL", "SETUSER", "narrow", "on", ">secret", "~*", "&*", "+@all", "-config")

    async with open_redis(RedisOptions(own.url.replace("//", "//narrow:secret@")), clock) as server:
        said = await doubts(server)
        await refuse_eviction(server)

    assert [sentence.partition(":")[0] for sentence in said] == ["Redis keeps no append-only log"]


async def test_who_may_not_ask_anything_is_told_what_to_look_at(own: OwnServer, clock: FrozenClock) -> None:
    own.ask("ACL", "SETUSER", "narrower", "on", ">secret", "~*", "&*", "+@all", "-config", "-info")

    async with open_redis(RedisOptions(own.url.replace("//", "//narrower:secret@")), clock) as server:
        said = await doubts(server)
        await refuse_eviction(server)
        refuse_old(server)

    assert [sentence.partition(".")[0] for sentence in said] == [
        "Redis does not tell this user its maxmemory-policy",
        "Redis keeps no append-only log: a crash loses what was written since its last save",
    ]


async def test_a_user_without_the_right_to_scripts_is_refused(own: OwnServer, clock: FrozenClock) -> None:
    own.ask("ACL", "SETUSER", "narrowest", "on", ">secret", "~*", "&*", "+@all", "-@scripting")

    with pytest.raises(
        StartRefused, match=f"^Redis at 127.0.0.1:{own.port} gives this user too few rights: "
    ):
        async with open_redis(RedisOptions(own.url.replace("//", "//narrowest:secret@")), clock):
            raise AssertionError("it was opened")


@pytest.mark.parametrize(
    ("version", "is_refused"),
    [("Redis 6.0.16", True), ("Redis 6.2.0", False), ("Redis 10.1", False), ("Valkey 8.1.3", False)],
)
async def test_a_server_that_cannot_copy_is_refused(
    clock: FrozenClock, version: str, is_refused: bool
) -> None:
    async with own_server(clock) as server:
        server.server_version = version

        if is_refused:
            with pytest.raises(
                StartRefused, match=f"^{version} is too old; Redis 6.2 is the oldest that works"
            ):
                refuse_old(server)
        else:
            refuse_old(server)


async def test_a_store_without_an_address_says_what_to_set(clock: FrozenClock, metrics: Metrics) -> None:
    with pytest.raises(StartRefused, match=r"^STORAGE_TYPE=redis needs REDIS_URL"):
        async with open_storage(StorageOptions("redis"), clock=clock, metrics=metrics):
            raise AssertionError("it was opened")


async def test_a_layout_of_newer_code_stops_the_start_and_stays(clock: FrozenClock, metrics: Metrics) -> None:
    async with own_redis() as options, open_redis(options, clock) as server:
        await server.call("SET", server.keys.layout, len(STEPS) + 1)

        with pytest.raises(StartRefused, match=f"its layout {len(STEPS) + 1} is not known here"):
            async with open_storage(StorageOptions("redis", redis=options), clock=clock, metrics=metrics):
                raise AssertionError("it was opened")

        assert await server.call("GET", server.keys.layout) == str(len(STEPS) + 1).encode()


async def test_ten_that_start_at_once_take_each_step_and_end_at_the_last(clock: FrozenClock) -> None:
    async with own_redis() as options:
        taken: list[int] = []

        async def first(server: RedisServer) -> None:
            taken.append(1)
            await server.call("SETNX", f"{server.keys.prefix}first", "done")

        async def second(server: RedisServer) -> None:
            taken.append(2)
            assert await server.call("GET", f"{server.keys.prefix}first") == b"done"

        async def start() -> int:
            async with open_redis(options, clock) as server:
                return await bring_up_to_date(server, (first, second))

        versions = await asyncio.gather(*(start() for _ in range(10)))

        assert versions == [2] * 10
        assert set(taken) == {1, 2}
        async with open_redis(options, clock) as server:
            assert await server.call("GET", server.keys.layout) == b"2"
            count = len(taken)
            assert await bring_up_to_date(server, (first, second)) == 2
            assert len(taken) == count


async def test_a_step_that_was_cut_short_is_taken_again(clock: FrozenClock) -> None:
    async with own_server(clock) as server:

        async def broken(server: RedisServer) -> None:
            raise OSError("the process ends here")

        taken: list[RedisServer] = []

        async def whole(server: RedisServer) -> None:
            taken.append(server)

        with pytest.raises(OSError, match="the process ends here"):
            await bring_up_to_date(server, (broken,))

        assert await bring_up_to_date(server, (whole,)) == 1
        assert taken == [server]


async def test_a_cluster_keeps_all_that_one_server_does(
    tmp_path: Path, clock: FrozenClock, metrics: Metrics
) -> None:
    with redis_cluster(tmp_path) as cluster:
        options = StorageOptions("redis", redis=RedisOptions(cluster.url))
        async with open_storage(options, clock=clock, metrics=metrics) as storage:
            record = await storage.players.save(made_player(), ["Ana-1234"])

            kept = await storage.players.get_many(["Ana-1234"])
            async with storage.snapshot() as snapshot:
                await storage.players.prune(made_player().fetched_at + 1, 1)
                (item,) = await snapshot["players"].list(after=None, limit=10)
            problems = await storage.check()

    assert record == made_record(made_player())
    assert kept["Ana-1234"].record == record
    assert (item.key, item.player_ids) == (ID, ("Ana-1234", ID))
    assert problems == []


async def test_sentinels_lead_to_the_primary(tmp_path: Path, clock: FrozenClock, metrics: Metrics) -> None:
    with redis_sentinel(tmp_path) as pair:
        options = StorageOptions("redis", redis=RedisOptions(pair.url))
        async with open_storage(options, clock=clock, metrics=metrics) as storage:
            await storage.players.save(made_player(), [])

        assert pair.master.ask("HLEN", Keys("playgraph:").players().records) == 1
