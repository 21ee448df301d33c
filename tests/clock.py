"""A clock that tests hold: it stands still until told, and sleeping moves it at once."""

import asyncio


class FrozenClock:
    """`now` is milliseconds since 1970. `slept` lists every sleep asked for, in seconds."""

    def __init__(self, now: int = 1_800_000_000_000) -> None:
        self._now = now
        self.slept: list[float] = []

    def now(self) -> int:
        return self._now

    def advance(self, seconds: float) -> None:
        self._now += round(seconds * 1000)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._now += round(max(0.0, seconds) * 1000)
        await asyncio.sleep(0)
