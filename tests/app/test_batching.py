"""Cost does not grow with what is not asked for: reads and upstream calls are counted."""

from tests.app.server import Server, flights_land
from tests.replay import Replay
from tests.synthetic import career_page

PLAYER_READS = 'playgraph_storage_reads_total{repository="players"}'
CATALOG_READS = 'playgraph_storage_reads_total{repository="catalog"}'
PLAYERS = """
  query ($ids: [PlayerId!]!) {
    players(playerIds: $ids) {
      ... on Player {
        username competitive { pc { season } }
        statsSummary { general { kda } heroes { heroKey hero { name role { heroes { name } } gamemodes { name } } } }
        %s
      }
    }
  }
"""
CAREER = "careerStats(gamemode: QUICKPLAY) { heroKey } heroComparisons(gamemode: QUICKPLAY, platform: PC) { label }"


async def warm(server: Server, replay: Replay, count: int) -> list[str]:
    """That many players, fetched and kept."""
    ids = [f"Player{number}-1234" for number in range(count)]
    replay.careers.update({player_id: career_page(name=player_id.split("-")[0]) for player_id in ids})
    await server.data(PLAYERS % "", {"ids": ids})
    await flights_land()
    return ids


async def all_reads(server: Server) -> tuple[float, float]:
    return await server.figure(PLAYER_READS), await server.figure(CATALOG_READS)


async def reads_of(server: Server, query: str, ids: list[str]) -> list[float]:
    """Reads of players and of the catalog that a query costs."""
    players, catalog = await all_reads(server)
    answer = await server.data(query, {"ids": ids})
    assert [player["username"] for player in answer["players"]] == [each.split("-")[0] for each in ids]
    players_after, catalog_after = await all_reads(server)
    return [players_after - players, catalog_after - catalog]


async def test_a_hundred_players_with_hero_relations_are_one_read_and_one_for_each_kind_of_the_catalog(
    server: Server, replay: Replay
) -> None:
    ids = await warm(server, replay, 100)
    asked = len(replay.requests)

    reads = await reads_of(server, PLAYERS % "", ids)

    # Of the catalog: the heroes and their roles.
    assert reads == [1, 2]
    assert len(replay.requests) == asked


async def test_careers_are_one_read_more_whatever_the_number_of_players(
    server: Server, replay: Replay
) -> None:
    ids = await warm(server, replay, 20)

    one = await reads_of(server, PLAYERS % CAREER, ids[:1])
    twenty = await reads_of(server, PLAYERS % CAREER, ids)

    assert one == twenty == [2, 2]


async def test_one_player_under_many_aliases_is_one_read(server: Server, replay: Replay) -> None:
    await warm(server, replay, 2)
    before = await server.figure(PLAYER_READS)

    await server.data(
        'query { a: player(playerId: "Player0-1234") { __typename } b: player(playerId: "Player1#1234") { __typename }'
        ' c: players(playerIds: ["Player0#1234"]) { __typename } }'
    )

    assert await server.figure(PLAYER_READS) - before == 1


async def test_a_warm_career_parses_no_page(server: Server, replay: Replay) -> None:
    ids = await warm(server, replay, 1)
    parsed = await server.figure("playgraph_parse_seconds_count")

    await reads_of(server, PLAYERS % CAREER, ids)

    assert parsed == 2  # the search answer and the career page
    assert await server.figure("playgraph_parse_seconds_count") == parsed


async def test_maps_and_gamemodes_cost_neither_reads_nor_upstream_calls(
    server: Server, replay: Replay
) -> None:
    await server.data("{ maps { gamemodes { name } } gamemodes { maps { name } freshness { state } } }")

    assert await all_reads(server) == (0, 0)
    assert replay.requests == []
