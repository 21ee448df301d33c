"""One player from a page to an answer: identity, freshness, and what happens when upstream is in trouble."""

import asyncio
from typing import Any

import pytest

from tests.app.server import Server, flights_land, served
from tests.replay import Replay
from tests.synthetic import IMAGES, Gamemode, View, career_page, search_row

BLIZZARD_ID = "abc123|def456"
CHANGED_AT = 1_700_000_000
# One search and one career request; upstream leads the second one on to Blizzard's id.
FETCH = [
    "/en-us/search/account-by-name/Somebody/",
    "/en-us/career/Somebody-1234/",
    "/en-us/career/abc123%7Cdef456/",
]
QUERY = """
  query ($id: PlayerId!) {
    player(playerId: $id) {
      __typename
      ... on Player {
        id playerId battletag blizzardId username namecard privacy version lastUpdatedAt
        freshness { state fetchedAt staleAt refreshing }
      }
      ... on RetryableError { code message retryAfter nextCheckAt }
    }
  }
"""


async def ask(server: Server, player_id: str = "Somebody-1234") -> dict[str, Any]:
    found: dict[str, Any] = (await server.data(QUERY, {"id": player_id}))["player"]
    return found


@pytest.fixture
def somebody(replay: Replay) -> Replay:
    """Upstream with one player, found by search, by BattleTag and by id."""
    replay.careers[BLIZZARD_ID] = career_page(name="Somebody")
    replay.redirects["Somebody-1234"] = BLIZZARD_ID
    replay.search["Somebody"] = [search_row("Somebody", BLIZZARD_ID, last_updated=CHANGED_AT)]
    return replay


async def test_a_cold_player_is_searched_for_and_fetched_through_its_redirect(
    server: Server, somebody: Replay
) -> None:
    assert await ask(server) == {
        "__typename": "Player",
        "id": "UGxheWVyOmFiYzEyM3xkZWY0NTY=",
        "playerId": "Somebody-1234",
        "battletag": "Somebody#1234",
        "blizzardId": "abc123%7Cdef456",
        "username": "Somebody",
        "namecard": f"{IMAGES}/namecard.png",
        "privacy": "PUBLIC",
        "version": 1,
        "lastUpdatedAt": "2023-11-14T22:13:20.000Z",
        "freshness": {
            "state": "FRESH",
            "fetchedAt": "2027-01-15T08:00:00.000Z",
            "staleAt": "2027-01-15T08:30:00.000Z",
            "refreshing": False,
        },
    }
    assert somebody.requests == FETCH


@pytest.mark.parametrize(
    "spelling", ["Somebody#1234", "Somebody-1234", " Somebody#1234", BLIZZARD_ID, "abc123%7Cdef456"]
)
async def test_every_spelling_names_the_same_player(server: Server, somebody: Replay, spelling: str) -> None:
    await ask(server)
    asked = len(somebody.requests)

    found = await ask(server, spelling)

    assert (found["id"], found["playerId"]) == ("UGxheWVyOmFiYzEyM3xkZWY0NTY=", "Somebody-1234")
    assert len(somebody.requests) == asked


async def test_a_battletag_is_learned_when_it_is_asked_for(server: Server, somebody: Replay) -> None:
    by_id = await ask(server, BLIZZARD_ID)
    by_tag = await ask(server)

    assert (by_id["playerId"], by_id["battletag"]) == (BLIZZARD_ID, None)
    assert (by_tag["playerId"], by_tag["battletag"]) == ("Somebody-1234", "Somebody#1234")
    assert (await ask(server, BLIZZARD_ID))["battletag"] == "Somebody#1234"


async def test_a_player_of_the_same_name_is_never_taken_for_another(server: Server, replay: Replay) -> None:
    replay.careers["Twin-1111"] = career_page(name="Twin")
    replay.search["Twin"] = [search_row("Twin", "999|999")]

    found = await ask(server, "Twin-1111")

    assert (found["username"], found["namecard"], found["lastUpdatedAt"]) == ("Twin", None, None)


async def test_an_unchanged_expired_player_costs_one_request(server: Server, somebody: Replay) -> None:
    await ask(server)
    asked = len(somebody.requests)
    server.clock.advance(3600)

    found = await ask(server)

    assert (found["version"], found["freshness"]["state"]) == (1, "FRESH")
    assert found["freshness"]["fetchedAt"] == "2027-01-15T09:00:00.000Z"
    assert len(somebody.requests) == asked + 1


async def test_just_before_it_is_stale_nothing_is_asked(server: Server, somebody: Replay) -> None:
    await ask(server)
    asked = len(somebody.requests)
    server.clock.advance(1799.999)

    assert (await ask(server))["freshness"]["state"] == "FRESH"
    assert len(somebody.requests) == asked


async def test_a_changed_player_costs_two_requests_and_is_a_new_version(
    server: Server, somebody: Replay
) -> None:
    await ask(server)
    asked = len(somebody.requests)
    somebody.search["Somebody"] = [search_row("Somebody", BLIZZARD_ID, last_updated=CHANGED_AT + 1)]
    server.clock.advance(3600)

    found = await ask(server)

    assert (found["version"], found["lastUpdatedAt"]) == (2, "2023-11-14T22:13:21.000Z")
    assert len(somebody.requests) == asked + 2


@pytest.mark.parametrize("page", ["", "<html><body>hello</body></html>", "not html at all", "\x00\x01"])
@pytest.mark.parametrize("age", [1800, 3600, 1_000_000])
async def test_a_page_that_is_none_never_replaces_a_good_profile(
    server: Server, somebody: Replay, page: str, age: float
) -> None:
    good = await ask(server)
    somebody.search["Somebody"] = [search_row("Somebody", BLIZZARD_ID, last_updated=CHANGED_AT + 1)]
    somebody.careers[BLIZZARD_ID] = page
    server.clock.advance(age)

    found = await ask(server)

    assert found["__typename"] == "Player"
    assert (found["username"], found["version"]) == ("Somebody", 1)
    assert found["freshness"]["fetchedAt"] == good["freshness"]["fetchedAt"]
    assert found["freshness"]["state"] == ("STALE" if age == 1800 else "EXPIRED")


@pytest.mark.parametrize("status", [403, 429, 500, 502, 503])
async def test_an_old_profile_is_served_when_upstream_fails(
    server: Server, somebody: Replay, status: int
) -> None:
    await ask(server)
    somebody.search.clear()
    somebody.status["/en-us/career/Somebody-1234/"] = status
    server.clock.advance(3600)

    found = await ask(server)

    assert (found["username"], found["freshness"]["state"]) == ("Somebody", "EXPIRED")


@pytest.mark.parametrize(
    ("status", "code", "retry_after"),
    [
        (500, "UPSTREAM_UNAVAILABLE", 30),
        (503, "UPSTREAM_UNAVAILABLE", 30),
        (403, "UPSTREAM_RATE_LIMITED", 60),
    ],
)
async def test_a_cold_player_of_a_failing_upstream_is_a_typed_error(
    server: Server, replay: Replay, status: int, code: str, retry_after: int
) -> None:
    replay.status["/en-us/career/Somebody-1234/"] = status

    found = await ask(server)

    assert found["__typename"] == "UpstreamUnavailable"
    assert (found["code"], found["retryAfter"]) == (code, retry_after)


async def test_after_a_refusal_nothing_is_asked_until_the_penalty_is_over(
    server: Server, replay: Replay
) -> None:
    replay.status["/en-us/career/Somebody-1234/"] = 403
    await ask(server)
    asked = len(replay.requests)
    server.clock.advance(30)

    other = await ask(server, "Another-1234")

    assert (other["code"], other["retryAfter"]) == ("UPSTREAM_RATE_LIMITED", 30)
    assert len(replay.requests) == asked


async def test_upstream_that_cannot_be_reached_is_a_typed_error() -> None:
    async with served("http://127.0.0.1:9") as server:
        found = await ask(server)

    assert (found["code"], found["retryAfter"]) == ("UPSTREAM_UNAVAILABLE", 30)


async def test_past_the_deadline_the_fetch_goes_on_for_the_next_asker(replay: Replay) -> None:
    replay.careers["Somebody-1234"] = career_page(name="Somebody")
    async with served(replay.url, cold_read_deadline=0) as server:
        first = await ask(server)
        await flights_land()
        asked = len(replay.requests)
        second = await ask(server)

    assert (first["__typename"], first["code"], first["retryAfter"]) == (
        "UpstreamUnavailable",
        "UPSTREAM_UNAVAILABLE",
        30,
    )
    assert second["username"] == "Somebody"
    assert len(replay.requests) == asked == 2


async def test_more_fetches_than_the_queue_holds_are_turned_away(replay: Replay) -> None:
    replay.careers.update({f"Player{n}-1234": career_page(name=f"Player{n}") for n in range(3)})
    async with served(replay.url, cold_fetch_queue=2) as server:
        answer = await server.data(
            "query ($ids: [PlayerId!]!) { players(playerIds: $ids) { __typename ... on Error { code } } }",
            {"ids": ["Player0-1234", "Player1-1234", "Player2-1234", "Player0-1234"]},
        )

    assert answer["players"] == [
        {"__typename": "Player"},
        {"__typename": "Player"},
        {"__typename": "UpstreamUnavailable", "code": "UPSTREAM_RATE_LIMITED"},
        {"__typename": "Player"},
    ]


async def test_a_private_profile_gives_what_is_public(server: Server, replay: Replay) -> None:
    replay.careers["Hidden-1234"] = career_page(name="Hidden", is_private=True)

    answer = await server.data(
        """{ player(playerId: "Hidden-1234") { ... on Player {
          username privacy endorsement { level } competitive { pc { season } } statsSummary { general { kda } }
          careerStats(gamemode: QUICKPLAY) { heroKey } heroComparisons(gamemode: QUICKPLAY, platform: PC) { label }
        } } }"""
    )

    assert answer["player"]["username"] == "Hidden"
    assert answer["player"]["privacy"] == "PRIVATE"
    assert answer["player"]["endorsement"] is not None
    assert answer["player"]["competitive"] is None
    assert answer["player"]["statsSummary"] is None
    assert answer["player"]["careerStats"] == []
    assert answer["player"]["heroComparisons"] == []


async def test_a_hundred_requests_for_one_cold_player_are_one_fetch(server: Server, somebody: Replay) -> None:
    answers = await asyncio.gather(*(ask(server) for _ in range(100)))

    assert {answer["username"] for answer in answers} == {"Somebody"}
    assert somebody.requests == FETCH


async def test_a_hero_newer_than_the_tables_flows_through(server: Server, replay: Replay) -> None:
    stats = {"Quillon": {"Game": {"Games Played": "4", "Games Lost": "1", "Time Played": "00:40:00"}}}
    played = Gamemode(stats, {"Time Played": {"quillon": "00:40:00"}})
    replay.careers["Early-1234"] = career_page(name="Early", pc=View(quickplay=played))

    answer = await server.data(
        """{ player(playerId: "Early-1234") { ... on Player {
          statsSummary { general { gamesWon } roles { role } heroes { heroKey hero { key } } }
          careerStats(gamemode: QUICKPLAY) { heroKey hero { key } }
          heroComparisons(gamemode: QUICKPLAY, platform: PC) { values { heroKey hero { key } value } }
        } } }"""
    )

    assert answer["player"] == {
        "statsSummary": {
            "general": {"gamesWon": 3},
            "roles": [],
            "heroes": [{"heroKey": "quillon", "hero": None}],
        },
        "careerStats": [{"heroKey": "quillon", "hero": None}],
        "heroComparisons": [{"values": [{"heroKey": "quillon", "hero": None, "value": 2400}]}],
    }


async def test_a_battletag_that_is_gone_does_not_keep_its_player_from_being_refreshed(
    server: Server, somebody: Replay
) -> None:
    await ask(server)
    somebody.redirects.clear()
    somebody.search.clear()
    server.clock.advance(3600)

    found = await ask(server)

    assert (found["username"], found["freshness"]["state"]) == ("Somebody", "FRESH")
    assert somebody.requests[-1] == "/en-us/career/abc123%7Cdef456/"


async def test_an_old_battletag_spoils_nothing(server: Server, somebody: Replay) -> None:
    somebody.redirects["Oldname-9999"] = BLIZZARD_ID
    before = await ask(server)
    server.clock.advance(1)

    by_old_tag = await ask(server, "Oldname-9999")

    kept = ("playerId", "battletag", "namecard", "lastUpdatedAt", "version")
    assert [by_old_tag[name] for name in kept] == [before[name] for name in kept]


async def test_two_who_ask_for_one_record_by_tag_and_by_id_each_get_who_they_asked_for(
    server: Server, somebody: Replay
) -> None:
    await ask(server)
    somebody.redirects["Somebody-1234"] = "999|999"
    somebody.careers["999|999"] = career_page(name="Somebody")
    somebody.search.clear()
    server.clock.advance(7200)

    by_tag, by_id = await asyncio.gather(ask(server), ask(server, BLIZZARD_ID))

    assert by_tag["blizzardId"] == "999%7C999"
    assert by_id["blizzardId"] == "abc123%7Cdef456"


async def test_going_private_is_noticed_though_the_time_of_change_stays(
    server: Server, somebody: Replay
) -> None:
    await ask(server)
    row = search_row("Somebody", BLIZZARD_ID, last_updated=CHANGED_AT, is_public=False)
    somebody.search["Somebody"] = [row]
    somebody.careers[BLIZZARD_ID] = career_page(name="Somebody", is_private=True)
    server.clock.advance(3600)

    assert (await ask(server))["privacy"] == "PRIVATE"


@pytest.mark.parametrize("kept_characters", [200, 500, 2_000, 4_000])
async def test_a_page_cut_short_never_replaces_a_good_profile(
    server: Server, somebody: Replay, kept_characters: int
) -> None:
    good = await ask(server)
    somebody.search.clear()
    somebody.careers[BLIZZARD_ID] = somebody.careers[BLIZZARD_ID][:kept_characters]
    server.clock.advance(3600)

    found = await ask(server)

    assert (found["version"], found["freshness"]["state"]) == (1, "EXPIRED")
    assert found["username"] == good["username"]
