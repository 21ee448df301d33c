"""What the jobs on Redis do beyond the contract: tables that fit together, newer code's jobs, clocks that differ."""

import random
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from errors import ErrorCode, StorageUnavailable
from metrics import Metrics
from models.jobs import Job, JobKind, JobPriority, JobRequest, JobState, ScheduledRequest
from storage import Storage, StorageOptions, open_storage
from storage.options import RedisOptions
from storage.redis.check import check_redis
from storage.redis.connection import RedisServer, Value, open_redis
from storage.redis.job_claims import RedisJobClaims
from storage.redis.jobs import _ENQUEUE, RedisJobs
from tests.clock import FrozenClock
from tests.servers.redis import redis_server
from tests.storage.contract.test_jobs_walk import Walk
from tests.storage.made import NOW
from tests.storage.made_jobs import ERROR, LEASE, MAX_ATTEMPTS, TOKEN, made_request, queued, running
from tests.storage.real_redis import own_redis
from tests.storage.redis_probes import own_server, sent_commands

SWEEPING = ScheduledRequest(JobRequest(JobKind.SWEEP_JOBS, "", JobPriority.SWEEP), every=LEASE)


@pytest.fixture
async def server(clock: FrozenClock) -> AsyncIterator[RedisServer]:
    async with own_server(clock) as server:
        yield server


@pytest.fixture
def jobs(server: RedisServer, metrics: Metrics) -> RedisJobs:
    return RedisJobs(server, metrics)


@pytest.fixture
def claims(server: RedisServer, metrics: Metrics) -> RedisJobClaims:
    return RedisJobClaims(server, metrics)


@pytest.fixture
async def whole(clock: FrozenClock, metrics: Metrics) -> AsyncIterator[Storage]:
    """Everything, opened as a server opens it."""
    async with (
        own_redis() as options,
        open_storage(StorageOptions("redis", redis=options), clock=clock, metrics=metrics) as storage,
    ):
        yield storage


async def claim(
    claims: RedisJobClaims, *, limit: int = 9, now: int = NOW, lease: int = LEASE
) -> Sequence[Job]:
    return await claims.claim(
        TOKEN, list(JobKind), limit=limit, now=now, lease_until=now + lease, max_attempts=MAX_ATTEMPTS
    )


async def enqueue_of_newer_code(server: RedisServer, job_id: str, key: str) -> None:
    """Put in a job of a kind that this code does not know, as code that knows it does."""
    values: list[Value] = [NOW, job_id, "songs", key, 2, NOW, 0, ""]
    await server.run(_ENQUEUE, server.keys.jobs().all(), values)


async def tables_of(server: RedisServer) -> set[str]:
    """The names of the tables of jobs that hold anything."""
    keys = server.keys.jobs()
    return {name for name in keys.__slots__ if await server.call("EXISTS", getattr(keys, name))}


@pytest.mark.parametrize("seed", range(3))
async def test_the_tables_fit_together_after_each_step_of_a_random_walk(whole: Storage, seed: int) -> None:
    walk = Walk(whole, random.Random(seed))
    problems = []

    for _ in range(200):
        name, _, _ = await walk._step()
        problems += [f"after {name}: {problem}" for problem in await whole.check()]

    assert problems == []
    assert walk.made > 50


async def test_jobs_that_were_swept_leave_nothing_but_marks_and_counts(
    jobs: RedisJobs, claims: RedisJobClaims, server: RedisServer
) -> None:
    await jobs.enqueue({"01": made_request(), "02": made_request("bob", not_before=NOW + 1)}, now=NOW)
    await jobs.enqueue_scheduled({"03": SWEEPING}, now=NOW)
    await claim(claims)
    await jobs.enqueue({"04": made_request(after_run=True)}, now=NOW)
    await claims.postpone(TOKEN, "03", not_before=NOW, error=ERROR)
    await claims.finish(TOKEN, "01", state=JobState.FAILED, error=ERROR, now=NOW)
    while claimed := await claim(claims, now=NOW + 1):
        for job in claimed:
            await claims.finish(TOKEN, job.id, state=JobState.SUCCEEDED, error=None, now=NOW + 1)

    swept = await jobs.sweep(NOW + 2, 10)

    assert swept == 4
    assert await tables_of(server) == {"marks", "counts"}
    assert await jobs.counts() == {}


async def test_a_check_finds_what_does_not_fit(
    jobs: RedisJobs, claims: RedisJobClaims, server: RedisServer
) -> None:
    asked = {f"{number:02}": made_request(f"player {number}") for number in range(5)}
    await jobs.enqueue(asked, now=NOW)
    await claim(claims, limit=1)
    await claims.finish(TOKEN, "00", state=JobState.SUCCEEDED, error=None, now=NOW)
    whole, keys = await check_redis(server), server.keys.jobs()

    await server.call("ZREM", keys.ends, "00")
    await server.call("HDEL", keys.records, "01")
    await server.call("HDEL", keys.heads, "player\0player 2")
    await server.call("ZREM", keys.later, f"98{NOW:016}03\0player")
    await server.call("ZREM", keys.ready, f"98{NOW:016}03\0player")
    await server.call("HSET", keys.records, "04", "torn")

    assert whole == []
    assert await check_redis(server) == [
        "jobs 01 has no record",
        "jobs 02 is open and not found by its kind and key",
        "jobs 03 waits in no line",
        "jobs 04 has an unreadable record",
        "jobs 00 is not listed by its end",
        "jobs: records have 4 entries, queued and running and succeeded and failed have 5",
        "jobs: heads and follow_ups have 3 entries, queued and running have 4",
        "jobs: ends have 0 entries, succeeded and failed have 1",
    ]


async def test_jobs_of_newer_code_are_left_alone(
    jobs: RedisJobs, claims: RedisJobClaims, server: RedisServer
) -> None:
    await enqueue_of_newer_code(server, "02", "ana")
    await jobs.enqueue({"01": made_request(), "03": made_request("bob")}, now=NOW)

    claimed = await claim(claims, limit=1)
    listed = await jobs.list(JobState.QUEUED, after=None, limit=1)

    # The other one is of a higher priority, and stands between these two in the list.
    assert claimed == [running(queued("01", made_request()))]
    assert listed == [queued("03", made_request("bob"))]
    assert await jobs.list(JobState.QUEUED, after=listed[0].place, limit=1) == []
    assert list(await jobs.get_many(["01", "02", "03"])) == ["01", "03"]
    assert await jobs.counts() == {
        (JobKind.PLAYER, JobState.RUNNING): 1,
        (JobKind.PLAYER, JobState.QUEUED): 1,
    }
    assert await check_redis(server) == []


async def test_a_dead_letter_of_newer_code_is_not_requeued(jobs: RedisJobs, server: RedisServer) -> None:
    keys = server.keys.jobs()
    await enqueue_of_newer_code(server, "01", "ana")
    text = await server.call("HGET", keys.records, "01")
    await server.call("HSET", keys.records, "01", text.replace(b"queued", b"failed"))

    assert await jobs.requeue(["01"], now=NOW) == {}
    assert await server.call("HGET", keys.records, "01") == text.replace(b"queued", b"failed")


async def test_an_error_of_newer_code_reads_as_a_mistake(
    jobs: RedisJobs, claims: RedisJobClaims, server: RedisServer
) -> None:
    await jobs.enqueue({"01": made_request()}, now=NOW)
    await claim(claims)
    await claims.finish(TOKEN, "01", state=JobState.FAILED, error=ERROR, now=NOW)
    text = await server.call("HGET", server.keys.jobs().records, "01")
    newer = text.replace(ERROR.code.value.encode(), b"TOO_LOUD")
    await server.call("HSET", server.keys.jobs().records, "01", newer)

    error = (await jobs.get_many(["01"]))["01"].error

    assert error is not None
    assert (error.code, error.message) == (ErrorCode.INTERNAL_SERVER_ERROR, ERROR.message)


async def test_a_claimer_whose_clock_is_behind_gets_nothing_early(
    jobs: RedisJobs, claims: RedisJobClaims
) -> None:
    late = made_request("late", not_before=NOW + 50)
    await jobs.enqueue({"01": made_request("now"), "02": late}, now=NOW)

    ahead = await claim(claims, limit=1, now=NOW + 50)
    behind = await claim(claims, now=NOW + 49)
    on_time = await claim(claims, now=NOW + 50)

    # The first brought both up, and took one.
    assert [[job.id for job in claimed] for claimed in (ahead, behind, on_time)] == [["01"], [], ["02"]]


async def test_a_lease_that_ends_at_once_gives_a_job_once_for_each_claim(
    jobs: RedisJobs, claims: RedisJobClaims
) -> None:
    await jobs.enqueue({"01": made_request()}, now=NOW)

    attempts = [[job.attempts for job in await claim(claims, lease=0)] for _ in range(MAX_ATTEMPTS + 1)]

    assert attempts == [[1], [2], [3], []]


async def test_a_follow_up_asked_for_by_a_clock_that_is_behind_moves_up_in_the_same_claim(
    jobs: RedisJobs, claims: RedisJobClaims
) -> None:
    await jobs.enqueue({"01": made_request()}, now=NOW + 10)
    for _ in range(MAX_ATTEMPTS):
        await claim(claims, now=NOW + 10, lease=0)
    # By its age it stands before the job that it follows.
    await jobs.enqueue({"02": made_request(after_run=True)}, now=NOW)

    claimed = await claim(claims, now=NOW + 10)

    assert [job.id for job in claimed] == ["02"]
    assert (await jobs.get_many(["01"]))["01"].state is JobState.FAILED


async def test_a_request_sent_twice_is_one_job_also_when_that_has_ended(
    jobs: RedisJobs, claims: RedisJobClaims, server: RedisServer
) -> None:
    await jobs.enqueue({"01": made_request()}, now=NOW)
    await claim(claims)
    done = await claims.finish(TOKEN, "01", state=JobState.SUCCEEDED, error=None, now=NOW)

    again = await jobs.enqueue({"01": made_request()}, now=NOW)

    assert again == {"01": done}
    assert await check_redis(server) == []


async def test_each_method_is_one_round_trip(
    jobs: RedisJobs, claims: RedisJobClaims, server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {f"{number:04}": made_request(f"player {number}") for number in range(1_000)}
    keys = [request.key for request in asked.values()]

    async def each() -> None:
        await jobs.enqueue(asked, now=NOW)
        await jobs.enqueue_scheduled({"a": SWEEPING}, now=NOW)
        await jobs.get_many(asked)
        await jobs.get_latest(JobKind.PLAYER, keys)
        await jobs.list(JobState.QUEUED, after=None, limit=100)
        await jobs.requeue(asked, now=NOW)
        await jobs.counts()
        await jobs.sweep(NOW, 100)
        await claim(claims, limit=1_000)
        await claims.renew(TOKEN, asked, lease_until=NOW + LEASE)
        await claims.give_back(TOKEN, asked)
        await claims.finish(TOKEN, "0000", state=JobState.SUCCEEDED, error=None, now=NOW)
        await claims.postpone(TOKEN, "0000", not_before=NOW, error=ERROR)

    # The first time the server is told the scripts.
    await each()
    sent = sent_commands(server, monkeypatch)
    await each()

    assert sent == ["EVALSHA"] * 13


async def test_a_full_server_takes_no_request_and_lets_the_work_that_makes_room_go_on(
    tmp_path: Path, clock: FrozenClock, metrics: Metrics
) -> None:
    with redis_server(tmp_path) as own:
        async with open_redis(RedisOptions(own.url), clock) as server:
            jobs, claims = RedisJobs(server, metrics), RedisJobClaims(server, metrics)
            requests = {"01": made_request("one"), "02": made_request("two"), "03": made_request("three")}
            await jobs.enqueue(requests, now=NOW)
            own.ask("CONFIG", "SET", "maxmemory", 1)

            with pytest.raises(StorageUnavailable):
                await jobs.enqueue({"04": made_request("four")}, now=NOW)
            after_refusal = await jobs.get_many(["01", "02", "03", "04"])
            scheduled = await jobs.enqueue_scheduled({"05": SWEEPING}, now=NOW)
            claimed = await claim(claims)
            held = await claims.renew(TOKEN, ["01", "02"], lease_until=NOW + 2 * LEASE)
            done = await claims.finish(TOKEN, "01", state=JobState.FAILED, error=ERROR, now=NOW)
            later = await claims.postpone(TOKEN, "02", not_before=NOW + 1, error=ERROR)
            given = await claims.give_back(TOKEN, ["03"])
            again = await jobs.requeue(["01"], now=NOW)
            swept = await jobs.sweep(NOW + 1, 10)
            problems = await check_redis(server)

    assert after_refusal == {job_id: queued(job_id, request) for job_id, request in requests.items()}
    assert list(scheduled) == ["05"]
    assert [job.id for job in claimed] == ["01", "02", "03", "05"]
    assert sorted(held) == ["01", "02"]
    assert (sorted(given), list(again), swept) == (["03"], ["01"], 0)
    assert done is not None
    assert later is not None
    assert problems == []
