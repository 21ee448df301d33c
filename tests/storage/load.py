"""Calls without end, while a server is broken and mended: what was acknowledged, what was refused, and how quickly."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from errors import StorageUnavailable
from storage import Storage
from tests.storage.made import NOW, made_player

CALLERS = 8


class Load:
    """Every caller saves and reads a player of its own, over and over.

    `acknowledged` is the number of the last save of each player that returned, `refusals` the seconds that each
    refused call took, `longest_wait` those of the longest call of any kind, `unexpected` errors of any other type.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self.acknowledged: dict[str, int] = {}
        self.refusals: list[float] = []
        self.longest_wait = 0.0
        self.unexpected: list[Exception] = []
        self.successes = 0

    async def call(self, key: str) -> None:
        """Save and read for ever."""
        for number in itertools.count(1):
            begun = time.monotonic()
            try:
                await self._storage.players.save(
                    made_player(key, eliminations=number, fetched_at=NOW + number), []
                )
                self.acknowledged[key] = number
                await self._storage.players.get_many([key])
                self.successes += 1
            except StorageUnavailable:
                self.refusals.append(time.monotonic() - begun)
                # A caller that is refused goes away for a moment.
                await asyncio.sleep(0.01)
            except Exception as error:  # whatever it is, the test shows it
                self.unexpected.append(error)
            self.longest_wait = max(self.longest_wait, time.monotonic() - begun)

    async def lost(self) -> dict[str, int]:
        """Saves that were acknowledged and are not kept: should be none."""
        acknowledged = dict(self.acknowledged)
        kept = await self._storage.players.get_many(acknowledged)
        reached = {key: player.record.fetched_at - NOW for key, player in kept.items() if player.record}
        return {key: number for key, number in acknowledged.items() if reached.get(key, 0) < number}

    async def next_success(self, seconds: float = 20.0) -> float:
        """Wait until each caller may have got an answer again. Returns the seconds until the first one did."""
        begun, before = time.monotonic(), self.successes
        await eventually(lambda: self.successes > before, seconds)
        return time.monotonic() - begun


@asynccontextmanager
async def load_on(storage: Storage) -> AsyncIterator[Load]:
    """The load, under way and with some successes behind it at the beginning of the block; ended after it."""
    load = Load(storage)
    callers = [asyncio.create_task(load.call(f"player{number}")) for number in range(CALLERS)]
    try:
        await eventually(lambda: load.successes >= 2 * CALLERS)
        yield load
    finally:
        for caller in callers:
            caller.cancel()
        await asyncio.gather(*callers, return_exceptions=True)


async def eventually(is_so: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait until it is so, and fail when it takes too long."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.005)
