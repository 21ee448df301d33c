"""A process killed while it writes to PostgreSQL loses nothing that it acknowledged, and blocks nobody."""

import os
import random

import pytest

from metrics import Metrics
from storage import StorageOptions, open_storage
from tests.clock import FrozenClock
from tests.storage.children import child
from tests.storage.killing import IDS, assert_nothing_acknowledged_is_lost, kill_after
from tests.storage.made import NOW, made_player
from tests.storage.real_postgres import own_postgres

ROUNDS = int(os.environ.get("KILL_ROUNDS", "3"))


@pytest.mark.parametrize("seed", range(ROUNDS))
async def test_a_kill_loses_no_acknowledged_write_and_leaves_no_lock(
    clock: FrozenClock, metrics: Metrics, seed: int
) -> None:
    async with own_postgres() as options:
        async with child("writing_child", options.url) as process:
            acknowledged = await kill_after(process, random.Random(seed).randrange(200))

        async with open_storage(
            StorageOptions("postgres", postgres=options), clock=clock, metrics=metrics
        ) as storage:
            kept = await storage.players.get_many(IDS)
            careers = await storage.players.get_careers(IDS)
            later = [await storage.players.save(made_player(key, fetched_at=2 * NOW), []) for key in IDS]

    assert_nothing_acknowledged_is_lost(acknowledged, kept, careers)
    assert [record.blizzard_id for record in later] == IDS
