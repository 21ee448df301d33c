"""The end of servers and workers: refused starts, jobs that may finish or are given back, and who is told before."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from tests.app.fleet import DEADLINE, Fleet, Member, fleet
from tests.app.test_command_line import environment, run
from tests.replay import Hold, Replay
from tests.synthetic import career_page

SEARCH = "/en-us/search/account-by-name/Somebody/"
REFRESH = """
  mutation { refreshPlayer(input: {playerId: "Somebody-1234"}) { ... on RefreshQueued { job { id } } } }
"""
JOB = "query ($id: ID!) { node(id: $id) { ... on RefreshJob { state attempts } } }"


@pytest.fixture
async def processes(replay: Replay) -> AsyncIterator[Fleet]:
    replay.careers["Somebody-1234"] = career_page(name="Somebody")
    async with fleet("postgres", replay.url) as processes:
        yield processes


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(trust_env=False, timeout=20) as client:
        yield client


async def run_begun(front: Member, client: httpx2.AsyncClient, held: Hold) -> str:
    """Ask for a refresh, whose first request is held up; the job's id once it is under way."""
    queued = await front.answer(client, REFRESH)
    await held.arrived.wait()
    job_id: str = queued["refreshPlayer"]["job"]["id"]
    return job_id


async def ended(front: Member, client: httpx2.AsyncClient, job_id: str) -> object:
    """The job, once it has ended."""
    async with asyncio.timeout(DEADLINE):
        while True:
            job = (await front.answer(client, JOB, id=job_id))["node"]
            if job["state"] not in ("QUEUED", "RUNNING"):
                return job
            await asyncio.sleep(0.05)


async def started(processes: Fleet, command: str, **given: str) -> Member:
    """A process that does background work."""
    return await (processes.work(**given) if command == "worker" else processes.serve(**given))


@pytest.mark.parametrize("command", ["serve", "worker"])
async def test_a_job_under_way_at_the_end_may_finish(
    processes: Fleet, client: httpx2.AsyncClient, replay: Replay, command: str
) -> None:
    front = await processes.serve(JOB_CONCURRENCY="0")
    busy = await started(processes, command)
    held = replay.hold(SEARCH)
    job_id = await run_begun(front, client, held)

    busy.process.terminate()
    await busy.said("stopping" if command == "worker" else "Shutting down")
    held.release()
    status = await busy.end()

    assert status == 0
    assert (await front.answer(client, JOB, id=job_id))["node"] == {"state": "SUCCEEDED", "attempts": 1}


@pytest.mark.parametrize("command", ["serve", "worker"])
async def test_a_job_that_takes_too_long_at_the_end_is_given_back(
    processes: Fleet, client: httpx2.AsyncClient, replay: Replay, command: str
) -> None:
    front = await processes.serve(JOB_CONCURRENCY="0")
    busy = await started(processes, command, JOB_STOP_TIMEOUT="0")
    held = replay.hold(SEARCH)
    job_id = await run_begun(front, client, held)

    status = await busy.end()
    given_back = (await front.answer(client, JOB, id=job_id))["node"]
    held.release()
    await processes.work()
    found = await ended(front, client, job_id)

    assert status == 0
    assert given_back == {"state": "QUEUED", "attempts": 0}
    assert found == {"state": "SUCCEEDED", "attempts": 1}


async def test_a_server_about_to_stop_is_not_ready_and_keeps_no_connection(
    processes: Fleet, client: httpx2.AsyncClient
) -> None:
    server = await processes.serve(SHUTDOWN_DRAIN="2")
    kept = await client.get(f"{server.url}/health/live")

    server.process.terminate()
    await server.said('"leaving"')
    ready = await client.get(f"{server.url}/health/ready")
    answer = await server.answer(client, '{ gamemode(key: "escort") { name } }')
    status = await server.end()

    assert "connection" not in kept.headers
    assert (ready.status_code, ready.json()["status"], ready.headers["connection"]) == (
        503,
        "leaving",
        "close",
    )
    assert answer == {"gamemode": {"name": "Escort"}}
    assert status == 0


def test_a_worker_on_sqlite_is_refused_in_one_line(tmp_path: Path) -> None:
    done = run("worker", env=environment(tmp_path / "playgraph.db"))

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "needs STORAGE_TYPE=postgres, redis or hybrid" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_worker_that_would_do_nothing_is_refused_in_one_line(tmp_path: Path) -> None:
    env = environment(tmp_path / "playgraph.db", STORAGE_TYPE="postgres", JOB_CONCURRENCY="0")
    done = run("worker", env=env)

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith("playgraph: JOB_CONCURRENCY is 0")
