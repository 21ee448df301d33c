"""How old an answer is, so that a client need not guess."""

from dataclasses import dataclass
from enum import Enum


class FreshnessState(Enum):
    """FRESH needs nothing; STALE is due; EXPIRED is overdue; BUNDLED came with this software, not from upstream."""

    FRESH = "fresh"
    STALE = "stale"
    EXPIRED = "expired"
    BUNDLED = "bundled"


@dataclass(frozen=True, slots=True)
class Freshness:
    """The state of a record, when upstream last confirmed it and when it falls due.

    Both times are milliseconds since 1970 and None when bundled. `refreshing` says that a fetch is under way.
    """

    state: FreshnessState
    fetched_at: int | None
    stale_at: int | None
    refreshing: bool


BUNDLED = Freshness(FreshnessState.BUNDLED, fetched_at=None, stale_at=None, refreshing=False)
