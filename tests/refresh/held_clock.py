"""A clock that tests hold, on which who sleeps wakes up when the test has moved time that far."""

import asyncio

_DEADLINE = 20.0


class HeldClock:
    """`now` is milliseconds since 1970. It moves only by `advance`; sleepers wait for that."""

    def __init__(self, now: int = 1_800_000_000_000) -> None:
        self._now = now
        self._sleepers: list[tuple[int, asyncio.Future[None]]] = []
        self._somebody_sleeps = asyncio.Event()

    def now(self) -> int:
        return self._now

    async def sleep(self, seconds: float) -> None:
        sleeper = (self._now + round(max(0.0, seconds) * 1000), asyncio.get_running_loop().create_future())
        self._sleepers.append(sleeper)
        self._somebody_sleeps.set()
        self._wake()
        try:
            await sleeper[1]
        finally:
            self._sleepers.remove(sleeper)

    async def until_sleeping(self, seconds: float) -> None:
        """Return when somebody sleeps until so many seconds from now."""
        until = self._now + round(seconds * 1000)
        async with asyncio.timeout(_DEADLINE):
            while until not in (each for each, _ in self._sleepers):
                self._somebody_sleeps.clear()
                await self._somebody_sleeps.wait()

    def advance(self, seconds: float) -> None:
        """Move time at once; sleepers that wake up see the new time alone."""
        self._now += round(seconds * 1000)
        self._wake()

    def _wake(self) -> None:
        for until, sleeper in self._sleepers:
            if until <= self._now and not sleeper.done():
                sleeper.set_result(None)
