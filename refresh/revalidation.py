"""Stale answers are served at once and asked to be fetched again: in the background, in batches, once for each key."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import structlog

from clock import Clock
from errors import StorageUnavailable
from metrics import Metrics
from models.jobs import JobKind, JobPriority, JobRequest
from refresh.queue import JobQueue

_log = structlog.get_logger()

_Key = tuple[JobKind, str]


@dataclass(frozen=True, slots=True)
class RevalidationOptions:
    """At most `limit` keys are known to be asked for at a time; what is more is dropped, and its next reader asks
    again. A key is forgotten after `memory_seconds`, for another process may have failed at it."""

    limit: int
    memory_seconds: float


class Revalidation:
    """Asks for background refreshes. Nobody waits for it, and nothing it does fails an answer."""

    def __init__(self, queue: JobQueue, options: RevalidationOptions, clock: Clock, metrics: Metrics) -> None:
        self._queue = queue
        self._options = options
        self._clock = clock
        self._metrics = metrics
        # When each was asked for, the oldest first.
        self._asked_at: dict[_Key, int] = {}
        self._pending: dict[_Key, JobRequest] = {}
        self._asking: asyncio.Task[None] | None = None

    def ask(self, kind: JobKind, key: str, fetched_at: int = 0) -> None:
        """Have a record fetched again that was last fetched at that time (0: never), unless that was asked already."""
        if self.is_asked(kind, key, fetched_at):
            return
        if not self._has_room():
            self._metrics.refresh_dropped.labels(kind.value, "full").inc()
            return
        # Put at the end, where the newest are.
        self._asked_at.pop((kind, key), None)
        self._asked_at[kind, key] = self._clock.now()
        self._pending[kind, key] = JobRequest(kind, key, JobPriority.STALE)
        if self._asking is None:
            self._asking = asyncio.create_task(self._enqueue_pending(), name="stale records")

    def is_asked(self, kind: JobKind, key: str, fetched_at: int = 0) -> bool:
        """Whether a refresh was asked for here since the record was fetched, as far as is known here."""
        asked_at = self._asked_at.get((kind, key))
        return asked_at is not None and asked_at > fetched_at and not self._is_forgotten(asked_at)

    def forget(self, kind: JobKind, key: str) -> None:
        """A refresh has ended here."""
        self._asked_at.pop((kind, key), None)

    async def close(self) -> None:
        """Stop asking."""
        if self._asking is not None:
            self._asking.cancel()
            with suppress(asyncio.CancelledError):
                await self._asking

    def _is_forgotten(self, asked_at: int) -> bool:
        return self._clock.now() - asked_at >= 1000 * self._options.memory_seconds

    def _has_room(self) -> bool:
        while self._asked_at:
            oldest = next(iter(self._asked_at))
            if not self._is_forgotten(self._asked_at[oldest]):
                break
            del self._asked_at[oldest]
        return len(self._asked_at) < self._options.limit

    async def _enqueue_pending(self) -> None:
        try:
            while self._pending:
                # All that one request finds in this turn of the loop goes together.
                await asyncio.sleep(0)
                requests, self._pending = self._pending, {}
                await self._enqueue(requests)
        finally:
            self._asking = None

    async def _enqueue(self, requests: Mapping[_Key, JobRequest]) -> None:
        try:
            await self._queue.enqueue(list(requests.values()))
        except StorageUnavailable:
            self._drop(requests, "storage")
        except Exception:  # nobody waits for this task, so nobody else would tell
            self._drop(requests, "fault")
            _log.exception("stale records could not be asked for")
        else:
            for kind, _ in requests:
                self._metrics.refresh_asked.labels(kind.value).inc()

    def _drop(self, requests: Mapping[_Key, JobRequest], reason: str) -> None:
        for kind, key in requests:
            self.forget(kind, key)
            self._metrics.refresh_dropped.labels(kind.value, reason).inc()
