"""What `storage.protocols.JobClaims` promises, sentence by sentence, on every backend."""

import asyncio
from dataclasses import replace

import pytest

from errors import ErrorCode
from metrics import Metrics
from models.jobs import JobError, JobKind, JobPriority, JobState
from storage import Storage
from tests.storage.made import NOW
from tests.storage.made_jobs import (
    ERROR,
    LEASE,
    MAX_ATTEMPTS,
    OTHER_TOKEN,
    TOKEN,
    claim,
    ended,
    enqueue,
    fail,
    made_request,
    queued,
    running,
    succeed,
)
from tests.storage.probes import counted, take_turns

NOTE = JobError(ErrorCode.PLAYER_NOT_FOUND, "Blizzard has no player ana.", NOW + 600_000)


async def test_there_is_nothing_to_claim_at_first(storage: Storage) -> None:
    assert await claim(storage) == []


async def test_no_jobs_and_no_kinds_are_nothing_read_or_written(storage: Storage, metrics: Metrics) -> None:
    before = counted(metrics, "writes", "job_claims")

    nothing = await storage.job_claims.claim(
        TOKEN, [], limit=1, now=NOW, lease_until=NOW + LEASE, max_attempts=MAX_ATTEMPTS
    )

    assert nothing == []
    assert await storage.job_claims.renew(TOKEN, [], lease_until=NOW) == frozenset()
    assert await storage.job_claims.give_back(TOKEN, []) == frozenset()
    assert counted(metrics, "writes", "job_claims") == before


async def test_a_claimed_job_runs_and_nobody_else_gets_it(storage: Storage) -> None:
    job = await enqueue(storage, "01")

    claimed = await claim(storage)

    assert claimed == [running(job)]
    assert await claim(storage, OTHER_TOKEN) == []
    assert await storage.jobs.get_many(["01"]) == {"01": running(job)}


async def test_the_job_of_a_person_goes_first_then_the_older_then_the_lesser_id(storage: Storage) -> None:
    order = [("06", 0, 0), ("05", 1, 3), ("02", 1, 2), ("04", 1, 2), ("03", 2, 5), ("01", 0, 9)]
    for job_id, priority, age in order:
        request = made_request(job_id, priority=JobPriority(priority))
        await enqueue(storage, job_id, request, now=NOW + age)

    first = await claim(storage, limit=4, now=NOW + 10)
    rest = await claim(storage, limit=4, now=NOW + 10)

    assert [job.id for job in [*first, *rest]] == ["03", "02", "04", "05", "06", "01"]
    assert len(first) == 4


async def test_a_job_is_due_from_its_time_on(storage: Storage) -> None:
    await enqueue(storage, "01", made_request(not_before=NOW + 100))

    assert await claim(storage, now=NOW + 99) == []
    assert [job.id for job in await claim(storage, now=NOW + 100)] == ["01"]


async def test_only_jobs_of_the_kinds_asked_for_are_claimed(storage: Storage) -> None:
    await enqueue(storage, "01", made_request(kind=JobKind.HERO))
    await enqueue(storage, "02", made_request(kind=JobKind.ROLES))

    claimed = await storage.job_claims.claim(
        TOKEN, [JobKind.ROLES], limit=9, now=NOW, lease_until=NOW + LEASE, max_attempts=MAX_ATTEMPTS
    )

    assert [job.id for job in claimed] == ["02"]


async def test_twenty_claimers_share_the_jobs_and_none_is_taken_twice(storage: Storage) -> None:
    requests = {f"{number:03}": made_request(f"player {number}") for number in range(200)}
    await storage.jobs.enqueue(requests, now=NOW)

    claims = await asyncio.gather(*(claim(storage, f"worker-{number}", limit=10) for number in range(20)))

    taken = [job.id for jobs in claims for job in jobs]
    assert [len(jobs) for jobs in claims] == [10] * 20
    assert sorted(taken) == sorted(requests)


async def test_claims_enqueues_renewals_and_sweeps_at_once_lose_no_job(storage: Storage) -> None:
    keys = [f"player {number}" for number in range(50)]

    async def work(number: int) -> list[str]:
        token, done = f"worker-{number}", []
        for turn in range(10):
            asked = {f"{number:02}{turn:02}{place:02}": made_request(key) for place, key in enumerate(keys)}
            await storage.jobs.enqueue(asked, now=NOW)
            jobs = await claim(storage, token, limit=7)
            held = await storage.job_claims.renew(token, [job.id for job in jobs], lease_until=NOW + LEASE)
            for job in jobs:
                end = await storage.job_claims.finish(
                    token, job.id, state=JobState.SUCCEEDED, error=None, now=NOW
                )
                done += [end.id] if end else []
            assert held == {job.id for job in jobs}
            await storage.jobs.sweep(NOW, 5)
        return done

    ends = [
        job_id for done in await asyncio.gather(*(work(number) for number in range(8))) for job_id in done
    ]

    counts = await storage.jobs.counts()
    assert len(ends) == len(set(ends)) == counts[JobKind.PLAYER, JobState.SUCCEEDED]
    assert counts.keys() <= {(JobKind.PLAYER, JobState.SUCCEEDED), (JobKind.PLAYER, JobState.QUEUED)}
    assert len(await storage.jobs.get_latest(JobKind.PLAYER, keys)) == 50


async def test_a_job_whose_lease_ran_out_is_due_again_and_not_before(storage: Storage) -> None:
    job = running(await enqueue(storage, "01"))
    await claim(storage)

    early = await claim(storage, OTHER_TOKEN, now=NOW + LEASE - 1)
    late = await claim(storage, OTHER_TOKEN, now=NOW + LEASE)

    assert early == []
    assert late == [running(job, now=NOW + LEASE)]
    assert late[0].attempts == 2


async def test_work_that_always_kills_its_worker_becomes_a_dead_letter(storage: Storage) -> None:
    await enqueue(storage, "01")
    await enqueue(storage, "02", made_request("bob"), now=NOW + 1)
    times = [NOW + 1 + turn * LEASE for turn in range(MAX_ATTEMPTS)]
    tried = [[job.attempts for job in await claim(storage, limit=1, now=now)] for now in times]

    after = await claim(storage, limit=1, now=NOW + 1 + MAX_ATTEMPTS * LEASE)

    # The dead letter does not use up the place of a job that can be run.
    assert tried == [[1], [2], [3]]
    assert [job.id for job in after] == ["02"]
    dead = (await storage.jobs.list(JobState.FAILED, after=None, limit=9))[0]
    assert (dead.id, dead.attempts, dead.finished_at) == ("01", 3, NOW + 1 + MAX_ATTEMPTS * LEASE)
    assert dead.error == JobError(
        ErrorCode.INTERNAL_SERVER_ERROR, "The worker was gone before it ended, 3 times or more."
    )


async def test_the_follow_up_of_work_that_kills_its_worker_moves_up(storage: Storage) -> None:
    await enqueue(storage, "01")
    for turn in range(MAX_ATTEMPTS):
        await claim(storage, now=NOW + turn * LEASE)
    await enqueue(storage, "02", made_request(after_run=True))

    claimed = await claim(storage, now=NOW + MAX_ATTEMPTS * LEASE)

    assert [job.id for job in claimed] == ["02"]


async def test_a_renewed_lease_ends_later(storage: Storage) -> None:
    await enqueue(storage, "01")
    await claim(storage)

    held = await storage.job_claims.renew(TOKEN, ["01", "02"], lease_until=NOW + 3 * LEASE)

    assert held == {"01"}
    assert await claim(storage, OTHER_TOKEN, now=NOW + 3 * LEASE - 1) == []
    assert len(await claim(storage, OTHER_TOKEN, now=NOW + 3 * LEASE)) == 1


async def test_a_lease_that_ran_out_can_be_renewed_while_nobody_else_has_the_job(storage: Storage) -> None:
    await enqueue(storage, "01")
    await claim(storage)

    held = await storage.job_claims.renew(TOKEN, ["01"], lease_until=NOW + 9 * LEASE)

    assert held == {"01"}
    assert await claim(storage, OTHER_TOKEN, now=NOW + LEASE) == []


@pytest.mark.parametrize("error", [None, NOTE], ids=["plain", "with a note"])
async def test_a_finished_job_has_ended_and_tells_how(storage: Storage, error: JobError | None) -> None:
    job = running(await enqueue(storage, "01"))
    await claim(storage)

    done = await storage.job_claims.finish(TOKEN, "01", state=JobState.SUCCEEDED, error=error, now=NOW + 7)

    assert done == ended(job, JobState.SUCCEEDED, now=NOW + 7, error=error)
    assert await storage.jobs.get_many(["01"]) == {"01": done}
    assert await claim(storage, now=NOW + 2 * LEASE) == []


async def test_a_postponed_job_is_due_again_at_its_time_and_keeps_count(storage: Storage) -> None:
    job = running(await enqueue(storage, "01"))
    await claim(storage)

    waiting = await storage.job_claims.postpone(TOKEN, "01", not_before=NOW + 500, error=ERROR)

    assert waiting == replace(job, state=JobState.QUEUED, lease_until=None, not_before=NOW + 500, error=ERROR)
    assert await claim(storage, now=NOW + 499) == []
    assert await claim(storage, now=NOW + 500) == [running(waiting, now=NOW + 500)]


async def test_a_job_given_back_is_due_at_once_as_if_it_had_not_been_claimed(storage: Storage) -> None:
    job = await enqueue(storage, "01")
    await claim(storage)

    given = await storage.job_claims.give_back(TOKEN, ["01", "02"])

    assert given == {"01"}
    assert await storage.jobs.get_many(["01"]) == {"01": replace(job, started_at=NOW)}
    assert await claim(storage, OTHER_TOKEN) == [running(job)]


async def test_a_job_never_run_for_its_worker_gave_it_back_can_be_asked_for_earlier(storage: Storage) -> None:
    await enqueue(storage, "01", made_request(not_before=NOW + 50))
    await claim(storage, now=NOW + 50)
    await storage.job_claims.give_back(TOKEN, ["01"])

    joined = await enqueue(storage, "02")

    assert (joined.id, joined.not_before, joined.attempts) == ("01", NOW, 0)


async def test_what_a_late_worker_says_changes_nothing(storage: Storage) -> None:
    await enqueue(storage, "01")
    await claim(storage)
    await claim(storage, OTHER_TOKEN, now=NOW + LEASE)
    before = await storage.jobs.get_many(["01"])

    assert await succeed(storage, "01") is None
    assert await fail(storage, "01") is None
    assert await storage.job_claims.postpone(TOKEN, "01", not_before=NOW, error=ERROR) is None
    assert await storage.job_claims.renew(TOKEN, ["01"], lease_until=NOW + 9 * LEASE) == frozenset()
    assert await storage.job_claims.give_back(TOKEN, ["01"]) == frozenset()
    assert await storage.jobs.get_many(["01"]) == before


async def test_what_is_said_about_an_ended_job_changes_nothing(storage: Storage) -> None:
    await enqueue(storage, "01")
    await claim(storage)
    done = await succeed(storage, "01")

    assert await fail(storage, "01", now=NOW + 1) is None
    assert await storage.job_claims.postpone(TOKEN, "01", not_before=NOW, error=ERROR) is None
    assert await storage.job_claims.renew(TOKEN, ["01"], lease_until=NOW + LEASE) == frozenset()
    assert await storage.job_claims.give_back(TOKEN, ["01"]) == frozenset()
    assert await storage.jobs.get_many(["01"]) == {"01": done}


async def test_twenty_finish_one_job_and_one_is_believed(storage: Storage) -> None:
    job = running(await enqueue(storage, "01"))
    await claim(storage)

    answers = await asyncio.gather(*(succeed(storage, "01") for _ in range(20)))

    assert [answer for answer in answers if answer] == [ended(job, JobState.SUCCEEDED)]


async def test_a_run_that_is_postponed_keeps_its_follow_up_waiting(storage: Storage) -> None:
    await enqueue(storage, "01")
    await claim(storage)
    wanted = made_request(after_run=True)
    await enqueue(storage, "02", wanted)

    await storage.job_claims.postpone(TOKEN, "01", not_before=NOW + 10, error=ERROR)

    assert [job.id for job in await claim(storage, now=NOW + 10)] == ["01"]
    await succeed(storage, "01", now=NOW + 11)
    assert await claim(storage, now=NOW + 11) == [running(queued("02", wanted), now=NOW + 11)]


@pytest.mark.parametrize("turns", [0, 1, 2, 3, 5, 8, 13, 30, 100])
async def test_a_cancelled_claim_happens_whole_or_not_at_all(storage: Storage, turns: int) -> None:
    await storage.jobs.enqueue({"01": made_request("one"), "02": made_request("two")}, now=NOW)
    claiming = asyncio.create_task(claim(storage))
    await take_turns(turns)

    claiming.cancel()
    await asyncio.wait([claiming])

    # Storage takes writes in turn: once this one is answered, the cancelled one is over.
    await enqueue(storage, "03", made_request("three"))
    states = {job_id: job.state for job_id, job in (await storage.jobs.get_many(["01", "02"])).items()}
    assert states in [dict.fromkeys(["01", "02"], state) for state in (JobState.QUEUED, JobState.RUNNING)]
