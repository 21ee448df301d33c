"""One piece of work per key however many callers wait for it; what is past their patience goes on without them."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Generic, TypeVar

import structlog
from prometheus_client import Gauge

from errors import PlaygraphError

T = TypeVar("T")
_log = structlog.get_logger()


class Flights(Generic[T]):
    """Running work by key. At most `limit` keys at a time; `under_way` shows how many there are."""

    def __init__(self, limit: int, under_way: Gauge) -> None:
        self._limit = limit
        self._under_way = under_way
        self._tasks: dict[str, asyncio.Task[T]] = {}

    def __contains__(self, key: object) -> bool:
        return key in self._tasks

    @property
    def is_full(self) -> bool:
        """True when a new key would have to be turned away."""
        return len(self._tasks) >= self._limit

    def turns_away(self, key: str) -> bool:
        """True when work for the key is neither running nor has room to start."""
        return key not in self._tasks and self.is_full

    async def join(self, key: str, work: Callable[[], Coroutine[Any, Any, T]], deadline: float | None) -> T:
        """Wait at most `deadline` seconds (None: as long as it takes) for the key's work, started if need be.

        Raises what the work raises, or TimeoutError; in that case the work goes on for the next caller.
        """
        task = self.begin(key, work)
        await asyncio.wait({task}, timeout=deadline)
        if not task.done():
            raise TimeoutError
        return task.result()

    def begin(self, key: str, work: Callable[[], Coroutine[Any, Any, T]]) -> "asyncio.Task[T]":
        """The key's work, started if it is not running; nobody has to wait for it."""
        return self._tasks.get(key) or self._start(key, work)

    def _start(self, key: str, work: Callable[[], Coroutine[Any, Any, T]]) -> "asyncio.Task[T]":
        task = asyncio.create_task(work(), name=f"flight {key}")
        self._tasks[key] = task
        self._under_way.inc()
        task.add_done_callback(lambda done: self._landed(key, done))
        return task

    def _landed(self, key: str, task: "asyncio.Task[T]") -> None:
        del self._tasks[key]
        self._under_way.dec()
        # Read here as well, since the last caller may have left before the work failed.
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, PlaygraphError):
            _log.error("flight failed", key=key, exc_info=error)

    async def close(self) -> None:
        """Stop all work and wait until it has stopped."""
        tasks: list[Awaitable[T]] = []
        for task in list(self._tasks.values()):
            task.cancel()
            tasks.append(task)
        await asyncio.gather(*tasks, return_exceptions=True)
