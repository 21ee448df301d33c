"""`python app.py jobs ...` as an operator runs it: real processes, beside a server that holds the file."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from clock import SystemClock
from errors import ErrorCode
from metrics import Metrics
from models.jobs import JobError, JobKind, JobState
from storage import SqliteOptions, Storage, StorageOptions, open_storage
from tests.architecture.sources import ROOT
from tests.storage.made import NOW
from tests.storage.made_jobs import LEASE, MAX_ATTEMPTS, TOKEN, enqueue, made_request

Done = subprocess.CompletedProcess[str]
AWAY = JobError(ErrorCode.UPSTREAM_UNAVAILABLE, "Blizzard does not answer.")


def run(folder: Path, *arguments: str) -> Done:
    """Run `jobs` with these arguments in a folder whose store is own.db."""
    return subprocess.run(
        [sys.executable, str(ROOT / "app.py"), "jobs", *arguments],
        cwd=folder,
        env={**os.environ, "STORAGE_PATH": str(folder / "own.db")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def lines(done: Done) -> list[str]:
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout.splitlines()


def refusal(done: Done) -> str:
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done
    return done.stderr.removeprefix("playgraph: ").rstrip()


async def fail(storage: Storage, job_id: str, key: str) -> None:
    """A job that was tried once, and has failed."""
    await enqueue(storage, job_id, made_request(key))
    await storage.job_claims.claim(
        TOKEN, [JobKind.PLAYER], limit=1, now=NOW, lease_until=NOW + LEASE, max_attempts=MAX_ATTEMPTS
    )
    await storage.job_claims.finish(TOKEN, job_id, state=JobState.FAILED, error=AWAY, now=NOW + 1_000)


async def states(path: Path, *job_ids: str) -> list[JobState]:
    options = StorageOptions("sqlite", SqliteOptions(path))
    async with open_storage(options, clock=SystemClock(), metrics=Metrics()) as storage:
        found = await storage.jobs.get_many(job_ids)
    return [found[job_id].state for job_id in job_ids]


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """Two jobs that have failed, and one that waits."""
    options = StorageOptions("sqlite", SqliteOptions(tmp_path / "own.db"))
    async with open_storage(options, clock=SystemClock(), metrics=Metrics()) as storage:
        await fail(storage, "a", "ana")
        await fail(storage, "b", "mercy")
        await enqueue(storage, "c", made_request("brigitte"))
    return tmp_path


async def test_jobs_are_counted_by_kind_and_state(folder: Path) -> None:
    [head, row] = lines(run(folder, "status"))

    assert head.split() == ["kind", "queued", "running", "succeeded", "failed"]
    assert row.split() == ["player", "1", "0", "0", "2"]


async def test_dead_letters_are_listed_with_their_reason_the_last_first(folder: Path) -> None:
    assert lines(run(folder, "list")) == [
        "b  2027-01-15T08:00:00Z  player mercy  1 tries  UPSTREAM_UNAVAILABLE: Blizzard does not answer.",
        "a  2027-01-15T08:00:00Z  player ana  1 tries  UPSTREAM_UNAVAILABLE: Blizzard does not answer.",
    ]


async def test_a_list_is_of_the_state_and_the_length_that_are_asked_for(folder: Path) -> None:
    assert len(lines(run(folder, "list", "--limit", "1"))) == 1
    assert [line.split()[0] for line in lines(run(folder, "list", "--state", "queued"))] == ["c"]
    assert lines(run(folder, "list", "--state", "running")) == []


async def test_machines_get_an_object_a_line(folder: Path) -> None:
    [line] = lines(run(folder, "list", "--json", "--limit", "1"))

    assert json.loads(line) == {
        "id": "b",
        "kind": "player",
        "key": "mercy",
        "state": "failed",
        "attempts": 1,
        "queued_at": "2027-01-15T08:00:00Z",
        "not_before": "2027-01-15T08:00:00Z",
        "started_at": "2027-01-15T08:00:00Z",
        "finished_at": "2027-01-15T08:00:01Z",
        "error": {"code": "UPSTREAM_UNAVAILABLE", "message": "Blizzard does not answer."},
    }


async def test_those_named_are_tried_again(folder: Path) -> None:
    assert lines(run(folder, "retry", "a")) == ["Queued 1 of 1 jobs again."]
    assert await states(folder / "own.db", "a", "b") == [JobState.QUEUED, JobState.FAILED]


async def test_all_that_have_failed_are_tried_again(folder: Path) -> None:
    assert lines(run(folder, "retry", "--all")) == ["Queued 2 of 2 jobs again."]
    assert await states(folder / "own.db", "a", "b", "c") == [JobState.QUEUED] * 3


async def test_what_has_not_failed_is_not_tried_again_and_told(folder: Path) -> None:
    done = run(folder, "retry", "a", "c", "nobody")

    assert (done.returncode, done.stdout) == (1, "Queued 1 of 3 jobs again.\n")


@pytest.mark.parametrize("arguments", [[], ["a", "--all"]])
async def test_a_retry_says_which(folder: Path, arguments: list[str]) -> None:
    assert refusal(run(folder, "retry", *arguments)) == "Give the ids of the jobs to try again, or --all."
    assert await states(folder / "own.db", "a", "b") == [JobState.FAILED] * 2


@pytest.mark.parametrize("limit", ["0", "-1"])
async def test_a_list_has_a_length(folder: Path, limit: str) -> None:
    assert refusal(run(folder, "list", "--limit", limit)) == "--limit: must be 1 or more."


async def test_beside_a_server_jobs_are_looked_at_and_not_changed(folder: Path) -> None:
    options = StorageOptions("sqlite", SqliteOptions(folder / "own.db"))
    async with open_storage(options, clock=SystemClock(), metrics=Metrics()):
        listed = lines(run(folder, "list"))
        refused = refusal(run(folder, "retry", "--all"))

    assert len(listed) == 2
    assert "Stop that process" in refused
    assert await states(folder / "own.db", "a", "b") == [JobState.FAILED] * 2
