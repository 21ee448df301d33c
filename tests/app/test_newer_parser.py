"""A newer parser reads kept pages again, when they are asked for, without asking upstream."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from metrics import Metrics
from models.players import FetchedPlayer, PlayerSource
from storage import SqliteOptions, StorageOptions, open_storage
from tests.app.server import Server, served
from tests.refresh.held_clock import HeldClock
from tests.replay import Replay
from tests.storage.made import made_player
from tests.synthetic import career_page

IDS = [f"a{number}|b" for number in range(20)]
QUERY = "query ($ids: [PlayerId!]!) { players(playerIds: $ids) { ... on Player { username version } } }"
READS = 'playgraph_storage_reads_total{repository="players"}'


def of_an_older_parser(blizzard_id: str, page: str) -> FetchedPlayer:
    """What an older parser made of a page: other facts than this one does."""
    player = made_player(blizzard_id, source=PlayerSource(page, None))
    return replace(player, parser_version=0)


async def keep(path: Path, clock: HeldClock, players: list[FetchedPlayer]) -> None:
    options = StorageOptions("sqlite", SqliteOptions(path))
    async with open_storage(options, clock=clock, metrics=Metrics()) as storage:
        for player in players:
            await storage.players.save(player, [])


@pytest.fixture
async def upgraded(replay: Replay, tmp_path: Path, clock: HeldClock) -> AsyncIterator[Server]:
    """A server of the present on a file that an older one has written."""
    path = tmp_path / "kept.db"
    await keep(path, clock, [of_an_older_parser(each, career_page(name=f"New {each}")) for each in IDS])
    async with served(replay.url, storage_path=path, clock=clock) as server:
        yield server


async def test_kept_pages_are_read_again_without_asking_upstream(upgraded: Server, replay: Replay) -> None:
    answer = await upgraded.data(QUERY, {"ids": IDS[:1]})

    assert answer["players"] == [{"username": "New a0|b", "version": 2}]
    assert replay.requests == []


async def test_any_number_of_them_costs_two_reads_once(upgraded: Server) -> None:
    first = await upgraded.data(QUERY, {"ids": IDS})
    reads_of_the_first = await upgraded.figure(READS)
    second = await upgraded.data(QUERY, {"ids": IDS})

    assert first == second
    assert reads_of_the_first == 2
    assert await upgraded.figure(READS) == 3


async def test_a_kept_page_that_cannot_be_read_leaves_the_facts_as_they_are(
    replay: Replay, tmp_path: Path, clock: HeldClock
) -> None:
    path = tmp_path / "kept.db"
    await keep(path, clock, [of_an_older_parser(IDS[0], "no page at all")])

    async with served(replay.url, storage_path=path, clock=clock) as server:
        answer = await server.data(QUERY, {"ids": IDS[:1]})

    assert answer["players"] == [{"username": "Ana", "version": 1}]
    assert replay.requests == []
