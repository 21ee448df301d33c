"""One pace for all processes: kept in a store, changed by compare-and-set, and gone on with alone without it."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import structlog

from blizzard.fleet_time import FleetTime
from blizzard.learning import answered, refused
from blizzard.pace import Pace, ThrottleSettings, first_pace
from blizzard.pace_text import decode_pace, encode_pace
from blizzard.paces import KeptPace, PaceStore, Step
from clock import Clock
from errors import StorageUnavailable
from metrics import Metrics

RETRY_SECONDS = 5.0
"""How long a store that failed is left alone."""

_ATTEMPTS = 16
_FIRST_PAUSE = 0.002
_LONGEST_PAUSE = 0.1
_MOST_NEWS = 100
_MOST_REFUSALS = 10

_log = structlog.get_logger()


class SharedPace:
    """The pace is read, changed and put back, unless another process was quicker: then again, after a short while.

    While the store is away (or others are quicker all the time) the process goes on by itself, at its share of the last
    pace that it saw, as if the others did the same. It learns as always, but never goes faster than that. A refusal
    that it meets then is told to the others when the store is back, which it looks for every few seconds.

    At the shortest delay good answers change nothing but the streak; they are told with the next turn, all others at
    once. `jitter` gives numbers from 0 to 1.
    """

    def __init__(
        self,
        settings: ThrottleSettings,
        store: PaceStore,
        clock: Clock,
        metrics: Metrics,
        jitter: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._metrics = metrics
        self._jitter = jitter
        self._lock = asyncio.Lock()
        self._time = FleetTime(clock)
        self._shared = first_pace(settings, self._time.now())
        self._was_seen = False
        self._share = _Share()
        self._alone: _Alone | None = None
        self._news: list[Step] = []
        self._refusals: list[tuple[float | None, int]] = []

    @property
    def known(self) -> Pace:
        return self._shared if self._alone is None else self._alone.pace

    @property
    def is_shared(self) -> bool:
        return self._alone is None

    def now(self) -> int:
        return self._time.now()

    async def change(self, step: Step) -> Pace:
        async with self._lock:
            if self._alone is None or self._alone.tries_again(self._clock.now()):
                try:
                    pace = await self._changed_together(step)
                except StorageUnavailable as error:
                    self._go_alone(error.message)
                else:
                    if pace is not None:
                        return pace
                    self._go_alone("others are always quicker")
            assert self._alone is not None
            return self._alone.change(step, self._time.now())

    def left(self, at: int) -> None:
        if self._alone is not None:
            self._alone.pace = self._alone.pace.left(at)
        elif self._shared.left(at) is not self._shared:
            self._tell_later(lambda pace: pace.left(at))

    async def answer(self, status: int) -> None:
        moment = self._clock.now()
        if self._alone is None and self._shared.delay <= self._settings.min_delay:
            self._tell_later(lambda pace: answered(pace, self._settings, status, self._time.of(moment)))
        elif self._alone is None:
            await self.change(lambda pace: answered(pace, self._settings, status, self._time.of(moment)))
        else:
            self._alone.answer(status, self._time.of(moment))

    async def refuse(self, retry_after: float | None) -> None:
        moment = self._clock.now()
        # Noted first: a caller that leaves meanwhile must not take it along.
        self._refusals = [*self._refusals[-_MOST_REFUSALS:], (retry_after, moment)]
        if self._alone is not None:
            self._alone.refuse(retry_after, self._time.of(moment))
        await self.change(lambda pace: pace)

    async def _changed_together(self, step: Step) -> Pace | None:
        """The pace after the change; None when others were quicker each time."""
        pause = _FIRST_PAUSE
        for _ in range(_ATTEMPTS):
            kept = await self._store.read()
            before = self._read(kept)
            refusals, news = self._refusals, self._news
            after = replace(step(self._with_news(before)), at=self._time.now())
            if after == replace(before, at=after.at) or await self._store.replace(kept, encode_pace(after)):
                # What was noted meanwhile is told the next time.
                self._refusals = [each for each in self._refusals if each not in refusals]
                self._news = [each for each in self._news if each not in news]
                self._join(before, after)
                return after
            self._metrics.throttle_conflicts.inc()
            await self._clock.sleep(self._jitter() * pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
        return None

    def _with_news(self, pace: Pace) -> Pace:
        for retry_after, moment in self._refusals:
            pace = refused(pace, self._settings, retry_after, self._time.of(moment))
        for step in self._news:
            pace = step(pace)
        return pace

    def _read(self, kept: KeptPace | None) -> Pace:
        """What is kept, as far as it can be; where nothing usable is, this process tells what it knows."""
        pace = (decode_pace(kept.text) if kept is not None else None) or self._shared
        self._time.seen(pace.at)
        return pace.believed(self._settings, self._time.now())

    def _join(self, before: Pace, after: Pace) -> None:
        self._share.note(self._shared.turns if self._was_seen else before.turns, before.turns, after.turns)
        self._shared = after
        self._was_seen = True
        self._metrics.throttle_shared.set(1)
        if self._alone is not None:
            self._alone = None
            _log.info("turns towards upstream are taken together again")

    def _go_alone(self, reason: str) -> None:
        now = self._clock.now()
        if self._alone is not None:
            self._alone.failed_at = now
            return
        self._alone = _Alone(self._settings, self._shared, now)
        if self._was_seen:
            self._alone.slow_down(self._share.value)
        for retry_after, moment in self._refusals:
            self._alone.refuse(retry_after, self._time.of(moment))
        self._news = []
        self._metrics.throttle_shared.set(0)
        _log.warning("turns towards upstream are taken alone", reason=reason, delay=self._alone.pace.delay)

    def _tell_later(self, step: Step) -> None:
        self._news = [*self._news[-_MOST_NEWS:], step]


class _Alone:
    """What a process goes by while it reaches no other."""

    def __init__(self, settings: ThrottleSettings, pace: Pace, now: int) -> None:
        self.settings = settings
        self.pace = pace
        self.failed_at = now

    def slow_down(self, share: float) -> None:
        """Take a share of the pace and no more, whatever is learnt."""
        delay = self.pace.delay / share
        longest = max(self.settings.max_delay, delay)
        self.settings = replace(self.settings, min_delay=delay, max_delay=longest)
        self.pace = replace(self.pace, delay=delay)

    def answer(self, status: int, at: int) -> None:
        """Learn of an answer."""
        self.pace = answered(self.pace, self.settings, status, at)

    def refuse(self, retry_after: float | None, at: int) -> None:
        """Learn of a refusal."""
        self.pace = refused(self.pace, self.settings, retry_after, at)

    def tries_again(self, now: int) -> bool:
        """Whether to look for the others now."""
        return not self.failed_at <= now < self.failed_at + RETRY_SECONDS * 1000

    def change(self, step: Step, now: int) -> Pace:
        """As `SharedPace.change`."""
        self.pace = step(self.pace.believed(self.settings, now))
        return self.pace


class _Share:
    """Which part of all turns is this process's, by the latest hundred. It begins as one of ten, to be careful."""

    def __init__(self) -> None:
        self._own = 1.0
        self._all = 10.0

    @property
    def value(self) -> float:
        """From a tenth to 1: with more processes than ten, hardly all are as busy as this one."""
        return min(1.0, max(0.1, self._own / self._all))

    def note(self, last_seen: int, before: int, after: int) -> None:
        """Count turns: how many had been given when this process last looked, and before and after its own change."""
        self._own += after - before
        self._all += max(0, before - last_seen) + after - before
        if self._all > 100:
            self._own, self._all = self._own / 2, self._all / 2
