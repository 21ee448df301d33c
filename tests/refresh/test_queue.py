"""The queue on a table: what is asked for is kept, joined, and done by the worker of this process."""

import asyncio
from dataclasses import replace

from models.jobs import JobKind, JobPriority, JobState
from refresh.queue import JobQueue, new_job_id
from tests.refresh.work import ANA, SteeredJob, Work

BOB = replace(ANA, key="bob")


async def test_the_table_is_a_queue(work: Work) -> None:
    queue: JobQueue = work.queue

    (job,) = await queue.enqueue([ANA])

    assert await work.job(job.id) == job
    assert (job.key, job.state, job.queued_at) == ("ana", JobState.QUEUED, work.clock.now())


async def test_ids_are_made_for_every_request_and_differ() -> None:
    assert len({new_job_id() for _ in range(1_000)}) == 1_000


async def test_answers_come_in_the_order_of_the_requests(work: Work) -> None:
    (bob,) = await work.queue.enqueue([BOB])

    jobs = await work.queue.enqueue([ANA, BOB, ANA])

    assert [job.key for job in jobs] == ["ana", "bob", "ana"]
    assert (jobs[1], jobs[2]) == (bob, jobs[0])


async def test_a_request_rings_the_bell(work: Work) -> None:
    await work.queue.enqueue([])
    before = work.bell.is_set()

    await work.queue.enqueue([ANA])

    assert (before, work.bell.is_set()) == (False, True)


async def test_a_request_that_joins_a_run_wakes_nobody(work: Work) -> None:
    job = SteeredJob()
    async with work.worker(job).serving():
        await work.queue.enqueue([ANA])
        await job.next()
        await work.claims.next("claim")
        job_ids = {each.id for each in await work.queue.enqueue([ANA] * 3)}
        rung = work.bell.is_set()
        job.may_end.set()

    assert (len(job_ids), rung, job.runs) == (1, False, 1)


async def test_a_thousand_requests_of_one_key_are_one_run(work: Work) -> None:
    job = SteeredJob()
    async with work.worker(job).serving():
        first = await asyncio.gather(*(work.queue.enqueue([ANA]) for _ in range(500)))
        await job.next()
        second = await asyncio.gather(*(work.queue.enqueue([ANA]) for _ in range(500)))
        job.may_end.set()
        await work.claims.next("finish")

    assert job.runs == 1
    assert len({each.id for jobs in [*first, *second] for each in jobs}) == 1
    assert await work.storage.jobs.counts() == {(JobKind.PLAYER, JobState.SUCCEEDED): 1}


async def test_a_thousand_requests_for_after_a_run_are_that_run_and_one_follow_up(work: Work) -> None:
    job, after = SteeredJob(), replace(ANA, after_run=True, priority=JobPriority.PERSON)
    async with work.worker(job).serving():
        (first,) = await work.queue.enqueue([ANA])
        await job.next()
        answers = await asyncio.gather(*(work.queue.enqueue([after]) for _ in range(1_000)))
        job.may_end.set()
        await work.claims.next("finish")
        await work.claims.next("finish")

    assert job.runs == 2
    assert job.most_at_once == 1
    assert len({each.id for jobs in answers for each in jobs} - {first.id}) == 1
    assert await work.storage.jobs.counts() == {(JobKind.PLAYER, JobState.SUCCEEDED): 2}
