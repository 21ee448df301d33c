"""The time that processes on several machines go by together."""

from clock import Clock


class FleetTime:
    """Milliseconds since 1970 by the clock that is furthest ahead of all whose times were `seen`.

    Only spans are made of it, so it need not be right, but all have to have the same: else a machine whose clock is
    behind would wait for turns that are over, and one whose clock is ahead would take turns that have not come. It
    never goes back, also when the machine's clock is set back.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ahead = 0
        self._last = 0

    def now(self) -> int:
        """The time by which turns are taken."""
        self.seen(self._last)
        self._last = self._clock.now() + self._ahead
        return self._last

    def of(self, moment: int) -> int:
        """The time in which a moment of this machine's clock was, as it is known now."""
        return moment + self._ahead

    def seen(self, at: int) -> None:
        """Learn of a time that somebody else has reached."""
        self._ahead = max(self._ahead, at - self._clock.now())
