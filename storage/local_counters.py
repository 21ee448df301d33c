"""Counts in the memory of this process: for limits, while the server that should count for all is away."""

from collections.abc import Collection, Mapping

MAX_COUNTS = 100_000


class LocalCounters:
    """Counts that are this process's own. At most `limit` of them: then the ended ones go, and of the others those that
    were begun first."""

    def __init__(self, limit: int = MAX_COUNTS) -> None:
        self._limit = limit
        self._counts: dict[str, tuple[int, int]] = {}

    async def add(self, key: str, amount: int, *, now: int, expires_at: int) -> int:
        kept, end = self._counts.get(key, (0, now))
        if end <= now:
            # Taken out first: a count that begins anew is the youngest.
            self._counts.pop(key, None)
            self._make_room(now)
            kept, end = 0, expires_at
        self._counts[key] = (kept + amount, end)
        return kept + amount

    async def get_many(self, keys: Collection[str], *, now: int) -> Mapping[str, int]:
        found = {key: self._counts[key] for key in keys if key in self._counts}
        return {key: count for key, (count, end) in found.items() if end > now}

    def _make_room(self, now: int) -> None:
        if len(self._counts) < self._limit:
            return
        live = [(key, count) for key, count in self._counts.items() if count[1] > now]
        # A tenth at least: looking through all of them is not for every call.
        self._counts = dict(live[-(self._limit - self._limit // 10 - 1) :])
