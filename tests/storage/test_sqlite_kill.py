"""A server killed while it writes loses nothing that it acknowledged, and leaves a sound file."""

import os
import random
import sqlite3
from pathlib import Path

import pytest

from metrics import Metrics
from storage import SqliteOptions, StorageOptions, open_storage
from tests.clock import FrozenClock
from tests.storage.children import child
from tests.storage.killing import IDS, assert_nothing_acknowledged_is_lost, kill_after

ROUNDS = int(os.environ.get("KILL_ROUNDS", "10"))


@pytest.mark.parametrize("seed", range(ROUNDS))
async def test_a_kill_loses_no_acknowledged_write(
    tmp_path: Path, clock: FrozenClock, metrics: Metrics, seed: int
) -> None:
    path = tmp_path / "killed.db"
    async with child("writing_child", path) as process:
        acknowledged = await kill_after(process, random.Random(seed).randrange(200))

    async with open_storage(
        StorageOptions("sqlite", SqliteOptions(path)), clock=clock, metrics=metrics
    ) as storage:
        kept = await storage.players.get_many(IDS)
        careers = await storage.players.get_careers(IDS)

    assert_nothing_acknowledged_is_lost(acknowledged, kept, careers)
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
