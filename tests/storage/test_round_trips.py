"""How often storage asks its server does not depend on how many players are asked for.

Counted on the wire, not by our own figures.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from storage import Storage
from tests.storage.made_items import made_player_item
from tests.storage.wired_stores import OPENERS, WiredStore

MANY = 5_000
PUT_AT_ONCE = 500


async def _fill(storage: Storage) -> None:
    made = made_player_item("0|x")
    for first in range(0, MANY, PUT_AT_ONCE):
        keys = [f"{number}|x" for number in range(first, first + PUT_AT_ONCE)]
        await storage.archives["players"].put_many(
            [replace(made, key=key, player_ids=(key,)) for key in keys]
        )


async def _asked(store: WiredStore, count: int) -> int:
    """Round trips of reading so many players, all of whom are kept."""
    player_ids = [f"{number}|x" for number in range(count)]
    before = store.round_trips()
    kept = await store.storage.players.get_many(player_ids)
    assert kept.keys() == {*player_ids}
    return store.round_trips() - before


@pytest.mark.parametrize(
    ("backend", "at_first"),
    [
        ("sqlite", 1),
        ("postgres", 2),  # the statement is prepared
        ("redis", 1),
        ("hybrid", 4),  # Redis, PostgreSQL as above, and Redis to put the copies
    ],
)
async def test_many_players_take_as_many_round_trips_as_one(
    backend: str, at_first: int, tmp_path: Path
) -> None:
    async with OPENERS[backend](tmp_path) as store:
        await _fill(store.storage)
        first_time = [await _asked(store, count) for count in (1, 50)]
        await _asked(store, 900)
        again = [await _asked(store, count) for count in (1, 50, 900)]

    assert (first_time, again) == ([at_first] * 2, [1] * 3)


@pytest.mark.parametrize(
    ("backend", "again"),
    [
        ("sqlite", 1),
        ("postgres", 2),  # the driver keeps no statement of such a length prepared
        ("redis", 1),
        ("hybrid", 6),  # copies are read a thousand at a time, and one more key says whether they count
    ],
)
async def test_thousands_of_players_are_read_in_large_batches(
    backend: str, again: int, tmp_path: Path
) -> None:
    async with OPENERS[backend](tmp_path) as store:
        await _fill(store.storage)
        await _asked(store, MANY)
        taken = await _asked(store, MANY)

    assert taken == again
