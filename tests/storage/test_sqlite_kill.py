"""A server killed while it writes loses nothing that it acknowledged, and leaves a sound file."""

import os
import random
import sqlite3
from asyncio.subprocess import Process
from collections.abc import Mapping
from pathlib import Path

import pytest

from metrics import Metrics
from models.players import KeptPlayer
from storage import StorageOptions, open_storage
from tests.clock import FrozenClock
from tests.storage.children import child, line_of
from tests.storage.made import NOW, made_career, made_player, made_record
from tests.storage.writing_child import WRITERS

ROUNDS = int(os.environ.get("KILL_ROUNDS", "10"))
IDS = [f"{kind}{number}" for kind in ("player", "nobody") for number in range(WRITERS)]


async def kill_after(process: Process, lines: int) -> Mapping[str, int]:
    """Kill the process when it has printed so many lines. What it acknowledged last of each id."""
    printed = [await line_of(process) for _ in range(lines)]
    process.kill()
    rest, _ = await process.communicate()
    # A line that was cut by the kill lacks its end, and is no acknowledgement.
    whole = rest.decode().rpartition("\n")[0].splitlines()
    words = [line.split() for line in [*printed, *whole]]
    return {key: int(number) for _, key, number in words}


def reached(kept: Mapping[str, KeptPlayer]) -> dict[str, int]:
    """Version or count of each id."""
    versions = {key: player.record.version for key, player in kept.items() if player.record}
    counts = {key: player.unknown.check_count for key, player in kept.items() if player.unknown}
    return versions | counts


@pytest.mark.parametrize("seed", range(ROUNDS))
async def test_a_kill_loses_no_acknowledged_write(
    tmp_path: Path, clock: FrozenClock, metrics: Metrics, seed: int
) -> None:
    path = tmp_path / "killed.db"
    async with child("writing_child", path) as process:
        acknowledged = await kill_after(process, random.Random(seed).randrange(8, 200))

    async with open_storage(StorageOptions("sqlite", path), clock=clock, metrics=metrics) as storage:
        kept = await storage.players.get_many(IDS)
        careers = await storage.players.get_careers(IDS)

    versions = reached(kept)
    assert acknowledged.keys() == set(IDS)
    assert {key: number for key, number in acknowledged.items() if versions.get(key, 0) < number} == {}
    # Each record is one whole write: profile, career, version and age of the same one.
    players = {key: versions[key] for key in IDS[:WRITERS]}
    assert careers == {key: made_career(number) for key, number in players.items()}
    assert {key: kept[key].record for key in players} == {
        key: made_record(made_player(key, eliminations=number, fetched_at=NOW + number), version=number)
        for key, number in players.items()
    }
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
