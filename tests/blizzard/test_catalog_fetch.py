"""What is asked of upstream about heroes, roles, rates and names, over real sockets, and what is believed."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from functools import partial
from typing import Any

import pytest

from blizzard.catalog import (
    CATALOG_PARSER_VERSION,
    UsageMemory,
    fetch_hero_list,
    fetch_hero_page,
    fetch_hero_usage,
    fetch_player_search,
    fetch_roles,
    reread,
)
from blizzard.client import Upstream, UpstreamSettings
from blizzard.throttle import Throttle, ThrottleSettings
from errors import BadUserInput, UpstreamRateLimited, UpstreamUnavailable
from metrics import Metrics
from models.catalog import (
    HERO,
    HERO_USAGE,
    HEROES,
    PLAYER_SEARCH,
    ROLES,
    CatalogKind,
    FetchedEntry,
    hero_catalog_key,
    usage_catalog_key,
)
from models.hero_usage import CompetitiveDivision, HeroUsage, Region, UsageFilter
from models.locales import Locale
from models.players import Platform, PlayerGamemode
from tests import synthetic_heroes as made
from tests.clock import FrozenClock
from tests.replay import Answer, Replay
from tests.synthetic import search_answer, search_row

RATES = "/en-us/rates/data/"
SEARCH = "/en-us/search/account-by-name/Wanderer/"
QUICKPLAY = UsageFilter(Platform.PC, PlayerGamemode.QUICKPLAY, Region.EUROPE)
COMPETITIVE = UsageFilter(Platform.PC, PlayerGamemode.COMPETITIVE, Region.EUROPE)
ONE = f"{RATES}?input=PC&rq=1&region=Europe&map=all-maps&tier=All"
TWO = f"{RATES}?input=PC&rq=2&region=Europe&map=all-maps&tier=All"

Fetch = Callable[[Upstream], Awaitable[FetchedEntry[Any] | None]]

FETCHES: Mapping[str, Fetch] = {
    "/en-us/heroes/": partial(fetch_hero_list, locale=Locale.EN_US),
    "/en-us/heroes/quillon/": partial(fetch_hero_page, key="quillon", locale=Locale.EN_US),
    "/en-us/": partial(fetch_roles, locale=Locale.EN_US),
    RATES: lambda upstream: fetch_hero_usage(upstream, QUICKPLAY, UsageMemory()),
    SEARCH: partial(fetch_player_search, name="Wanderer"),
}
"""A fetch of each kind by the path that it asks for."""

TEXTS = {
    "/en-us/heroes/": made.hero_list(),
    "/en-us/heroes/quillon/": made.hero_page(),
    "/en-us/": made.home_page(),
    RATES: made.usage_answer(),
    SEARCH: search_answer(search_row("Wanderer"), search_row("WANDERER", "4e5f|6a7b", is_public=False)),
}

KINDS: Mapping[str, tuple[CatalogKind[Any], str]] = {
    "/en-us/heroes/": (HEROES, "en-us"),
    "/en-us/heroes/quillon/": (HERO, hero_catalog_key("quillon", Locale.EN_US)),
    "/en-us/": (ROLES, "en-us"),
    RATES: (HERO_USAGE, usage_catalog_key(QUICKPLAY)),
    SEARCH: (PLAYER_SEARCH, "Wanderer"),
}

METRIC_PAGES = {
    "/en-us/heroes/": "heroes",
    "/en-us/heroes/quillon/": "hero",
    "/en-us/": "roles",
    RATES: "hero_usage",
    SEARCH: "search",
}


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
async def upstream(replay: Replay, clock: FrozenClock, metrics: Metrics) -> AsyncIterator[Upstream]:
    replay.pages.update(TEXTS)
    throttle = Throttle(ThrottleSettings(start_delay=0, min_delay=0), clock, metrics)
    settings = UpstreamSettings(base_url=replay.url, retries=0)
    async with Upstream(settings, throttle, clock, metrics) as upstream:
        yield upstream


def paths(replay: Replay) -> list[str]:
    return [request.partition("?")[0] for request in replay.requests]


def parse_counts(metrics: Metrics, page: str) -> tuple[float | None, float | None]:
    """How many pages of a kind were read, and how many of them could not be."""
    read = metrics.registry.get_sample_value("playgraph_parse_seconds_count", {"page": page})
    return read, metrics.registry.get_sample_value("playgraph_parse_failures_total", {"page": page})


@pytest.mark.parametrize("path", FETCHES)
async def test_each_kind_takes_one_request_and_keeps_the_text_sent(
    path: str, upstream: Upstream, replay: Replay, clock: FrozenClock, metrics: Metrics
) -> None:
    entry = await FETCHES[path](upstream)

    assert entry is not None
    assert paths(replay) == [path]
    assert entry.source == TEXTS[path]
    assert (entry.fetched_at, entry.parser_version) == (clock.now(), CATALOG_PARSER_VERSION)
    assert parse_counts(metrics, METRIC_PAGES[path]) == (1.0, None)
    sent = {"page": METRIC_PAGES[path], "status": "200"}
    assert metrics.registry.get_sample_value("playgraph_upstream_requests_total", sent) == 1.0


@pytest.mark.parametrize("path", FETCHES)
async def test_a_kept_text_read_again_gives_the_same_facts(path: str, upstream: Upstream) -> None:
    entry = await FETCHES[path](upstream)

    assert entry is not None
    assert reread(*KINDS[path], entry.source) == entry.facts


@pytest.mark.parametrize("path", FETCHES)
def test_a_kept_text_of_another_kind_gives_no_facts(path: str) -> None:
    assert reread(*KINDS[path], "<p>Bad gateway</p>") is None


@pytest.mark.parametrize("key", ["", "quillon", "xx-xx/quillon"])
def test_a_heros_page_under_a_key_without_a_language_gives_no_facts(key: str) -> None:
    assert reread(HERO, key, made.hero_page()) is None


def test_a_kept_hero_page_is_read_in_its_own_language() -> None:
    line = made.list_item("birthday", "不明 （年齢： 7）", "birthday.svg")
    html = made.hero_page(header=made.hero_header(items=line))

    japanese = reread(HERO, hero_catalog_key("quillon", Locale.JA_JP), html)
    english = reread(HERO, hero_catalog_key("quillon", Locale.EN_US), html)

    assert japanese is not None
    assert english is not None
    assert (japanese.birthday, japanese.age) == (None, 7)
    assert (english.birthday, english.age) == ("不明", 7)


@pytest.mark.parametrize("locale", Locale)
async def test_pages_are_asked_for_in_their_language(
    locale: Locale, upstream: Upstream, replay: Replay
) -> None:
    start = f"/{locale.value}"
    replay.pages[f"{start}/heroes/"] = made.hero_list(made.hero_card("zeph", locale.value))
    replay.pages[f"{start}/heroes/zeph/"] = made.hero_page(header=made.hero_header(locale.value))
    replay.pages[f"{start}/"] = made.home_page({"tank": (locale.value, "")})

    heroes = await fetch_hero_list(upstream, locale)
    hero = await fetch_hero_page(upstream, "zeph", locale)
    roles = await fetch_roles(upstream, locale)

    assert replay.requests == [f"{start}/heroes/", f"{start}/heroes/zeph/", f"{start}/"]
    assert [card.name for card in heroes.facts] == [locale.value]
    assert hero is not None
    assert hero.facts.name == locale.value
    assert [role.name for role in roles.facts] == [locale.value.capitalize()]


async def test_a_fetched_hero_page_is_read_in_its_own_language(upstream: Upstream, replay: Replay) -> None:
    line = made.list_item("birthday", "Unbekannt (Alter: 7)", "birthday.svg")
    replay.pages["/de-de/heroes/quillon/"] = made.hero_page(header=made.hero_header(items=line))

    entry = await fetch_hero_page(upstream, "quillon", Locale.DE_DE)

    assert entry is not None
    assert (entry.facts.birthday, entry.facts.age) == (None, 7)


@pytest.mark.parametrize("path", ["/en-us/heroes/", "/en-us/heroes/quillon/", "/en-us/"])
async def test_pages_are_asked_for_as_html(path: str, upstream: Upstream, replay: Replay) -> None:
    await FETCHES[path](upstream)

    assert replay.headers[0]["accept"] == "text/html"
    assert "x-requested-with" not in replay.headers[0]


async def test_rates_are_asked_for_as_a_script_would(upstream: Upstream, replay: Replay) -> None:
    await FETCHES[RATES](upstream)

    assert replay.headers[0]["accept"] == "application/json"
    assert replay.headers[0]["x-requested-with"] == "XMLHttpRequest"


@pytest.mark.parametrize("path", ["/en-us/heroes/", "/en-us/", RATES])
@pytest.mark.parametrize("status", [404, 500])
async def test_a_page_that_is_always_there_and_is_not_is_no_answer(
    status: int, path: str, upstream: Upstream, replay: Replay
) -> None:
    replay.status[path] = status

    with pytest.raises(UpstreamUnavailable) as caught:
        await FETCHES[path](upstream)

    assert type(caught.value) is UpstreamUnavailable
    assert paths(replay) == [path]


@pytest.mark.parametrize("path", FETCHES)
async def test_a_page_that_cannot_be_read_is_no_answer_and_is_counted(
    path: str, upstream: Upstream, replay: Replay, metrics: Metrics
) -> None:
    replay.pages[path] = "<html><body><p>Back soon</p></body></html>"

    with pytest.raises(UpstreamUnavailable, match="could not be read") as caught:
        await FETCHES[path](upstream)

    assert caught.value.retry_after == 30
    assert paths(replay) == [path]
    assert parse_counts(metrics, METRIC_PAGES[path]) == (1.0, 1.0)


@pytest.mark.parametrize("path", FETCHES)
async def test_a_refusal_of_upstream_is_told_as_such(path: str, upstream: Upstream, replay: Replay) -> None:
    replay.answers[path] = [Answer(429)]

    with pytest.raises(UpstreamRateLimited):
        await FETCHES[path](upstream)

    assert paths(replay) == [path]


async def test_a_hero_page_with_status_404_is_no_hero(
    upstream: Upstream, replay: Replay, metrics: Metrics
) -> None:
    assert await fetch_hero_page(upstream, "nobody", Locale.EN_US) is None
    assert replay.requests == ["/en-us/heroes/nobody/"]
    assert parse_counts(metrics, "hero") == (None, None)


async def test_a_hero_page_that_says_so_is_no_hero(
    upstream: Upstream, replay: Replay, metrics: Metrics
) -> None:
    replay.pages["/en-us/heroes/nobody/"] = made.NO_HERO_PAGE

    assert await fetch_hero_page(upstream, "nobody", Locale.EN_US) is None
    assert parse_counts(metrics, "hero") == (1.0, None)


@pytest.mark.parametrize(
    ("key", "segment"),
    [
        ("soldier-76", "soldier-76"),
        ("a/../b", "a%2F..%2Fb"),
        ("a b?c#d%20", "a%20b%3Fc%23d%2520"),
        ("łucja", "%C5%82ucja"),
    ],
)
async def test_a_key_is_one_segment_of_the_path(
    key: str, segment: str, upstream: Upstream, replay: Replay
) -> None:
    assert await fetch_hero_page(upstream, key, Locale.EN_US) is None
    assert replay.requests == [f"/en-us/heroes/{segment}/"]


@pytest.mark.parametrize("key", ["", ".", "..", "..."])
async def test_a_key_that_is_no_segment_is_no_hero_and_nobody_is_asked(
    key: str, upstream: Upstream, replay: Replay
) -> None:
    assert await fetch_hero_page(upstream, key, Locale.EN_US) is None
    assert replay.requests == []


@pytest.mark.parametrize(
    ("asked", "rq", "query"),
    [
        (QUICKPLAY, "0", "input=PC&rq=0&region=Europe&map=all-maps"),
        (
            UsageFilter(
                Platform.CONSOLE,
                PlayerGamemode.QUICKPLAY,
                Region.AMERICAS,
                "ilios",
                CompetitiveDivision.GOLD,
            ),
            "0",
            "input=Console&rq=0&region=Americas&map=ilios",
        ),
        (COMPETITIVE, "1", "input=PC&rq=1&region=Europe&map=all-maps&tier=All"),
        (
            UsageFilter(
                Platform.PC,
                PlayerGamemode.COMPETITIVE,
                Region.ASIA,
                "kings-row",
                CompetitiveDivision.GRANDMASTER,
            ),
            "1",
            "input=PC&rq=1&region=Asia&map=kings-row&tier=Grandmaster",
        ),
    ],
)
async def test_a_filter_becomes_the_query(
    asked: UsageFilter, rq: str, query: str, upstream: Upstream, replay: Replay
) -> None:
    replay.pages[RATES] = made.usage_answer(rq=rq, map_key=asked.map_key or "all-maps")

    entry = await fetch_hero_usage(upstream, asked, UsageMemory())

    assert replay.requests == [f"{RATES}?{query}"]
    assert entry.facts == (
        HeroUsage("quillon", "damage", 22.5, 51.0),
        HeroUsage("old-mill", "tank", 4.0, 47.25),
    )


async def test_competitive_is_asked_for_under_its_other_number_when_upstream_answers_about_another(
    upstream: Upstream, replay: Replay
) -> None:
    replay.pages[RATES] = made.usage_answer([made.usage_row("nix", 1, 2)], rq="2")

    entry = await fetch_hero_usage(upstream, COMPETITIVE, UsageMemory())

    assert replay.requests == [ONE, TWO]
    assert [row.hero_key for row in entry.facts] == ["nix"]


async def test_the_number_that_was_right_is_tried_first_next_time(upstream: Upstream, replay: Replay) -> None:
    memory = UsageMemory()
    replay.pages[RATES] = made.usage_answer(rq="2")
    await fetch_hero_usage(upstream, COMPETITIVE, memory)
    replay.requests.clear()

    await fetch_hero_usage(upstream, COMPETITIVE, memory)

    assert replay.requests == [TWO]


async def test_a_number_that_is_right_no_longer_is_replaced(upstream: Upstream, replay: Replay) -> None:
    memory = UsageMemory()
    memory.remember(PlayerGamemode.COMPETITIVE, "2")
    replay.pages[RATES] = made.usage_answer(rq="1")

    await fetch_hero_usage(upstream, COMPETITIVE, memory)

    assert replay.requests == [TWO, ONE]
    assert memory.queues(PlayerGamemode.COMPETITIVE) == ("1", "2")


async def test_a_memory_is_of_one_gamemode_alone(upstream: Upstream, replay: Replay) -> None:
    memory = UsageMemory()
    memory.remember(PlayerGamemode.COMPETITIVE, "2")

    await fetch_hero_usage(upstream, QUICKPLAY, memory)

    assert replay.requests == [f"{RATES}?input=PC&rq=0&region=Europe&map=all-maps"]


@pytest.mark.parametrize(("asked", "rq", "requests"), [(QUICKPLAY, "1", 1), (COMPETITIVE, "0", 2)])
async def test_answers_about_other_gamemodes_alone_are_no_answer_and_teach_nothing(
    asked: UsageFilter, rq: str, requests: int, upstream: Upstream, replay: Replay
) -> None:
    memory = UsageMemory()
    replay.pages[RATES] = made.usage_answer(rq=rq, map_key="another")

    with pytest.raises(UpstreamUnavailable, match="another gamemode"):
        await fetch_hero_usage(upstream, asked, memory)

    assert len(replay.requests) == requests
    assert memory.queues(asked.gamemode) == UsageMemory().queues(asked.gamemode)


async def test_a_map_that_upstream_does_not_take_is_bad_input(upstream: Upstream, replay: Replay) -> None:
    asked = UsageFilter(Platform.PC, PlayerGamemode.COMPETITIVE, Region.EUROPE, "ilios")
    replay.pages[RATES] = made.usage_answer(rq="1", map_key="all-maps")

    with pytest.raises(BadUserInput, match=r"^The map ilios is not played in competitive\.$"):
        await fetch_hero_usage(upstream, asked, UsageMemory())

    assert len(replay.requests) == 1


async def test_an_answer_about_one_map_when_all_were_asked_for_is_no_answer(
    upstream: Upstream, replay: Replay
) -> None:
    replay.pages[RATES] = made.usage_answer(map_key="ilios")

    with pytest.raises(UpstreamUnavailable, match="one map instead of all"):
        await fetch_hero_usage(upstream, QUICKPLAY, UsageMemory())


async def test_a_search_finds_everybody_of_a_name_private_profiles_too(upstream: Upstream) -> None:
    entry = await fetch_player_search(upstream, "Wanderer")

    assert [(row.name, row.is_public) for row in entry.facts] == [("Wanderer", True), ("WANDERER", False)]


async def test_a_search_with_status_404_finds_nobody(
    upstream: Upstream, replay: Replay, clock: FrozenClock
) -> None:
    replay.status[SEARCH] = 404

    entry = await fetch_player_search(upstream, "Wanderer")

    assert entry == FetchedEntry((), "[]", clock.now(), CATALOG_PARSER_VERSION)
    assert reread(PLAYER_SEARCH, "Wanderer", entry.source) == ()


async def test_a_name_is_one_segment_of_the_path(upstream: Upstream, replay: Replay) -> None:
    await fetch_player_search(upstream, "Jörg/..")

    assert replay.requests == ["/en-us/search/account-by-name/J%C3%B6rg%2F../"]
