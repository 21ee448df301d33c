"""The queue towards Blizzard: who leaves next, when, and who is refused."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from random import random

from blizzard.daily_limit import DailyLimit
from blizzard.pace import GRAIN, PEOPLE_IN_A_ROW, Pace, ThrottleSettings
from blizzard.paces import OwnPace, Paces
from clock import Clock
from errors import UpstreamRateLimited
from metrics import Metrics

__all__ = ["Throttle", "ThrottleSettings"]

_LONG_WAIT = 0.5
"""Seconds of waiting for a slot that are worth a look at whether others were refused meanwhile."""

_SPREAD = 0.2
"""Share of the delay over which background work of several processes spreads its tries for the same slot: what it waits
for nothing is lost."""

_PEOPLE_SPREAD = 0.5
"""The same for people, who try a delay ahead and lose nothing."""

_CROWD = 20
"""Turns for which it does so after it met others."""


@dataclass(frozen=True, slots=True)
class _Slot:
    """A moment at which this process may let one request leave, in seconds of `Paces.now`. Void after a new penalty."""

    at: float
    penalty_until: int


class Throttle:
    """One queue for all requests of this process; `paces` says how far apart those of all processes leave.

    People come before background work, in whatever process they wait: the next slot is given to them ahead of its time,
    and to background work only when it has come and nobody took it, or when ten people in a row went before it. In a
    process each of the two is served in the order of coming. A caller that is cancelled leaves its slot to the next one
    of its process; when none comes, the slot passes.
    `jitter` gives numbers from 0 to 1.
    """

    def __init__(
        self,
        settings: ThrottleSettings,
        clock: Clock,
        metrics: Metrics,
        *,
        paces: Paces | None = None,
        daily: DailyLimit | None = None,
        jitter: Callable[[], float] = random,
    ) -> None:
        self._clock = clock
        self._metrics = metrics
        self._paces = paces or OwnPace(settings, clock)
        self._daily = daily
        self._jitter = jitter
        self._people = asyncio.Lock()
        self._background = asyncio.Lock()
        self._waiting = 0
        self._first_has_slot = False
        self._spare: _Slot | None = None
        self._crowd = 0
        self._last_slot = 0.0
        self._show()

    @property
    def pace(self) -> Pace:
        """The pace as this process last saw it."""
        return self._paces.known

    @property
    def penalty_seconds(self) -> float:
        """Seconds until the penalty ends; 0 when there is none."""
        return max(0, self.pace.penalty_until - self._paces.now()) / 1000

    async def turn(self, *, is_background: bool = False) -> None:
        """Return when the next request may leave.

        Raises `UpstreamRateLimited` during a penalty, also when the penalty started while waiting, and when the day's
        requests are used up.
        """
        began_at = self._clock.now()
        self._refuse_early()
        await self._pass_in_turn(is_background=is_background)
        self._paces.left(self._paces.now())
        if self._daily is not None:
            await self._daily.count()
        waited = max(0, self._clock.now() - began_at) / 1000
        self._metrics.turn_seconds.labels("background" if is_background else "person").observe(waited)

    def wait_estimate(self) -> float:
        """Seconds until a person's request that asks now would leave; who waits in a penalty is refused."""
        if self.penalty_seconds:
            return self.penalty_seconds
        if self._waiting == 0 and self._spare is not None and self._is_usable(self._spare):
            return max(0.0, self._spare.at - self._seconds())
        before = self._waiting - self._first_has_slot
        return max(0.0, self.pace.free_at() - self._seconds()) + before * self.pace.delay

    async def record(self, status: int) -> None:
        """Count the final status of a request that was not refused, as `blizzard.learning.answered` says."""
        await self._paces.answer(status)
        self._show()

    async def refuse(self, retry_after: float | None = None) -> None:
        """Count a refusal (403 or 429), as `blizzard.learning.refused` says."""
        await self._paces.refuse(retry_after)
        self._show()

    def refusal(self) -> UpstreamRateLimited:
        """The error for a request that may not leave now, or was refused."""
        now = self._clock.now()
        message = "Blizzard asks this server to slow down; nothing is asked until the given time."
        return UpstreamRateLimited(message, now=now, next_check_at=now + round(self.wait_estimate() * 1000))

    def closed(self) -> UpstreamRateLimited | None:
        """Why nothing is asked of upstream at the moment, as far as this process knows; None for no reason."""
        try:
            self._refuse_early()
        except UpstreamRateLimited as refused:
            return refused
        return None

    def _refuse_early(self) -> None:
        if self._daily is not None:
            self._daily.refuse_beyond()
        self._refuse_in_penalty()

    def _refuse_in_penalty(self) -> None:
        if self.penalty_seconds > 0:
            raise self.refusal()

    async def _pass_in_turn(self, *, is_background: bool) -> None:
        if is_background:
            async with self._background:
                return await self._pass(is_background=True)
        self._waiting += 1
        try:
            async with self._people:
                try:
                    await self._pass(is_background=False)
                finally:
                    self._first_has_slot = False
        finally:
            self._waiting -= 1

    async def _pass(self, *, is_background: bool) -> None:
        """Wait for a slot that is reached, the first in line."""
        losses = 0
        if self._paces.is_shared and not is_background:
            await self._let_others_try()
        while not await self._has_slot(losses, is_background=is_background):
            losses += 1
            await self._clock.sleep(self._wait(losses, is_background=is_background))

    async def _has_slot(self, losses: int, *, is_background: bool) -> bool:
        """Try for a slot: one that somebody left, or the next. Raises `UpstreamRateLimited` in a penalty."""
        self._refuse_in_penalty()
        slot, self._spare = self._spare, None
        if slot is None or not self._is_usable(slot):
            slot = await self._take(is_background=is_background)
        if slot is None:
            # Whoever waited for it, and finds it taken, is not the only one who wants it.
            self._crowd = _CROWD if losses else self._crowd
            return False
        self._crowd = max(0, self._crowd - 1)
        self._first_has_slot = self._first_has_slot or not is_background
        self._last_slot = slot.at
        return await self._reaches(slot)

    async def _let_others_try(self) -> None:
        """After a slot of its own a process waits a little before it tries for the next, which is a delay ahead: else
        it would always be the first to know that there is one."""
        share = (1 + self._jitter()) / 2 * _PEOPLE_SPREAD
        gap = self._last_slot + share * self.pace.delay - self._seconds()
        if gap > 0:
            await self._clock.sleep(gap)

    def _wait(self, losses: int, *, is_background: bool) -> float:
        """Seconds until the next try; not quite the same for all processes, and the more in vain, the less spread."""
        pace = self.pace
        gap = (pace.free_at() if is_background else (pace.left_at or 0.0)) - self._seconds()
        if is_background and pace.people_in_a_row >= PEOPLE_IN_A_ROW - 1:
            # The next slot may be its own if it is quick.
            return max(GRAIN, gap)
        share = _SPREAD if is_background else _PEOPLE_SPREAD / losses
        return max(GRAIN, gap) + (self._jitter() * share * pace.delay if self._crowd else 0.0)

    async def _take(self, *, is_background: bool) -> _Slot | None:
        """The next slot, None for who has to wait. Raises `UpstreamRateLimited` in a penalty."""
        slot: _Slot | None = None

        def take(pace: Pace) -> Pace:
            nonlocal slot
            slot, now = None, self._paces.now()
            if pace.is_closed(now) or not pace.gives(now, is_background=is_background):
                return pace
            # Without a delay there is no queue, so there is nothing to tell the others.
            taken = pace.taken(now, is_background=is_background) if pace.delay else pace
            slot = _Slot(taken.left_at or 0.0, pace.penalty_until)
            return taken

        await self._paces.change(take)
        self._show()
        self._refuse_in_penalty()
        return slot

    async def _reaches(self, slot: _Slot) -> bool:
        """Wait for a slot; False when it is void by then. Raises `UpstreamRateLimited` in a penalty."""
        try:
            if self._paces.is_shared and slot.at - self._seconds() > _LONG_WAIT:
                # Before the slot and not at it, so that the look does not make it late.
                await self._clock.sleep(slot.at - self._seconds() - _LONG_WAIT / 2)
                await self._paces.change(lambda pace: pace)
                self._show()
            if slot.penalty_until == self.pace.penalty_until and slot.at > self._seconds():
                await self._clock.sleep(slot.at - self._seconds())
        except asyncio.CancelledError:
            self._spare = slot
            raise
        self._refuse_in_penalty()
        return slot.penalty_until == self.pace.penalty_until

    def _is_usable(self, slot: _Slot) -> bool:
        return slot.penalty_until == self.pace.penalty_until and slot.at >= self._seconds() - GRAIN

    def _seconds(self) -> float:
        return self._paces.now() / 1000

    def _show(self) -> None:
        self._metrics.throttle_delay.set(self.pace.delay)
        if self.penalty_seconds:
            self._metrics.throttle_penalty_end.set(self._clock.now() / 1000 + self.penalty_seconds)
