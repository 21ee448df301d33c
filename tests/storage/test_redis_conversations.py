"""What conversations on Redis do beyond the contract: tables that fit together, and a server that is full."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from errors import StorageUnavailable
from metrics import Metrics
from models.conversations import Removed
from storage import Storage, StorageOptions, open_storage
from storage.options import RedisOptions
from storage.redis.check import check_redis
from storage.redis.connection import RedisServer
from storage.redis.conversations import RedisConversations
from tests.clock import FrozenClock
from tests.servers.redis import redis_server
from tests.storage.made import NOW
from tests.storage.made_conversations import (
    CALLER,
    END,
    FIRST,
    SECOND,
    append,
    made_conversation_draft,
    made_id,
    made_message_draft,
    messages_in,
    say,
    start,
)
from tests.storage.real_redis import own_redis
from tests.storage.redis_probes import own_server

ONE, TWO = f"{FIRST}\0{1:016d}", f"{FIRST}\0{2:016d}"
ENTRY = f"{CALLER}\0{NOW:016d}{FIRST}\0{END}\0ana\0general"


@pytest.fixture
async def storage(clock: FrozenClock, metrics: Metrics) -> AsyncIterator[Storage]:
    async with (
        own_redis() as options,
        open_storage(StorageOptions("redis", redis=options), clock=clock, metrics=metrics) as storage,
    ):
        yield storage


@pytest.fixture
async def server(clock: FrozenClock, metrics: Metrics) -> AsyncIterator[RedisServer]:
    """A server with a conversation of two messages, of which the second has a client key and answers the first."""
    async with own_server(clock) as server:
        kept = RedisConversations(server, metrics)
        await kept.start(made_conversation_draft(), resume_id=None, now=NOW, expires_at=END, limit=9)
        reply = made_message_draft(12, parent_id=made_id(11), client_key="k")
        for draft in (made_message_draft(11), reply):
            await kept.append(FIRST, draft, caller=CALLER, now=NOW, expires_at=END, limit=9)
        yield server


async def keys_of(server: RedisServer) -> set[str]:
    found: set[str] = set()
    async for page in server.scan(f"{server.keys.prefix}*"):
        found.update(key.decode() for key in page)
    return found


async def test_tables_that_fit_together_have_no_problems(server: RedisServer) -> None:
    assert await check_redis(server) == []


@pytest.mark.parametrize(
    ("command", "table", "rest", "problems"),
    [
        ("HSET", "records", [FIRST, "?"], [f"conversations {FIRST} has an unreadable record"]),
        ("ZREM", "activity", [ENTRY], [f"conversations {FIRST} is not listed by its activity"]),
        ("ZADD", "ends", ["7", FIRST], [f"conversations {FIRST} is not listed by its end"]),
        ("ZREM", "ends", [FIRST], [f"conversations {FIRST} is not listed by its end"]),
        ("ZADD", "ends", ["7", SECOND], ["conversations: ends has 1 entries that ids does not name"]),
        ("HDEL", "messages", [ONE], [f"messages {FIRST}/1 has no head"]),
        ("HSET", "messages", [ONE, "?"], [f"messages {FIRST}/1 has an unreadable head"]),
        ("HDEL", "contents", [ONE], [f"messages {FIRST}/1 has no content"]),
        ("HSET", "places", [made_id(12), ONE], [f"messages {FIRST}/2 is not found under its id"]),
        (
            "ZREM",
            "client_keys",
            [f"{FIRST}\0k\0{2:016d}"],
            [f"messages {FIRST}/2 is not found under its client key"],
        ),
        (
            "ZADD",
            "client_keys",
            ["0", f"{FIRST}\0z\0{2:016d}"],
            [f"messages {FIRST} has a client key of no message"],
        ),
        (
            "ZREM",
            "replies",
            [f"{made_id(11)}\0{2:016d}"],
            [f"messages {FIRST}/2 is not listed as a reply"],
        ),
        (
            "ZADD",
            "replies",
            ["0", f"{made_id(11)}\0{9:016d}"],
            [f"messages {made_id(11)} has a reply that is no message"],
        ),
        (
            "HSET",
            "messages",
            [f"{FIRST}\0{3:016d}", "?"],
            ["conversations: messages has 1 entries that timeline does not name"],
        ),
        ("ZREM", "timeline", [TWO], [f"conversations {FIRST} has not as many messages as it counts"]),
    ],
)
async def test_a_check_of_conversations_names_what_is_wrong(
    server: RedisServer, command: str, table: str, rest: list[str], problems: list[str]
) -> None:
    await server.call(command, getattr(server.keys.conversations(), table), *rest)

    assert (await check_redis(server))[: len(problems)] == problems


async def test_messages_of_no_conversation_are_told(server: RedisServer) -> None:
    tables = server.keys.conversations()
    await server.call("HDEL", tables.records, FIRST)
    await server.call("ZREM", tables.ids, FIRST)

    assert (await check_redis(server))[:2] == [
        f"messages {FIRST}/1 is a message of no conversation",
        f"messages {FIRST}/2 is a message of no conversation",
    ]


@pytest.mark.parametrize("way", ["sweep", "erase", "delete"])
async def test_what_is_removed_leaves_no_key_but_the_sizes(
    server: RedisServer, metrics: Metrics, way: str
) -> None:
    kept = RedisConversations(server, metrics)
    ways: dict[str, Callable[[], Awaitable[object]]] = {
        "sweep": lambda: kept.sweep(END, 9),
        "erase": lambda: kept.erase(CALLER, 9),
        "delete": lambda: kept.delete(FIRST, caller=CALLER, now=NOW),
    }

    await ways[way]()

    sizes = server.keys.conversations().sizes
    assert await keys_of(server) == {sizes}
    assert await server.call("HGETALL", sizes) == {b"messages": b"0"}


async def test_all_keys_lie_on_one_node(server: RedisServer) -> None:
    assert {key.partition("{")[2].partition("}")[0] for key in await keys_of(server)} == {"conversations"}


async def test_a_conversation_of_thousands_of_messages_is_removed_whole(storage: Storage) -> None:
    await start(storage, made_conversation_draft(SECOND))
    await start(storage)
    await say(storage, 2_100, first=1_000_000)

    removed = [await storage.conversations.erase(CALLER, 9) for _ in range(2)]

    assert removed == [Removed(1, 2_100), Removed(1, 0)]
    assert await storage.archives["messages"].count() == 0
    assert await storage.check() == []


async def test_a_full_server_refuses_messages_and_lets_conversations_go(
    tmp_path: Path, clock: FrozenClock, metrics: Metrics
) -> None:
    with redis_server(tmp_path, {"maxmemory-policy": "noeviction"}) as own:
        options = StorageOptions("redis", redis=RedisOptions(own.url))
        async with open_storage(options, clock=clock, metrics=metrics) as storage:
            await start(storage, expires_at=None)
            await start(storage, made_conversation_draft(SECOND), expires_at=NOW + 1)
            kept = await say(storage, 2)
            own.ask("CONFIG", "SET", "maxmemory", 1)

            with pytest.raises(StorageUnavailable):
                await append(storage, made_message_draft(11), now=NOW + 5)
            with pytest.raises(StorageUnavailable):
                await start(storage, made_conversation_draft(made_id(3)))
            assert await messages_in(storage) == kept
            swept = await storage.conversations.sweep(NOW + 1, 9)
            own.ask("CONFIG", "SET", "maxmemory", 0)
            problems = await storage.check()
            added = await append(storage, replace(made_message_draft(11), client_key="k"))

    assert (swept, problems, added.message.sequence) == (1, [], 3)
