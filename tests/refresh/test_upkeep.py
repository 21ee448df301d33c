"""What is old is removed, all of it, and nothing else."""

import pytest

from models.history import HistoryRequest
from models.jobs import Job, JobKind, JobPriority, JobRequest, JobState
from refresh.upkeep import BATCH, prune_history, prune_players, sweep_jobs
from tests.refresh.work import ANA, Work
from tests.storage.made import ID, made_player

DAY = 86_400.0
TURN = Job("1", JobKind.PRUNE_PLAYERS, "", JobState.RUNNING, JobPriority.SWEEP, 0, 0)


async def add_players(work: Work, count: int, fetched_at: int) -> list[str]:
    """Keep so many players; their ids."""
    ids = [f"{fetched_at}-{number}" for number in range(count)]
    for player_id in ids:
        await work.storage.players.save(made_player(player_id, fetched_at=fetched_at), [])
    return ids


async def test_players_past_their_age_are_forgotten_and_no_others(work: Work) -> None:
    limit = work.clock.now() - round(1000 * DAY)
    await add_players(work, 3, limit - 1)
    young = await add_players(work, 2, limit)

    await prune_players(work.storage.players, DAY, work.clock)(TURN)

    kept = await work.storage.players.get_many([*young, *(f"{limit - 1}-{number}" for number in range(3))])
    assert list(kept) == young


async def test_no_player_is_forgotten_when_there_is_no_such_age(work: Work) -> None:
    ids = await add_players(work, 2, 1)

    await prune_players(work.storage.players, 0.0, work.clock)(TURN)

    assert list(await work.storage.players.get_many(ids)) == ids


@pytest.mark.parametrize("count", [1, BATCH, BATCH + 1])
async def test_history_past_its_age_is_forgotten_but_for_the_newest_snapshot(work: Work, count: int) -> None:
    limit = work.clock.now() - round(1000 * DAY)
    for number in range(count + 1):
        await work.storage.players.save(made_player(eliminations=number, fetched_at=limit - 1), [])
    whole = HistoryRequest(ID, 2)

    await prune_history(work.storage.history, 0.0, work.clock)(TURN)
    before = (await work.storage.history.pages([whole]))[whole]
    await prune_history(work.storage.history, DAY, work.clock)(TURN)
    after = (await work.storage.history.pages([whole]))[whole]

    assert before.total == count + 1
    assert [each.version for each in after.snapshots] == [count + 1]
    assert after.total == 1


@pytest.mark.parametrize("count", [1, BATCH, BATCH + 1])
async def test_all_ended_jobs_past_their_time_are_removed(work: Work, count: int) -> None:
    requests = {f"{number:04}": JobRequest(ANA.kind, f"{number}", ANA.priority) for number in range(count)}
    await work.storage.jobs.enqueue(requests, now=work.clock.now())
    jobs = await work.claims.claim(
        "worker", [ANA.kind], limit=count, now=work.clock.now(), lease_until=2**50, max_attempts=9
    )
    for job in jobs:
        await work.claims.finish("worker", job.id, state=JobState.FAILED, error=None, now=work.clock.now())

    work.clock.advance(DAY)
    sweep = sweep_jobs(work.storage.jobs, DAY, work.clock)
    await sweep(TURN)
    in_time = len(await work.storage.jobs.get_many(requests))
    work.clock.advance(0.001)
    await sweep(TURN)

    assert in_time == count
    assert await work.storage.jobs.get_many(requests) == {}
