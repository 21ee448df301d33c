"""`refreshPlayer`: queued, joined, too early, unknown, refused; and the job that can be read afterwards."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import pytest

from errors import RateLimited
from identity.callers import NOBODY
from models.jobs import Job, JobKind, JobPriority, JobState
from models.players import KeptPlayer
from refresh.requests import RefreshRequests
from storage import JobRecords
from tests.app.server import Server, flights_land, served
from tests.replay import Replay
from tests.synthetic import career_page

BLIZZARD_ID = "abc123|def456"
CAREER = "/en-us/career/Somebody-1234/"
COOLDOWN = 60
TICK = 5
DAY = 86_400
SWEEPS = 3  # kinds of jobs that come round by SWEEP_INTERVAL
PLAYER = "query ($id: PlayerId!) { player(playerId: $id) { ... on Player { title version } } }"
REFRESH = """
  mutation ($id: PlayerId!) { refreshPlayer(input: {playerId: $id}) {
    __typename
    ... on RefreshQueued {
      alreadyQueued job { id playerId state queuedAt startedAt finishedAt attempts error { code } }
    }
    ... on Error { code message }
    ... on RetryableError { retryAfter nextCheckAt }
  } }
"""
JOB = """
  query ($id: ID!) { node(id: $id) { ... on RefreshJob {
    state queuedAt startedAt finishedAt attempts
    error { __typename code message ... on RetryableError { retryAfter } ... on PlayerNotFound { playerId checkCount } }
  } } }
"""


async def refresh(server: Server, player_id: str = "Somebody-1234") -> dict[str, Any]:
    found: dict[str, Any] = (await server.data(REFRESH, {"id": player_id}))["refreshPlayer"]
    return found


async def ask(server: Server, player_id: str = "Somebody-1234") -> dict[str, Any]:
    found: dict[str, Any] = (await server.data(PLAYER, {"id": player_id}))["player"]
    return found


async def job(server: Server, queued: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (await server.data(JOB, {"id": queued["job"]["id"]}))["node"]
    return found


async def counts(server: Server) -> dict[tuple[JobKind, JobState], int]:
    return dict(await server.storage.jobs.counts())


@dataclass
class LookedBefore:
    """The records as they were for somebody who is slow to go on, and as they are at the second look."""

    records: JobRecords
    seen: list[Mapping[str, Job]]

    async def get_latest(self, kind: JobKind, keys: Collection[str]) -> Mapping[str, Job]:
        return self.seen.pop() if self.seen else await self.records.get_latest(kind, keys)


def looked_before(requests: RefreshRequests, seen: Mapping[str, Job]) -> JobRecords:
    return cast("JobRecords", LookedBefore(requests.records, [seen]))


async def test_a_request_is_queued_and_answered_at_once(idle: Server, somebody: Replay) -> None:
    answer = await refresh(idle)

    queued = answer["job"]
    assert (answer["__typename"], answer["alreadyQueued"]) == ("RefreshQueued", False)
    assert queued | {"id": ""} == {
        "id": "",
        "playerId": "Somebody-1234",
        "state": "QUEUED",
        "queuedAt": "2027-01-15T08:00:00.000Z",
        "startedAt": None,
        "finishedAt": None,
        "attempts": 0,
        "error": None,
    }
    assert somebody.requests == []


async def test_a_fresh_player_is_fetched_again_and_the_job_tells_when(busy: Server, somebody: Replay) -> None:
    await ask(busy)
    busy.clock.advance(COOLDOWN)
    somebody.careers["Somebody-1234"] = career_page(name="Somebody", title="Veteran")

    queued = await refresh(busy)
    await busy.rest()

    assert await job(busy, queued) == {
        "state": "SUCCEEDED",
        "queuedAt": "2027-01-15T08:01:00.000Z",
        "startedAt": "2027-01-15T08:01:00.000Z",
        "finishedAt": "2027-01-15T08:01:00.000Z",
        "attempts": 1,
        "error": None,
    }
    assert await ask(busy) == {"title": "Veteran", "version": 2}


async def test_a_second_request_joins_the_first_under_whichever_id(idle: Server, somebody: Replay) -> None:
    somebody.redirects["Somebody-1234"] = BLIZZARD_ID
    somebody.careers[BLIZZARD_ID] = somebody.careers.pop("Somebody-1234")
    await ask(idle)
    idle.clock.advance(COOLDOWN)
    first = await refresh(idle)
    idle.clock.advance(1)

    again = await refresh(idle)
    by_id = await refresh(idle, BLIZZARD_ID)

    assert (again["alreadyQueued"], by_id["alreadyQueued"]) == (True, True)
    assert {each["job"]["id"] for each in (first, again, by_id)} == {first["job"]["id"]}
    assert await counts(idle) == {(JobKind.PLAYER, JobState.QUEUED): 1}


async def test_a_request_makes_a_refresh_in_the_background_more_urgent(idle: Server) -> None:
    await ask(idle)
    idle.clock.advance(1_800)
    await ask(idle)
    await flights_land()

    answer = await refresh(idle)

    [waiting] = await idle.storage.jobs.list(JobState.QUEUED, after=None, limit=10)
    assert (answer["alreadyQueued"], waiting.priority) == (True, JobPriority.PERSON)


@pytest.mark.parametrize(
    ("seconds", "typename", "retry_after"),
    [
        (0, "RateLimited", 60),
        (59, "RateLimited", 1),
        (59.001, "RateLimited", 1),
        (59.999, "RateLimited", 1),
        (60, "RefreshQueued", None),
    ],
)
async def test_a_player_just_fetched_is_refused_until_the_cooldown_is_over(
    idle: Server, seconds: float, typename: str, retry_after: int | None
) -> None:
    await ask(idle)
    idle.clock.advance(seconds)

    answer = await refresh(idle)

    assert (answer["__typename"], answer.get("retryAfter")) == (typename, retry_after)
    if retry_after is not None:
        assert (answer["code"], answer["nextCheckAt"]) == ("RATE_LIMITED", "2027-01-15T08:01:00.000Z")
        assert await counts(idle) == {}


async def test_a_request_that_failed_counts_for_the_cooldown_as_well(somebody: Replay) -> None:
    somebody.status[CAREER] = 500
    async with served(somebody.url, job_concurrency=1, job_max_attempts=1) as server:
        await refresh(server)
        await server.rest()
        server.clock.advance(COOLDOWN - 0.001)
        early = await refresh(server)
        server.clock.advance(0.001)
        in_time = await refresh(server)

    assert (early["__typename"], early["retryAfter"]) == ("RateLimited", 1)
    assert (in_time["__typename"], in_time["alreadyQueued"]) == ("RefreshQueued", False)


async def test_of_many_who_ask_before_anything_is_kept_one_asks_for_a_job(
    busy: Server, somebody: Replay
) -> None:
    requests: RefreshRequests = busy.app.state.playgraph.make_context(NOBODY).requests
    asked_first = await requests.ask("Somebody-1234", KeptPlayer())
    await busy.rest()
    fetched = list(somebody.requests)

    # As of those who looked before there was a job, and go on when it is done.
    late = replace(requests, records=looked_before(requests, {}))
    with pytest.raises(RateLimited) as refused:
        await late.ask("Somebody-1234", KeptPlayer())

    assert (asked_first.was_open, refused.value.retry_after) == (False, COOLDOWN)
    assert somebody.requests == fetched
    assert await counts(busy) == {(JobKind.PLAYER, JobState.SUCCEEDED): 1}


async def test_who_joins_a_job_that_ends_meanwhile_begins_no_other(busy: Server, somebody: Replay) -> None:
    held = somebody.hold(CAREER)
    requests: RefreshRequests = busy.app.state.playgraph.make_context(NOBODY).requests
    asked_first = await requests.ask("Somebody-1234", KeptPlayer())
    await held.arrived.wait()
    latest = await requests.records.get_latest(JobKind.PLAYER, ["Somebody-1234"])
    held.release()
    await busy.rest()

    late = replace(requests, records=looked_before(requests, latest))
    joined = await late.ask("Somebody-1234", KeptPlayer())

    assert (joined.was_open, joined.job.id) == (True, asked_first.job.id)
    assert await counts(busy) == {(JobKind.PLAYER, JobState.SUCCEEDED): 1}


async def test_the_cooldown_is_a_setting(somebody: Replay) -> None:
    async with served(somebody.url, refresh_cooldown=0) as server:
        await ask(server)

        assert (await refresh(server))["__typename"] == "RefreshQueued"


async def test_an_unknown_player_is_refused_until_the_next_check(busy: Server, somebody: Replay) -> None:
    queued = await refresh(busy, "Nobody-1234")
    await busy.rest()
    busy.clock.advance(599.999)
    asked = len(somebody.requests)

    refused = await refresh(busy, "Nobody-1234")
    error = (await job(busy, queued))["error"]

    assert (refused["__typename"], refused["retryAfter"]) == ("PlayerNotFound", 1)
    assert len(somebody.requests) == asked
    assert error == {
        "__typename": "PlayerNotFound",
        "code": "PLAYER_NOT_FOUND",
        "message": "Blizzard has no player Nobody-1234.",
        "retryAfter": 1,
        "playerId": "Nobody-1234",
        "checkCount": 1,
    }


async def test_while_blizzard_asks_us_to_slow_down_nothing_is_queued(busy: Server, somebody: Replay) -> None:
    somebody.status["/en-us/career/Another-1234/"] = 403
    await ask(busy, "Another-1234")

    answer = await refresh(busy)

    assert (answer["__typename"], answer["code"]) == ("UpstreamUnavailable", "UPSTREAM_RATE_LIMITED")
    assert answer["retryAfter"] == 60
    assert await counts(busy) == {}


async def test_a_run_that_failed_is_seen_on_the_job_with_the_time_to_wait(
    busy: Server, somebody: Replay
) -> None:
    somebody.status[CAREER] = 500
    queued = await refresh(busy)
    await busy.ended_runs(1)

    seen = await job(busy, queued)

    assert (seen["state"], seen["attempts"]) == ("QUEUED", 1)
    assert (seen["error"]["__typename"], seen["error"]["code"]) == (
        "UpstreamUnavailable",
        "UPSTREAM_UNAVAILABLE",
    )
    assert seen["error"]["retryAfter"] == 30


async def test_when_the_requests_of_the_day_are_used_up_nothing_is_queued(somebody: Replay) -> None:
    async with served(somebody.url, upstream_daily_limit=2) as server:
        first = await refresh(server)
        await ask(server, "Another-1234")
        second = await refresh(server, "Third-1234")
        before_midnight = await counts(server)
        server.clock.advance(DAY - server.clock.now() / 1000 % DAY)
        third = await refresh(server, "Third-1234")

    assert (first["__typename"], third["__typename"]) == ("RefreshQueued", "RefreshQueued")
    assert (second["__typename"], second["code"]) == ("UpstreamUnavailable", "UPSTREAM_RATE_LIMITED")
    assert second["nextCheckAt"] == "2027-01-16T00:00:00.000Z"
    assert before_midnight == {(JobKind.PLAYER, JobState.QUEUED): 1}


@pytest.mark.parametrize("player_id", ["", "Somebody", "x" * 300, "a\x00b-1234"])
async def test_what_is_no_player_id_is_bad_user_input(idle: Server, player_id: str) -> None:
    answer = await idle.answer(REFRESH, {"id": player_id})

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
    assert await counts(idle) == {}


async def test_jobs_of_other_kinds_and_ids_of_none_are_no_nodes(idle: Server) -> None:
    answer = await idle.data(JOB, {"id": "UmVmcmVzaEpvYjpub25l"})  # RefreshJob:none

    assert answer == {"node": None}


@pytest.mark.parametrize(("seconds", "is_there"), [(86_400, True), (86_400.001, False)])
async def test_a_job_can_be_read_for_a_day_after_its_end(
    somebody: Replay, seconds: float, is_there: bool
) -> None:
    async with served(somebody.url, job_concurrency=1, sweep_interval=86_400, schedule_tick=1) as server:
        await server.ended_runs(SWEEPS)
        queued = await refresh(server)
        await server.ended_runs(SWEEPS + 1)
        server.clock.advance(seconds)
        await server.ended_runs(2 * SWEEPS + 1)

        found = await job(server, queued)

    assert (found is not None) == is_there
