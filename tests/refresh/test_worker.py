"""A worker does what is asked for, keeps what it does for itself, and comes to an end in good order."""

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

from errors import ErrorCode, PlayerNotFound, StorageUnavailable, UpstreamUnavailable
from models.jobs import Job, JobKind, JobState
from tests.refresh.work import ANA, LEASE, MAX_ATTEMPTS, RUN, STOP, TICK, SteeredJob, Work
from tests.storage.probes import take_turns

BOB = replace(ANA, key="bob")


class FailingJob:
    """Raises the errors in turn, then ends well."""

    def __init__(self, *errors: BaseException) -> None:
        self._errors = list(errors)
        self.runs = 0

    async def __call__(self, job: Job) -> None:
        self.runs += 1
        if self._errors:
            raise self._errors.pop(0)


async def test_a_request_is_done_at_once_without_a_tick(work: Work) -> None:
    function = FailingJob()
    async with work.worker(function).serving():
        await work.claims.next("claim")
        (job,) = await work.queue.enqueue([ANA])
        done = await work.claims.next("finish")

    assert done == await work.job(job.id)
    assert (await work.job(job.id)).state is JobState.SUCCEEDED
    assert (function.runs, work.counted("succeeded")) == (1, 1)


async def test_work_that_nobody_announced_is_found_on_the_tick(work: Work) -> None:
    function = FailingJob()
    async with work.worker(function).serving():
        await work.claims.next("claim")
        await work.storage.jobs.enqueue({"01": ANA}, now=work.clock.now())
        work.clock.advance(TICK)
        await work.claims.next("finish")

    assert (await work.job("01")).state is JobState.SUCCEEDED


async def test_work_from_before_the_start_is_done(work: Work) -> None:
    await work.storage.jobs.enqueue({"01": ANA}, now=work.clock.now())

    async with work.worker(FailingJob()).serving():
        await work.claims.next("finish")

    assert (await work.job("01")).state is JobState.SUCCEEDED


async def test_no_more_jobs_run_at_once_than_allowed(work: Work) -> None:
    function = SteeredJob()
    requests = [replace(ANA, key=f"player {number}") for number in range(20)]
    async with work.worker(function, concurrency=3).serving():
        await work.queue.enqueue(requests)
        for _ in range(3):
            await function.next()
        running = work.metrics.registry.get_sample_value("playgraph_jobs_running")
        function.may_end.set()
        for _ in requests:
            await work.claims.next("finish")

    assert (function.runs, function.most_at_once, running) == (20, 3, 3)
    assert work.metrics.registry.get_sample_value("playgraph_jobs_running") == 0


async def test_jobs_of_other_kinds_are_left_for_others(work: Work) -> None:
    (job,) = await work.queue.enqueue([replace(ANA, kind=JobKind.HERO)])

    async with work.worker(FailingJob()).serving():
        await work.claims.next("claim")

    assert await work.job(job.id) == job


async def test_the_lease_of_a_long_job_is_renewed(work: Work) -> None:
    function = SteeredJob()
    async with work.worker(function).serving():
        (job,) = await work.queue.enqueue([ANA])
        await function.next()
        for _ in range(9):
            work.clock.advance(LEASE / 3)
            await work.claims.next("renew")
        kept = await work.job(job.id)
        function.may_end.set()
        await work.claims.next("finish")

    assert kept.lease_until == work.clock.now() + 1000 * LEASE
    assert (function.runs, (await work.job(job.id)).attempts) == (1, 1)


async def test_a_job_that_outlives_its_lease_is_not_run_twice_by_its_worker(work: Work) -> None:
    function = SteeredJob()
    async with work.worker(function).serving():
        (job,) = await work.queue.enqueue([ANA])
        await work.claims.next_jobs()
        work.claims.down.add("renew")
        work.clock.advance(LEASE)
        (again,) = await work.claims.next_jobs()
        function.may_end.set()
        done = await work.claims.next("finish")

    assert (again.id, again.attempts, again.lease_until) == (job.id, 2, work.clock.now() + 1000 * LEASE)
    assert done == await work.job(job.id)
    assert (function.runs, function.cancelled, work.counted("succeeded")) == (1, 0, 1)


async def test_a_job_that_another_worker_took_is_stopped_and_left_to_it(work: Work) -> None:
    function = SteeredJob()
    async with work.worker(function).serving():
        (job,) = await work.queue.enqueue([ANA])
        await function.next()
        now = work.clock.now() + round(1000 * LEASE)
        (taken,) = await work.storage.job_claims.claim(
            "worker-2", [JobKind.PLAYER], limit=1, now=now, lease_until=now + 99_000, max_attempts=9
        )
        work.clock.advance(LEASE / 3)
        await work.claims.next("renew")
        await work.queue.enqueue([BOB])
        await function.next()
        function.may_end.set()
        await work.claims.next("finish")

    assert await work.job(job.id) == taken
    assert (function.runs, function.cancelled, work.counted("lost")) == (2, 1, 1)


async def test_a_job_that_takes_too_long_is_stopped_and_tried_again(work: Work) -> None:
    function = SteeredJob()
    async with work.worker(function).serving():
        (job,) = await work.queue.enqueue([ANA])
        await function.next()
        for _ in range(round(RUN / LEASE * 3) - 1):
            work.clock.advance(LEASE / 3)
            await work.claims.next("renew")
        in_time = function.cancelled
        work.clock.advance(LEASE / 3)
        await work.claims.next("postpone")

    kept = await work.job(job.id)
    assert (in_time, function.cancelled, work.crashes()) == (0, 1, 1)
    assert (kept.state, kept.not_before) == (JobState.QUEUED, work.clock.now() + 10_000)


async def test_an_error_that_says_when_puts_the_job_off_until_then(work: Work) -> None:
    now = work.clock.now()
    function = FailingJob(UpstreamUnavailable("Down.", now=now, next_check_at=now + 30_000))
    async with work.worker(function).serving():
        (job,) = await work.queue.enqueue([ANA])
        await work.claims.next("postpone")
        waiting = await work.job(job.id)
        work.clock.advance(30.0)
        await work.claims.next("finish")

    assert (waiting.state, waiting.not_before, waiting.attempts) == (JobState.QUEUED, now + 30_000, 1)
    assert waiting.error is not None
    assert waiting.error.code is ErrorCode.UPSTREAM_UNAVAILABLE
    assert ((await work.job(job.id)).error, function.runs, work.crashes()) == (None, 2, 0)


async def test_that_there_is_no_such_player_is_an_end_and_no_retry(work: Work) -> None:
    now = work.clock.now()
    function = FailingJob(PlayerNotFound("ana", check_count=1, now=now, next_check_at=now + 600_000))
    async with work.worker(function).serving():
        (job,) = await work.queue.enqueue([ANA])
        await work.claims.next("finish")

    kept = await work.job(job.id)
    assert kept.state is JobState.SUCCEEDED
    assert kept.error is not None
    assert (kept.error.code, kept.error.retry_at) == (ErrorCode.PLAYER_NOT_FOUND, now + 600_000)


async def test_poison_becomes_a_dead_letter_that_can_be_retried(work: Work) -> None:
    function = FailingJob(*[ValueError("secret")] * MAX_ATTEMPTS)
    async with work.worker(function).serving():
        (job,) = await work.queue.enqueue([ANA])
        for _ in range(MAX_ATTEMPTS - 1):
            await work.claims.next("postpone")
            work.clock.advance(600.0)
        await work.claims.next("finish")
        (dead,) = await work.storage.jobs.list(JobState.FAILED, after=None, limit=9)
        await work.queue.requeue([job.id])
        await work.claims.next("finish")

    assert (dead.id, dead.attempts, work.crashes()) == (job.id, MAX_ATTEMPTS, MAX_ATTEMPTS)
    assert dead.error is not None
    assert dead.error.message == f"Something went wrong here; the reference is {job.id}."
    assert (await work.job(job.id)).state is JobState.SUCCEEDED
    assert function.runs == MAX_ATTEMPTS + 1


async def test_poison_does_not_keep_other_jobs_waiting(work: Work) -> None:
    async def function(job: Job) -> None:
        if job.key == "ana":
            raise ValueError

    async with work.worker(function, concurrency=1).serving():
        await work.queue.enqueue([ANA])
        await work.claims.next("postpone")
        (job,) = await work.queue.enqueue([BOB])
        await work.claims.next("finish")

    assert (await work.job(job.id)).state is JobState.SUCCEEDED


async def test_work_that_is_cancelled_from_within_is_tried_again(work: Work) -> None:
    function = FailingJob(asyncio.CancelledError())
    async with work.worker(function).serving():
        (job,) = await work.queue.enqueue([ANA])
        await work.claims.next("postpone")

    assert ((await work.job(job.id)).state, work.crashes()) == (JobState.QUEUED, 1)


async def test_a_worker_claims_again_when_storage_is_back(work: Work) -> None:
    function = FailingJob()
    work.claims.down.add("claim")
    async with work.worker(function).serving():
        await work.claims.next("claim")
        (job,) = await work.queue.enqueue([ANA])
        await work.claims.next("claim")
        work.claims.down.clear()
        work.clock.advance(TICK)
        await work.claims.next("finish")

    assert (await work.job(job.id)).state is JobState.SUCCEEDED


async def test_the_end_of_a_job_is_kept_when_storage_is_back(work: Work) -> None:
    function = FailingJob()
    work.claims.down.add("finish")
    async with work.worker(function).serving():
        (job,) = await work.queue.enqueue([ANA])
        refused = [await work.claims.next("finish")]
        work.clock.advance(TICK)
        refused.append(await work.claims.next("finish"))
        work.claims.down.clear()
        work.clock.advance(TICK)
        await work.claims.next("finish")

    assert refused == [StorageUnavailable] * 2
    assert ((await work.job(job.id)).state, function.runs) == (JobState.SUCCEEDED, 1)


async def test_a_job_whose_end_could_not_be_kept_in_its_lease_is_done_again(work: Work) -> None:
    function = FailingJob()
    work.claims.down |= {"finish", "renew"}
    async with work.worker(function).serving():
        (job,) = await work.queue.enqueue([ANA])
        await work.claims.next("finish")
        work.claims.down.add("claim")
        work.clock.advance(LEASE)
        await work.claims.next("finish")
        work.claims.down.clear()
        work.clock.advance(TICK)
        await work.claims.next("finish")

    kept = await work.job(job.id)
    assert (kept.state, kept.attempts, function.runs) == (JobState.SUCCEEDED, 2, 2)
    assert (work.counted("lost"), work.counted("succeeded")) == (1, 1)


async def test_at_the_end_running_jobs_may_finish_and_none_is_begun(work: Work) -> None:
    function = SteeredJob()
    serving = work.worker(function, concurrency=1).serving()
    await serving.__aenter__()
    ana, bob = await work.queue.enqueue([ANA, BOB])
    await function.next()

    ending = asyncio.create_task(ended(serving))
    await work.clock.until_sleeping(STOP)
    (late,) = await work.queue.enqueue([replace(ANA, key="cat")])
    function.may_end.set()
    await ending

    states = [(await work.job(job.id)).state for job in (ana, bob, late)]
    assert sorted(states, key=lambda state: state.value) == [
        JobState.QUEUED,
        JobState.QUEUED,
        JobState.SUCCEEDED,
    ]
    assert (function.runs, function.cancelled) == (1, 0)


async def test_at_the_end_a_job_that_goes_on_is_stopped_and_given_back(work: Work) -> None:
    function = SteeredJob()
    serving = work.worker(function).serving()
    await serving.__aenter__()
    (job,) = await work.queue.enqueue([ANA])
    await function.next()

    ending = asyncio.create_task(ended(serving))
    await work.clock.until_sleeping(STOP)
    work.clock.advance(STOP - 0.001)
    await take_turns(20)
    is_waiting = not ending.done()
    work.clock.advance(0.001)
    await ending

    kept = await work.job(job.id)
    assert (is_waiting, function.cancelled, work.counted("given_back")) == (True, 1, 1)
    assert (kept.state, kept.attempts, kept.lease_until) == (JobState.QUEUED, 0, None)


async def test_a_job_given_back_is_done_by_the_next_worker_at_once(work: Work) -> None:
    function = SteeredJob()
    async with work.worker(function, stop_seconds=0.0).serving():
        (job,) = await work.queue.enqueue([ANA])
        await function.next()

    async with work.worker(FailingJob(), token="worker-2").serving():
        await work.claims.next("finish")

    kept = await work.job(job.id)
    assert (kept.state, kept.attempts) == (JobState.SUCCEEDED, 1)


async def test_the_end_comes_even_when_storage_is_out_of_reach(work: Work) -> None:
    function = SteeredJob()
    async with work.worker(function, stop_seconds=0.0).serving():
        (job,) = await work.queue.enqueue([ANA])
        await function.next()
        work.claims.down |= {"give_back", "claim"}

    # Its lease runs out, and then somebody does it.
    assert (await work.job(job.id)).state is JobState.RUNNING
    assert function.cancelled == 1


async def test_two_workers_share_the_work_and_do_none_of_it_twice(work: Work) -> None:
    function = FailingJob()
    requests = [replace(ANA, key=f"player {number}") for number in range(40)]
    await work.queue.enqueue(requests)
    async with work.worker(function).serving(), work.worker(function, token="worker-2").serving():
        for _ in requests:
            await work.claims.next("finish")

    assert function.runs == 40
    assert await work.storage.jobs.counts() == {(JobKind.PLAYER, JobState.SUCCEEDED): 40}


async def ended(serving: AbstractAsyncContextManager[None]) -> None:
    """Leave the worker's block."""
    await serving.__aexit__(None, None, None)
