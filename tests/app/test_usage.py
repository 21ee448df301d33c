"""Pick and win rates: one request for a filter however many heroes ask, and what happens when it fails."""

from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.app.server import Server, served
from tests.replay import Replay
from tests.synthetic_heroes import usage_answer, usage_row

PATH = "/en-us/rates/data/"
ALL = "{ heroUsage(platform: PC, gamemode: QUICKPLAY, region: EUROPE%s) { hero { key name } pickrate winrate } }"


@pytest.fixture
def upstream(replay: Replay) -> Replay:
    rows = [
        usage_row("ana", 22.5, 50, role="SUPPORT"),
        usage_row("tracer", -1, 61.5),
        usage_row("brand-new", 3.5, 40.0, role="TANK"),
    ]
    replay.pages[PATH] = usage_answer(rows)
    return replay


@pytest.fixture
async def server(upstream: Replay) -> AsyncIterator[Server]:
    async with served(upstream.url) as server:
        yield server


def usage_requests(replay: Replay) -> list[str]:
    return [request for request in replay.requests if request.startswith(PATH)]


async def test_rates_are_per_cent_and_no_figure_is_zero(server: Server) -> None:
    answer = await server.data(ALL % "")

    assert answer["heroUsage"] == [
        {"hero": {"key": "ana", "name": "Ana"}, "pickrate": 22.5, "winrate": 50.0},
        {"hero": {"key": "brand-new", "name": "Brand New"}, "pickrate": 3.5, "winrate": 40.0},
        {"hero": {"key": "tracer", "name": "Tracer"}, "pickrate": 0.0, "winrate": 61.5},
    ]


async def test_a_role_and_an_order_choose_without_another_request(server: Server, upstream: Replay) -> None:
    by_winrate = await server.data(ALL % ", orderBy: WINRATE_DESC")
    tanks = await server.data(ALL % ", role: TANK")

    assert [usage["hero"]["key"] for usage in by_winrate["heroUsage"]] == ["tracer", "ana", "brand-new"]
    assert [usage["hero"]["key"] for usage in tanks["heroUsage"]] == ["brand-new"]
    assert len(usage_requests(upstream)) == 1


async def test_the_usage_of_many_heroes_is_one_request(server: Server, upstream: Replay) -> None:
    answer = await server.data(
        "{ heroes { key usage(platform: PC, gamemode: QUICKPLAY, region: EUROPE) { pickrate } } }"
    )

    usage = {hero["key"]: hero["usage"] for hero in answer["heroes"]}
    assert usage["ana"] == {"pickrate": 22.5}
    assert usage["mercy"] is None
    assert len(usage_requests(upstream)) == 1


async def test_each_filter_is_asked_for_and_kept_on_its_own_for_an_hour(
    server: Server, upstream: Replay
) -> None:
    await server.data(ALL % "")
    await server.data((ALL % "").replace("EUROPE", "ASIA"))
    server.clock.advance(3599.999)
    await server.data(ALL % "")
    regions = [parse_qs(urlsplit(request).query)["region"] for request in usage_requests(upstream)]
    server.clock.advance(86_400)
    await server.data(ALL % "")

    assert regions == [["Europe"], ["Asia"]]
    assert len(usage_requests(upstream)) == 3


async def test_old_rates_are_served_when_upstream_fails(server: Server, upstream: Replay) -> None:
    before = await server.data(ALL % "")
    upstream.status[PATH] = 500
    server.clock.advance(10_000)

    assert await server.data(ALL % "") == before


async def test_without_any_rates_the_field_is_null_and_its_neighbours_stand(
    server: Server, upstream: Replay
) -> None:
    upstream.status[PATH] = 500

    answer = await server.answer((ALL % "")[:-1] + ' hero(key: "ana") { name } }')

    [error] = answer["errors"]
    assert answer["data"] == {"heroUsage": None, "hero": {"name": "Ana"}}
    assert error["path"] == ["heroUsage"]
    assert (error["extensions"]["code"], error["extensions"]["retryAfter"]) == ("UPSTREAM_UNAVAILABLE", 30)


@pytest.mark.parametrize(
    "arguments",
    [', map: "hanaoka"', ', map: "KINGS ROW"', ', map: ""', ", competitiveDivision: GOLD"],
)
async def test_what_upstream_cannot_filter_by_is_bad_user_input(
    server: Server, upstream: Replay, arguments: str
) -> None:
    answer = await server.answer(ALL % arguments)

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("map_key", ["no-such-map", "KINGS ROW", "", "x" * 1000])
async def test_a_map_that_there_is_not_asks_upstream_nothing(
    server: Server, upstream: Replay, map_key: str
) -> None:
    answer = await server.answer(ALL % f', map: "{map_key}"')

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
    assert usage_requests(upstream) == []
