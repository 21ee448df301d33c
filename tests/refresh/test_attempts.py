"""What becomes of a job is decided by how its run ended."""

from dataclasses import replace

import pytest

from errors import (
    BadUserInput,
    ErrorCode,
    PageUnreadable,
    PlayerNotFound,
    PlaygraphError,
    UpstreamRateLimited,
    UpstreamUnavailable,
)
from models.jobs import Job, JobError, JobKind, JobPriority, JobState
from refresh.attempts import Outcome, RetryRule
from refresh.backoff import Backoff

NOW = 1_800_000_000_000
JOB = Job("01", JobKind.PLAYER, "ana", JobState.RUNNING, JobPriority.STALE, NOW, NOW, attempts=1)
RULE = RetryRule(5, Backoff(10.0, 2.0, 50.0), lambda: 0.0)
MISTAKE = JobError(ErrorCode.INTERNAL_SERVER_ERROR, "Something went wrong here; the reference is 01.")


def test_a_run_that_ended_well_ends_the_job() -> None:
    assert RULE.outcome(JOB, None, NOW) == Outcome(JobState.SUCCEEDED)


def test_that_there_is_no_such_player_ends_the_job_well_and_is_told() -> None:
    failure = PlayerNotFound("ana", check_count=1, now=NOW, next_check_at=NOW + 600_000)

    outcome = RULE.outcome(replace(JOB, attempts=5), failure, NOW)

    error = JobError(ErrorCode.PLAYER_NOT_FOUND, "Blizzard has no player ana.", NOW + 600_000)
    assert outcome == Outcome(JobState.SUCCEEDED, error)


def test_an_error_that_says_when_is_waited_for_until_then() -> None:
    failure = UpstreamRateLimited("Wait.", now=NOW, next_check_at=NOW + 61_234)

    outcome = RULE.outcome(JOB, failure, NOW)

    error = JobError(ErrorCode.UPSTREAM_RATE_LIMITED, "Wait.", NOW + 61_234)
    assert outcome == Outcome(JobState.QUEUED, error, NOW + 61_234)


@pytest.mark.parametrize(("at", "not_before"), [(-5_000, 1_000), (0, 1_000), (999, 1_000), (1_001, 1_001)])
def test_another_attempt_is_never_less_than_a_second_away(at: int, not_before: int) -> None:
    failure = UpstreamUnavailable("Down.", now=NOW, next_check_at=NOW + at)

    assert RULE.outcome(JOB, failure, NOW).not_before == NOW + not_before


@pytest.mark.parametrize(("attempts", "wait"), [(1, 10_000), (2, 20_000), (3, 40_000), (4, 50_000)])
def test_a_mistake_is_tried_again_after_longer_and_longer_waits(attempts: int, wait: int) -> None:
    outcome = RULE.outcome(replace(JOB, attempts=attempts), ValueError("secret"), NOW)

    assert outcome == Outcome(JobState.QUEUED, MISTAKE, NOW + wait)


@pytest.mark.parametrize(("drawn", "wait"), [(0.0, 20_000), (0.5, 15_000), (1.0, 10_000)])
def test_chance_takes_away_up_to_half_of_the_wait(drawn: float, wait: int) -> None:
    rule = replace(RULE, random=lambda: drawn)

    outcome = rule.outcome(replace(JOB, attempts=2), ValueError(), NOW)

    assert outcome.not_before == NOW + wait


@pytest.mark.parametrize("failure", [ValueError("secret"), TimeoutError()], ids=["mistake", "late"])
def test_the_last_attempt_makes_a_dead_letter(failure: Exception) -> None:
    last, before_last = replace(JOB, attempts=5), replace(JOB, attempts=4)

    assert RULE.outcome(last, failure, NOW) == Outcome(JobState.FAILED, MISTAKE)
    assert RULE.outcome(before_last, failure, NOW).state is JobState.QUEUED


def test_the_last_attempt_ends_the_job_even_if_the_error_says_when() -> None:
    failure = UpstreamUnavailable("Down.", now=NOW, next_check_at=NOW + 30_000)

    outcome = RULE.outcome(replace(JOB, attempts=5), failure, NOW)

    error = JobError(ErrorCode.UPSTREAM_UNAVAILABLE, "Down.", NOW + 30_000)
    assert outcome == Outcome(JobState.FAILED, error)


@pytest.mark.parametrize("failure", [BadUserInput("No such hero."), PageUnreadable("No root.")])
def test_an_error_that_waiting_does_not_mend_is_final_at_once(failure: PlaygraphError) -> None:
    outcome = RULE.outcome(JOB, failure, NOW)

    assert outcome == Outcome(JobState.FAILED, JobError(failure.code, failure.message))
