"""What waits for a client: events in order, bounded, with newer ones in the place of those they replace."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable
from itertools import count
from typing import Any


class TooSlowError(Exception):
    """The mailbox was full for too long."""


class Mailbox:
    """Events between one source and one client. At most `size` wait.

    With `coalesced_by`, an event takes the place of a waiting one about the same thing, so that the latest about each
    thing always arrives, and what it replaced never does. Iterating gives each event as it leaves, until the last.
    """

    def __init__(self, size: int, coalesced_by: Callable[[Any], Hashable] | None = None) -> None:
        self._size = size
        self._key = coalesced_by or _each_its_own()
        self._waiting: OrderedDict[Hashable, object] = OrderedDict()
        self._changed = asyncio.Event()
        self._room = asyncio.Event()
        self._ended = False

    def __len__(self) -> int:
        return len(self._waiting)

    async def put(self, event: object, patience: float) -> None:
        """Add an event. A full mailbox holds the source back; TooSlowError when no room comes in `patience` seconds."""
        key = self._key(event)
        if key not in self._waiting and len(self._waiting) >= self._size:
            await self._wait_for_room(patience)
        self._waiting[key] = event
        self._changed.set()

    def end(self) -> None:
        """No more events come."""
        self._ended = True
        self._changed.set()

    def __aiter__(self) -> "Mailbox":
        return self

    async def __anext__(self) -> object:
        """The oldest event, waited for."""
        while not self._waiting:
            if self._ended:
                raise StopAsyncIteration
            self._changed.clear()
            await self._changed.wait()
        _, event = self._waiting.popitem(last=False)
        self._room.set()
        return event

    async def _wait_for_room(self, patience: float) -> None:
        self._room.clear()
        try:
            async with asyncio.timeout(patience):
                await self._room.wait()
        except TimeoutError:
            raise TooSlowError from None


def _each_its_own() -> Callable[[Any], Hashable]:
    numbers = count()
    return lambda _: next(numbers)
