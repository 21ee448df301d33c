"""What can go wrong upstream, and how often: chosen by the one who starts a simulator, or by a player's name."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from random import Random
from types import MappingProxyType


class Fault(Enum):
    """One thing that can go wrong with one request."""

    SLOW = "the answer comes late"
    ERROR = "status 500"
    REFUSED = "status 403"
    DROPPED = "the connection closes without an answer"
    CUT = "the connection closes in the middle of the body"
    TRUNCATED = "the page ends early"
    OVERSIZED = "the page has 10 MB"
    MISSING = "a section of the page is missing"
    REORDERED = "two sections of the page have changed places"
    MISTYPED = "a value of the page is of another type"


RESERVED_NAMES: Mapping[str, Fault] = MappingProxyType({fault.name.capitalize(): fault for fault in Fault})
"""Names of players whose career pages always have that fault: `Slow-1000`, `Error-1000` and so on."""


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong in general.

    `shares` is how many of all requests have a fault, 0 to 1. More than `pace` requests within `pace_seconds` are
    refused with status 403, which then names `retry_after` seconds if given. A slow answer takes `slow_seconds`.
    """

    shares: Mapping[Fault, float] = field(default_factory=dict)
    slow_seconds: float = 3.0
    pace: int | None = None
    pace_seconds: float = 1.0
    retry_after: int | None = None

    def drawn(self, chance: Random) -> frozenset[Fault]:
        """The faults of one request."""
        return frozenset(fault for fault in Fault if chance.random() < self.shares.get(fault, 0.0))


class Pace:
    """Counts requests within a sliding window; refused ones do not count."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._times: deque[int] = deque()

    def admits(self, now: int) -> bool:
        """Whether a request at `now` (milliseconds) is within the pace; if so it is counted."""
        pace = self._faults.pace
        if pace is None:
            return True
        since = now - round(self._faults.pace_seconds * 1000)
        while self._times and self._times[0] <= since:
            self._times.popleft()
        if len(self._times) >= pace:
            return False
        self._times.append(now)
        return True
