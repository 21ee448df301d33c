"""Calls that block and may never end, in a thread that nobody has to wait for."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import Generic, TypeVar

from identity.key_places import UnreadableKeysError

T = TypeVar("T")


class Readings(Generic[T]):
    """One call of `read` at a time. Its thread ends with the process at the latest, unlike those that asyncio lends,
    which a server waits for before it ends."""

    def __init__(self, read: Callable[[], T], patience_seconds: float) -> None:
        self._read = read
        self._patience_seconds = patience_seconds
        self._last: Future[T] | None = None

    async def next(self) -> T:
        """What `read` gives, or raises. Raises UnreadableKeysError where it takes longer than our patience, and from
        then on until that call has ended: a place that never ends its answer costs one thread."""
        if self._last is not None and not self._last.done():
            raise UnreadableKeysError("the try before has not ended")
        self._last = Future()
        Thread(target=self._settle, args=(self._last,), name="reading keys", daemon=True).start()
        try:
            async with asyncio.timeout(self._patience_seconds):
                return await asyncio.wrap_future(self._last)
        except TimeoutError:
            raise UnreadableKeysError("it took too long") from None

    def _settle(self, outcome: Future[T]) -> None:
        # From here on nobody can cancel it, so that it can be told how it went.
        outcome.set_running_or_notify_cancel()
        try:
            outcome.set_result(self._read())
        except Exception as error:
            outcome.set_exception(error)
