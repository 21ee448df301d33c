"""Whether a kept record may be served as it is. Pure arithmetic over three times."""

from dataclasses import dataclass

from models.freshness import FreshnessState


@dataclass(frozen=True, slots=True)
class Windows:
    """Ages in seconds: from `stale_seconds` on a record is due, from `expired_seconds` on it is overdue."""

    stale_seconds: float
    expired_seconds: float

    def stale_at(self, fetched_at: int) -> int:
        """The moment, in milliseconds since 1970, from which a record fetched then is stale."""
        return fetched_at + round(self.stale_seconds * 1000)

    def state(self, fetched_at: int, now: int) -> FreshnessState:
        """The state at `now` of a record fetched at `fetched_at`, both in milliseconds since 1970."""
        if now < self.stale_at(fetched_at):
            return FreshnessState.FRESH
        if now < fetched_at + round(self.expired_seconds * 1000):
            return FreshnessState.STALE
        return FreshnessState.EXPIRED
