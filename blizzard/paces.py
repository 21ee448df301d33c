"""Where the pace is kept: what the throttle asks for, and the pace of a process that is alone."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import structlog

from blizzard.fleet_time import FleetTime
from blizzard.learning import answered, refused
from blizzard.pace import Pace, ThrottleSettings, first_pace
from blizzard.pace_text import decode_pace, encode_pace
from clock import Clock
from errors import StorageUnavailable

Step = Callable[[Pace], Pace]
"""A change of the pace. It may be made again on a newer pace, so it has no effect but what it returns."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class KeptPace:
    """A pace as it is kept, and the version by which it is replaced."""

    text: bytes
    version: int


class PaceStore(Protocol):
    """A place outside this process. Both methods raise `StorageUnavailable`."""

    async def read(self) -> KeptPace | None:
        """What is kept now; None when nothing is, or it was lost."""
        ...

    async def replace(self, kept: KeptPace | None, text: bytes) -> bool:
        """Keep `text` in the place of `kept` (None: where nothing is). False when something else is there by now.
        However many try at once, one of them does."""
        ...


class Paces(Protocol):
    """The pace, wherever it is kept. No method raises `StorageUnavailable`: there always is a pace to go by."""

    @property
    def known(self) -> Pace:
        """The pace as this process last saw it."""
        ...

    @property
    def is_shared(self) -> bool:
        """Whether others may change it."""
        ...

    def now(self) -> int:
        """The time in which its moments are, in milliseconds."""
        ...

    async def change(self, step: Step) -> Pace:
        """Change the pace for all who share it, or only look at it with a step that changes nothing. Returns what the
        step made of it."""
        ...

    def left(self, at: int) -> None:
        """Tell when somebody really left who had the last slot."""
        ...

    async def answer(self, status: int) -> None:
        """Learn of the final status of a request that was not refused."""
        ...

    async def refuse(self, retry_after: float | None) -> None:
        """Learn of a refusal (403 or 429); `retry_after` is what upstream asked for, in seconds."""
        ...


class OwnPace:
    """The pace of a process that is alone.

    With a store it outlives the process: what was learnt is written whenever the delay or the penalty changes, which
    is seldom, and read at the first turn. The turns themselves are not written.
    """

    def __init__(self, settings: ThrottleSettings, clock: Clock, store: PaceStore | None = None) -> None:
        self._settings = settings
        self._time = FleetTime(clock)
        self._store = store
        self._is_read = store is None
        self._known = first_pace(settings, self._time.now())
        self._saved = self._known
        self._lock = asyncio.Lock()

    @property
    def known(self) -> Pace:
        return self._known

    @property
    def is_shared(self) -> bool:
        return False

    def now(self) -> int:
        return self._time.now()

    async def change(self, step: Step) -> Pace:
        async with self._lock:
            if not self._is_read:
                await self._read()
            pace = step(self._known.believed(self._settings, self._time.now()))
            self._known = pace
            if (pace.delay, pace.penalty_until) != (self._saved.delay, self._saved.penalty_until):
                await self._save(pace)
            return pace

    def left(self, at: int) -> None:
        self._known = self._known.left(at)

    async def answer(self, status: int) -> None:
        at = self._time.now()
        await self.change(lambda pace: answered(pace, self._settings, status, at))

    async def refuse(self, retry_after: float | None) -> None:
        # At once: a caller that leaves meanwhile must not take it along.
        self._known = refused(self._known, self._settings, retry_after, self._time.now())
        await self.change(lambda pace: pace)

    async def _read(self) -> None:
        assert self._store is not None
        try:
            kept = await self._store.read()
        except StorageUnavailable:
            return
        self._is_read = True
        pace = decode_pace(kept.text) if kept is not None else None
        if pace is None:
            return
        self._saved = pace
        is_first = self._known.turns == 0
        penalty_until = max(pace.penalty_until, self._known.penalty_until)
        self._known = pace if is_first else replace(self._known, penalty_until=penalty_until)

    async def _save(self, pace: Pace) -> None:
        """Nobody else writes, so what is there is replaced whatever it is."""
        try:
            if self._store is None or await self._store.replace(await self._store.read(), encode_pace(pace)):
                self._saved = pace
        except StorageUnavailable:
            _log.warning("the pace towards upstream could not be kept; it is in memory alone")
