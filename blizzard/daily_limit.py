"""How many requests may go to Blizzard in a day of UTC, over all processes."""

import asyncio
from typing import Protocol

from clock import Clock
from errors import StorageUnavailable, UpstreamRateLimited

_DAY = 86_400_000  # milliseconds


class TurnCounter(Protocol):
    """Counts that all processes add to."""

    async def add(self, key: str, amount: int, *, now: int, expires_at: int) -> int:
        """Add to a count, which begins anew once it has ended, and return the sum. Raises `StorageUnavailable`."""
        ...


class DailyLimit:
    """Lets `limit` requests through each day; 0 lets all through and counts nothing.

    While the counter is away the process counts on from the last sum that it heard. What it counted alone it adds when
    the counter is back. A counter that forgot what it had is told what this process knows, so that the day does not
    begin again for the others.
    """

    def __init__(self, limit: int, counter: TurnCounter, clock: Clock) -> None:
        self._limit = limit
        self._counter = counter
        self._clock = clock
        self._lock = asyncio.Lock()
        self._day = 0
        self._sum = 0
        self._owed = 0

    def refuse_beyond(self) -> None:
        """Raise `UpstreamRateLimited`, until midnight, when it is known that the day's requests are used up."""
        now = self._clock.now()
        if self._limit and self._day == now // _DAY and self._sum >= self._limit:
            raise self._refusal(now)

    async def count(self) -> None:
        """Count a request that is about to leave. Raises `UpstreamRateLimited`, until midnight, beyond the limit."""
        if not self._limit:
            return
        # One at a time: sums that came in another order than they were made would count twice.
        async with self._lock:
            now = self._clock.now()
            self._begin_day(now // _DAY)
            self.refuse_beyond()
            await self._add(now)
            if self._sum > self._limit:
                raise self._refusal(now)

    def _begin_day(self, day: int) -> None:
        if day != self._day:
            self._day, self._sum, self._owed = day, 0, 0

    async def _add(self, now: int) -> None:
        try:
            heard = await self._told(1 + self._owed, now)
            self._owed = 0
            if heard <= self._sum:
                heard = await self._told(self._sum + 1 - heard, now)
        except StorageUnavailable:
            heard = 0
            self._owed += 1
        self._sum = max(heard, self._sum + 1)

    async def _told(self, amount: int, now: int) -> int:
        """The day's sum after this amount was added to it."""
        midnight = (self._day + 1) * _DAY
        return await self._counter.add(f"upstream:requests:{self._day}", amount, now=now, expires_at=midnight)

    def _refusal(self, now: int) -> UpstreamRateLimited:
        midnight = (now // _DAY + 1) * _DAY
        message = (
            "This server has asked Blizzard as often as it may in a day; it asks again after midnight (UTC)."
        )
        return UpstreamRateLimited(message, now=now, next_check_at=midnight)
