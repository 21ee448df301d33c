"""A replay of real pages answers about heroes, roles, usage and searches what the REST peer's users know."""

import json
import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from tests.app.rest import snake_case
from tests.app.server import Server, served
from tests.pages import BLIZZARD, needs_pages, page
from tests.replay import Replay

pytestmark = [needs_pages, pytest.mark.pages]

STATIC = "https://static.example"
PEER_STATIC = re.compile(r"https://[^\"]*?(?=/static/)")


def expected(name: str) -> Any:
    return json.loads(PEER_STATIC.sub(STATIC, page(f"expected/{name}.json")))


def saved(folder: str) -> list[str]:
    return sorted(path.stem for path in (BLIZZARD / folder).glob("*") if path.is_file())


@pytest.fixture
async def server(replay: Replay) -> AsyncIterator[Server]:
    replay.pages["/en-us/heroes/"] = page("pages/heroes.html")
    replay.pages["/en-us/"] = page("pages/home.html")
    replay.pages["/en-us/rates/data/"] = page("pages/json/rates.json")
    replay.pages |= {
        f"/en-us/heroes/{key}/": page(f"pages/heroes/{key}.html") for key in saved("pages/heroes")
    }
    async with served(replay.url, static_base_url=STATIC) as server:
        yield server


def lowered(value: Any, *names: str) -> Any:
    """The same with the values of these members in lower case, as the peer writes enums."""
    return {**value, **{name: value[name].lower() for name in names}}


LISTED = "key name portrait subrole role { key } gamemodes { key }"


def listed(hero: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **hero,
        "role": hero["role"]["key"].lower(),
        "gamemodes": [gamemode["key"] for gamemode in hero["gamemodes"]],
    }


async def test_the_list_of_heroes(server: Server) -> None:
    answer = await server.data(f"{{ heroes {{ {LISTED} }} }}")

    assert [listed(hero) for hero in answer["heroes"]] == expected("heroes")


@pytest.mark.parametrize("role_or_subrole", ["", "damage", "support", "tank", "flanker", "medic", "stalwart"])
@pytest.mark.parametrize("gamemode", ["", "quickplay", "stadium"])
async def test_filters_of_heroes(server: Server, role_or_subrole: str, gamemode: str) -> None:
    is_role = role_or_subrole in ("damage", "support", "tank")
    variables = {
        "role": role_or_subrole.upper() if is_role else None,
        "subrole": role_or_subrole if role_or_subrole and not is_role else None,
        "gamemode": gamemode or None,
    }

    answer = await server.data(
        "query ($role: RoleKey, $subrole: String, $gamemode: String)"
        " { heroes(role: $role, subrole: $subrole, gamemode: $gamemode) { key } }",
        variables,
    )

    recorded = expected("heroes_filters")[f"role={role_or_subrole}&gamemode={gamemode}"]
    assert [hero["key"] for hero in answer["heroes"]] == recorded


HERO = """
  query ($key: String!) {
    hero(key: $key) {
      name description portrait subrole location birthday age
      role { key } hitpoints { health armor shields total }
      backgrounds { url sizes }
      abilities { name description icon video { thumbnail mp4 webm } }
      perks { minor { ...perk } major { ...perk } }
      stadiumPowers { ...perk }
      story { summary media { type link } chapters { title content picture } }
    }
  }
  fragment perk on Perk { name description icon }
"""


def detailed(hero: Any) -> dict[str, Any]:
    rest: dict[str, Any] = snake_case(hero)
    rest["role"] = rest["role"]["key"].lower()
    media = rest["story"]["media"]
    rest["story"]["media"] = media and {**media, "type": media["type"].lower().replace("_", "-")}
    for ability in rest["abilities"]:
        video = ability["video"]
        ability["video"] = {
            "thumbnail": video["thumbnail"],
            "link": {"mp4": video["mp4"], "webm": video["webm"]},
        }
    return rest


@pytest.mark.parametrize("key", saved("expected/hero"))
async def test_a_hero_in_full(server: Server, key: str) -> None:
    answer = await server.data(HERO, {"key": key})

    # The peer leaves the powers out for heroes who have none.
    assert detailed(answer["hero"]) == {"stadium_powers": None} | expected(f"hero/{key}")


async def test_hit_points(server: Server) -> None:
    answer = await server.data("{ heroes { key hitpoints { health armor shields total } } }")

    assert {hero["key"]: hero["hitpoints"] for hero in answer["heroes"]} == {
        key: value.get("hitpoints", value) for key, value in expected("heroes_hitpoints").items()
    }


async def test_roles(server: Server) -> None:
    answer = await server.data("{ roles { key name icon description } }")

    assert [lowered(role, "key") for role in answer["roles"]] == expected("roles")


async def test_maps(server: Server) -> None:
    answer = await server.data("{ maps { key name screenshot location countryCode gamemodes { key } } }")

    found = [
        {**snake_case(each), "gamemodes": [gamemode["key"] for gamemode in each["gamemodes"]]}
        for each in answer["maps"]
    ]
    # The peer's code for the United Kingdom is not the one of ISO 3166.
    assert found == json.loads(json.dumps(expected("maps")).replace('"UK"', '"GB"'))


@pytest.mark.parametrize("gamemode", ["control", "escort", "workshop", "clash"])
async def test_maps_of_a_gamemode(server: Server, gamemode: str) -> None:
    answer = await server.data("query ($g: String) { maps(gamemode: $g) { key } }", {"g": gamemode})

    assert [each["key"] for each in answer["maps"]] == expected("maps_filters")[gamemode]


async def test_gamemodes(server: Server) -> None:
    answer = await server.data("{ gamemodes { key name icon screenshot } }")

    recorded = [
        {name: each[name] for name in ("key", "name", "icon", "screenshot")} for each in expected("gamemodes")
    ]
    assert answer["gamemodes"] == recorded


USAGE = """
  query ($role: RoleKey, $order: HeroUsageOrder, $map: String, $gamemode: PlayerGamemode!) {
    heroUsage(platform: CONSOLE, gamemode: $gamemode, region: EUROPE, role: $role, orderBy: $order, map: $map) {
      hero { key } pickrate winrate
    }
  }
"""


@pytest.mark.parametrize("role", ["none", "damage", "support", "tank"])
@pytest.mark.parametrize("field", ["hero", "pickrate", "winrate"])
@pytest.mark.parametrize("direction", ["asc", "desc"])
async def test_usage_in_every_order(server: Server, role: str, field: str, direction: str) -> None:
    variables = {
        "role": None if role == "none" else role.upper(),
        "order": f"{field}_{direction}".upper(),
        "gamemode": "COMPETITIVE",
    }

    answer = await server.data(USAGE, variables)

    name = f"hero_stats/gamemode=competitive,map=all-maps,role={role},order_by={field}_{direction}"
    assert [{**usage, "hero": usage["hero"]["key"]} for usage in answer["heroUsage"]] == expected(name)


SEARCH = """
  query ($name: String!, $order: PlayerSearchOrder) {
    searchPlayers(name: $name, orderBy: $order, first: 100) {
      nodes { playerId name avatar namecard title blizzardId lastUpdatedAt privacy }
    }
  }
"""


@pytest.mark.parametrize(
    "name", ["TeKrop", "TeKrop-2217", "Dekk", "Dekk-2677", "DEKK", "dekk", "KIRIKO", "Unknown"]
)
async def test_public_players_of_a_name(server: Server, replay: Replay, name: str) -> None:
    replay.search[name.partition("-")[0]] = page("pages/json/search.json")

    answer = await server.data(SEARCH, {"name": name})

    public = [node for node in answer["searchPlayers"]["nodes"] if node["privacy"] == "PUBLIC"]
    recorded = expected("player_search")[f"name={name}&order_by=name:asc&offset=0&limit=20"]
    assert [
        (node["playerId"].replace("|", "%7C"), node["name"], node["avatar"], node["title"]) for node in public
    ] == [(row["player_id"], row["name"], row["avatar"], row["title"]) for row in recorded["results"]]
    assert [(node["blizzardId"], node["namecard"]) for node in public] == [
        (row["blizzard_id"], row["namecard"]) for row in recorded["results"]
    ]
    assert len(public) == recorded["total"]
