"""When a player upstream does not know may be asked for again."""

from dataclasses import dataclass

from models.players import UnknownPlayer


@dataclass(frozen=True, slots=True)
class Backoff:
    """The wait after the first check, what each further check multiplies it with, and its ceiling, in seconds."""

    initial_seconds: float
    multiplier: float
    max_seconds: float

    def wait(self, check_count: int) -> float:
        """Seconds to wait after the given check (1 is the first): 600, 1800, 5400, 16200, 21600 by default."""
        wait = min(self.initial_seconds, self.max_seconds)
        for _ in range(check_count - 1):
            if wait >= self.max_seconds or self.multiplier <= 1:
                break
            wait = min(wait * self.multiplier, self.max_seconds)
        return wait

    def after_check(self, player_id: str, check_count: int, checked_at: int) -> UnknownPlayer:
        """The note to keep when check number `check_count`, at `checked_at`, found no such player."""
        retry_at = checked_at + round(self.wait(check_count) * 1000)
        return UnknownPlayer(player_id, check_count, checked_at, retry_at)
