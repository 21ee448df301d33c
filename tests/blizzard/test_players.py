"""Who a player id belongs to, over real sockets: what is asked, in how many requests, and what is believed."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict, replace
from typing import Any

import pytest

from blizzard.client import Upstream, UpstreamSettings
from blizzard.parsers.players import PARSER_VERSION
from blizzard.players import Unchanged, Unknown, fetch_player
from blizzard.throttle import Throttle, ThrottleSettings
from errors import UpstreamRateLimited, UpstreamUnavailable
from metrics import Metrics
from models.players import FetchedPlayer, PlayerRecord, Privacy
from tests.clock import FrozenClock
from tests.replay import Answer, Replay
from tests.synthetic import NOT_FOUND_PAGE, career_page, search_row

TAG = "Wanderer-1234"
ID = "0a1b|2c3d"
OTHER_ID = "4e5f|6a7b"
SEARCH = "/en-us/search/account-by-name/Wanderer/"
BY_TAG = "/en-us/career/Wanderer-1234/"
BY_ID = "/en-us/career/0a1b%7C2c3d/"
BY_OTHER_ID = "/en-us/career/4e5f%7C6a7b/"
UPDATED = 1_790_000_000


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
async def upstream(replay: Replay, clock: FrozenClock, metrics: Metrics) -> AsyncIterator[Upstream]:
    # Without a penalty, so that a request sent after a refusal would be seen.
    pace = ThrottleSettings(start_delay=0, min_delay=0, penalty_delay=7, penalty_seconds=0)
    throttle = Throttle(pace, clock, metrics)
    settings = UpstreamSettings(base_url=replay.url, retries=0)
    async with Upstream(settings, throttle, clock, metrics) as upstream:
        yield upstream


@pytest.fixture
def wanderer(replay: Replay) -> None:
    """A player with a BattleTag, an id, a career page and a row among the players of that name."""
    replay.redirects[TAG] = ID
    replay.careers[ID] = career_page("Wanderer")
    replay.search["Wanderer"] = [
        search_row("Wanderer", OTHER_ID, last_updated=UPDATED + 5),
        search_row("Wanderer", ID, last_updated=UPDATED, title="From the row"),
    ]


def record(found: FetchedPlayer, **changes: Any) -> PlayerRecord:
    kept = PlayerRecord(
        **{name: getattr(found.profile, name) for name in found.profile.__dataclass_fields__},
        version=1,
        fetched_at=found.fetched_at,
        parser_version=found.parser_version,
    )
    return replace(kept, **changes)


async def fetched(
    upstream: Upstream, player_id: str, kept: PlayerRecord | None = None, row: str | None = None
) -> FetchedPlayer:
    """The player, who must be there."""

    async def load() -> str | None:
        return row

    found = await fetch_player(upstream, player_id, kept, load)
    assert isinstance(found, FetchedPlayer)
    return found


@pytest.mark.usefixtures("wanderer")
class TestNothingKept:
    """Ids that storage knows nothing of."""

    async def test_a_battletag_is_found_in_two_requests(
        self, upstream: Upstream, replay: Replay, clock: FrozenClock
    ) -> None:
        found = await fetched(upstream, TAG)

        assert replay.requests == [SEARCH, BY_TAG, BY_ID]  # the last is where the redirect leads
        assert (found.profile.blizzard_id, found.profile.battletag) == (ID, TAG)
        assert (found.profile.title, found.profile.last_updated_at) == ("From the row", UPDATED * 1000)
        assert found.source.page == replay.careers[ID]
        assert json.loads(found.source.search_row or "") == replay.search["Wanderer"][1]
        assert (found.fetched_at, found.parser_version) == (clock.now(), PARSER_VERSION)

    async def test_a_blizzard_id_is_found_in_two_requests_the_page_first(
        self, upstream: Upstream, replay: Replay
    ) -> None:
        found = await fetched(upstream, ID)

        assert replay.requests == [BY_ID, SEARCH]
        assert (found.profile.blizzard_id, found.profile.battletag) == (ID, None)
        assert found.profile.last_updated_at == UPDATED * 1000

    async def test_both_ids_give_the_same_facts_but_the_battletag(self, upstream: Upstream) -> None:
        by_tag = await fetched(upstream, TAG)
        by_id = await fetched(upstream, ID)

        assert asdict(by_tag) == asdict(replace(by_id, profile=replace(by_id.profile, battletag=TAG)))

    async def test_a_battletag_in_other_capitals_takes_those_of_the_displayed_name(
        self, upstream: Upstream, replay: Replay
    ) -> None:
        replay.redirects["wANDERER-1234"] = ID

        found = await fetched(upstream, "wANDERER-1234")

        assert (found.profile.battletag, found.profile.last_updated_at) == (TAG, UPDATED * 1000)

    async def test_a_row_without_the_players_id_is_never_taken(
        self, upstream: Upstream, replay: Replay
    ) -> None:
        replay.search["Wanderer"] = [search_row("Wanderer", OTHER_ID)]

        found = await fetched(upstream, TAG)

        assert (found.profile.last_updated_at, found.profile.namecard) == (None, None)
        assert found.source.search_row is None

    async def test_without_a_redirect_the_battletag_is_the_id(
        self, upstream: Upstream, replay: Replay
    ) -> None:
        del replay.redirects[TAG]
        replay.careers[TAG] = career_page("Wanderer")

        found = await fetched(upstream, TAG)

        assert replay.requests == [SEARCH, BY_TAG]
        assert (found.profile.blizzard_id, found.profile.battletag) == (TAG, TAG)
        assert found.profile.last_updated_at is None

    async def test_a_name_in_another_script_is_the_id_it_was_asked_under(
        self, upstream: Upstream, replay: Replay
    ) -> None:
        replay.careers["Jörg-1234"] = career_page("Jörg")

        found = await fetched(upstream, "Jörg-1234")

        assert replay.requests == [
            "/en-us/search/account-by-name/J%C3%B6rg/",
            "/en-us/career/J%C3%B6rg-1234/",
        ]
        assert found.profile.blizzard_id == "Jörg-1234"

    async def test_a_private_player_is_a_player(self, upstream: Upstream, replay: Replay) -> None:
        replay.careers[ID] = career_page("Wanderer", is_private=True)

        found = await fetched(upstream, TAG)

        assert (found.profile.privacy, found.profile.hero_totals) == (Privacy.PRIVATE, ())

    async def test_an_id_in_other_capitals_is_the_id_it_leads_to(
        self, upstream: Upstream, replay: Replay
    ) -> None:
        replay.redirects["0A1B|2C3D"] = ID

        found = await fetched(upstream, "0A1B|2C3D")

        assert found.profile.blizzard_id == ID


@pytest.mark.usefixtures("wanderer")
class TestKept:
    """Ids with a record."""

    @pytest.mark.parametrize("player_id", [TAG, ID])
    async def test_an_unchanged_player_takes_one_request(
        self, upstream: Upstream, replay: Replay, clock: FrozenClock, player_id: str
    ) -> None:
        kept = record(await fetched(upstream, TAG))
        replay.requests.clear()
        clock.advance(3600)

        found = await fetch_player(upstream, player_id, kept)

        assert found == Unchanged(ID, clock.now())
        assert replay.requests == [SEARCH]

    @pytest.mark.parametrize("player_id", [TAG, ID])
    @pytest.mark.parametrize("last_updated_at", [UPDATED * 1000 - 1, UPDATED * 1000 + 1, None])
    async def test_a_changed_player_takes_two_requests(
        self, upstream: Upstream, replay: Replay, player_id: str, last_updated_at: int | None
    ) -> None:
        kept = record(await fetched(upstream, TAG), last_updated_at=last_updated_at)
        replay.requests.clear()

        found = await fetched(upstream, player_id, kept)

        assert replay.requests == [SEARCH, BY_ID]
        assert (found.profile.last_updated_at, found.profile.battletag) == (UPDATED * 1000, TAG)

    async def test_a_battletag_without_a_row_is_asked_for_itself(
        self, upstream: Upstream, replay: Replay
    ) -> None:
        kept = record(await fetched(upstream, TAG))
        replay.requests.clear()
        replay.search.clear()

        found = await fetched(upstream, TAG, kept, "a row that must not be used")

        assert replay.requests == [SEARCH, BY_TAG, BY_ID]
        assert (found.profile.blizzard_id, found.profile.last_updated_at) == (ID, None)

    async def test_a_battletag_that_passed_to_another_player_is_that_player(
        self, upstream: Upstream, replay: Replay
    ) -> None:
        kept = record(await fetched(upstream, TAG))
        replay.redirects[TAG] = OTHER_ID
        replay.careers[OTHER_ID] = career_page("Wanderer", title="The other")
        replay.search["Wanderer"] = [search_row("Wanderer", OTHER_ID, last_updated=UPDATED + 5)]

        found = await fetched(upstream, TAG, kept)

        assert (found.profile.blizzard_id, found.profile.title) == (OTHER_ID, "The other")
        assert found.profile.last_updated_at == (UPDATED + 5) * 1000

    async def test_an_id_without_a_row_is_asked_for_by_id(self, upstream: Upstream, replay: Replay) -> None:
        kept = record(await fetched(upstream, TAG))
        replay.requests.clear()
        replay.search.clear()

        found = await fetched(upstream, ID, kept)

        assert replay.requests == [SEARCH, BY_ID]
        assert (found.profile.username, found.profile.last_updated_at) == ("Wanderer", None)

    async def test_a_renamed_player_is_searched_for_by_the_name_that_is_shown_now(
        self, upstream: Upstream, replay: Replay
    ) -> None:
        kept = record(await fetched(upstream, TAG))
        replay.requests.clear()
        replay.search.clear()
        replay.careers[ID] = career_page("Renamed")
        replay.search["Renamed"] = [search_row("Renamed", ID, last_updated=UPDATED + 5)]

        found = await fetched(upstream, ID, kept)

        assert replay.requests == [SEARCH, BY_ID, "/en-us/search/account-by-name/Renamed/"]
        assert (found.profile.username, found.profile.battletag) == ("Renamed", TAG)
        assert found.profile.last_updated_at == (UPDATED + 5) * 1000

    async def test_a_page_that_shows_no_name_keeps_the_row_of_the_known_one(
        self, upstream: Upstream, replay: Replay
    ) -> None:
        kept = record(await fetched(upstream, TAG), last_updated_at=None)
        replay.requests.clear()
        replay.careers[ID] = career_page("")

        found = await fetched(upstream, ID, kept)

        assert replay.requests == [SEARCH, BY_ID]
        assert found.profile.blizzard_id == ID


@pytest.mark.usefixtures("wanderer")
class TestSearchInTrouble:
    """The career page alone makes a player."""

    @pytest.fixture(
        params=[Answer(404), Answer(500), Answer(0), Answer(200, b"no json"), Answer(200, b"{}"), Answer(410)]
    )
    def trouble(self, request: pytest.FixtureRequest, replay: Replay) -> Answer:
        answer = request.param
        assert isinstance(answer, Answer)
        replay.answers[SEARCH] = [answer]
        return answer

    @pytest.mark.usefixtures("trouble")
    @pytest.mark.parametrize("player_id", [TAG, ID])
    async def test_nothing_kept_is_a_player_without_a_row(self, upstream: Upstream, player_id: str) -> None:
        found = await fetched(upstream, player_id)

        assert (found.profile.blizzard_id, found.profile.username) == (ID, "Wanderer")
        assert (found.profile.last_updated_at, found.source.search_row) == (None, None)

    @pytest.mark.parametrize("player_id", [TAG, ID])
    @pytest.mark.parametrize("answer", [Answer(500), Answer(404, b"[]"), Answer(200, b"<html>")])
    async def test_the_kept_row_stands_in(
        self, upstream: Upstream, replay: Replay, player_id: str, answer: Answer
    ) -> None:
        first = await fetched(upstream, TAG)
        replay.answers[SEARCH] = [answer]

        found = await fetched(upstream, player_id, record(first), first.source.search_row)

        assert found.profile == first.profile
        assert found.source.search_row == first.source.search_row

    async def test_the_kept_row_is_not_taken_for_another_player(
        self, upstream: Upstream, replay: Replay
    ) -> None:
        first = await fetched(upstream, TAG)
        replay.answers[SEARCH] = [Answer(500)]
        replay.redirects[TAG] = OTHER_ID
        replay.careers[OTHER_ID] = career_page("Wanderer")

        found = await fetched(upstream, TAG, record(first), first.source.search_row)

        assert (found.profile.blizzard_id, found.source.search_row) == (OTHER_ID, None)

    @pytest.mark.parametrize("status", [403, 429])
    async def test_a_refused_search_stops_before_the_career_page(
        self, upstream: Upstream, replay: Replay, status: int
    ) -> None:
        replay.status[SEARCH] = status

        with pytest.raises(UpstreamRateLimited) as refused:
            await fetch_player(upstream, TAG)

        assert refused.value.retry_after == 7
        assert replay.requests == [SEARCH]

    async def test_a_search_refused_after_the_page_came_costs_only_the_row(
        self, upstream: Upstream, replay: Replay
    ) -> None:
        replay.status[SEARCH] = 403

        found = await fetched(upstream, ID)

        assert (found.profile.blizzard_id, found.profile.last_updated_at) == (ID, None)

    async def test_a_player_without_a_displayed_name_is_not_searched_for(
        self, upstream: Upstream, replay: Replay
    ) -> None:
        replay.careers[ID] = career_page("")

        await fetched(upstream, ID)

        assert replay.requests == [BY_ID]


@pytest.mark.usefixtures("wanderer")
class TestNoPlayer:
    """What proves that there is no such player, and what proves nothing."""

    @pytest.mark.parametrize(("player_id", "requests"), [("Nobody-1234", 2), ("ff|ee", 1)])
    async def test_a_404_is_an_unknown_player(
        self, upstream: Upstream, replay: Replay, clock: FrozenClock, player_id: str, requests: int
    ) -> None:
        found = await fetch_player(upstream, player_id)

        assert found == Unknown(clock.now())
        assert len(replay.requests) == requests

    async def test_a_page_with_a_root_and_no_masthead_is_an_unknown_player(
        self, upstream: Upstream, replay: Replay, clock: FrozenClock
    ) -> None:
        replay.careers[ID] = NOT_FOUND_PAGE

        assert await fetch_player(upstream, ID) == Unknown(clock.now())

    async def test_a_kept_player_whose_page_is_gone_is_unknown(
        self, upstream: Upstream, replay: Replay, clock: FrozenClock
    ) -> None:
        kept = record(await fetched(upstream, TAG), last_updated_at=1)
        replay.status[BY_ID] = 404

        assert await fetch_player(upstream, ID, kept) == Unknown(clock.now())

    async def test_a_page_without_a_root_proves_nothing(
        self, upstream: Upstream, replay: Replay, metrics: Metrics
    ) -> None:
        replay.careers[ID] = "<html><body><p>We will be right back.</p></body></html>"

        with pytest.raises(UpstreamUnavailable, match="could not be read") as failed:
            await fetch_player(upstream, TAG)

        assert failed.value.retry_after == 30
        failures = metrics.registry.get_sample_value("playgraph_parse_failures_total", {"page": "career"})
        assert failures == 1

    @pytest.mark.parametrize("status", [500, 410])
    async def test_any_other_status_proves_nothing(
        self, upstream: Upstream, replay: Replay, status: int
    ) -> None:
        replay.status[BY_ID] = status

        with pytest.raises(UpstreamUnavailable):
            await fetch_player(upstream, TAG)

    @pytest.mark.parametrize("target", [OTHER_ID, TAG, "/en-us/"])
    async def test_an_id_that_leads_to_another_page_takes_nothing_from_it(
        self, upstream: Upstream, replay: Replay, target: str
    ) -> None:
        replay.redirects = {ID: target}
        replay.careers = {OTHER_ID: career_page("Stranger"), TAG: career_page("Wanderer")}
        replay.pages["/en-us/"] = NOT_FOUND_PAGE

        with pytest.raises(UpstreamUnavailable, match="another page"):
            await fetch_player(upstream, ID)

        assert SEARCH not in replay.requests

    async def test_a_battletag_that_leads_to_no_career_page_proves_nothing(
        self, upstream: Upstream, replay: Replay
    ) -> None:
        replay.redirects[TAG] = "/en-us/"
        replay.pages["/en-us/"] = NOT_FOUND_PAGE

        with pytest.raises(UpstreamUnavailable, match="another page"):
            await fetch_player(upstream, TAG)


@pytest.mark.usefixtures("wanderer")
async def test_pages_are_parsed_beside_the_event_loop_and_timed(upstream: Upstream, metrics: Metrics) -> None:
    await fetched(upstream, TAG)

    counts = [
        metrics.registry.get_sample_value("playgraph_parse_seconds_count", {"page": page})
        for page in ("search", "career")
    ]
    assert counts == [1, 1]


@pytest.mark.usefixtures("wanderer")
async def test_players_are_fetched_at_the_same_time(upstream: Upstream, replay: Replay) -> None:
    holds = [replay.hold(SEARCH), replay.hold("/en-us/search/account-by-name/Nobody/")]
    fetches = asyncio.gather(fetch_player(upstream, TAG), fetch_player(upstream, "Nobody-1234"))
    await asyncio.gather(*(hold.arrived.wait() for hold in holds))

    holds[0].release()
    holds[1].release()
    found = await fetches

    assert [type(one) for one in found] == [FetchedPlayer, Unknown]
