"""The pace towards Blizzard: how far apart requests leave, and the penalty after a refusal."""

import asyncio
from dataclasses import dataclass

from clock import Clock
from errors import UpstreamRateLimited
from metrics import Metrics

LINEAR_SHARE = 0.25
"""Past slow start a step takes this share of the delay, so that no delay is too long to recover from."""

MAX_RETRY_AFTER = 3600.0
"""The longest penalty, in seconds, that a `Retry-After` of upstream can ask for."""

_GRAIN = 0.001


@dataclass(frozen=True, slots=True)
class ThrottleSettings:
    """Delays and spans in seconds, successes in answers. Any may be 0; delays of 0 mean no pace."""

    start_delay: float = 2.0
    min_delay: float = 0.1
    max_delay: float = 30.0
    slow_start_successes: int = 10
    linear_successes: int = 20
    linear_step: float = 0.05
    penalty_delay: float = 10.0
    penalty_seconds: float = 60.0
    hold_seconds: float = 600.0
    max_hold_seconds: float = 14_400.0


class Throttle:
    """One pace for all requests of this process.

    The delay shrinks with good answers: it is halved while above `ssthresh` (slow start), then shrinks by
    linear steps. A refusal starts a penalty during which nothing leaves, and lengthens the delay. The
    last good delay before it is remembered as `floor`: the delay comes back to it, rests there for
    `hold_seconds` (twice as long each time, up to `max_hold_seconds`), and only then tries less, with care.
    """

    def __init__(self, settings: ThrottleSettings, clock: Clock, metrics: Metrics) -> None:
        self._settings = settings
        self._clock = clock
        self._metrics = metrics
        self._queue = asyncio.Lock()
        self._waiting = 0
        self._left_at: float | None = None
        self._penalty_until = 0
        self._is_lowered = True
        self._proven: float | None = None
        self._hold = settings.hold_seconds
        self.delay = 0.0
        self.ssthresh = settings.min_delay
        self.streak = 0
        self.floor = settings.min_delay
        self._resting_until: int | None = 0
        self._changed_at = 0
        self._set_delay(settings.start_delay)

    @property
    def penalty_seconds(self) -> float:
        """Seconds until the penalty ends; 0 when there is none."""
        return max(0, self._penalty_until - self._clock.now()) / 1000

    async def turn(self) -> None:
        """Return when the next request may leave. Callers are served in the order in which they came.

        A caller that is cancelled while waiting gives its place up. Raises `UpstreamRateLimited` during a
        penalty, also when the penalty started while waiting.
        """
        self._refuse_in_penalty()
        self._waiting += 1
        try:
            async with self._queue:
                self._refuse_in_penalty()
                await self._sleep()
                self._refuse_in_penalty()
        finally:
            self._waiting -= 1

    def wait_estimate(self) -> float:
        """Seconds until a request that asks for its turn now would leave; who waits in a penalty is refused."""
        return self.penalty_seconds or self._gap() + self._waiting * self.delay

    def record(self, status: int) -> None:
        """Count the final status of a request that was not refused.

        200 is a success. So is 404, a prompt answer at this pace: asking for unknown players must not keep
        the pace from recovering. At the shortest delay there is nothing to recover, and 404 ends the streak, as
        all other statuses always do. Answers that come in during a penalty belong to the old pace: not counted.
        """
        if self.penalty_seconds > 0:
            return
        if status == 200 or (status == 404 and self.delay > self._settings.min_delay):
            self._succeed()
        else:
            self.streak = 0

    def refuse(self, retry_after: float | None = None) -> None:
        """Count a refusal (403 or 429); `retry_after` is what upstream asked for, in seconds.

        Refusals that come in during a penalty belong to requests sent before it: they can only lengthen it.
        """
        now = self._clock.now()
        is_new = now >= self._penalty_until
        asked = min(retry_after or 0.0, MAX_RETRY_AFTER)
        span = max(self._settings.penalty_seconds, asked) if is_new else asked
        self._penalty_until = max(self._penalty_until, now + round(span * 1000))
        if is_new:
            self._learn()
            self._is_lowered = False
            self._proven = None
            self.streak = 0
            self._set_delay(max(2 * self.delay, self._settings.penalty_delay))

    def refusal(self) -> UpstreamRateLimited:
        """The error for a request that may not leave now, or was refused."""
        now = self._clock.now()
        message = "Blizzard asks this server to slow down; nothing is asked until the given time."
        return UpstreamRateLimited(message, now=now, next_check_at=now + round(self.wait_estimate() * 1000))

    def _refuse_in_penalty(self) -> None:
        if self.penalty_seconds > 0:
            raise self.refusal()

    async def _sleep(self) -> None:
        gap = self._gap()
        due = self._seconds() + gap
        if gap > 0:
            await self._clock.sleep(gap)
        # The clock counts whole milliseconds: the exact moment is kept, or rounding would add up.
        self._left_at = max(due, self._seconds() - _GRAIN)

    def _gap(self) -> float:
        if self._left_at is None:
            return 0.0
        # Never more than the delay (and the clock's grain), even when the machine's clock was set back.
        return min(self.delay + _GRAIN, max(0.0, self._left_at + self.delay - self._seconds()))

    def _seconds(self) -> float:
        return self._clock.now() / 1000

    def _succeed(self) -> None:
        self.streak += 1
        is_slow_start = self.delay > self.ssthresh
        needed = self._settings.slow_start_successes if is_slow_start else self._settings.linear_successes
        if self.streak < needed or self._is_too_soon():
            return
        self.streak = 0
        self._proven = self.delay
        if self.delay < self.floor:
            self._hold = self._settings.hold_seconds
        step = max(self._settings.linear_step, LINEAR_SHARE * self.delay)
        self._lower(self.delay / 2 if is_slow_start else self.delay - step)

    def _is_too_soon(self) -> bool:
        """At the floor and below, a delay is tried for as long as a penalty lasts: limits are counted over time."""
        if self.delay > self.floor or self.floor <= self._settings.min_delay or self._is_resting():
            return False
        return self._clock.now() - self._changed_at < self._settings.penalty_seconds * 1000

    def _is_resting(self) -> bool:
        return self._resting_until is None or self._clock.now() < self._resting_until

    def _lower(self, delay: float) -> None:
        before = self.delay
        floor = self.floor if self._is_resting() else self._settings.min_delay
        self._set_delay(max(delay, min(floor, before)))
        self._is_lowered = self._is_lowered or self.delay < before
        if self._resting_until is None and self.delay <= self.floor:
            self._resting_until = self._clock.now() + round(self._hold * 1000)
            self._hold = min(2 * self._hold, self._settings.max_hold_seconds)

    def _learn(self) -> None:
        """Draw what a refusal says about the pace.

        Without one lowering since the last refusal it says nothing new: upstream is still closed to us.
        """
        if not self._is_lowered:
            return
        max_delay = self._settings.max_delay
        self.ssthresh = min(2 * self.delay, max_delay)
        good = max(self.delay, self._proven or 0.0)
        # Refused at the floor itself: the limit counts over a longer time than the floor was tried for.
        self.floor = min(2 * self.floor if self._is_resting() and good <= self.floor else good, max_delay)
        self._resting_until = None

    def _set_delay(self, delay: float) -> None:
        self.delay = min(max(delay, self._settings.min_delay), self._settings.max_delay)
        self._changed_at = self._clock.now()
        self._metrics.throttle_delay.set(self.delay)
