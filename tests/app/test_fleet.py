"""Several processes on one storage: they fetch once, hear of each other, and are replaced one by one unnoticed."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from tests.app.balancing import Load, balancer
from tests.app.fleet import Fleet, Member, fleet
from tests.app.subscribing import listening
from tests.replay import Replay
from tests.synthetic import career_page, search_row

BLIZZARD_ID = "abc123|def456"
CHANGED_AT = 1_700_000_000
ONE_FETCH = [
    "/en-us/search/account-by-name/Somebody/",
    "/en-us/career/Somebody-1234/",
    "/en-us/career/abc123%7Cdef456/",
]
PLAYER = "query ($id: PlayerId!) { player(playerId: $id) { __typename ... on Player { username version } } }"
REFRESH = """
  mutation ($id: PlayerId!) { refreshPlayer(input: {playerId: $id}) {
    __typename ... on RefreshQueued { alreadyQueued job { id state } } ... on Error { code message }
  } }
"""
JOB = "query ($id: ID!) { node(id: $id) { ... on RefreshJob { state } } }"
FOLLOW = """
  subscription ($ids: [PlayerId!]!) { playerRefreshed(playerIds: $ids, snapshot: true) {
    __typename ... on PlayerRefreshed { changed player { username title version } }
  } }
"""


@pytest.fixture(params=["postgres", "redis", "hybrid"])
async def processes(request: pytest.FixtureRequest, replay: Replay) -> AsyncIterator[Fleet]:
    async with fleet(request.param, replay.url) as processes:
        yield processes


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    # A connection of its own for each request: a server closes one that was idle for five seconds, which may be just
    # when a client that is busy uses it again.
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=0)
    async with httpx2.AsyncClient(trust_env=False, timeout=60, limits=limits) as client:
        yield client


def somebody(replay: Replay, *, title: str, changed_at: int) -> None:
    """Upstream's one player, as of a time of change."""
    replay.careers[BLIZZARD_ID] = career_page(name="Somebody", title=title)
    replay.redirects["Somebody-1234"] = BLIZZARD_ID
    replay.search["Somebody"] = [search_row("Somebody", BLIZZARD_ID, last_updated=changed_at, title=title)]


async def test_a_thousand_askers_at_two_servers_are_one_fetch(
    processes: Fleet, replay: Replay, client: httpx2.AsyncClient
) -> None:
    somebody(replay, title="Scout", changed_at=CHANGED_AT)
    servers = [await processes.serve(JOB_CONCURRENCY="0") for _ in range(2)]
    held = replay.hold("/en-us/search/account-by-name/Somebody/")

    asked = [
        asyncio.create_task(servers[number % 2].answer(client, PLAYER, id="Somebody-1234"))
        for number in range(1_000)
    ]
    await held.arrived.wait()
    await flights(servers, client)
    held.release()
    answers = await asyncio.gather(*asked)

    assert {answer["player"]["username"] for answer in answers} == {"Somebody"}
    assert replay.requests == ONE_FETCH


async def flights(servers: list[Member], client: httpx2.AsyncClient) -> None:
    """Return when each of the servers has a flight under way."""
    async with asyncio.timeout(30):
        for server in servers:
            while "playgraph_refresh_flights 1.0" not in (await client.get(f"{server.url}/metrics")).text:  # noqa: ASYNC110 - another process tells nobody
                await asyncio.sleep(0.05)


async def test_a_subscriber_at_one_server_sees_what_a_refresh_at_another_did_within_a_second(
    processes: Fleet, replay: Replay, client: httpx2.AsyncClient
) -> None:
    somebody(replay, title="Scout", changed_at=CHANGED_AT)
    one, other = [await processes.serve(JOB_CONCURRENCY="0", REFRESH_COOLDOWN="0") for _ in range(2)]
    await processes.work(JOB_TICK="600")
    async with listening(one.url, FOLLOW, ids=["Somebody-1234"]) as listener:
        await listener.next()
        heard, took = [], []
        for number in (1, 2, 3):
            somebody(replay, title=f"Title {number}", changed_at=CHANGED_AT + number)
            began_at = time.monotonic()
            asked = await other.answer(client, REFRESH, id="Somebody-1234")
            event = (await listener.next())["playerRefreshed"]
            heard.append((event["player"]["version"], event["player"]["title"], event["changed"]))
            took.append(time.monotonic() - began_at)
            # Its subscribers hear of a change before the job has ended; until then a further request joins it.
            await ended(other, client, asked["refreshPlayer"]["job"]["id"])

    changed = ["title", "lastUpdatedAt"]
    assert heard == [(2, "Title 1", changed), (3, "Title 2", changed), (4, "Title 3", changed)]
    # The machine may be busy with other things for a moment; the ticks are 15 and 600 seconds.
    assert min(took) < 1.0


async def test_a_thousand_requests_to_refresh_a_player_are_one_fetch(
    processes: Fleet, replay: Replay, client: httpx2.AsyncClient
) -> None:
    somebody(replay, title="Scout", changed_at=CHANGED_AT)
    servers = [await processes.serve(JOB_CONCURRENCY="0") for _ in range(2)]
    for _ in range(2):
        await processes.work()

    # So many at a time that some ask while the work is done and others just after.
    at_a_time = asyncio.Semaphore(200)

    async def ask(server: Member) -> dict[str, Any]:
        async with at_a_time:
            answer = await server.answer(client, REFRESH, id="Somebody-1234")
        return {"job": {"id": None}, **answer["refreshPlayer"]}

    answers = await asyncio.gather(*(ask(servers[number % 2]) for number in range(1_000)))
    [job] = {answer["job"]["id"] for answer in answers} - {None}
    await ended(servers[0], client, job)

    # Who comes after the fetch is told to wait; nobody is told anything else.
    assert {answer["__typename"] for answer in answers} <= {"RefreshQueued", "RateLimited"}
    assert [answer.get("alreadyQueued") for answer in answers].count(False) == 1
    assert replay.requests == ONE_FETCH


async def ended(server: Member, client: httpx2.AsyncClient, job: str) -> None:
    """Return when a job has succeeded."""
    async with asyncio.timeout(30):
        while (await server.answer(client, JOB, id=job))["node"]["state"] != "SUCCEEDED":  # noqa: ASYNC110 - another process tells nobody
            await asyncio.sleep(0.05)


async def test_two_servers_replaced_one_by_one_under_load_fail_no_request(replay: Replay) -> None:
    somebody(replay, title="Scout", changed_at=CHANGED_AT)
    async with fleet("postgres", replay.url) as processes, balancer() as front:
        given = {"SHUTDOWN_DRAIN": "1", "PLAYER_STALE_AFTER": "0.2", "PLAYER_EXPIRED_AFTER": "3600"}
        members = [await processes.serve(**given) for _ in range(2)]
        front.members = list(members)
        await front.until_ready()
        load = Load(f"http://127.0.0.1:{front.port}")
        async with load.running(clients=8):
            for old in members:
                await load.answered(100)
                new = await processes.serve(**given)
                front.members.append(new)
                status = await old.end()
                front.members.remove(old)
                assert status == 0
            await load.answered(100)

    assert load.failures == []
    assert load.answers > 300
