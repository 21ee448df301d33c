"""Each example runs as it is, and does what its heading says."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from pages.explorer import read_examples
from schema import schema
from tests.app.server import Server, served
from tests.app.subscribing import listening, on_a_socket
from tests.app.test_storage_trouble import damage
from tests.architecture.sources import ROOT
from tests.browser.upstream import CAREER, inhabit
from tests.replay import Replay

EXAMPLES = {example.key: example for example in read_examples(ROOT / "examples")}
REFUSED = "14-bad-input"
FOLLOWS = "18-player-refreshed"
FOLLOWS_TALK = "22-message-added"


@pytest.fixture
async def server(replay: Replay, tmp_path: Path) -> AsyncIterator[Server]:
    inhabit(replay)
    async with served(replay.url, storage_path=tmp_path / "kept.db") as server:
        yield server


async def shown(server: Server, key: str, **variables: object) -> dict[str, Any]:
    """The data of an example that must not have errors."""
    return await server.data(EXAMPLES[key].query, variables)


@pytest.mark.parametrize("key", [key for key in EXAMPLES if key not in (REFUSED, FOLLOWS, FOLLOWS_TALK)])
async def test_an_example_runs_as_it_is_and_finds_something(server: Server, key: str) -> None:
    answer = await shown(server, key)

    assert all(answer.values())


@pytest.mark.parametrize("key", EXAMPLES)
def test_an_example_says_what_it_is_and_what_to_look_at(key: str) -> None:
    example = EXAMPLES[key]

    assert example.title != key
    assert example.hint.endswith(".")


def test_every_root_field_has_an_example() -> None:
    queries = " ".join(example.query for example in EXAMPLES.values())
    # These give one of what their plural, or its neighbour, gives many of.
    singular = {"map", "maps", "node", "conversation"}

    roots = (schema._schema.query_type, schema._schema.mutation_type, schema._schema.subscription_type)
    fields = {field for root in roots if root for field in root.fields}
    assert {field for field in fields - singular if f"\n  {field}" not in queries} == set()


async def test_heroes_are_those_of_the_role(server: Server) -> None:
    supports = (await shown(server, "01-heroes"))["heroes"]
    tanks = (await shown(server, "01-heroes", role="TANK"))["heroes"]

    ana = next(hero for hero in supports if hero["key"] == "ana")
    assert ana["hitpoints"] == {"health": 250, "armor": 0, "shields": 0, "total": 250}
    assert ana["freshness"] == {"state": "FRESH"}
    assert "mercy" in {hero["key"] for hero in supports}
    assert {hero["key"] for hero in tanks} & {hero["key"] for hero in supports} == set()


async def test_a_hero_in_full_has_what_its_page_tells(server: Server) -> None:
    hero = (await shown(server, "02-hero"))["hero"]

    assert (hero["name"], hero["age"], hero["location"]) == ("Ana", 41, "Port Sable (formerly)")
    assert [ability["name"] for ability in hero["abilities"]] == ["Lantern", "Ink Step"]
    assert [perk["name"] for perk in hero["perks"]["minor"]] == ["Oil", "Wick"]
    assert [power["name"] for power in hero["stadiumPowers"]] == ["Long Burn", "Bright Burn"]
    assert hero["story"]["summary"] == "Once a lamplighter."


async def test_roles_lead_to_their_heroes(server: Server) -> None:
    roles = (await shown(server, "03-roles"))["roles"]

    assert [role["key"] for role in roles] == ["TANK", "DAMAGE", "SUPPORT"]
    assert "Ana" in {hero["name"] for hero in roles[2]["heroes"]}


async def test_maps_are_those_of_the_gamemode(server: Server) -> None:
    answer = await shown(server, "04-maps")

    played = [{mode["name"] for mode in place["gamemodes"]} for place in answer["gamemode"]["maps"]]
    assert "escort" in {mode["key"] for mode in answer["gamemodes"]}
    assert answer["gamemode"]["name"] == "Escort"
    assert all("Escort" in names for names in played)


async def test_usage_comes_with_the_best_win_rate_first(server: Server) -> None:
    usage = (await shown(server, "05-hero-usage"))["heroUsage"]

    assert [(row["hero"]["name"], row["winrate"]) for row in usage] == [
        ("Mercy", 53.25),
        ("Ana", 50.5),
        ("Tracer", 48.0),
    ]


async def test_a_player_has_a_rank_and_headline_figures(server: Server) -> None:
    player = (await shown(server, "06-player"))["player"]

    assert (player["__typename"], player["battletag"]) == ("Player", "TeKrop#2217")
    assert player["competitive"]["pc"] == {
        "season": 21,
        "tank": None,
        "damage": None,
        "support": {"division": "gold", "tier": 2},
    }
    assert player["statsSummary"]["general"]["gamesPlayed"] == 30


async def test_a_career_has_every_statistic_and_heroes_side_by_side(server: Server) -> None:
    player = (await shown(server, "07-career"))["player"]

    [ana] = player["careerStats"]
    assert (ana["heroKey"], [category["label"] for category in ana["categories"]]) == (
        "ana",
        ["Game", "Combat", "Assists"],
    )
    assert player["heroComparisons"][0] == {
        "label": "Time Played",
        "values": [{"heroKey": "ana", "value": 12_000.0}, {"heroKey": "wrecking-ball", "value": 6_000.0}],
    }


async def test_many_players_have_an_outcome_each(server: Server) -> None:
    answer = await shown(server, "08-players")

    assert [each["__typename"] for each in answer["players"]] == ["Player", "PlayerNotFound"]


async def test_a_search_finds_everybody_of_the_name_latest_first(server: Server) -> None:
    found = (await shown(server, "09-search"))["searchPlayers"]

    assert (found["totalCount"], found["pageInfo"]["hasNextPage"]) == (2, False)
    assert [node["privacy"] for node in found["nodes"]] == ["PUBLIC", "PRIVATE"]
    assert found["nodes"][0]["player"] == {"endorsement": {"level": 3}}
    assert found["nodes"][1]["player"]["code"] == "PLAYER_NOT_FOUND"


async def test_nodes_are_read_again_under_the_ids_they_have(server: Server) -> None:
    nodes = (await shown(server, "10-nodes"))["nodes"]

    again = (await shown(server, "10-nodes", ids=[node["id"] for node in nodes]))["nodes"]
    assert [(node["__typename"], node["name"]) for node in nodes] == [
        ("Hero", "Ana"),
        ("Role", "Support"),
        ("Map", "King’s Row"),
        ("Gamemode", "Escort"),
    ]
    assert again == nodes


async def test_the_player_who_does_not_exist_is_told_by_type(server: Server) -> None:
    player = (await shown(server, "11-player-not-found"))["player"]

    assert (player["__typename"], player["code"]) == ("PlayerNotFound", "PLAYER_NOT_FOUND")
    assert (player["playerId"], player["checkCount"], player["retryAfter"]) == ("Nobody-00000", 1, 600)


@pytest.mark.parametrize(
    ("status", "code", "retry_after"),
    [
        (500, "UPSTREAM_UNAVAILABLE", 30),
        (403, "UPSTREAM_RATE_LIMITED", 60),
        (429, "UPSTREAM_RATE_LIMITED", 60),
    ],
)
async def test_an_upstream_that_does_not_answer_is_told_by_type(
    server: Server, replay: Replay, status: int, code: str, retry_after: int
) -> None:
    replay.status[CAREER] = status

    player = (await shown(server, "12-upstream-unavailable"))["player"]

    assert (player["__typename"], player["code"]) == ("UpstreamUnavailable", code)
    assert player["retryAfter"] == retry_after


async def test_without_trouble_the_outcome_is_the_player(server: Server) -> None:
    player = (await shown(server, "13-every-outcome"))["player"]

    assert player == {"__typename": "Player", "username": "TeKrop", "privacy": "PUBLIC"}


async def test_every_outcome_covers_an_unknown_player(server: Server) -> None:
    player = (await shown(server, "13-every-outcome", playerId="Nobody-1234"))["player"]

    assert (player["__typename"], player["playerId"], player["retryAfter"]) == (
        "PlayerNotFound",
        "Nobody-1234",
        600,
    )


async def test_every_outcome_covers_an_upstream_in_trouble(server: Server, replay: Replay) -> None:
    replay.status[CAREER] = 500

    player = (await shown(server, "13-every-outcome"))["player"]

    assert (player["__typename"], player["code"], player["retryAfter"]) == (
        "UpstreamUnavailable",
        "UPSTREAM_UNAVAILABLE",
        30,
    )


async def test_every_outcome_covers_a_database_out_of_reach(server: Server, tmp_path: Path) -> None:
    await damage(tmp_path / "kept.db")

    player = (await shown(server, "13-every-outcome"))["player"]

    assert (player["__typename"], player["code"], player["retryAfter"]) == (
        "StorageUnavailable",
        "STORAGE_UNAVAILABLE",
        30,
    )


def test_every_outcome_names_each_member_of_the_union() -> None:
    members = {member.name for member in schema._schema.type_map["PlayerResult"].types}  # type: ignore[attr-defined]

    unnamed = {name for name in members if f"... on {name} " not in EXAMPLES["13-every-outcome"].query}
    assert unnamed == set()


async def test_bad_input_is_a_coded_error_and_its_neighbour_is_answered(
    server: Server, replay: Replay
) -> None:
    answer = await server.answer(EXAMPLES[REFUSED].query)

    [error] = answer["errors"]
    assert answer["data"] == {"searchPlayers": None, "gamemode": {"name": "Escort"}}
    assert (error["path"], error["extensions"]) == (["searchPlayers"], {"code": "BAD_USER_INPUT"})


async def test_the_state_of_storage_tells_every_kind(server: Server) -> None:
    await shown(server, "06-player")

    storage = (await shown(server, "15-storage"))["storage"]

    kinds = {kind["kind"]: kind["count"] for kind in storage["kinds"]}
    assert (storage["backend"], storage["health"], kinds["players"]) == ("sqlite", "HEALTHY", 1)


async def test_a_history_begins_with_the_first_fetch(server: Server) -> None:
    player = (await shown(server, "16-history"))["player"]

    (snapshot,) = player["history"]["nodes"]
    assert (player["username"], player["history"]["totalCount"]) == ("TeKrop", 1)
    assert (snapshot["version"], snapshot["gamesPlayed"], snapshot["endorsement"]) == (1, 60, 3)
    assert snapshot["competitive"] == {"pc": {"season": 21, "support": {"division": "gold", "tier": 2}}}


async def test_a_refresh_is_queued_once_however_often_it_is_asked_for(server: Server) -> None:
    first = (await shown(server, "17-refresh-player"))["refreshPlayer"]
    again = (await shown(server, "17-refresh-player"))["refreshPlayer"]

    assert (first["__typename"], first["alreadyQueued"], again["alreadyQueued"]) == (
        "RefreshQueued",
        False,
        True,
    )
    assert first["job"] == again["job"]


async def test_who_follows_a_player_is_told_the_present_state_first(server: Server) -> None:
    async with on_a_socket(server) as url, listening(url, EXAMPLES[FOLLOWS].query) as listener:
        event = (await listener.next())["playerRefreshed"]

    assert (event["__typename"], event["changed"], event["player"]["battletag"]) == (
        "PlayerRefreshed",
        [],
        "TeKrop#2217",
    )


async def talk(server: Server) -> str:
    """The id of a conversation with a question and its answer, by the examples alone."""
    started = (await shown(server, "19-start-conversation"))["startConversation"]
    conversation_id: str = started["conversation"]["id"]
    asked = await shown(server, "20-add-message", conversationId=conversation_id)
    answer = {"role": "ASSISTANT", "content": "Ana.", "clientKey": None}
    parent = {"parentId": asked["addMessage"]["added"]["id"]}
    await shown(server, "20-add-message", conversationId=conversation_id, **answer, **parent)
    return conversation_id


async def test_a_conversation_is_begun_and_gone_on_with(server: Server) -> None:
    first = (await shown(server, "19-start-conversation"))["startConversation"]
    conversation_id = first["conversation"]["id"]
    again = (await shown(server, "19-start-conversation", conversationId=conversation_id))[
        "startConversation"
    ]

    assert (first["__typename"], first["resumed"], again["resumed"]) == (
        "StartConversationPayload",
        False,
        True,
    )
    assert again["conversation"] == first["conversation"]


async def test_a_message_that_is_sent_again_is_added_once(server: Server) -> None:
    started = (await shown(server, "19-start-conversation"))["startConversation"]
    conversation_id = started["conversation"]["id"]
    first = await shown(server, "20-add-message", conversationId=conversation_id)
    again = await shown(server, "20-add-message", conversationId=conversation_id)

    assert first["addMessage"]["conversation"]["history"] == [{"role": "user", "content": "Who heals best?"}]
    assert again == first


async def test_an_id_of_no_conversation_is_told_by_type(server: Server) -> None:
    added = (await shown(server, "20-add-message"))["addMessage"]
    deleted = (await shown(server, "23-delete-conversation"))["deleteConversation"]

    assert [each["__typename"] for each in (added, deleted)] == ["NotFound", "NotFound"]


async def test_conversations_come_with_their_history_and_threads(server: Server) -> None:
    await talk(server)

    (found,) = (await shown(server, "21-conversations"))["conversations"]["nodes"]

    assert found["history"] == [
        {"role": "user", "content": "Who heals best?"},
        {"role": "assistant", "content": "Ana."},
    ]
    assert [each["replies"] for each in found["messages"]["nodes"]] == [[{"sequence": 2}], []]
    assert [each["parent"] for each in found["messages"]["nodes"]] == [None, {"sequence": 1}]


async def test_who_follows_a_conversation_is_told_all_messages_in_order(server: Server) -> None:
    conversation_id = await talk(server)
    query = EXAMPLES[FOLLOWS_TALK].query
    async with on_a_socket(server) as url, listening(url, query, conversationId=conversation_id) as listener:
        told = [(await listener.next())["messageAdded"] for _ in range(2)]

    assert [(each["sequence"], each["content"]) for each in told] == [(1, "Who heals best?"), (2, "Ana.")]


async def test_a_deleted_conversation_says_how_much_went(server: Server) -> None:
    conversation_id = await talk(server)

    deleted = await shown(server, "23-delete-conversation", conversationId=conversation_id)

    assert deleted["deleteConversation"] == {
        "__typename": "DeleteConversationPayload",
        "conversationId": conversation_id,
        "messages": 2,
    }


async def test_an_admin_sees_and_removes_what_a_caller_has(server: Server) -> None:
    await talk(server)

    seen = (await shown(server, "24-caller-conversations"))["callerConversations"]
    erased = (await shown(server, "25-erase-caller", caller="local"))["eraseCaller"]
    left = (await shown(server, "24-caller-conversations"))["callerConversations"]

    assert (seen["totalCount"], seen["nodes"][0]["messageCount"]) == (1, 2)
    assert erased == {"__typename": "EraseCallerPayload", "conversations": 1, "messages": 2}
    assert (left["totalCount"], left["nodes"]) == (0, [])


def test_readme_names_every_example() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert [key for key in EXAMPLES if f"examples/{key}.graphql" not in readme] == []
