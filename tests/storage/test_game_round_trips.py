"""How often storage asks its server does not depend on how many games or plays are asked for, nor on how many plays are
recorded together.

Counted on the wire, not by our own figures.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from models.baseball_changes import ChangeRange, RolledPlay
from models.baseball_pages import GameRequest, LineRequest, PlayRequest, RollRequest, Span
from models.baseball_stats import PlayStats
from storage import Storage
from tests.storage.made_conversations import made_id
from tests.storage.made_games import KeptGames, begin, made_play, made_roll, play
from tests.storage.wired_stores import OPENERS, WiredStore

COUNTS = (1, 50, 900)
IDS = [made_id(number) for number in range(max(COUNTS))]
PICKOFF = PlayStats()

Read = Callable[[KeptGames, int], Awaitable[object]]
READS: dict[str, Read] = {
    "games": lambda kept, count: kept.games.get_many(IDS[:count]),
    "lists": lambda kept, count: kept.games.list([GameRequest(each, 5) for each in IDS[:count]]),
    "logs": lambda kept, count: kept.games.get_changes([ChangeRange(each, 0, 5) for each in IDS[:count]]),
    "recovery": lambda kept, count: kept.games.recover(IDS[:count]),
    "lineups": lambda kept, count: kept.records.get_lineups(IDS[:count]),
    "rosters": lambda kept, count: kept.records.get_rosters(IDS[:count]),
    "sessions": lambda kept, count: kept.records.get_sessions(IDS[:count]),
    "entries": lambda kept, count: kept.records.get_entries(IDS[:count]),
    "roster entries": lambda kept, count: kept.records.get_roster_entries(IDS[:count]),
    "plays": lambda kept, count: kept.records.get_plays(IDS[:count]),
    "rolls": lambda kept, count: kept.records.get_rolls(IDS[:count]),
    "pages of plays": lambda kept, count: kept.records.list_plays(
        [PlayRequest(each, Span(5)) for each in IDS[:count]]
    ),
    "pages of rolls": lambda kept, count: kept.records.list_rolls(
        [RollRequest(each, Span(5)) for each in IDS[:count]]
    ),
    "box scores": lambda kept, count: kept.box_scores.get_many(IDS[:count]),
    "league lines": lambda kept, count: kept.box_scores.list_batting(
        [LineRequest(each, "spring", Span(5)) for each in IDS[:count]]
    ),
}
TAKEN = dict.fromkeys(READS, 1) | {"logs": 3, "recovery": 7, "box scores": 2}


def kept_by(storage: Storage) -> KeptGames:
    assert storage.games is not None
    assert storage.game_records is not None
    assert storage.box_scores is not None
    return KeptGames(storage.games, storage.game_records, storage.box_scores)


async def _taken(store: WiredStore, read: Read, count: int) -> int:
    before = store.round_trips()
    await read(kept_by(store.storage), count)
    return store.round_trips() - before


async def test_nine_hundred_are_read_as_one_is(tmp_path: Path) -> None:
    async with OPENERS["sqlite"](tmp_path) as store:
        await begin(kept_by(store.storage), IDS[0])
        found = {name: [await _taken(store, read, count) for count in COUNTS] for name, read in READS.items()}

    assert found == {name: [taken] * len(COUNTS) for name, taken in TAKEN.items()}


@pytest.mark.parametrize(
    ("backend", "hundred", "one"),
    [
        ("sqlite", 7, 7),
        ("postgres", 8, 7),  # the driver keeps no statement of such a length prepared
    ],
)
async def test_a_hundred_plays_are_recorded_as_one_is(
    backend: str, hundred: int, one: int, tmp_path: Path
) -> None:
    async with OPENERS[backend](tmp_path) as store:
        kept = kept_by(store.storage)
        game = await begin(kept, IDS[0])
        taken = []
        for name, count in (("warm", 100), ("hundred", 100), ("warm", 1), ("one", 1)):
            plays = [
                RolledPlay(
                    made_play(f"{name} {count} {number}", "a1", PICKOFF),
                    (made_roll(f"{name} {count} roll {number}"),),
                )
                for number in range(count)
            ]
            before = store.round_trips()
            game = (await play(kept, game.version, *plays, game_id=IDS[0])).game
            taken.append(store.round_trips() - before)

    assert (taken[1], taken[3]) == (hundred, one)
