"""What a refresh does: fetch, parse, save. The only place where upstream meets storage."""

from blizzard.client import Upstream

from clock import Clock
from refresh.backoff import Backoff
from storage import Players


class Jobs:
    """The refreshes there are."""

    def __init__(self, players: Players, upstream: Upstream, backoff: Backoff, clock: Clock) -> None:
        self._players = players
        self._upstream = upstream
        self._backoff = backoff
        self._clock = clock
