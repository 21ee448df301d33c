"""Writes without end to the storage of the given file or server, and prints what was acknowledged, one write a line.

Run as `python -m tests.storage.writing_child TARGET`. A line is `record ID VERSION` or `note ID COUNT`.
"""

import asyncio
import itertools
import sys

import structlog

from clock import SystemClock
from metrics import Metrics
from storage import Storage, open_storage
from tests.storage.made import NOW, made_note, made_player
from tests.storage.targets import options_of

WRITERS = 4


async def save_records(storage: Storage, key: str) -> None:
    for number in itertools.count(1):
        player = made_player(key, eliminations=number, fetched_at=NOW + number)
        record = await storage.players.save(player, [f"{key}-{number}"])
        print("record", key, record.version, flush=True)


async def save_notes(storage: Storage, key: str) -> None:
    for count in itertools.count(1):
        note = await storage.players.save_unknown(made_note(key, count, NOW + count), count - 1)
        print("note", key, note.check_count, flush=True)


async def write(target: str) -> None:
    async with (
        open_storage(options_of(target), clock=SystemClock(), metrics=Metrics()) as storage,
        asyncio.TaskGroup() as group,
    ):
        for number in range(WRITERS):
            group.create_task(save_records(storage, f"player{number}"))
            group.create_task(save_notes(storage, f"nobody{number}"))


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # stdout is for the answers
    asyncio.run(write(sys.argv[1]))
