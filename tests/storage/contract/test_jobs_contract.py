"""What `storage.protocols.JobRecords` promises, sentence by sentence, on every backend."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from metrics import Metrics
from models.jobs import Job, JobKind, JobPriority, JobRequest, JobState, ScheduledRequest
from storage import Storage, clear_items
from tests.storage.made import NOW
from tests.storage.made_jobs import (
    ERROR,
    claim,
    ended,
    enqueue,
    fail,
    made_request,
    queued,
    running,
    succeed,
)
from tests.storage.probes import ODD_NAMES, ODD_TEXTS, counted, take_turns

HOUR = 3_600_000
PRUNING = JobRequest(JobKind.PRUNE_PLAYERS, "", JobPriority.SWEEP)
SCHEDULED = ScheduledRequest(PRUNING, every=HOUR)
Finish = Callable[[Storage, str], Awaitable[Job | None]]


async def test_there_are_no_jobs_at_first(storage: Storage) -> None:
    assert await storage.jobs.get_many(["01"]) == {}
    assert await storage.jobs.get_latest(JobKind.PLAYER, ["ana"]) == {}
    assert await storage.jobs.list(JobState.QUEUED, after=None, limit=10) == []
    assert await storage.jobs.counts() == {}
    assert await storage.jobs.sweep(NOW, 10) == 0


async def test_nothing_asked_for_is_nothing_read_or_written(storage: Storage, metrics: Metrics) -> None:
    before = counted(metrics, "reads", "jobs"), counted(metrics, "writes", "jobs")

    assert await storage.jobs.enqueue({}, now=NOW) == {}
    assert await storage.jobs.get_many([]) == {}
    assert await storage.jobs.get_latest(JobKind.PLAYER, []) == {}
    assert (counted(metrics, "reads", "jobs"), counted(metrics, "writes", "jobs")) == before


async def test_a_request_becomes_a_queued_job_under_the_id_given(storage: Storage) -> None:
    request = made_request(priority=JobPriority.PERSON, not_before=NOW + 5)

    job = await enqueue(storage, "01", request)

    assert job == queued("01", request)
    assert (job.not_before, job.attempts, job.priority) == (NOW + 5, 0, JobPriority.PERSON)
    assert await storage.jobs.get_many(["01", "02"]) == {"01": job}
    assert await storage.jobs.get_latest(JobKind.PLAYER, ["ana", "bob"]) == {"ana": job}


@pytest.mark.parametrize("text", ODD_TEXTS, ids=ODD_NAMES)
async def test_a_key_may_be_any_text(storage: Storage, text: str) -> None:
    request = made_request(text[:400])

    job = await enqueue(storage, "01", request)

    assert await claim(storage) == [running(job)]
    assert await storage.jobs.get_latest(JobKind.PLAYER, [text[:400]]) == {text[:400]: running(job)}


async def test_many_requests_are_many_jobs_of_one_write(storage: Storage, metrics: Metrics) -> None:
    requests = {f"{number:05}": made_request(f"player {number}") for number in range(2_500)}
    before = counted(metrics, "writes", "jobs")

    jobs = await storage.jobs.enqueue(requests, now=NOW)

    assert jobs == {job_id: queued(job_id, request) for job_id, request in requests.items()}
    assert await storage.jobs.get_many(requests) == jobs
    assert counted(metrics, "writes", "jobs") == before + 1


async def test_a_request_joins_the_queued_job_of_its_kind_and_key(storage: Storage) -> None:
    first = await enqueue(storage, "01")

    joined = await enqueue(storage, "02", now=NOW + 1)

    assert joined == first
    assert await storage.jobs.get_many(["02"]) == {}


async def test_another_kind_or_key_is_another_job(storage: Storage) -> None:
    requests = {"01": made_request(), "02": made_request("bob"), "03": made_request(kind=JobKind.HERO)}

    jobs = await storage.jobs.enqueue(requests, now=NOW)

    assert [job.id for job in jobs.values()] == ["01", "02", "03"]


async def test_joining_raises_the_priority_and_never_lowers_it(storage: Storage) -> None:
    await enqueue(storage, "01", made_request(priority=JobPriority.STALE))

    raised = await enqueue(storage, "02", made_request(priority=JobPriority.PERSON))
    kept = await enqueue(storage, "03", made_request(priority=JobPriority.SWEEP))

    assert (raised.priority, kept.priority) == (JobPriority.PERSON, JobPriority.PERSON)


async def test_joining_a_job_never_run_makes_it_due_earlier_and_never_later(storage: Storage) -> None:
    await enqueue(storage, "01", made_request(not_before=NOW + 50))

    sooner = await enqueue(storage, "02", made_request(not_before=NOW + 20))
    kept = await enqueue(storage, "03", made_request(not_before=NOW + 30))

    assert (sooner.not_before, kept.not_before) == (NOW + 20, NOW + 20)


async def test_joining_a_job_that_waits_for_another_attempt_leaves_its_time(storage: Storage) -> None:
    await enqueue(storage, "01")
    await claim(storage)
    waiting = await storage.job_claims.postpone("worker-1", "01", not_before=NOW + 9_000, error=ERROR)

    joined = await enqueue(storage, "02", made_request(after_run=True))

    assert joined == waiting
    assert joined.not_before == NOW + 9_000


async def test_a_request_joins_the_running_job(storage: Storage) -> None:
    job = running(await enqueue(storage, "01"))
    await claim(storage)

    joined = await enqueue(storage, "02", made_request(priority=JobPriority.PERSON), now=NOW + 1)

    assert joined == replace(job, priority=JobPriority.PERSON)
    assert await storage.jobs.counts() == {(JobKind.PLAYER, JobState.RUNNING): 1}


async def test_a_request_for_after_the_run_gets_one_follow_up(storage: Storage) -> None:
    job = running(await enqueue(storage, "01"))
    await claim(storage)
    wanted = made_request(after_run=True)

    follow_up = await enqueue(storage, "02", wanted, now=NOW + 1)
    joined = await enqueue(storage, "03", wanted, now=NOW + 2)

    assert (follow_up, joined) == (queued("02", wanted, now=NOW + 1),) * 2
    assert await storage.jobs.get_many(["01", "02", "03"]) == {"01": job, "02": follow_up}
    assert await storage.jobs.get_latest(JobKind.PLAYER, ["ana"]) == {"ana": job}


@pytest.mark.parametrize("finish", [succeed, fail], ids=["succeeded", "failed"])
async def test_a_follow_up_waits_for_the_end_of_the_run(storage: Storage, finish: Finish) -> None:
    await enqueue(storage, "01")
    await claim(storage)
    follow_up = await enqueue(storage, "02", made_request(after_run=True))

    too_early = await claim(storage)
    await finish(storage, "01")

    assert too_early == []
    assert await claim(storage) == [running(follow_up)]


async def test_requests_of_one_call_count_as_one_after_the_other(storage: Storage) -> None:
    await enqueue(storage, "01", made_request("running"))
    await claim(storage)
    requests = {
        "02": made_request("new", priority=JobPriority.SWEEP, not_before=NOW + 9),
        "03": made_request("new", priority=JobPriority.PERSON, not_before=NOW + 7, after_run=True),
        "04": made_request("running"),
        "05": made_request("running", after_run=True),
        "06": made_request("running", after_run=True),
    }

    jobs = await storage.jobs.enqueue(requests, now=NOW)

    assert [job.id for job in jobs.values()] == ["02", "02", "01", "05", "05"]
    assert jobs["02"] == jobs["03"] == queued("02", requests["03"])


async def test_an_ended_job_is_no_longer_joined(storage: Storage) -> None:
    await enqueue(storage, "01")
    await claim(storage)
    await succeed(storage, "01")

    second = await enqueue(storage, "02", now=NOW + 1)

    assert second == queued("02", made_request(), now=NOW + 1)
    assert (await storage.jobs.get_latest(JobKind.PLAYER, ["ana"]))["ana"] == second
    assert list(await storage.jobs.get_many(["01", "02"])) == ["01", "02"]


async def test_the_latest_of_ended_jobs_is_the_one_that_ended_last(storage: Storage) -> None:
    for number, job_id in enumerate(["03", "01", "02"]):
        await enqueue(storage, job_id, now=NOW + number)
        await claim(storage, now=NOW + number)
        await succeed(storage, job_id, now=NOW + min(number, 1))

    latest = await storage.jobs.get_latest(JobKind.PLAYER, ["ana"])

    # Both "01" and "02" ended in the last millisecond.
    assert latest["ana"].id == "02"


async def test_a_thousand_requests_of_one_key_are_one_job(storage: Storage) -> None:
    answers = await asyncio.gather(*(enqueue(storage, f"{number:04}") for number in range(1_000)))

    assert len({job.id for job in answers}) == 1
    assert await storage.jobs.counts() == {(JobKind.PLAYER, JobState.QUEUED): 1}


async def test_jobs_of_a_state_are_listed_page_by_page_the_newest_first(storage: Storage) -> None:
    for number, job_id in enumerate(["05", "01", "02", "04", "03"]):
        await enqueue(storage, job_id, made_request(job_id), now=NOW + number // 2)

    first = await storage.jobs.list(JobState.QUEUED, after=None, limit=2)
    await enqueue(storage, "09", made_request("arrives meanwhile"), now=NOW + 9)
    second = await storage.jobs.list(JobState.QUEUED, after=first[-1].place, limit=2)
    last = await storage.jobs.list(JobState.QUEUED, after=second[-1].place, limit=2)

    assert [[job.id for job in page] for page in (first, second, last)] == [
        ["03", "04"],
        ["02", "05"],
        ["01"],
    ]


async def test_a_list_has_the_jobs_of_its_state_alone(storage: Storage) -> None:
    await enqueue(storage, "01")
    dead = await _dead_letter(storage, "01")
    await enqueue(storage, "02")

    assert await storage.jobs.list(JobState.FAILED, after=None, limit=10) == [dead]
    assert await storage.jobs.list(JobState.SUCCEEDED, after=None, limit=10) == []
    assert await storage.jobs.counts() == {
        (JobKind.PLAYER, JobState.FAILED): 1,
        (JobKind.PLAYER, JobState.QUEUED): 1,
    }


async def test_a_dead_letter_gets_another_try_under_its_id(storage: Storage) -> None:
    await enqueue(storage, "01", made_request(priority=JobPriority.PERSON))
    await _dead_letter(storage, "01")

    again = await storage.jobs.requeue(["01"], now=NOW + 100)

    assert again == {"01": queued("01", made_request(priority=JobPriority.PERSON), now=NOW + 100)}
    assert await storage.jobs.get_many(["01"]) == again
    assert await claim(storage, now=NOW + 100) == [running(again["01"], now=NOW + 100)]


async def test_a_dead_letter_whose_key_is_open_again_gives_way(storage: Storage) -> None:
    await enqueue(storage, "01", made_request(priority=JobPriority.PERSON))
    await _dead_letter(storage, "01")
    await enqueue(storage, "02", made_request(priority=JobPriority.SWEEP))

    again = await storage.jobs.requeue(["01"], now=NOW)

    assert again == {"01": queued("02", made_request(priority=JobPriority.PERSON))}
    assert list(await storage.jobs.get_many(["01", "02"])) == ["02"]


async def test_only_failed_jobs_are_requeued(storage: Storage) -> None:
    for job_id in ("01", "02", "03"):
        await enqueue(storage, job_id, made_request(job_id))
    await claim(storage, limit=2)
    await succeed(storage, "01")
    before = await storage.jobs.get_many(["01", "02", "03"])

    again = await storage.jobs.requeue(["01", "02", "03", "04"], now=NOW + 100)

    assert again == {}
    assert await storage.jobs.get_many(["01", "02", "03"]) == before


async def test_twenty_requeue_one_dead_letter_and_one_job_comes_of_it(storage: Storage) -> None:
    await enqueue(storage, "01")
    await _dead_letter(storage, "01")

    answers = await asyncio.gather(*(storage.jobs.requeue(["01"], now=NOW) for _ in range(20)))

    assert sorted(len(answer) for answer in answers) == [0] * 19 + [1]
    assert await storage.jobs.counts() == {(JobKind.PLAYER, JobState.QUEUED): 1}


async def test_ended_jobs_are_swept_from_the_millisecond_after(storage: Storage) -> None:
    await enqueue(storage, "01")
    await _dead_letter(storage, "01")

    assert await storage.jobs.sweep(NOW, 10) == 0
    assert list(await storage.jobs.get_many(["01"])) == ["01"]
    assert await storage.jobs.sweep(NOW + 1, 10) == 1
    assert await storage.jobs.get_many(["01"]) == {}


async def test_a_sweep_takes_no_more_than_its_limit_and_no_open_job(storage: Storage) -> None:
    for job_id in ("01", "02", "03", "04", "05"):
        await enqueue(storage, job_id, made_request(job_id))
    await claim(storage, limit=4)
    for number, job_id in enumerate(("03", "01", "02")):
        await succeed(storage, job_id, now=NOW + number)

    swept = [await storage.jobs.sweep(NOW + HOUR, 2) for _ in range(3)]

    assert swept == [2, 1, 0]
    assert sorted(await storage.jobs.get_many(["01", "02", "03", "04", "05"])) == ["04", "05"]


async def test_scheduled_work_is_asked_for_when_it_never_was(storage: Storage) -> None:
    jobs = await storage.jobs.enqueue_scheduled({"01": SCHEDULED}, now=NOW)

    assert jobs == {"01": queued("01", PRUNING)}
    assert await storage.jobs.get_many(["01"]) == jobs


async def test_scheduled_work_is_asked_for_again_after_its_interval_and_not_before(storage: Storage) -> None:
    await storage.jobs.enqueue_scheduled({"01": SCHEDULED}, now=NOW)
    await claim(storage)
    await succeed(storage, "01")
    # The mark stays when the job is long forgotten.
    await storage.jobs.sweep(NOW + 1, 10)

    early = await storage.jobs.enqueue_scheduled({"02": SCHEDULED}, now=NOW + HOUR - 1)
    due = await storage.jobs.enqueue_scheduled({"03": SCHEDULED}, now=NOW + HOUR)
    early_again = await storage.jobs.enqueue_scheduled({"04": SCHEDULED}, now=NOW + 2 * HOUR - 1)

    assert (early, list(due), early_again) == ({}, ["03"], {})
    assert list(await storage.jobs.get_many(["02", "03", "04"])) == ["03"]


async def test_scheduled_work_joins_its_own_job_that_is_still_open(storage: Storage) -> None:
    await storage.jobs.enqueue_scheduled({"01": SCHEDULED}, now=NOW)

    joined = await storage.jobs.enqueue_scheduled({"02": SCHEDULED}, now=NOW + HOUR)

    assert joined == {"02": queued("01", PRUNING)}


async def test_of_twenty_who_ask_for_scheduled_work_at_once_one_gets_it(storage: Storage) -> None:
    other = ScheduledRequest(replace(PRUNING, kind=JobKind.SWEEP_JOBS), every=HOUR)

    answers = await asyncio.gather(
        *(
            storage.jobs.enqueue_scheduled({f"a{number}": SCHEDULED, f"b{number}": other}, now=NOW)
            for number in range(20)
        )
    )

    assert sorted(len(answer) for answer in answers) == [0] * 19 + [2]
    assert await storage.jobs.counts() == {
        (JobKind.PRUNE_PLAYERS, JobState.QUEUED): 1,
        (JobKind.SWEEP_JOBS, JobState.QUEUED): 1,
    }


@pytest.mark.parametrize("turns", [0, 1, 2, 3, 5, 8, 13, 30, 100])
async def test_a_cancelled_enqueue_happens_whole_or_not_at_all(storage: Storage, turns: int) -> None:
    requests = {"01": made_request("one"), "02": made_request("two")}
    asking = asyncio.create_task(storage.jobs.enqueue(requests, now=NOW))
    await take_turns(turns)

    asking.cancel()
    await asyncio.wait([asking])

    # Storage takes writes in turn: once this one is answered, the cancelled one is over.
    await enqueue(storage, "03")
    assert len(await storage.jobs.get_many(requests)) in {0, 2}


async def test_clearing_what_is_kept_leaves_the_jobs(storage: Storage) -> None:
    await enqueue(storage, "01")
    await _dead_letter(storage, "01")
    await enqueue(storage, "02")
    before = await storage.jobs.get_many(["01", "02"])

    await clear_items(storage.archives, lambda stage, done, total: None)
    await storage.sweep(2 * NOW, 100)

    assert list(before) == ["01", "02"]
    assert await storage.jobs.get_many(["01", "02"]) == before


async def _dead_letter(storage: Storage, job_id: str) -> Job:
    """Claim the one job there is and fail it."""
    (job,) = await claim(storage)
    await fail(storage, job_id)
    return ended(job, JobState.FAILED, error=ERROR)
