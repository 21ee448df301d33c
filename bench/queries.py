"""What the servers are asked: one of each kind of question a client has."""

import json
from dataclasses import dataclass

from bench.players import player_ids


@dataclass(frozen=True, slots=True)
class Question:
    """`body` is the request's JSON."""

    name: str
    body: str


def _question(name: str, query: str, **variables: object) -> Question:
    return Question(name, json.dumps({"query": query, "variables": variables}))


SUMMARY = (
    "__typename ... on Player { battletag title endorsement { level } competitive { pc { season"
    " tank { division tier } damage { division tier } support { division tier } } }"
    " statsSummary(gamemode: COMPETITIVE) { general { gamesPlayed gamesWon winrate kda"
    " total { eliminations deaths damage healing } } } }"
)
CAREER = (
    "... on Player { careerStats(gamemode: QUICKPLAY)"
    " { heroKey categories { category label stats { key label value } } } }"
)
ONE_PLAYER = f"query($id: PlayerId!) {{ player(playerId: $id) {{ {SUMMARY} }} }}"
MANY_PLAYERS = f"query($ids: [PlayerId!]!) {{ players(playerIds: $ids) {{ {SUMMARY} }} }}"


def summary_of(player_id: str) -> str:
    """The request for one player's summary."""
    return _question("", ONE_PLAYER, id=player_id).body


QUESTIONS = (
    _question("one hero, one field", '{ hero(key: "ana") { name } }'),
    _question("all heroes x 2 fields", "{ heroes { key name } }"),
    _question(
        "heroes, roles, gamemodes, maps, nested",
        "{ heroes { key name subrole hitpoints { health armor shields total } role { key name }"
        " gamemodes { key name } } gamemodes { key name maps { key name location countryCode } } }",
    ),
    _question("player, summary", ONE_PLAYER, id=player_ids(1)[0]),
    _question(
        "player, whole quick play career",
        f"query($id: PlayerId!) {{ player(playerId: $id) {{ {CAREER} }} }}",
        id=player_ids(1)[0],
    ),
    _question("50 players by id, summaries", MANY_PLAYERS, ids=player_ids(50)),
    _question(
        "a typed error: unknown player",
        '{ player(playerId: "Nobody-1234") { __typename ... on PlayerNotFound { code message checkCount } } }',
    ),
)
