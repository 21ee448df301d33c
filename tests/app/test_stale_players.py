"""Stale players: served at once, fetched again in the background, and asked for once however often they are read."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from models.jobs import JobKind, JobPriority, JobState
from tests.app.server import Server, flights_land, served
from tests.replay import Replay
from tests.synthetic import career_page

STALE, EXPIRED = 1_800, 3_600
ONE = """
  query ($id: PlayerId!) { player(playerId: $id) {
    ... on Player { username title version freshness { state refreshing } }
  } }
"""
MANY = "query ($ids: [PlayerId!]!) { players(playerIds: $ids) { ... on Player { freshness { state } } } }"
JOB_WRITES = 'playgraph_storage_writes_total{repository="jobs"}'
PLAYER_READS = 'playgraph_storage_reads_total{repository="players"}'


async def ask(server: Server, player_id: str = "Somebody-1234") -> dict[str, Any]:
    found: dict[str, Any] = (await server.data(ONE, {"id": player_id}))["player"]
    return found


async def jobs(server: Server) -> list[tuple[str, JobPriority]]:
    """The jobs that wait, by key."""
    waiting = await server.storage.jobs.list(JobState.QUEUED, after=None, limit=1_000)
    return sorted((job.key, job.priority) for job in waiting)


async def test_a_stale_player_is_served_at_once_and_asked_to_be_fetched_again(
    idle: Server, somebody: Replay
) -> None:
    await ask(idle)
    asked = len(somebody.requests)
    idle.clock.advance(STALE)

    found = await ask(idle)
    await flights_land()

    assert found["freshness"] == {"state": "STALE", "refreshing": True}
    assert len(somebody.requests) == asked
    assert await jobs(idle) == [("Somebody-1234", JobPriority.STALE)]
    assert await idle.figure('playgraph_jobs{kind="player",state="queued"}') == 1


async def test_the_worker_fetches_it_and_the_next_reader_gets_it_fresh(
    busy: Server, somebody: Replay
) -> None:
    await ask(busy)
    somebody.careers["Somebody-1234"] = career_page(name="Somebody", title="Veteran")
    busy.clock.advance(STALE)

    stale = await ask(busy)
    await busy.rest()
    fresh = await ask(busy)

    assert (stale["title"], stale["version"]) == ("Scout", 1)
    assert (fresh["title"], fresh["version"]) == ("Veteran", 2)
    assert fresh["freshness"] == {"state": "FRESH", "refreshing": False}


async def test_nobody_waits_for_upstream_while_a_player_is_stale(busy: Server, somebody: Replay) -> None:
    await ask(busy)
    held = somebody.hold("/en-us/search/account-by-name/Somebody/")
    busy.clock.advance(STALE)

    await ask(busy)
    await held.arrived.wait()
    found = await ask(busy)
    held.release()
    await busy.rest()

    assert found["freshness"] == {"state": "STALE", "refreshing": True}


@pytest.mark.parametrize(("age", "requests"), [(EXPIRED - 0.001, 0), (EXPIRED, 2)])
async def test_an_expired_player_is_fetched_first_and_a_stale_one_is_not(
    idle: Server, somebody: Replay, age: float, requests: int
) -> None:
    await ask(idle)
    asked = len(somebody.requests)
    idle.clock.advance(age)

    await ask(idle)

    assert len(somebody.requests) - asked == requests


async def test_a_hundred_stale_players_cost_one_call_of_storage_more_than_fresh_ones(replay: Replay) -> None:
    ids = [f"Player{number}-1234" for number in range(100)]
    replay.careers.update({player_id: career_page(name=player_id.split("-")[0]) for player_id in ids})
    async with served(replay.url) as server:
        await server.data(MANY, {"ids": ids})
        server.clock.advance(STALE)
        before = await server.figure(JOB_WRITES), await server.figure(PLAYER_READS)

        answer = await server.data(MANY, {"ids": ids})
        await flights_land()

        after = await server.figure(JOB_WRITES), await server.figure(PLAYER_READS)
        waiting = await jobs(server)

    assert {player["freshness"]["state"] for player in answer["players"]} == {"STALE"}
    assert (after[0] - before[0], after[1] - before[1]) == (1, 1)
    assert [key for key, _ in waiting] == sorted(ids)


async def test_what_is_known_to_wait_is_not_asked_for_again(idle: Server) -> None:
    await ask(idle)
    idle.clock.advance(STALE)
    before = await idle.figure(JOB_WRITES)

    await asyncio.gather(*(ask(idle) for _ in range(100)))
    await flights_land()

    assert await idle.figure(JOB_WRITES) - before == 1
    assert await idle.figure('playgraph_refresh_asked_total{kind="player"}') == 1


@pytest.mark.parametrize(("seconds", "calls"), [(59.999, 1), (60, 2)])
async def test_after_a_minute_it_is_asked_for_again_for_another_process_may_have_failed(
    idle: Server, seconds: float, calls: int
) -> None:
    await ask(idle)
    idle.clock.advance(STALE)
    before = await idle.figure(JOB_WRITES)
    await ask(idle)
    await flights_land()
    idle.clock.advance(seconds)

    await ask(idle)
    await flights_land()

    assert await idle.figure(JOB_WRITES) - before == calls
    assert len(await jobs(idle)) == 1


async def test_what_is_past_the_limit_is_counted_and_dropped_and_its_next_reader_asks_again(
    replay: Replay,
) -> None:
    ids = ["One-1234", "Two-1234", "Three-1234"]
    replay.careers.update({player_id: career_page(name=player_id.split("-")[0]) for player_id in ids})
    async with served(replay.url, refresh_queue=2) as server:
        await server.data(MANY, {"ids": ids})
        server.clock.advance(STALE)

        await server.data(MANY, {"ids": ids})
        await flights_land()
        first = await jobs(server)
        dropped = await server.figure('playgraph_refresh_dropped_total{kind="player",reason="full"}')
        server.clock.advance(60)
        await server.data(MANY, {"ids": ids[2:]})
        await flights_land()
        second = await jobs(server)

    assert (len(first), dropped, len(second)) == (2, 1, 3)


async def test_a_stale_player_whom_upstream_no_longer_knows_is_left_alone(
    busy: Server, somebody: Replay
) -> None:
    await ask(busy)
    del somebody.careers["Somebody-1234"]
    busy.clock.advance(STALE)
    await ask(busy)
    await busy.rest()
    asked = len(somebody.requests)

    found = await ask(busy)
    await busy.rest()

    assert found["freshness"] == {"state": "STALE", "refreshing": False}
    assert len(somebody.requests) == asked


async def test_a_job_does_not_fetch_what_was_fetched_since_it_was_asked_for(
    somebody: Replay, tmp_path: Path
) -> None:
    async with served(somebody.url, storage_path=tmp_path / "kept.db") as first:
        await ask(first)
        first.clock.advance(STALE)
        await ask(first)
        await flights_land()
        first.clock.advance(EXPIRED)
        await ask(first)
        asked = len(somebody.requests)
    async with served(
        somebody.url, storage_path=tmp_path / "kept.db", clock=first.clock, job_concurrency=1
    ) as second:
        await second.rest()
        counts = await second.storage.jobs.counts()

    assert len(somebody.requests) == asked
    assert counts == {(JobKind.PLAYER, JobState.SUCCEEDED): 1}
