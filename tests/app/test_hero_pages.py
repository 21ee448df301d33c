"""Heroes and roles from pages: the cold rule, languages, batching, and a hero newer than the tables."""

import asyncio
from collections.abc import AsyncIterator, Iterable

import pytest

from tests.app.server import Server, served
from tests.replay import Replay
from tests.synthetic_heroes import hero_card, hero_list, hero_page, home_page

READS = "playgraph_storage_reads_total"
LIST = "/en-us/heroes/"
ANA = "/en-us/heroes/ana/"
HEROES = "{ heroes { key name portrait freshness { state } } }"
ONE = '{ hero(key: "ana") { name description abilities { name } freshness { state } } }'
MANY = """
  query ($keys: [String!]) {
    heroes(keys: $keys) {
      abilities { name } role { heroes { name } } gamemodes { maps { name } }
    }
  }
"""


@pytest.fixture
def upstream(replay: Replay) -> Replay:
    """Two heroes, one of them in no table, and Ana's page."""
    cards = [
        hero_card("ana", "Ana", role="support", subrole="medic"),
        hero_card("quillon", "Quillon", role="tank"),
    ]
    replay.pages[LIST] = hero_list(*cards)
    replay.pages["/de-de/heroes/"] = hero_list(hero_card("ana", "Ana auf Deutsch", role="support"))
    replay.pages["/en-us/"] = home_page()
    replay.pages[ANA] = hero_page()
    return replay


@pytest.fixture
async def server(upstream: Replay) -> AsyncIterator[Server]:
    async with served(upstream.url, job_concurrency=4) as server:
        yield server


async def test_the_list_page_is_waited_for_and_asked_for_once(server: Server, upstream: Replay) -> None:
    first = await server.data(HEROES)
    second = await server.data(HEROES)

    by_key = {hero["key"]: hero for hero in first["heroes"]}
    assert by_key["ana"]["freshness"] == {"state": "FRESH"}
    assert by_key["quillon"]["name"] == "Quillon"
    assert len(by_key) == 53
    assert first == second
    assert upstream.requests == [LIST]


async def test_all_who_ask_at_once_wait_for_the_one_fetch(server: Server, upstream: Replay) -> None:
    answers = await asyncio.gather(*(server.data(HEROES) for _ in range(20)))

    assert {len(answer["heroes"]) for answer in answers} == {53}
    assert upstream.requests == [LIST]


async def test_a_hero_that_the_page_lacks_is_bundled(server: Server) -> None:
    answer = await server.data('{ hero(key: "mercy") { portrait hitpoints { total } freshness { state } } }')

    assert answer["hero"] == {
        "portrait": None,
        "hitpoints": {"total": 225},
        "freshness": {"state": "BUNDLED"},
    }


async def test_a_hero_newer_than_the_tables_flows_through(server: Server) -> None:
    await server.data(HEROES)

    answer = await server.data(
        '{ hero(key: "quillon") { role { key heroes { key } } hitpoints { total } gamemodes { key } } }'
    )

    assert answer["hero"]["role"]["key"] == "TANK"
    assert {"key": "quillon"} in answer["hero"]["role"]["heroes"]
    assert answer["hero"]["hitpoints"] is None


async def test_without_upstream_bundled_facts_answer_and_nobody_waits_again_for_a_minute(
    replay: Replay,
) -> None:
    replay.status[LIST] = 500
    async with served(replay.url) as server:
        first = await server.data(HEROES)
        asked = len(replay.requests)
        server.clock.advance(59.999)
        await server.data(HEROES)
        asked_within_the_minute = len(replay.requests)
        server.clock.advance(0.001)
        await server.data(HEROES)

    assert {hero["freshness"]["state"] for hero in first["heroes"]} == {"BUNDLED"}
    assert len(first["heroes"]) == 52
    assert (asked, asked_within_the_minute, len(replay.requests)) == (1, 1, 2)


async def test_past_the_deadline_bundled_facts_answer_and_the_fetch_goes_on(upstream: Replay) -> None:
    async with served(upstream.url, cold_read_deadline=0) as server:
        first = await server.data(HEROES)
        await server.rest()
        second = await server.data(HEROES)

    assert {hero["freshness"]["state"] for hero in first["heroes"]} == {"BUNDLED"}
    assert {hero["freshness"]["state"] for hero in second["heroes"]} == {"BUNDLED", "FRESH"}
    assert upstream.requests == [LIST]


async def test_an_old_list_is_served_when_upstream_fails(server: Server, upstream: Replay) -> None:
    await server.data(HEROES)
    upstream.status[LIST] = 500
    server.clock.advance(604_800)

    answer = await server.data('{ hero(key: "quillon") { name freshness { state } } }')

    assert answer["hero"] == {"name": "Quillon", "freshness": {"state": "EXPIRED"}}


async def test_one_hero_waits_for_its_page_when_the_page_is_asked_for(
    server: Server, upstream: Replay
) -> None:
    answer = await server.data(ONE)

    assert answer["hero"]["description"] == "A wanderer with a lamp."
    assert len(answer["hero"]["abilities"]) > 0
    assert upstream.requests == [LIST, ANA]


async def test_a_page_that_is_not_asked_for_is_not_fetched(server: Server, upstream: Replay) -> None:
    await server.data('{ hero(key: "ana") { name portrait } }')

    assert upstream.requests == [LIST]


async def test_heroes_of_a_list_do_not_wait_but_have_their_pages_fetched(
    server: Server, upstream: Replay
) -> None:
    first = await server.data('{ heroes(keys: ["ana"]) { description abilities { name } } }')
    await server.rest()
    second = await server.data('{ heroes(keys: ["ana"]) { description } }')

    assert first["heroes"] == [{"description": None, "abilities": []}]
    assert second["heroes"] == [{"description": "A wanderer with a lamp."}]
    assert upstream.requests == [LIST, ANA]


async def test_a_key_that_nobody_has_asks_upstream_for_no_page(server: Server, upstream: Replay) -> None:
    answer = await server.data('{ hero(key: "nobody") { description } }')

    assert answer["hero"] is None
    assert upstream.requests == [LIST]


async def test_each_language_has_its_own_page_and_its_own_id(server: Server, upstream: Replay) -> None:
    answer = await server.data(
        '{ de: hero(key: "ana", locale: DE_DE) { id name role { id } } en: hero(key: "ana") { id name } }'
    )

    assert (answer["de"]["name"], answer["en"]["name"]) == ("Ana auf Deutsch", "Ana")
    assert answer["de"]["id"] != answer["en"]["id"]
    again = await server.data(
        "query ($id: ID!) { node(id: $id) { ... on Hero { name } } }", {"id": answer["de"]["id"]}
    )
    assert again["node"] == {"name": "Ana auf Deutsch"}


async def test_roles_come_from_the_home_page(server: Server, upstream: Replay) -> None:
    answer = await server.data("{ roles { key icon freshness { state } } }")

    assert [role["key"] for role in answer["roles"]] == ["TANK", "DAMAGE", "SUPPORT"]
    assert all(role["icon"] for role in answer["roles"])
    assert {role["freshness"]["state"] for role in answer["roles"]} == {"FRESH"}
    assert upstream.requests == ["/en-us/"]


async def reads_of(server: Server, keys: list[str] | None) -> float:
    before = await server.figure(READS)
    await server.data(MANY, {"keys": keys})
    return await server.figure(READS) - before


async def test_one_hero_and_all_of_them_cost_the_same_reads_and_no_upstream_call(
    server: Server, upstream: Replay
) -> None:
    page = hero_page()
    heroes = await server.data("{ heroes { key } }")
    upstream.pages |= {f"/en-us/heroes/{hero['key']}/": page for hero in heroes["heroes"]}
    await server.data(MANY, {"keys": None})
    await server.rest()
    asked = len(upstream.requests)

    one = await reads_of(server, ["ana"])
    all_of_them = await reads_of(server, None)

    assert (one, all_of_them) == (3, 3)
    assert len(upstream.requests) == asked


@pytest.mark.parametrize("page", ["", "<main></main>", "no page", "\x00"])
async def test_a_page_that_is_none_never_replaces_a_good_one(
    server: Server, upstream: Replay, page: str
) -> None:
    good = await server.data(ONE)
    upstream.pages[LIST] = page
    upstream.pages[ANA] = page
    server.clock.advance(604_800)

    again = await server.data(ONE)

    assert again["hero"]["description"] == good["hero"]["description"]
    assert again["hero"]["abilities"] == good["hero"]["abilities"]
    assert again["hero"]["freshness"] == {"state": "EXPIRED"}


async def test_pages_that_nobody_waits_for_come_one_at_a_time_and_leave_the_way_free(
    upstream: Replay,
) -> None:
    paths = (ANA, "/en-us/heroes/anran/")
    pages = {path: upstream.hold(path) for path in paths}
    async with served(upstream.url, cold_fetch_queue=2, job_concurrency=4) as server:
        await server.data('{ heroes(keys: ["ana", "anran"]) { description } }')
        await first_of(hold.arrived for hold in pages.values())
        german = await server.data('{ hero(key: "ana", locale: DE_DE) { name freshness { state } } }')
        asked = list(upstream.requests)
        for hold in pages.values():
            hold.release()
        await server.rest()

    assert german["hero"] == {"name": "Ana auf Deutsch", "freshness": {"state": "FRESH"}}
    assert (asked[0], asked[1] in paths, asked[2:]) == (LIST, True, ["/de-de/heroes/"])
    assert sorted(upstream.requests) == sorted([LIST, "/de-de/heroes/", *paths])


async def first_of(events: Iterable[asyncio.Event]) -> None:
    """Return when one of the events is set."""
    waiting = [asyncio.create_task(event.wait()) for event in events]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for each in waiting:
        each.cancel()


async def test_roles_reached_from_heroes_are_fetched_for_the_next_asker(
    server: Server, upstream: Replay
) -> None:
    query = '{ hero(key: "ana") { role { freshness { state } } } }'
    first = await server.data(query)
    await server.rest()
    second = await server.data(query)

    assert first["hero"]["role"]["freshness"] == {"state": "BUNDLED"}
    assert second["hero"]["role"]["freshness"] == {"state": "FRESH"}
    assert upstream.requests == [LIST, "/en-us/"]


async def test_who_has_waited_for_the_list_in_vain_waits_for_no_page_as_well(upstream: Replay) -> None:
    held = upstream.hold(LIST)
    async with served(upstream.url, cold_read_deadline=0.05, job_concurrency=4) as server:
        answer = await server.data(ONE)
        held.release()
        await server.rest()

    assert answer["hero"]["description"] is None
    assert answer["hero"]["freshness"] == {"state": "BUNDLED"}
