"""Players on Redis: what scripts keep in step, races between them, and the trips that calls make."""

import asyncio
import hashlib
import uuid
from collections.abc import AsyncIterator

import pytest

from metrics import Metrics
from models.players import KeptPlayer
from storage.redis import players as repository
from storage.redis.check import check_redis
from storage.redis.connection import RedisServer
from storage.redis.players import RedisPlayers
from storage.redis.records import Stamp, decode_stamp
from storage.redis.script import Script
from tests.clock import FrozenClock
from tests.storage.made import ID, NOW, OTHER, made_note, made_player, made_record
from tests.storage.redis_probes import own_server, sent_commands


@pytest.fixture
async def server(clock: FrozenClock) -> AsyncIterator[RedisServer]:
    async with own_server(clock) as server:
        yield server


@pytest.fixture
def players(server: RedisServer, metrics: Metrics) -> RedisPlayers:
    return RedisPlayers(server, metrics)


async def test_a_damaged_record_that_a_later_answer_mended_meanwhile_stays_mended(
    players: RedisPlayers, server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await players.save(made_player(), [])
    await server.call("HSET", server.keys.players().profiles, ID, "?")
    later = made_player(eliminations=9, fetched_at=NOW + 5)
    calls = 0
    run = server.run

    async def mend_after_the_first(*args: object, **options: object) -> object:
        nonlocal calls
        calls += 1
        answer = await run(*args, **options)  # type: ignore[arg-type]
        if calls == 1:
            monkeypatch.setattr(server, "run", run)
            await players.save(later, [])
        return answer

    monkeypatch.setattr(server, "run", mend_after_the_first)

    record = await players.save(made_player(eliminations=8, fetched_at=NOW - 1), [])

    assert record == made_record(later, version=2)
    assert await players.get_many([ID]) == {ID: KeptPlayer(record)}


@pytest.mark.parametrize("battletag", [None, "", "+", "a\x01b"])
async def test_a_stamp_comes_back_as_it_was(battletag: str | None) -> None:
    stamp = Stamp(2**53 - 1, "ab12", 4, 1, 2**53 - 1, -5, 0, battletag)

    assert decode_stamp(stamp.encode().encode()) == stamp


@pytest.mark.parametrize("count", [1, 50, 5_000])
async def test_a_read_is_one_trip_however_many_ids_are_asked_for(
    players: RedisPlayers, server: RedisServer, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    await players.save(made_player(), ["Ana-1234"])
    asked = ["Ana-1234", ID, *(f"Missing-{number}" for number in range(count - 1))]
    await players.get_many(asked[:1])
    await players.get_careers([ID])
    sent = sent_commands(server, monkeypatch)

    await players.get_many(asked[:count])
    await players.get_careers(asked[:count])
    await players.get_sources(asked[:count])

    assert sent == ["EVALSHA"] * 3


async def test_a_player_with_ten_thousand_aliases_is_found_under_each(
    players: RedisPlayers, server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    aliases = [f"Ana-{number}" for number in range(10_000)]
    await players.save(made_player(), [])
    await players.get_many([ID])
    sent = sent_commands(server, monkeypatch)

    record = await players.save(made_player(fetched_at=NOW + 1), aliases)
    kept = await players.get_many(aliases)

    assert kept == dict.fromkeys(aliases, KeptPlayer(record))
    assert sent == ["EVALSHA"] * 3
    assert await players.prune(NOW + 2, 1) == 1
    assert await players.get_many(aliases) == {}
    assert await check_redis(server) == []


async def test_scripts_that_the_server_forgot_are_told_again(
    players: RedisPlayers, server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = await players.save(made_player(), ["Ana-1234"])
    await players.get_many([ID])
    # Another text has another digest: as good as forgotten, without harm to whoever shares the server.
    text = f"-- {uuid.uuid4()}\n{repository._GET_PLAYERS.text}"
    digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
    monkeypatch.setattr(repository, "_GET_PLAYERS", Script("get_players", text, digest))
    sent = sent_commands(server, monkeypatch)

    first = await players.get_many(["Ana-1234"])
    again = await players.get_many(["Ana-1234"])

    assert first == again == {"Ana-1234": KeptPlayer(record)}
    assert sent == ["EVALSHA", "EVAL", "EVALSHA"]


async def test_a_cancelled_call_gives_its_connection_back_clean(
    players: RedisPlayers, server: RedisServer
) -> None:
    first = await players.save(made_player(), [])
    other = await players.save(made_player(OTHER), [])
    for turns in range(12):
        reading = asyncio.create_task(players.get_many([ID]))
        for _ in range(turns):
            await asyncio.sleep(0)
        reading.cancel()
        await asyncio.wait([reading])

        assert server.connections_in_use == 0
        assert await players.get_many([OTHER]) == {OTHER: KeptPlayer(other)}
    assert await players.get_many([ID]) == {ID: KeptPlayer(first)}


async def test_writers_of_many_players_leave_tables_that_fit_together(
    players: RedisPlayers, server: RedisServer
) -> None:
    async def write(number: int) -> None:
        for turn in range(10):
            key, alias = f"p{(number + turn) % 7}|x", f"Ana-{(number * turn) % 11}"
            await players.save(made_player(key, eliminations=turn, fetched_at=NOW + turn), [alias])
            await players.save_unknown(made_note(f"Ana-{(number + 5 * turn) % 11}"), 0)
            await players.prune(NOW + turn // 2, 2)

    await asyncio.gather(*(write(number) for number in range(20)))

    assert await check_redis(server) == []
