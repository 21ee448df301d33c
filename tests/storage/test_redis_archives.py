"""Archives on Redis: copies that end, copies there is no room for, tables that do not fit together."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from errors import StorageUnavailable
from metrics import Metrics
from models.catalog import HEROES
from models.storage import AgePercentiles, KindStatistics
from storage.items import PlayerItem
from storage.options import RedisOptions
from storage.redis.archives import redis_archives
from storage.redis.catalog import RedisCatalog
from storage.redis.check import check_redis
from storage.redis.connection import RedisServer, open_redis
from storage.redis.players import RedisPlayers
from storage.redis.snapshot import redis_snapshot
from tests.clock import FrozenClock
from tests.servers.redis import redis_server
from tests.storage.made import ID, NOW, OTHER, made_note, made_player
from tests.storage.made_catalog import made_list
from tests.storage.made_items import items_of, made_catalog_item, made_player_item, made_unknown_item
from tests.storage.redis_probes import own_server, sent_commands

PLACE = f"{ID}\0{1:016d}"


@pytest.fixture
async def server(clock: FrozenClock, metrics: Metrics) -> AsyncIterator[RedisServer]:
    """A server with two players, a note, and an entry of the catalog."""
    async with own_server(clock) as server:
        players = RedisPlayers(server, metrics)
        await players.save(made_player(ID), ["Ana-1234"])
        await players.save(made_player(OTHER, fetched_at=NOW + 5), ["Bob-5678"])
        await players.save_unknown(made_note("Nobody-1111"), 0)
        await RedisCatalog(server, metrics).save(HEROES, "en-us", made_list())
        yield server


async def keys_of(server: RedisServer) -> set[bytes]:
    found: set[bytes] = set()
    async for page in server.scan(f"{server.keys.prefix}*"):
        found.update(page)
    return found


async def test_a_snapshot_leaves_nothing_behind(server: RedisServer, metrics: Metrics) -> None:
    before = await keys_of(server)

    async with redis_snapshot(server, metrics) as snapshot:
        copied = await keys_of(server) - before
        assert await snapshot["players"].count() == 2

    assert (
        len(copied) == 24
    )  # fifteen tables of players (nothing is superseded), six of the catalog, three marks
    assert await keys_of(server) == before


async def test_a_cancelled_reader_leaves_nothing_behind(server: RedisServer, metrics: Metrics) -> None:
    before = await keys_of(server)
    entered = asyncio.Event()

    async def read() -> None:
        async with redis_snapshot(server, metrics):
            entered.set()
            await asyncio.Event().wait()

    reading = asyncio.create_task(read())
    await entered.wait()
    reading.cancel()
    await asyncio.wait([reading])

    assert reading.cancelled()
    assert await keys_of(server) == before


async def test_all_copies_of_a_dead_reader_are_collected(server: RedisServer, metrics: Metrics) -> None:
    before = await keys_of(server)

    async with redis_snapshot(server, metrics, life=60_000) as snapshot:
        ends_at_first = [await server.call("PTTL", key) for key in await keys_of(server) - before]
        await snapshot["players"].list(after=None, limit=1)
        ends = [await server.call("PTTL", key) for key in await keys_of(server) - before]

    assert all(0 < end <= 60_000 for end in [*ends_at_first, *ends])


@pytest.mark.parametrize("lost", ["ids", "records", "search_rows", "owned"])
async def test_a_reader_whose_copy_lost_a_table_is_told_and_sees_no_gap(
    server: RedisServer, metrics: Metrics, lost: str
) -> None:
    before = await keys_of(server)

    async with redis_snapshot(server, metrics) as snapshot:
        (table,) = [
            key
            for key in await keys_of(server) - before
            if key.endswith(f":{lost}".encode()) and b"{players}" in key
        ]
        await server.call("DEL", table)

        for read in (
            snapshot["players"].list(after=None, limit=10),
            snapshot["players"].get_many([ID]),
            snapshot["players"].count(),
        ):
            with pytest.raises(StorageUnavailable, match=r"The copy that was being read is gone\."):
                await read
        assert await snapshot["catalog"].count() == 1


async def test_a_snapshot_of_nothing_is_empty(clock: FrozenClock, metrics: Metrics) -> None:
    async with own_server(clock) as server, redis_snapshot(server, metrics) as snapshot:
        assert [await items_of(reader) for reader in snapshot.values()] == [{}] * 6


async def test_a_copy_that_memory_would_not_hold_is_refused_and_writes_go_on(
    tmp_path: Path, clock: FrozenClock, metrics: Metrics
) -> None:
    with redis_server(tmp_path, {"maxmemory": "6mb", "maxmemory-policy": "noeviction"}) as own:
        async with open_redis(RedisOptions(own.url), clock) as server:
            players = RedisPlayers(server, metrics)
            archive = redis_archives(server, metrics)["players"]
            await archive.put_many([large_item(f"p{number}|x") for number in range(40)])
            before = await keys_of(server)

            with pytest.raises(StorageUnavailable, match=r"takes about \d MB, and Redis has \d MB left"):
                async with redis_snapshot(server, metrics):
                    raise AssertionError("a copy was made")

            assert await keys_of(server) == before
            assert (await players.save(made_player(), [])).version == 1


def large_item(key: str) -> PlayerItem:
    # Noise, which takes as much memory as it says.
    return replace(made_player_item(key), page=random.Random(key).randbytes(75_000))


async def test_a_page_with_nothing_but_damage_is_not_the_end(server: RedisServer, metrics: Metrics) -> None:
    await server.call("HDEL", server.keys.players().careers, ID)

    items = await items_of(redis_archives(server, metrics)["players"], limit=1)

    assert list(items) == [OTHER]


async def test_sizes_follow_every_way_of_writing(server: RedisServer, metrics: Metrics) -> None:
    archives = redis_archives(server, metrics)
    players = RedisPlayers(server, metrics)
    first, second = made_player_item(ID), made_player_item("x|9")

    await archives["players"].put_many([first, second])
    await players.save(made_player(ID, eliminations=9, fetched_at=NOW + 9), [])
    await archives["catalog"].put_many([made_catalog_item(name="Amari")])
    statistics = {kind: await archives[kind].statistics(NOW + 10_000) for kind in archives}
    items: dict[str, list[Any]] = {kind: [*(await items_of(archives[kind])).values()] for kind in archives}
    await players.prune(NOW + 6, 10)
    left = await archives["players"].statistics(NOW + 10_000)

    assert statistics["players"] == KindStatistics(
        "players",
        3,
        sum(len(item.profile) + len(item.career) + len(item.page) for item in items["players"]),
        AgePercentiles(9.995, 10.0, 10.0),
    )
    assert statistics["catalog"].size == sum(len(i.facts) + len(i.source) for i in items["catalog"])
    assert statistics["unknown_players"] == KindStatistics("unknown_players", 1, 0)
    (kept,) = [item for item in items["players"] if item.key == ID]
    assert (left.count, left.size) == (1, len(kept.profile) + len(kept.career) + len(kept.page))


async def test_clearing_leaves_no_key_but_the_sizes(server: RedisServer, metrics: Metrics) -> None:
    archives = redis_archives(server, metrics)

    counts = {kind: [await archive.clear(10), await archive.clear(10)] for kind, archive in archives.items()}

    assert counts == {
        "players": [2, 0],
        "player_history": [0, 0],
        "unknown_players": [1, 0],
        "catalog": [1, 0],
        "conversations": [0, 0],
        "messages": [0, 0],
    }
    keys = server.keys
    assert await keys_of(server) == {keys.players().sizes.encode(), keys.catalog().sizes.encode()}
    assert [(await archive.statistics(NOW)).size for archive in archives.values()] == [0] * 6


async def test_statistics_are_one_trip(
    server: RedisServer, metrics: Metrics, monkeypatch: pytest.MonkeyPatch
) -> None:
    archives = redis_archives(server, metrics)
    await archives["players"].statistics(NOW)
    sent = sent_commands(server, monkeypatch)

    for archive in archives.values():
        await archive.statistics(NOW)

    assert sent == ["EVALSHA"] * 6


async def test_a_store_that_fits_together_has_no_problems(server: RedisServer, metrics: Metrics) -> None:
    await redis_archives(server, metrics)["unknown_players"].put_many([made_unknown_item()])

    assert await check_redis(server) == []


@pytest.mark.parametrize(
    ("command", "table", "rest", "problems"),
    [
        ("HDEL", "profiles", [ID], [f"players {ID} has no profile"]),
        ("HDEL", "careers", [ID], [f"players {ID} has no career"]),
        ("HDEL", "pages", [ID], [f"players {ID} has no page"]),
        ("HDEL", "records", [ID], [f"players {ID} has no record"]),
        ("HSET", "records", [ID, "?"], [f"players {ID} has an unreadable record"]),
        ("ZADD", "fetched", ["7", ID], [f"players {ID} is not listed by its age"]),
        ("ZREM", "fetched", [ID], [f"players {ID} is not listed by its age"]),
        ("HDEL", "aliases", ["Ana-1234"], [f"players {ID} is not found under its alias Ana-1234"]),
        (
            "HSET",
            "aliases",
            [ID, OTHER],
            [
                f"players {ID} is not found under its own id",
                f"players {ID} is not found under its alias {ID}",
            ],
        ),
        ("HSET", "aliases", ["Zed-1", ID], ["players: aliases has 1 entries that owned does not name"]),
        ("HSET", "careers", ["Zed-1", "?"], ["players: careers has 1 entries that ids does not name"]),
        ("ZADD", "owned", ["0", "zed|1\0Zed-1"], ["players Zed-1 is an id that leads to no player"]),
        ("HDEL", "snapshots", [PLACE], [f"player_history {ID}/1 has no snapshot"]),
        ("HSET", "snapshots", [PLACE, "?"], [f"player_history {ID}/1 has an unreadable snapshot"]),
        ("ZADD", "superseded", ["7", PLACE], [f"player_history {ID}/1 is not listed by its age"]),
        (
            "HSET",
            "snapshots",
            [f"{ID}\0{2:016d}", "?"],
            ["players: snapshots has 1 entries that timeline does not name"],
        ),
        (
            "ZADD",
            "timeline",
            ["0", f"zed|1\0{12:016d}"],
            [
                "player_history zed|1/12 has no snapshot",
                "player_history zed|1/12 is the history of no player",
            ],
        ),
        ("HDEL", "notes", ["Nobody-1111"], ["unknown_players Nobody-1111 has no note"]),
        ("HSET", "notes", ["Nobody-1111", "1"], ["unknown_players Nobody-1111 has an unreadable note"]),
        ("ZREM", "retries", ["Nobody-1111"], ["unknown_players Nobody-1111 is not listed by its time"]),
    ],
)
async def test_a_check_of_players_names_what_is_wrong(
    server: RedisServer, command: str, table: str, rest: list[str], problems: list[str]
) -> None:
    await server.call(command, getattr(server.keys.players(), table), *rest)

    assert await check_redis(server) == problems


@pytest.mark.parametrize(
    ("command", "table", "rest", "problem"),
    [
        ("HDEL", "facts", ["heroes/en-us"], "catalog heroes/en-us has no facts"),
        ("HDEL", "sources", ["heroes/en-us"], "catalog heroes/en-us has no source"),
        ("HDEL", "records", ["heroes/en-us"], "catalog heroes/en-us has no record"),
        ("ZREM", "fetched", ["heroes/en-us"], "catalog heroes/en-us is not listed by its age"),
        ("HSET", "sources", ["heroes/x", "?"], "catalog: sources has 1 entries that ids does not name"),
    ],
)
async def test_a_check_of_the_catalog_names_what_is_wrong(
    server: RedisServer, command: str, table: str, rest: list[str], problem: str
) -> None:
    await server.call(command, getattr(server.keys.catalog(), table), *rest)

    assert await check_redis(server) == [problem]
