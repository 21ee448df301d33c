"""The clock as a value: what needs time receives one, so that tests hand in a frozen clock and never sleep."""

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """Source of time for everything that waits, expires or stamps a record."""

    def now(self) -> int:
        """Milliseconds since 1970-01-01T00:00:00Z."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds`; zero or less gives other tasks one turn."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> int:
        return time.time_ns() // 1_000_000

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))
