"""A fleet in simulated time: processes with a throttle each, a store that takes its time, an upstream with a limit."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from random import Random

from blizzard.pace import ThrottleSettings
from blizzard.paces import KeptPace
from blizzard.shared_pace import SharedPace
from blizzard.throttle import Throttle
from errors import StorageUnavailable, UpstreamRateLimited
from metrics import Metrics
from tests.blizzard.simulated_time import START, SimulatedClock

ROUND_TRIP = 0.001
"""Seconds that the store takes for a call, on the average."""


class SlowStore:
    """One place in memory, as far away as a server. `is_away` makes every call fail; `calls` counts them."""

    def __init__(self, random: Random) -> None:
        self.kept: KeptPace | None = None
        self.is_away = False
        self.calls = 0
        self._random = random

    async def read(self) -> KeptPace | None:
        await self._travel()
        kept = self.kept
        await self._travel()
        return kept

    async def replace(self, kept: KeptPace | None, text: bytes) -> bool:
        await self._travel()
        is_same = self.kept == kept
        if is_same:
            self.kept = KeptPace(text, 1 if kept is None else kept.version + 1)
        await self._travel()
        return is_same

    async def _travel(self) -> None:
        self.calls += 1
        await asyncio.sleep(self._random.uniform(0, ROUND_TRIP))
        if self.is_away:
            raise StorageUnavailable("The store is away.", now=START, next_check_at=START + 1000)


class Upstream:
    """Refuses a request when `count` were let through in the last `seconds`; answers after `latency` seconds."""

    def __init__(self, count: int, seconds: float = 1.0, latency: float = 0.3) -> None:
        self._count = count
        self._seconds = seconds
        self._latency = latency
        self._admitted: deque[float] = deque()
        self.served_at: list[float] = []
        self.refused_at: list[float] = []
        self.is_closed = False

    @property
    def pace(self) -> float:
        """Requests a second that are allowed."""
        return self._count / self._seconds

    async def ask(self) -> int:
        """A request; its status."""
        now = asyncio.get_running_loop().time()
        # Half a millisecond off is the clocks' own rounding.
        while self._admitted and self._admitted[0] <= now - self._seconds + 0.002:
            self._admitted.popleft()
        is_refused = self.is_closed or len(self._admitted) >= self._count
        if not is_refused:
            self._admitted.append(now)
        (self.refused_at if is_refused else self.served_at).append(now)
        await asyncio.sleep(self._latency)
        return 403 if is_refused else 200

    def served(self, start: float, end: float) -> float:
        """Requests served a second, from one moment to another."""
        return sum(start <= moment < end for moment in self.served_at) / (end - start)

    def refusals(self, start: float, end: float) -> int:
        return sum(start <= moment < end for moment in self.refused_at)


@dataclass
class Member:
    """One process, with callers that always have another request ready."""

    throttle: Throttle
    clock: SimulatedClock
    metrics: Metrics
    left_at: list[float] = field(default_factory=list)

    async def ask_always(self, upstream: Upstream, *, is_background: bool = False) -> None:
        """Ask, wait for the answer, ask again; in a penalty wait for its end."""
        while True:
            try:
                await self.throttle.turn(is_background=is_background)
            except UpstreamRateLimited as refused:
                await self.clock.sleep(refused.retry_after)
                continue
            self.left_at.append(asyncio.get_running_loop().time())
            if await upstream.ask() == 403:
                await self.throttle.refuse()
            else:
                await self.throttle.record(200)


class Fleet:
    """So many processes on one store."""

    def __init__(self, count: int, *, seed: int = 1, settings: ThrottleSettings | None = None) -> None:
        self._random = Random(seed)
        self._settings = settings or ThrottleSettings()
        self.store = SlowStore(self._random)
        self.members = [self.joined() for _ in range(count)]

    def joined(self, *, ahead: float = 0.0) -> Member:
        """One more process, whose clock is so many seconds ahead."""
        clock, metrics = SimulatedClock(ahead), Metrics()
        paces = SharedPace(self._settings, self.store, clock, metrics, self._random.random)
        throttle = Throttle(self._settings, clock, metrics, paces=paces, jitter=self._random.random)
        return Member(throttle, clock, metrics)


async def pass_time(seconds: float) -> None:
    """Let everybody go on for so long."""
    await asyncio.sleep(seconds)


def figure(member: Member, name: str) -> float:
    """A metric of a process."""
    return member.metrics.registry.get_sample_value(f"playgraph_{name}") or 0.0
