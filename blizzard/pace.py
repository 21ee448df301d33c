"""The pace towards Blizzard as a value: how far apart requests leave, who is next, and until when nothing leaves."""

from dataclasses import dataclass, replace

MAX_RETRY_AFTER = 3600.0
"""The longest penalty, in seconds, that a `Retry-After` of upstream can ask for."""

GRAIN = 0.001
"""Seconds that a clock of whole milliseconds may be off."""

MOST_AHEAD = 2
"""Delays that a slot may lie ahead."""

PEOPLE_IN_A_ROW = 10
"""Turns that people may take one after the other while background work waits; the next one is its own."""


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

    @property
    def longest_penalty(self) -> float:
        """Seconds; no penalty ends later than this from now."""
        return max(self.penalty_seconds, MAX_RETRY_AFTER)


@dataclass(frozen=True, slots=True)
class Pace:
    """One pace, as it is at a moment. Delays and `hold` are seconds, moments are milliseconds since 1970, but for
    `left_at`. All moments are of `blizzard.fleet_time`; `at` is the one at which this was written.

    `left_at` is the slot that was given last, in seconds since 1970 with their fraction; it may lie ahead, and the next
    one is `delay` later. `turns` counts the slots given, `people_in_a_row` those to people since background work had
    one. `streak` counts good answers, `proven` is the last delay that served a whole streak since the last refusal.
    What the others mean is told by `blizzard.learning`.
    """

    delay: float
    ssthresh: float
    floor: float
    hold: float
    streak: int = 0
    is_lowered: bool = True
    proven: float | None = None
    resting_until: int | None = 0
    changed_at: int = 0
    penalty_until: int = 0
    left_at: float | None = None
    turns: int = 0
    people_in_a_row: int = 0
    at: int = 0

    def free_at(self) -> float:
        """When the next slot is, in seconds since 1970; it may have passed."""
        return 0.0 if self.left_at is None else self.left_at + self.delay

    def is_closed(self, now: int) -> bool:
        """Whether a penalty is on."""
        return now < self.penalty_until

    def taken(self, now: int, *, is_background: bool) -> "Pace":
        """The pace after the next slot was given to somebody; its `left_at` is that slot."""
        slot = max(now / 1000, self.free_at())
        in_a_row = 0 if is_background else self.people_in_a_row + 1
        return replace(self, left_at=slot, turns=self.turns + 1, people_in_a_row=in_a_row)

    def gives(self, now: int, *, is_background: bool) -> bool:
        """Whether the next slot may be taken now.

        People may as soon as the last one has come: ahead of its time, and no further, since slots that were given keep
        their distance when the delay changes. Background work may when the slot itself has come, so that people pass it
        by; when enough of them did, it may as they do.
        """
        seconds = now / 1000 + GRAIN
        if is_background and self.people_in_a_row < PEOPLE_IN_A_ROW:
            return self.free_at() <= seconds
        return self.left_at is None or self.left_at <= seconds

    def left(self, at: int) -> "Pace":
        """The pace after somebody left at that moment: who was late moves the next one back."""
        # The clock counts whole milliseconds: within one the exact slot is kept, or rounding would add up.
        late = at / 1000 - GRAIN
        return self if self.left_at is None or late <= self.left_at else replace(self, left_at=late)

    def believed(self, settings: ThrottleSettings, now: int) -> "Pace":
        """The pace without what cannot be so at `now`, whoever wrote it.

        A slot is given one delay ahead, which may have been halved since; a last slot that lies further ahead counts as
        now. A penalty that would last longer than the longest is none, a rest lasts no longer than the longest, and
        nothing has changed in the time to come.
        """
        left_at, resting_until = self.left_at, self.resting_until
        if left_at is not None and left_at > now / 1000 + MOST_AHEAD * self.delay + GRAIN:
            left_at = now / 1000
        if resting_until is not None:
            resting_until = min(resting_until, now + round(settings.max_hold_seconds * 1000))
        is_possible = self.penalty_until <= now + round(settings.longest_penalty * 1000)
        return replace(
            self,
            left_at=left_at,
            resting_until=resting_until,
            changed_at=min(self.changed_at, now),
            penalty_until=self.penalty_until if is_possible else 0,
        )


def first_pace(settings: ThrottleSettings, now: int) -> Pace:
    """The pace of those who know nothing of upstream yet."""
    return Pace(
        delay=min(max(settings.start_delay, settings.min_delay), settings.max_delay),
        ssthresh=settings.min_delay,
        floor=settings.min_delay,
        hold=settings.hold_seconds,
        changed_at=now,
    )
