"""What the pace towards Blizzard learns from answers and refusals; functions of a pace, without a clock of their own.

The delay shrinks with good answers: it is halved while above `ssthresh` (slow start), then shrinks by linear steps.
A refusal starts a penalty during which nothing leaves, and lengthens the delay. The last good delay before it is
remembered as `floor`: the delay comes back to it, rests there (`resting_until`; None: it has not come back yet) for
`hold` seconds, twice as long each time, and only then tries less, with care. `is_lowered` says whether the delay was
lowered since the last refusal.
"""

from dataclasses import replace

from blizzard.pace import MAX_RETRY_AFTER, Pace, ThrottleSettings

LINEAR_SHARE = 0.25
"""Past slow start a step takes this share of the delay, so that no delay is too long to recover from."""


def answered(pace: Pace, settings: ThrottleSettings, status: int, at: int) -> Pace:
    """The pace after the final status of a request that was not refused.

    200 is a success. So is 404, a prompt answer at this pace: asking for unknown players must not keep
    the pace from recovering. At the shortest delay there is nothing to recover, and 404 ends the streak, as
    all other statuses always do. Answers that came during a penalty, or before the delay was last changed, belong to
    the old pace: not counted.
    """
    if pace.is_closed(at) or at < pace.changed_at:
        return pace
    if status == 200 or (status == 404 and pace.delay > settings.min_delay):
        return _succeeded(pace, settings, at)
    return replace(pace, streak=0)


def refused(pace: Pace, settings: ThrottleSettings, retry_after: float | None, at: int) -> Pace:
    """The pace after a refusal (403 or 429); `retry_after` is what upstream asked for, in seconds.

    Refusals that come in during a penalty belong to requests sent before it: they can only lengthen it. Slots given
    ahead are void.
    """
    is_new = not pace.is_closed(at)
    asked = min(retry_after or 0.0, MAX_RETRY_AFTER)
    span = max(settings.penalty_seconds, asked) if is_new else asked
    pace = replace(pace, penalty_until=max(pace.penalty_until, at + round(span * 1000)))
    if not is_new:
        return pace
    learnt = _learnt(pace, settings, at)
    return replace(
        learnt,
        delay=_within(max(2 * pace.delay, settings.penalty_delay), settings),
        # Something has left, also where no slots were given because there was no delay.
        left_at=at / 1000 if pace.left_at is None else min(pace.left_at, at / 1000),
        is_lowered=False,
        proven=None,
        streak=0,
        changed_at=at,
    )


def _succeeded(pace: Pace, settings: ThrottleSettings, at: int) -> Pace:
    streak = pace.streak + 1
    is_slow_start = pace.delay > pace.ssthresh
    needed = settings.slow_start_successes if is_slow_start else settings.linear_successes
    if streak < needed or _is_too_soon(pace, settings, at):
        return replace(pace, streak=streak)
    hold = settings.hold_seconds if pace.delay < pace.floor else pace.hold
    step = max(settings.linear_step, LINEAR_SHARE * pace.delay)
    proven = replace(pace, streak=0, proven=pace.delay, hold=hold)
    return _lowered(proven, settings, pace.delay / 2 if is_slow_start else pace.delay - step, at)


def _is_too_soon(pace: Pace, settings: ThrottleSettings, at: int) -> bool:
    """At the floor and below, a delay is tried for as long as a penalty lasts: limits are counted over time."""
    if pace.delay > pace.floor or pace.floor <= settings.min_delay or _is_resting(pace, at):
        return False
    return at - pace.changed_at < settings.penalty_seconds * 1000


def _is_resting(pace: Pace, at: int) -> bool:
    return pace.resting_until is None or at < pace.resting_until


def _lowered(pace: Pace, settings: ThrottleSettings, delay: float, at: int) -> Pace:
    floor = pace.floor if _is_resting(pace, at) else settings.min_delay
    delay = _within(max(delay, min(floor, pace.delay)), settings)
    is_lowered = pace.is_lowered or delay < pace.delay
    pace = replace(pace, delay=delay, is_lowered=is_lowered, changed_at=at)
    if pace.resting_until is not None or delay > pace.floor:
        return pace
    resting_until = at + round(pace.hold * 1000)
    return replace(pace, resting_until=resting_until, hold=min(2 * pace.hold, settings.max_hold_seconds))


def _learnt(pace: Pace, settings: ThrottleSettings, at: int) -> Pace:
    """What a refusal says about the pace.

    Without one lowering since the last refusal it says nothing new: upstream is still closed to us.
    """
    if not pace.is_lowered:
        return pace
    good = max(pace.delay, pace.proven or 0.0)
    # Refused at the floor itself: the limit counts over a longer time than the floor was tried for.
    floor = 2 * pace.floor if _is_resting(pace, at) and good <= pace.floor else good
    return replace(
        pace,
        ssthresh=min(2 * pace.delay, settings.max_delay),
        floor=min(floor, settings.max_delay),
        resting_until=None,
    )


def _within(delay: float, settings: ThrottleSettings) -> float:
    return min(max(delay, settings.min_delay), settings.max_delay)
