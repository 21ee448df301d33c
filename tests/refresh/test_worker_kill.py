"""A worker killed anywhere in a job: the job is done again, at the latest a tick after its lease has run out."""

import asyncio
from asyncio.subprocess import Process
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pytest

from models.jobs import JobKind, JobState
from models.players import KeptPlayer
from tests.refresh.held_clock import HeldClock
from tests.refresh.work import TICK, opened_work
from tests.storage.children import child, line_of
from tests.storage.job_child import LEASE_SECONDS, refresh
from tests.storage.made import NOW, made_player, made_record
from tests.storage.own_targets import TARGETS, own_target, until_forgotten

STAGES = ["at claim", "at claimed", "at work", "at finish", "at finished", "done"]
TICKS_PER_LEASE = round(LEASE_SECONDS / TICK)
AT_ONCE = 3  # killed workers looked at side by side


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What another worker made of a job whose first one was killed. `is_in_time`: within lease and tick."""

    said: Sequence[str]
    state: JobState
    is_in_time: bool
    others: int
    is_player_whole: bool


async def reach(process: Process, point: int) -> list[str]:
    """Let the worker go on until it stands at the point of this number, or is done; what it said up to there."""
    assert process.stdin is not None
    said = [await line_of(process)]
    while len(said) <= point and said[-1] not in {"done", ""}:
        process.stdin.write(b"\n")
        said.append(await line_of(process))
    return said


async def points_of(backend: str, folder: Path) -> list[str]:
    """All points at which a job waits for something, in their order."""
    async with own_target(backend, folder) as target, child("job_child", target) as process:
        return await reach(process, 1_000)


async def killed_at(point: int, backend: str, folder: Path) -> Aftermath:
    """Kill a worker at a point, and let another one look for work until the lease must have run out."""
    async with own_target(backend, folder) as target:
        async with child("job_child", target) as process:
            said = await reach(process, point)
            process.kill()
            await process.wait()
        await until_forgotten(target)
        return await aftermath(target, said)


async def aftermath(target: str, said: Sequence[str]) -> Aftermath:
    async with opened_work(target, HeldClock()) as work:
        left = await work.job("01")
        lost_at = left.started_at or left.queued_at
        work.clock.advance((lost_at - work.clock.now()) / 1000)
        async with work.worker(refresh(work.storage), token="next").serving():
            for _ in range(TICKS_PER_LEASE + 1):
                work.clock.advance(TICK)
                await work.claims.next("claim")
        done, players = await work.job("01"), await work.storage.players.get_many(["ana"])
        counts = await work.storage.jobs.counts()
    limit = lost_at + round(1000 * (LEASE_SECONDS + TICK))
    return Aftermath(
        said=said,
        state=done.state,
        is_in_time=done.finished_at is not None and done.finished_at <= limit,
        others=sum(counts.values()) - counts.get((JobKind.PLAYER, JobState.SUCCEEDED), 0),
        is_player_whole=players == {"ana": KeptPlayer(made_record(made_player("ana", fetched_at=NOW)))},
    )


@pytest.mark.parametrize("backend", TARGETS)
async def test_a_worker_can_be_stopped_at_every_stage_of_a_job(backend: str, tmp_path: Path) -> None:
    said = await points_of(backend, tmp_path)

    assert [stage for stage, _ in groupby(said)] == STAGES
    # It waits at least once for each of the three calls that its work makes.
    assert said.count("at work") >= 3


@pytest.mark.parametrize("backend", TARGETS)
async def test_a_job_whose_worker_is_killed_anywhere_is_done_within_lease_and_tick(
    backend: str, tmp_path: Path
) -> None:
    *points, _ = await points_of(backend, tmp_path)
    turns = asyncio.Semaphore(AT_ONCE)

    async def outcome(point: int) -> Aftermath:
        async with turns:
            return await killed_at(point, backend, tmp_path)

    async with asyncio.TaskGroup() as group:
        outcomes = [group.create_task(outcome(point)) for point in range(len(points))]

    assert [task.result() for task in outcomes] == [
        Aftermath(points[: point + 1], JobState.SUCCEEDED, is_in_time=True, others=0, is_player_whole=True)
        for point in range(len(points))
    ]
