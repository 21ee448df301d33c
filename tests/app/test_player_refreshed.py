"""`playerRefreshed` over a real WebSocket: what changed, what failed, who is meant, and what is refused."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from models.jobs import JobState
from tests.app.server import Server, served
from tests.app.subscribing import Listener, listening, on_a_socket
from tests.replay import Replay
from tests.synthetic import Gamemode, View, career_page, search_row

BLIZZARD_ID = "abc123|def456"
TAG = "Somebody-1234"
CHANGED_AT = 1_700_000_000
TICK = 15
FOLLOW = """
  subscription ($ids: [PlayerId!]!, $snapshot: Boolean = false) {
  playerRefreshed(playerIds: $ids, snapshot: $snapshot) {
    __typename
    ... on PlayerRefreshed { changed refreshedAt player { playerId title version } }
    ... on PlayerRefreshFailed { playerId error {
      __typename code message ... on RetryableError { retryAfter } ... on PlayerNotFound { checkCount }
    } }
  } }
"""
PLAYER = (
    "query ($id: PlayerId!) { player(playerId: $id) { ... on Player { version } ... on Error { code } } }"
)
REFRESH = "mutation ($id: PlayerId!) { refreshPlayer(input: {playerId: $id}) { __typename } }"


def change(replay: Replay, title: str, changed_at: int, **page: Any) -> None:
    """What upstream says of its one player from now on."""
    replay.careers[BLIZZARD_ID] = career_page(name="Somebody", title=title, **page)
    replay.redirects[TAG] = BLIZZARD_ID
    replay.search["Somebody"] = [search_row("Somebody", BLIZZARD_ID, last_updated=changed_at, title=title)]


@pytest.fixture
def somebody(replay: Replay) -> Replay:
    change(replay, "Scout", CHANGED_AT)
    return replay


@pytest.fixture
async def server(somebody: Replay) -> AsyncIterator[Server]:
    async with served(somebody.url, job_concurrency=4, refresh_cooldown=0, job_max_attempts=2) as server:
        yield server


@pytest.fixture
async def url(server: Server) -> AsyncIterator[str]:
    async with on_a_socket(server) as url:
        yield url


async def read(server: Server, player_id: str = TAG) -> None:
    await server.data(PLAYER, {"id": player_id})


async def refresh(server: Server, player_id: str = TAG) -> None:
    """Have a player fetched again; time goes on, so that it is not the moment of the last fetch."""
    server.clock.advance(1)
    answer = await server.data(REFRESH, {"id": player_id})
    assert answer["refreshPlayer"]["__typename"] == "RefreshQueued"


async def begun(server: Server, listener: Listener) -> None:
    """Return when the subscription has taken note of what is there and waits."""
    await listener.settled()
    await server.clock.until_sleeping(TICK)


async def event(listener: Listener) -> dict[str, Any]:
    found: dict[str, Any] = (await listener.next())["playerRefreshed"]
    return found


async def test_a_change_is_told_with_the_fields_that_differ(
    server: Server, somebody: Replay, url: str
) -> None:
    await read(server)
    async with listening(url, FOLLOW, ids=[TAG]) as listener:
        await begun(server, listener)
        change(somebody, "Veteran", CHANGED_AT + 1)
        await refresh(server)
        found = await event(listener)

    assert found == {
        "__typename": "PlayerRefreshed",
        "changed": ["title", "lastUpdatedAt"],
        "refreshedAt": "2027-01-15T08:00:01.000Z",
        "player": {"playerId": TAG, "title": "Veteran", "version": 2},
    }


async def test_statistics_and_ranks_are_compared_too(server: Server, somebody: Replay, url: str) -> None:
    await read(server)
    played = {"Ana": {"Game": {"Games Played": "4", "Games Lost": "1", "Time Played": "00:40:00"}}}
    view = View(quickplay=Gamemode(played, {"Time Played": {"ana": "00:40:00"}}), season=22, ranks={})
    async with listening(url, FOLLOW, ids=[TAG]) as listener:
        await begun(server, listener)
        change(somebody, "Scout", CHANGED_AT + 1, pc=view)
        await refresh(server)
        found = await event(listener)

    assert found["changed"] == [
        "lastUpdatedAt",
        "competitive",
        "statsSummary",
        "careerStats",
        "heroComparisons",
    ]


async def test_a_refresh_that_changes_nothing_is_told_to_nobody(
    server: Server, somebody: Replay, url: str
) -> None:
    await read(server)
    async with listening(url, FOLLOW, ids=[TAG]) as listener:
        await begun(server, listener)
        await refresh(server)
        await server.rest()
        change(somebody, "Veteran", CHANGED_AT + 1)
        await refresh(server)
        found = await event(listener)

    assert found["player"]["version"] == 2


async def test_with_a_snapshot_the_present_state_comes_first(
    server: Server, somebody: Replay, url: str
) -> None:
    await read(server)
    async with listening(url, FOLLOW, ids=[TAG], snapshot=True) as listener:
        first = await event(listener)
        change(somebody, "Veteran", CHANGED_AT + 1)
        await begun(server, listener)
        await refresh(server)
        second = await event(listener)

    assert (first["changed"], first["player"]) == ([], {"playerId": TAG, "title": "Scout", "version": 1})
    assert second["changed"] == ["title", "lastUpdatedAt"]


async def test_a_snapshot_of_a_player_never_seen_is_fetched_and_of_one_who_is_not_there_a_failure(
    server: Server, url: str
) -> None:
    async with listening(url, FOLLOW, ids=[TAG, "Nobody-1234"], snapshot=True) as listener:
        found = [await event(listener), await event(listener)]

    by_type = {each["__typename"]: each for each in found}
    assert by_type["PlayerRefreshed"]["player"]["title"] == "Scout"
    assert by_type["PlayerRefreshFailed"]["playerId"] == "Nobody-1234"
    assert by_type["PlayerRefreshFailed"]["error"] == {
        "__typename": "PlayerNotFound",
        "code": "PLAYER_NOT_FOUND",
        "message": "Blizzard has no player Nobody-1234.",
        "retryAfter": 600,
        "checkCount": 1,
    }


async def test_a_player_first_seen_later_is_new_in_every_field(server: Server, url: str) -> None:
    async with listening(url, FOLLOW, ids=[TAG]) as listener:
        await begun(server, listener)
        await read(server)
        found = await event(listener)

    assert found["player"]["version"] == 1
    assert found["changed"] == [
        "playerId",
        "battletag",
        "blizzardId",
        "username",
        "avatar",
        "namecard",
        "title",
        "endorsement",
        "privacy",
        "lastUpdatedAt",
        "competitive",
        "statsSummary",
        "careerStats",
        "heroComparisons",
    ]


@pytest.mark.parametrize("refreshed_by", [TAG, BLIZZARD_ID])
async def test_one_player_under_several_ids_is_told_once_for_each_change(
    server: Server, somebody: Replay, url: str, refreshed_by: str
) -> None:
    await read(server)
    async with listening(url, FOLLOW, ids=[TAG, BLIZZARD_ID, TAG]) as listener:
        await begun(server, listener)
        versions = []
        for number in (1, 2):
            change(somebody, f"Title {number}", CHANGED_AT + number)
            await refresh(server, refreshed_by)
            versions.append((await event(listener))["player"]["version"])
            # A change is told before its job has ended; until then a further request joins it.
            await server.rest()

    assert versions == [2, 3]


async def test_each_try_that_failed_is_told_once_with_the_time_to_wait(
    server: Server, somebody: Replay, url: str
) -> None:
    await read(server)
    somebody.search.clear()
    somebody.status[f"/en-us/career/{TAG}/"] = 500
    async with listening(url, FOLLOW, ids=[TAG]) as listener:
        await begun(server, listener)
        await refresh(server)
        first = await event(listener)
        server.clock.advance(30)
        second = await event(listener)
        del somebody.status[f"/en-us/career/{TAG}/"]
        change(somebody, "Veteran", CHANGED_AT + 1)
        await refresh(server)
        third = await event(listener)

    assert first == {
        "__typename": "PlayerRefreshFailed",
        "playerId": TAG,
        "error": {
            "__typename": "UpstreamUnavailable",
            "code": "UPSTREAM_UNAVAILABLE",
            "message": first["error"]["message"],
            "retryAfter": 30,
        },
    }
    assert (second["__typename"], third["__typename"]) == ("PlayerRefreshFailed", "PlayerRefreshed")


async def test_a_failure_from_before_a_player_was_known_is_not_told_as_news(somebody: Replay) -> None:
    by_id = "/en-us/career/abc123%7Cdef456/"
    somebody.status[by_id] = 500
    async with (
        served(somebody.url, job_concurrency=1, refresh_cooldown=0, job_max_attempts=1) as server,
        on_a_socket(server) as url,
        listening(url, FOLLOW, ids=[TAG]) as listener,
    ):
        await refresh(server, BLIZZARD_ID)
        await server.ended_runs(1)
        del somebody.status[by_id]
        await begun(server, listener)
        await read(server)
        first = await event(listener)
        change(somebody, "Veteran", CHANGED_AT + 1)
        await refresh(server)
        second = await event(listener)

    assert [first["player"]["version"], second["player"]["version"]] == [1, 2]


async def test_a_failure_after_a_player_became_known_is_told_whatever_the_id(
    server: Server, somebody: Replay, url: str
) -> None:
    async with listening(url, FOLLOW, ids=[TAG]) as listener:
        await begun(server, listener)
        await read(server)
        await event(listener)
        await listener.settled()
        somebody.search.clear()
        somebody.status["/en-us/career/abc123%7Cdef456/"] = 500
        await refresh(server, BLIZZARD_ID)
        found = await event(listener)

    assert (found["playerId"], found["error"]["__typename"]) == (TAG, "UpstreamUnavailable")


@pytest.mark.parametrize("versions_before", [1, 2])
async def test_a_player_forgotten_and_found_again_is_told_whatever_the_version(
    server: Server, somebody: Replay, url: str, versions_before: int
) -> None:
    for number in range(versions_before):
        change(somebody, f"Title {number}", CHANGED_AT + number)
        await refresh(server)
        await server.rest()
    async with listening(url, FOLLOW, ids=[TAG]) as listener:
        await begun(server, listener)
        await server.storage.players.prune(server.clock.now() + 1, 10)
        change(somebody, "Veteran", CHANGED_AT + 5)
        await refresh(server)
        found = await event(listener)

    assert found["player"] == {"playerId": TAG, "title": "Veteran", "version": 1}
    assert found["changed"] == ["title", "lastUpdatedAt"]


async def test_a_player_forgotten_and_found_as_before_is_told_to_nobody(
    server: Server, somebody: Replay, url: str
) -> None:
    await read(server)
    async with listening(url, FOLLOW, ids=[TAG]) as listener:
        await begun(server, listener)
        await server.storage.players.prune(server.clock.now() + 1, 10)
        await refresh(server)
        await server.rest()
        change(somebody, "Veteran", CHANGED_AT + 1)
        await refresh(server)
        found = await event(listener)

    assert found["player"]["version"] == 2


async def test_a_dead_letter_that_fails_again_is_told_again(somebody: Replay) -> None:
    somebody.status[f"/en-us/career/{TAG}/"] = 500
    async with (
        served(somebody.url, job_concurrency=1, job_max_attempts=1) as server,
        on_a_socket(server) as url,
        listening(url, FOLLOW, ids=[TAG]) as listener,
    ):
        await begun(server, listener)
        await refresh(server)
        first = await event(listener)
        [dead] = await server.storage.jobs.list(JobState.FAILED, after=None, limit=10)
        server.clock.advance(1)
        await server.storage.jobs.requeue([dead.id], now=server.clock.now())
        server.clock.advance(TICK)
        second = await event(listener)

    assert [first["playerId"], second["playerId"]] == [TAG, TAG]
    assert second["error"]["__typename"] == "UpstreamUnavailable"


async def test_a_player_gone_from_upstream_is_told_as_not_found(
    server: Server, somebody: Replay, url: str
) -> None:
    await read(server)
    somebody.redirects.clear()
    somebody.careers.clear()
    somebody.search.clear()
    async with listening(url, FOLLOW, ids=[BLIZZARD_ID]) as listener:
        await begun(server, listener)
        await refresh(server)
        found = await event(listener)

    assert (found["playerId"], found["error"]["__typename"]) == (BLIZZARD_ID, "PlayerNotFound")
    assert (found["error"]["retryAfter"], found["error"]["checkCount"]) == (600, 1)


async def test_no_ids_are_no_events(server: Server, url: str) -> None:
    async with listening(url, FOLLOW, ids=[]) as listener:
        assert (await listener.hear())["type"] == "complete"


@pytest.mark.parametrize(
    "ids",
    [[f"Player{number}-1234" for number in range(101)], ["Somebody"], ["x-1234", "a\x00b-1234"], [None]],
)
async def test_too_many_ids_and_what_is_no_id_are_bad_user_input(
    server: Server, url: str, ids: list[object]
) -> None:
    async with listening(url, FOLLOW, ids=ids) as listener:
        message = await listener.hear()

    assert message["type"] == "error"
    assert {error["extensions"]["code"] for error in message["payload"]} == {"BAD_USER_INPUT"}


async def test_a_hundred_ids_are_followed(server: Server, somebody: Replay, url: str) -> None:
    await read(server)
    ids = [*(f"Player{number}-1234" for number in range(99)), TAG]
    async with listening(url, FOLLOW, ids=ids) as listener:
        await begun(server, listener)
        change(somebody, "Veteran", CHANGED_AT + 1)
        await refresh(server)
        found = await event(listener)

    assert found["player"]["version"] == 2


async def test_the_end_of_the_server_completes_a_subscription_and_closes_its_socket(
    server: Server, url: str
) -> None:
    async with listening(url, FOLLOW, ids=[TAG]) as listener:
        await begun(server, listener)
        await server.app.state.streams.stop()
        said = await listener.hear()
        await listener.socket.wait_closed()

    assert said["type"] == "complete"
    assert listener.socket.close_code == 1001
