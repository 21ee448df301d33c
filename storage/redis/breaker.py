"""Keeps a server that is away from slowing down every call: after a failure, calls fail at once for a while."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from clock import Clock
from errors import StorageUnavailable
from metrics import Metrics

_MULTIPLIER = 2.0

Result = TypeVar("Result")
_log = structlog.get_logger()


class Breaker:
    """Closed, calls go through. A failure opens it: for `first_seconds` calls fail without being tried. Then one call
    is let through as a trial: a success closes the breaker, a failure keeps it open for twice as long, up to
    `longest_seconds`. Only `StorageUnavailable` counts as a failure; a call that is cancelled says nothing.

    `name` says in the log and in the figures what is behind it.
    """

    def __init__(
        self,
        name: str,
        clock: Clock,
        metrics: Metrics,
        *,
        first_seconds: float = 1.0,
        longest_seconds: float = 30.0,
    ) -> None:
        self._name = name
        self._clock = clock
        self._first_seconds = first_seconds
        self._longest_seconds = longest_seconds
        self._refused = metrics.breaker_refusals.labels(name)
        self._open = metrics.breaker_open.labels(name)
        self._open.set(0)
        self._pause = 0.0
        self._opened_at = 0
        self._is_tried = False

    @property
    def is_open(self) -> bool:
        """Whether the last that was heard of the server is a failure."""
        return self._pause > 0

    async def call(self, attempt: Callable[[], Awaitable[Result]]) -> Result:
        """What the attempt returns or raises; `StorageUnavailable` without an attempt while the breaker is open."""
        if not self.is_open:
            return await self._attempt(attempt)
        self._refuse_before_trial()
        self._is_tried = True
        try:
            result = await self._attempt(attempt, is_trial=True)
        finally:
            self._is_tried = False
        self._close()
        return result

    async def _attempt(self, attempt: Callable[[], Awaitable[Result]], *, is_trial: bool = False) -> Result:
        try:
            return await attempt()
        except StorageUnavailable as error:
            # Calls that began while it was closed fail one after the other: the first of them opens it.
            if is_trial or not self.is_open:
                self._reopen(error)
            raise

    def _refuse_before_trial(self) -> None:
        now = self._clock.now()
        trial_at = self._opened_at + round(self._pause * 1000)
        # A clock that was set back makes no pause longer than it was meant to be.
        is_early = self._opened_at <= now < trial_at
        if is_early or self._is_tried:
            self._refused.inc()
            raise StorageUnavailable(
                f"{self._name} is out of reach.", now=now, next_check_at=max(trial_at, now + 1)
            )

    def _reopen(self, error: StorageUnavailable) -> None:
        if not self.is_open:
            _log.warning("breaker opened", server=self._name, error=error.message)
        longer = self._pause * _MULTIPLIER if self.is_open else self._first_seconds
        self._pause = min(longer, self._longest_seconds)
        self._opened_at = self._clock.now()
        self._open.set(1)

    def _close(self) -> None:
        self._pause = 0.0
        self._open.set(0)
        _log.info("breaker closed", server=self._name)
