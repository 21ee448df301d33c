"""A process of ours killed while it writes to Redis loses nothing acknowledged, and leaves tables that fit together."""

import os
import random

import pytest

from metrics import Metrics
from storage import StorageOptions, open_storage
from tests.clock import FrozenClock
from tests.storage.children import child
from tests.storage.killing import IDS, assert_nothing_acknowledged_is_lost, kill_after
from tests.storage.real_redis import own_redis

ROUNDS = int(os.environ.get("KILL_ROUNDS", "3"))


@pytest.mark.parametrize("seed", range(ROUNDS))
async def test_a_kill_of_our_process_loses_no_acknowledged_write(
    clock: FrozenClock, metrics: Metrics, seed: int
) -> None:
    async with own_redis() as options:
        async with child("writing_child", f"{options.url}#{options.key_prefix}") as process:
            acknowledged = await kill_after(process, random.Random(seed).randrange(8, 200))

        async with open_storage(
            StorageOptions("redis", redis=options), clock=clock, metrics=metrics
        ) as storage:
            kept = await storage.players.get_many(IDS)
            careers = await storage.players.get_careers(IDS)
            problems = await storage.check()

    assert_nothing_acknowledged_is_lost(acknowledged, kept, careers)
    assert problems == []
