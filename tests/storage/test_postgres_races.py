"""Moments that one writer at a time never has: a note and a save of the same player, side by side on PostgreSQL."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import asyncpg
import pytest

from metrics import Metrics
from models.players import UnknownPlayer
from storage import Storage, StorageOptions, open_storage
from tests.clock import FrozenClock
from tests.servers.postgres import run_sql
from tests.storage.made import ID, NOW, OTHER, made_note, made_player
from tests.storage.real_postgres import own_postgres

ROUNDS = 40

_WAITERS = "SELECT COUNT(*) FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))"


@pytest.fixture
async def two(clock: FrozenClock, metrics: Metrics) -> AsyncIterator[tuple[Storage, Storage, str]]:
    """The storage of two processes on one schema, and its URL."""
    async with own_postgres() as options:
        opened = StorageOptions("postgres", postgres=replace(options, pool_min=2))
        async with (
            open_storage(opened, clock=clock, metrics=metrics) as one,
            open_storage(opened, clock=clock, metrics=metrics) as two,
        ):
            yield one, two, options.url


@asynccontextmanager
async def holding(url: str, sql: str) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Another session that has run a statement. What is given commits it, once somebody waits for what it locked."""
    other = await asyncpg.connect(url)
    await other.execute(f"BEGIN; {sql}")

    async def release() -> None:
        end = time.monotonic() + 10
        while not await other.fetchval(_WAITERS):
            assert time.monotonic() < end
            await asyncio.sleep(0.005)
        await other.execute("COMMIT")

    try:
        yield release
    finally:
        await other.close()


async def notes(url: str) -> set[str]:
    """The ids under which notes are kept, wherever they lead."""
    return {row["player_id"] for row in await run_sql(url, "SELECT player_id FROM unknown_players")}


async def test_no_note_stays_under_an_id_that_becomes_an_alias(two: tuple[Storage, Storage, str]) -> None:
    one, other, url = two

    for number in range(ROUNDS):
        alias, blizzard_id = f"Ana-{number:04}", f"id|{number}"
        await asyncio.gather(
            one.players.save_unknown(made_note(alias), 0),
            other.players.save(made_player(blizzard_id, fetched_at=NOW + 1), [alias]),
        )

    # Noted first: the save dropped it. Saved first: the note is where the alias leads.
    assert {player_id for player_id in await notes(url) if player_id.startswith("Ana")} == set()


async def test_a_note_that_somebody_drops_meanwhile_does_not_come_back(
    two: tuple[Storage, Storage, str],
) -> None:
    storage, _, url = two
    await storage.players.save_unknown(made_note("Ana-1234"), 0)

    async with holding(url, "DELETE FROM unknown_players") as release:
        answering = asyncio.create_task(storage.players.save_unknown(made_note("Ana-1234", 2), 1))
        await release()
        answer = await answering

    assert answer == UnknownPlayer("Ana-1234", 0, NOW, NOW)
    assert await notes(url) == set()


async def test_a_note_that_somebody_renews_meanwhile_is_not_pruned(two: tuple[Storage, Storage, str]) -> None:
    storage, _, url = two
    note = made_note("Ana-1234")
    await storage.players.save_unknown(note, 0)

    async with holding(url, f"UPDATE unknown_players SET retry_at = {note.retry_at + 10}") as release:
        pruning = asyncio.create_task(storage.players.prune(note.retry_at + 1, 10))
        await release()
        gone = await pruning

    assert gone == 0
    assert await notes(url) == {"Ana-1234"}


async def test_no_note_stays_about_a_player_that_is_pruned_meanwhile(
    two: tuple[Storage, Storage, str],
) -> None:
    one, other, url = two

    for number in range(ROUNDS):
        alias, blizzard_id = f"Ana-{number:04}", f"id|{number}"
        await one.players.save(made_player(blizzard_id, fetched_at=NOW - 1), [alias])
        await asyncio.gather(
            one.players.save_unknown(made_note(alias), 0),
            other.players.prune(NOW, 10),
        )

    # Noted first: it went with the player. Pruned first: the alias led nowhere, and the note is its own.
    assert {player_id for player_id in await notes(url) if player_id.startswith("id|")} == set()


async def test_two_who_prune_at_once_forget_everybody_once(two: tuple[Storage, Storage, str]) -> None:
    one, other, _ = two
    for number in range(20):
        await one.players.save(made_player(f"id|{number:02}", fetched_at=NOW + number), [])

    gone = await asyncio.gather(*(each.players.prune(NOW + 20, 10) for each in (one, other)))

    assert gone == [10, 10]
    assert await one.players.prune(NOW + 20, 10) == 0


async def test_players_that_take_aliases_from_each_other_all_get_through(
    two: tuple[Storage, Storage, str],
) -> None:
    aliases = [f"Ana-{number:04}" for number in range(10)]

    await asyncio.gather(
        *(
            storage.players.save(made_player(blizzard_id, fetched_at=NOW + number), order)
            for number in range(10)
            for storage, blizzard_id, order in ((two[0], ID, aliases), (two[1], OTHER, aliases[::-1]))
        )
    )

    kept = await two[0].players.get_many(aliases)
    assert len({player.record.blizzard_id for player in kept.values() if player.record}) == 1
    assert len(kept) == 10


async def test_two_processes_that_see_one_change_add_one_snapshot(two: tuple[Storage, Storage, str]) -> None:
    one, other, url = two

    for number in range(ROUNDS):
        player = made_player(eliminations=number, fetched_at=NOW + number)
        await asyncio.gather(*(storage.players.save(player, []) for storage in (one, other, one, other)))

    rows = await run_sql(url, "SELECT version, taken_at FROM player_history ORDER BY version")
    assert [(row["version"], row["taken_at"]) for row in rows] == [
        (number + 1, NOW + number) for number in range(ROUNDS)
    ]
