"""Stale pages about heroes, roles and rates: served at once and fetched again; looked for, and new heroes, in turns."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from models.jobs import JobState
from tests.app.server import DEADLINE, Server, flights_land, served
from tests.replay import Replay
from tests.synthetic_heroes import hero_card, hero_list, hero_page, home_page, usage_answer, usage_row

LIST, GERMAN, ANA, ROLES = "/en-us/heroes/", "/de-de/heroes/", "/en-us/heroes/ana/", "/en-us/"
DAY, WEEK, HOUR = 86_400, 604_800, 3_600
HERO = '{ hero(key: "ana") { name description freshness { state refreshing } } }'
USAGE = "{ heroUsage(platform: PC, gamemode: COMPETITIVE, region: EUROPE, competitiveDivision: GOLD) { pickrate } }"


@pytest.fixture
def upstream(replay: Replay) -> Replay:
    replay.pages |= {
        LIST: hero_list(hero_card("ana", "Ana", role="support")),
        GERMAN: hero_list(hero_card("ana", "Ana auf Deutsch", role="support")),
        ANA: hero_page(),
        ROLES: home_page(),
        "/en-us/rates/data/": usage_answer([usage_row("ana", 22.5, 50, role="SUPPORT")], rq="1"),
    }
    return replay


@pytest.fixture
async def idle(upstream: Replay) -> AsyncIterator[Server]:
    """A server that does no background work."""
    async with served(upstream.url) as server:
        yield server


@pytest.fixture
async def busy(upstream: Replay) -> AsyncIterator[Server]:
    """A server that does its background work."""
    async with served(upstream.url, job_concurrency=4) as server:
        yield server


async def requests_of(replay: Replay, count: int) -> list[str]:
    """All requests, once there are so many."""
    async with asyncio.timeout(DEADLINE):
        while len(replay.requests) < count:  # noqa: ASYNC110 - the stand-in tells nobody
            await asyncio.sleep(0.01)
    return replay.requests


async def test_stale_pages_are_served_at_once_and_asked_to_be_fetched_again(
    idle: Server, upstream: Replay
) -> None:
    await idle.data(HERO)
    asked = list(upstream.requests)
    idle.clock.advance(DAY)

    answer = await idle.data(HERO)
    await flights_land()

    waiting = await idle.storage.jobs.list(JobState.QUEUED, after=None, limit=10)
    assert answer["hero"]["freshness"] == {"state": "STALE", "refreshing": True}
    assert answer["hero"]["description"] == "A wanderer with a lamp."
    assert {(job.kind.value, job.key) for job in waiting} == {("heroes", "en-us"), ("hero", "en-us/ana")}
    assert upstream.requests == asked


async def test_the_worker_fetches_them_for_the_next_reader(busy: Server, upstream: Replay) -> None:
    await busy.data(HERO)
    upstream.pages[LIST] = hero_list(hero_card("ana", "Ana the Second", role="support"))
    busy.clock.advance(DAY)

    stale = await busy.data(HERO)
    await busy.rest()
    fresh = await busy.data(HERO)

    assert (stale["hero"]["name"], fresh["hero"]["name"]) == ("Ana", "Ana the Second")
    assert fresh["hero"]["freshness"] == {"state": "FRESH", "refreshing": False}
    assert sorted(upstream.requests) == sorted([LIST, ANA, LIST, ANA])


@pytest.mark.parametrize(("age", "requests"), [(WEEK - 0.001, 1), (WEEK, 2)])
async def test_an_expired_page_is_waited_for_and_a_stale_one_is_not(
    idle: Server, upstream: Replay, age: float, requests: int
) -> None:
    await idle.data("{ heroes { name } }")
    idle.clock.advance(age)

    await idle.data("{ heroes { name } }")

    assert len(upstream.requests) == requests


async def test_stale_rates_are_served_and_fetched_again_by_the_same_filter(
    busy: Server, upstream: Replay
) -> None:
    await busy.data(USAGE)
    upstream.pages["/en-us/rates/data/"] = usage_answer([usage_row("ana", 30, 50, role="SUPPORT")], rq="1")
    busy.clock.advance(HOUR)

    stale = await busy.data(USAGE)
    await busy.rest()
    fresh = await busy.data(USAGE)

    assert (stale["heroUsage"], fresh["heroUsage"]) == ([{"pickrate": 22.5}], [{"pickrate": 30.0}])
    first, second = [each for each in upstream.requests if "rates" in each]
    assert first == second


async def test_what_is_stale_is_looked_for_in_turns_without_a_reader(upstream: Replay) -> None:
    async with served(
        upstream.url, job_concurrency=2, stale_catalog_interval=600, schedule_tick=HOUR
    ) as server:
        await server.data('{ roles { key } german: hero(key: "ana", locale: DE_DE) { name } }')
        await server.data(HERO)
        await server.rest()
        kept = [ROLES, GERMAN, LIST, ANA]
        before = list(upstream.requests)
        server.clock.advance(DAY)
        found = await requests_of(upstream, 8)

    assert sorted(before) == sorted(kept)
    assert sorted(found) == sorted(kept * 2)


async def test_a_new_hero_is_found_within_the_hour_with_its_page_and_its_names_elsewhere(
    upstream: Replay,
) -> None:
    async with served(
        upstream.url, job_concurrency=2, new_heroes_interval=HOUR, schedule_tick=HOUR
    ) as server:
        await server.data('{ german: hero(key: "ana", locale: DE_DE) { name } }')
        await requests_of(upstream, 2)
        await server.rest()
        known = hero_card("ana", "Ana", role="support")
        upstream.pages[LIST] = hero_list(known, hero_card("quillon", "Quillon", role="tank"))
        upstream.pages["/en-us/heroes/quillon/"] = hero_page()
        before = list(upstream.requests)
        server.clock.advance(HOUR)
        found = await requests_of(upstream, 5)
        await server.rest()

    assert sorted(before) == [GERMAN, LIST]
    assert sorted(found[2:]) == sorted([LIST, GERMAN, "/en-us/heroes/quillon/"])


async def test_an_unchanged_list_has_nothing_fetched_beside_it(upstream: Replay) -> None:
    async with served(
        upstream.url, job_concurrency=2, new_heroes_interval=HOUR, schedule_tick=HOUR
    ) as server:
        await server.data('{ german: hero(key: "ana", locale: DE_DE) { name } }')
        await requests_of(upstream, 2)
        await server.rest()
        server.clock.advance(HOUR)
        await requests_of(upstream, 3)
        await server.rest()

    assert sorted(upstream.requests) == sorted([GERMAN, LIST, LIST])


@pytest.mark.parametrize(
    "page",
    [
        hero_list(hero_card("ana", "Ana", role="support"), hero_card("ashe", "Ashe")).partition("Ashe")[0],
        "<html><body><main><h1>We are back soon</h1></main></body></html>",
        "<html><body>Access denied</body></html>",
        "",
    ],
    ids=["cut", "maintenance", "denied", "empty"],
)
async def test_a_page_that_lies_does_not_replace_the_list_that_is_kept(
    busy: Server, upstream: Replay, page: str
) -> None:
    upstream.pages[LIST] = hero_list(hero_card("ana", "Ana", role="support"), hero_card("newcomer", "New"))
    query = '{ hero(key: "newcomer") { name freshness { state } } }'
    await busy.data(query)
    upstream.pages[LIST] = page
    busy.clock.advance(DAY)

    await busy.data(query)
    await busy.ended_runs(1)
    answer = await busy.data(query)

    assert answer["hero"] == {"name": "New", "freshness": {"state": "STALE"}}
