"""Time that passes as fast as there is nothing to do: an event loop that jumps to the next timer instead of waiting."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")

START = 1_800_000_000_000


class _Jumping(selectors.DefaultSelector):
    """Waits for nothing: `now` is the time in seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        events = super().select(0)
        if not events:
            assert timeout is not None, "everybody waits for something that nobody does"
            self.now += max(0.0, timeout)
        return events


class _SimulatedLoop(asyncio.SelectorEventLoop):
    """A loop on that time."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


class SimulatedClock:
    """The clock of a machine in simulated time; `ahead` seconds off."""

    def __init__(self, ahead: float = 0.0) -> None:
        self.ahead = ahead

    def now(self) -> int:
        return START + round((asyncio.get_running_loop().time() + self.ahead) * 1000)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))


def simulate(world: Coroutine[Any, Any, Result]) -> Result:
    """Run what happens in the world, in simulated time from 0 on."""
    with asyncio.Runner(loop_factory=_SimulatedLoop) as runner:
        return runner.run(world)
