"""A replay of real pages, asked over HTTP, answers what the REST peer's users know, field by field."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.app.rest import (
    CAREER_STATS,
    COMPARISONS,
    RANK,
    STATS,
    STATS_SUMMARY,
    SUMMARY,
    comparisons,
    labelled_stats,
    plain_stats,
    stats_summary,
    summary,
)
from tests.app.server import Server, served
from tests.pages import needs_pages, page
from tests.replay import Replay

pytestmark = [needs_pages, pytest.mark.pages]

PLAYER = "TeKrop-2217"
BLIZZARD_ID = "c65b8798bc61d6ffbba120|cfe9dd77a4382165e2b920bdcc035949"
GAMEMODES = ("quickplay", "competitive")
PLATFORMS = ("any", "pc", "console")
HEROES = ("all-heroes", "ana", "soldier-76", "wrecking-ball")


def expected(name: str) -> Any:
    return json.loads(page(f"expected/players/{PLAYER}/{name}.json"))


@pytest.fixture
async def server(replay: Replay) -> AsyncIterator[Server]:
    replay.careers[BLIZZARD_ID] = page(f"pages/players/{PLAYER}.html")
    replay.redirects[PLAYER] = BLIZZARD_ID
    async with served(replay.url) as server:
        yield server


async def player(server: Server, selection: str, fragments: str = "") -> dict[str, Any]:
    query = f'{{ player(playerId: "{PLAYER}") {{ ... on Player {{ {selection} }} }} }} {fragments}'
    answer = await server.data(query)
    found: dict[str, Any] = answer["player"]
    return found


def arguments(gamemode: str | None = None, platform: str | None = None, hero: str | None = None) -> str:
    given = [f"gamemode: {gamemode.upper()}"] if gamemode else []
    given += [f"platform: {platform.upper()}"] if platform not in (None, "any") else []
    given += [f'hero: "{hero}"'] if hero else []
    return f"({', '.join(given)})" if given else ""


async def test_the_summary_without_a_search_row(server: Server) -> None:
    assert summary(await player(server, SUMMARY, RANK)) == expected("summary")


async def test_the_summary_with_a_search_row(server: Server, replay: Replay) -> None:
    replay.search["TeKrop"] = [expected("search_row")]

    assert summary(await player(server, SUMMARY, RANK)) == expected("summary_with_search")


@pytest.mark.parametrize("gamemode", [None, *GAMEMODES])
@pytest.mark.parametrize("platform", [None, "pc", "console"])
async def test_the_stats_summary(server: Server, gamemode: str | None, platform: str | None) -> None:
    name = "_".join(["stats_summary", *filter(None, (gamemode, platform))])

    found = await player(server, f"statsSummary{arguments(gamemode, platform)} {{ {STATS_SUMMARY} }}", STATS)

    assert stats_summary(found["statsSummary"]) == expected(name)


@pytest.mark.parametrize("gamemode", GAMEMODES)
@pytest.mark.parametrize("platform", PLATFORMS)
async def test_career_stats_with_labels(server: Server, gamemode: str, platform: str) -> None:
    found = await player(server, f"careerStats{arguments(gamemode, platform)} {{ {CAREER_STATS} }}")

    assert labelled_stats(found["careerStats"]) == expected(f"stats_{gamemode}_{platform}")


@pytest.mark.parametrize("gamemode", GAMEMODES)
@pytest.mark.parametrize("platform", PLATFORMS)
async def test_career_stats_by_key(server: Server, gamemode: str, platform: str) -> None:
    found = await player(server, f"careerStats{arguments(gamemode, platform)} {{ {CAREER_STATS} }}")

    assert plain_stats(found["careerStats"]) == expected(f"career_stats_{gamemode}_{platform}")


@pytest.mark.parametrize("hero", HEROES)
async def test_career_stats_of_one_hero(server: Server, hero: str) -> None:
    found = await player(server, f"careerStats{arguments('quickplay', None, hero)} {{ {CAREER_STATS} }}")

    assert labelled_stats(found["careerStats"]) == expected(f"hero_filter/stats_quickplay_any_{hero}")
    assert plain_stats(found["careerStats"]) == expected(f"hero_filter/career_stats_quickplay_any_{hero}")


@pytest.mark.parametrize("gamemode", GAMEMODES)
async def test_the_whole_career(server: Server, gamemode: str) -> None:
    recorded = expected("career")
    stats = recorded["stats"]["pc"][gamemode]

    found = await player(
        server,
        f"{SUMMARY} careerStats{arguments(gamemode, 'pc')} {{ {CAREER_STATS} }}"
        f" heroComparisons{arguments(gamemode, 'pc')} {{ {COMPARISONS} }}",
        RANK,
    )

    played = {
        hero: categories for hero, categories in stats["career_stats"].items() if categories is not None
    }
    assert labelled_stats(found.pop("careerStats")) == played
    assert comparisons(found.pop("heroComparisons")) == stats["heroes_comparisons"]
    assert summary(found) == recorded["summary"]
    assert recorded["stats"]["console"] is None


async def test_a_platform_never_played_is_empty(server: Server) -> None:
    found = await player(
        server, f"heroComparisons(gamemode: QUICKPLAY, platform: CONSOLE) {{ {COMPARISONS} }}"
    )

    assert found["heroComparisons"] == []
