"""A saved career page gives exactly what was recorded of it, field by field."""

import json
from typing import Any

import pytest

from blizzard.parsers.players import CareerPage, build_profile, read_career_page
from blizzard.parsers.search import find_row, read_search, read_search_row
from models.players import GamemodeCareer, PlatformRanks, PlayerGamemode, PlayerProfile, Rank
from tests.pages import BLIZZARD, needs_pages, page

pytestmark = [needs_pages, pytest.mark.pages]

RECORDED = "expected/players/TeKrop-2217"
BLIZZARD_ID = "c65b8798bc61d6ffbba120|cfe9dd77a4382165e2b920bdcc035949"


def recorded(name: str) -> Any:
    return json.loads(page(f"{RECORDED}/{name}.json"))


@pytest.fixture(scope="module")
def player() -> CareerPage:
    found = read_career_page(page("pages/players/TeKrop-2217.html"))
    assert found is not None
    return found


def summary_of(profile: PlayerProfile) -> dict[str, Any]:
    ranks, endorsement = profile.competitive, profile.endorsement
    return {
        "username": profile.username,
        "avatar": profile.avatar,
        "namecard": profile.namecard,
        "title": profile.title,
        "endorsement": endorsement and {"level": endorsement.level, "frame": endorsement.frame},
        "competitive": ranks and {"pc": platform_of(ranks.pc), "console": platform_of(ranks.console)},
        "last_updated_at": profile.last_updated_at and profile.last_updated_at // 1000,
    }


def platform_of(ranks: PlatformRanks | None) -> dict[str, Any] | None:
    return ranks and {
        "season": ranks.season,
        "tank": rank_of(ranks.tank),
        "damage": rank_of(ranks.damage),
        "support": rank_of(ranks.support),
        "open": rank_of(ranks.open),
    }  # type: ignore[return-value]


def rank_of(rank: Rank | None) -> dict[str, Any] | None:
    return rank and {
        "division": rank.division,
        "tier": rank.tier,
        "role_icon": rank.role_icon,
        "rank_icon": rank.rank_icon,
        "tier_icon": rank.tier_icon,
    }  # type: ignore[return-value]


def career_in(player: CareerPage, gamemode: str) -> GamemodeCareer:
    platform = player.career.pc
    assert platform is not None
    found = {"quickplay": platform.quickplay, "competitive": platform.competitive}[gamemode]
    assert found is not None
    return found


def stats_of(career: GamemodeCareer) -> dict[str, Any]:
    return {
        hero.hero_key: [
            {
                "category": block.category,
                "label": block.label,
                "stats": [
                    {"key": stat.key, "label": stat.label, "value": stat.value} for stat in block.stats
                ],
            }
            for block in hero.categories
        ]
        for hero in career.career_stats
    }


def comparisons_of(career: GamemodeCareer) -> dict[str, Any]:
    return {
        row.category: {
            "label": row.label,
            "values": [{"hero": value.hero_key, "value": value.value} for value in row.values],
        }
        for row in career.hero_comparisons
    }


def test_the_summary_of_the_page_alone(player: CareerPage) -> None:
    profile = build_profile(player, None, blizzard_id=BLIZZARD_ID, battletag="TeKrop-2217")

    assert summary_of(profile) == recorded("summary")


def test_the_summary_with_the_search_row(player: CareerPage) -> None:
    row = read_search_row(page(f"{RECORDED}/search_row.json"))

    profile = build_profile(player, row, blizzard_id=BLIZZARD_ID, battletag="TeKrop-2217")

    assert summary_of(profile) == recorded("summary_with_search")


@pytest.mark.parametrize("gamemode", ["quickplay", "competitive"])
def test_all_statistics_with_their_labels_and_repeated_rows(player: CareerPage, gamemode: str) -> None:
    expected = recorded(f"stats_{gamemode}_pc")

    found = stats_of(career_in(player, gamemode))

    assert json.dumps(found) == json.dumps(expected)


@pytest.mark.parametrize("gamemode", ["quickplay", "competitive"])
def test_all_statistics_as_a_map_in_which_the_last_repeated_row_stands(
    player: CareerPage, gamemode: str
) -> None:
    found = {
        hero.hero_key: {
            block.category: {stat.key: stat.value for stat in block.stats} for block in hero.categories
        }
        for hero in career_in(player, gamemode).career_stats
    }

    assert found == recorded(f"career_stats_{gamemode}_pc")


@pytest.mark.parametrize("gamemode", ["quickplay", "competitive"])
def test_hero_comparisons_in_page_order(player: CareerPage, gamemode: str) -> None:
    expected = recorded("career")["stats"]["pc"][gamemode]["heroes_comparisons"]
    shown = {category: row for category, row in expected.items() if row is not None}

    found = comparisons_of(career_in(player, gamemode))

    assert json.dumps(found) == json.dumps(shown)


def test_nothing_was_played_on_console(player: CareerPage) -> None:
    assert recorded("career")["stats"]["console"] is None
    assert player.career.console is None


@pytest.mark.parametrize("gamemode", [PlayerGamemode.QUICKPLAY, PlayerGamemode.COMPETITIVE])
def test_totals_of_each_hero_are_those_of_its_summary(player: CareerPage, gamemode: PlayerGamemode) -> None:
    heroes = recorded(f"stats_summary_{gamemode.value}")["heroes"]
    names = ("games_played", "games_won", "games_lost", "time_played")
    expected = {key: {name: row[name] for name in names} | row["total"] for key, row in heroes.items()}

    found = {
        totals.hero_key: {name: getattr(totals, name) for name in names}
        | {
            "eliminations": totals.eliminations,
            "assists": totals.assists,
            "deaths": totals.deaths,
            "damage": totals.damage,
            "healing": totals.healing,
        }
        for totals in player.hero_totals
        if totals.gamemode is gamemode
    }

    assert found == expected


def test_the_not_found_page_is_about_nobody() -> None:
    assert read_career_page(page("pages/players/Unknown-1234.html")) is None


def test_the_saved_search_answer_is_read_whole() -> None:
    text = (BLIZZARD / "pages/json/search.json").read_text(encoding="utf-8")

    rows = read_search(text)

    assert len(rows) == len(json.loads(text)) == 15
    assert find_row(rows, blizzard_id=BLIZZARD_ID, name="TeKrop") in rows
    assert [json.loads(row.json_text) for row in rows] == json.loads(text)
