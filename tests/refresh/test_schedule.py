"""Work that comes round: once for each turn, whoever asks, and not at once after a restart."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from models.jobs import Job, JobKind, JobPriority, JobState
from refresh.schedule import Periodic, ScheduleOptions, Scheduler, functions_of
from refresh.worker import Worker
from storage import Leases
from tests.refresh.held_clock import HeldClock
from tests.refresh.work import OPTIONS, Work, opened_work

HOUR = 3600.0
TICK = 30.0


async def nothing(job: Job) -> None:
    """Work that is done as soon as it is begun."""


TABLE = [
    Periodic(JobKind.PRUNE_PLAYERS, HOUR, nothing),
    Periodic(JobKind.SWEEP_JOBS, 2 * HOUR, nothing),
    Periodic(JobKind.NEW_HEROES, 0.0, nothing),
]


class HeldLeases:
    """Leases in this test's own hands: `holder` has the one there is. `asked` lists who tried."""

    def __init__(self) -> None:
        self.holder: str | None = None
        self.expires_at = 0
        self.asked: list[str] = []

    async def acquire(self, name: str, token: str, *, now: int, expires_at: int) -> bool:
        self.asked.append(token)
        if self.holder in (None, token) or now >= self.expires_at:
            self.holder, self.expires_at = token, expires_at
        return self.holder == token

    async def renew(self, name: str, token: str, *, now: int, expires_at: int) -> bool:
        return self.holder == token and await self.acquire(name, token, now=now, expires_at=expires_at)

    async def release(self, name: str, token: str) -> bool:
        is_held = self.holder == token
        self.holder = None if is_held else self.holder
        return is_held


def scheduler(work: Work, token: str = "first", leases: Leases | None = None) -> Scheduler:
    return Scheduler(TABLE, work.queue, leases, ScheduleOptions(token, TICK), work.clock)


def kinds(jobs: Sequence[Job]) -> list[JobKind]:
    return [job.kind for job in jobs]


async def test_what_never_ran_is_due_and_what_is_switched_off_never_is(work: Work) -> None:
    jobs = await scheduler(work).ask_for_due()

    assert kinds(jobs) == [JobKind.PRUNE_PLAYERS, JobKind.SWEEP_JOBS]
    assert {(job.state, job.priority, job.key) for job in jobs} == {(JobState.QUEUED, JobPriority.SWEEP, "")}


async def test_work_is_due_again_after_its_interval_and_not_before(work: Work) -> None:
    table = scheduler(work)
    await table.ask_for_due()

    work.clock.advance(HOUR - 0.001)
    early = await table.ask_for_due()
    work.clock.advance(0.001)
    due = await table.ask_for_due()
    work.clock.advance(HOUR)
    both = await table.ask_for_due()

    assert (early, kinds(due)) == ([], [JobKind.PRUNE_PLAYERS])
    assert kinds(both) == [JobKind.PRUNE_PLAYERS, JobKind.SWEEP_JOBS]


async def test_three_schedulers_on_one_storage_ask_once(work: Work) -> None:
    three = [scheduler(work, token) for token in ("first", "second", "third")]

    answers = await asyncio.gather(*(each.ask_for_due() for each in three))
    work.clock.advance(HOUR)
    later = await asyncio.gather(*(each.ask_for_due() for each in three))

    assert sorted(len(jobs) for jobs in answers) == [0, 0, 2]
    assert sorted(len(jobs) for jobs in later) == [0, 0, 1]


async def test_only_the_leader_asks_and_another_leads_when_it_is_gone(work: Work) -> None:
    leases = HeldLeases()
    first, second = scheduler(work, "first", leases), scheduler(work, "second", leases)
    await first.ask_for_due()

    work.clock.advance(HOUR)
    await leases.acquire("schedule", "first", now=work.clock.now(), expires_at=work.clock.now() + 90_000)
    refused = await second.ask_for_due()
    work.clock.advance(3 * TICK)
    taken = await second.ask_for_due()

    assert (refused, kinds(taken)) == ([], [JobKind.PRUNE_PLAYERS])
    assert leases.holder == "second"


async def test_a_restart_does_not_run_everything_at_once(tmp_path: Path) -> None:
    path, clock = tmp_path / "restarted.db", HeldClock()
    async with opened_work(path, clock) as work:
        before = await scheduler(work).ask_for_due()
    clock.advance(HOUR - 1)

    async with opened_work(path, clock) as work:
        after = await scheduler(work, "second").ask_for_due()

    assert (len(before), after) == (2, [])


async def test_a_leader_looks_on_every_tick_and_lets_go_at_the_end(work: Work) -> None:
    leases = HeldLeases()
    async with scheduler(work, "first", leases).serving():
        await work.clock.until_sleeping(TICK)
        held_until = leases.expires_at - work.clock.now()
        work.clock.advance(TICK)
        await work.clock.until_sleeping(TICK)

    assert (leases.asked, held_until, leases.holder) == (["first", "first"], 3000 * TICK, None)
    assert len(await work.storage.jobs.list(JobState.QUEUED, after=None, limit=9)) == 2


async def test_three_processes_in_miniature_do_each_turn_once(work: Work) -> None:
    runs: list[str] = []

    async def pruning(job: Job) -> None:
        runs.append(job.key)

    table = [Periodic(JobKind.PRUNE_PLAYERS, HOUR, pruning)]
    worker = Worker(work.claims, functions_of(table), OPTIONS, work.clock, work.metrics, work.bell)
    three = [
        Scheduler(table, work.queue, None, ScheduleOptions(f"{number}", TICK), work.clock)
        for number in range(3)
    ]
    async with worker.serving(), three[0].serving(), three[1].serving(), three[2].serving():
        await work.claims.next("finish")
        work.clock.advance(HOUR)
        await work.claims.next("finish")

    assert runs == ["", ""]
