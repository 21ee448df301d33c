"""Random walks through cache, counters and leases, compared after each step with a model of plain dictionaries."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from storage import CacheEntry, Storage
from tests.storage.made import NOW
from tests.storage.probes import walk_differences

KEYS = ["a", "ab", "a*", "b", "🦊"]
TOKENS = ["mine", "yours"]
STEPS = 150

Step = tuple[str, object, object]


@dataclass
class Model:
    """What the contract says, in dictionaries: also what ended is there until it is swept or replaced."""

    now: int = NOW
    copies: dict[str, CacheEntry] = field(default_factory=dict)
    counts: dict[str, tuple[int, int]] = field(default_factory=dict)
    leases: dict[str, tuple[str, int]] = field(default_factory=dict)

    def put(self, entries: dict[str, CacheEntry]) -> None:
        for key, entry in entries.items():
            kept = self.copies.get(key)
            if kept is None or kept.expires_at <= self.now or kept.order <= entry.order:
                self.copies[key] = entry

    def add(self, key: str, amount: int, expires_at: int) -> int:
        kept, end = self.counts.get(key, (0, 0))
        self.counts[key] = (kept + amount, end) if end > self.now else (amount, expires_at)
        return self.counts[key][0]

    def acquire(self, name: str, token: str, expires_at: int) -> bool:
        holder, end = self.leases.get(name, (token, 0))
        if holder != token and end > self.now:
            return False
        self.leases[name] = (token, expires_at)
        return True

    def renew(self, name: str, token: str, expires_at: int) -> bool:
        holder, end = self.leases.get(name, (None, 0))
        if holder != token or end <= self.now:
            return False
        self.leases[name] = (token, expires_at)
        return True

    def release(self, name: str, token: str) -> bool:
        is_held = self.leases.get(name, (None, 0))[0] == token
        if is_held:
            del self.leases[name]
        return is_held

    def sweep(self) -> int:
        copies = [key for key, entry in self.copies.items() if entry.expires_at <= self.now]
        counts = [key for key, (_, end) in self.counts.items() if end <= self.now]
        leases = [name for name, (_, end) in self.leases.items() if end <= self.now]
        self.copies = {key: entry for key, entry in self.copies.items() if key not in copies}
        self.counts = {key: count for key, count in self.counts.items() if key not in counts}
        self.leases = {name: lease for name, lease in self.leases.items() if name not in leases}
        return len(copies) + len(counts) + len(leases)


@dataclass
class Walk:
    """One walk; the seed decides every step."""

    storage: Storage
    draw: random.Random
    model: Model = field(default_factory=Model)
    taken: set[str] = field(default_factory=set)

    async def differences(self) -> list[str]:
        """Take all steps; what storage answered otherwise than the model."""
        return await walk_differences(STEPS, self._step, self._is_equal)

    async def _step(self) -> Step:
        self.model.now += self.draw.choice([0, 0, 1, 7])
        steps: list[Callable[[], Awaitable[Step]]] = [
            self._put,
            self._delete,
            self._add,
            self._acquire,
            self._renew,
            self._release,
            self._sweep,
        ]
        step = await self.draw.choices(steps, weights=[6, 2, 4, 4, 2, 2, 1])[0]()
        self.taken.add(step[0])
        return step

    def _end(self) -> int:
        return self.model.now + self.draw.randrange(1, 30)

    async def _put(self) -> Step:
        entries = {
            key: CacheEntry(self.draw.randbytes(5), self._end(), self.draw.randrange(4))
            for key in self.draw.sample(KEYS, 2)
        }
        self.model.put(entries)
        await self.storage.cache.set_many(entries, now=self.model.now)
        return "put", None, None

    async def _delete(self) -> Step:
        keys = self.draw.sample(KEYS, 2)
        expected = sum(self.model.copies.pop(key, None) is not None for key in keys)
        return "delete", expected, await self.storage.cache.delete(keys)

    async def _add(self) -> Step:
        key, amount, end = self.draw.choice(KEYS), self.draw.randrange(-2, 5), self._end()
        actual = await self.storage.counters.add(key, amount, now=self.model.now, expires_at=end)
        return "add", self.model.add(key, amount, end), actual

    async def _acquire(self) -> Step:
        name, token, end = self.draw.choice(KEYS), self.draw.choice(TOKENS), self._end()
        actual = await self.storage.leases.acquire(name, token, now=self.model.now, expires_at=end)
        return "acquire", self.model.acquire(name, token, end), actual

    async def _renew(self) -> Step:
        name, token, end = self.draw.choice(KEYS), self.draw.choice(TOKENS), self._end()
        actual = await self.storage.leases.renew(name, token, now=self.model.now, expires_at=end)
        return "renew", self.model.renew(name, token, end), actual

    async def _release(self) -> Step:
        name, token = self.draw.choice(KEYS), self.draw.choice(TOKENS)
        return "release", self.model.release(name, token), await self.storage.leases.release(name, token)

    async def _sweep(self) -> Step:
        return "sweep", self.model.sweep(), await self.storage.sweep(self.model.now, 100)

    async def _is_equal(self) -> bool:
        model, cache = self.model, self.storage.cache
        copies = {key: entry for key, entry in model.copies.items() if entry.expires_at > model.now}
        counts = {key: count for key, (count, end) in model.counts.items() if end > model.now}
        leases = [name for name, (_, end) in model.leases.items() if end > model.now]
        statistics = await self.storage.ephemeral_statistics(model.now)
        return (
            await cache.get_many(KEYS, now=model.now) == copies
            and await cache.exists(KEYS, now=model.now) == copies.keys()
            and await cache.keys("a", now=model.now, limit=9) == sorted(copies.keys() & {"a", "ab", "a*"})
            and await self.storage.counters.get_many(KEYS, now=model.now) == counts
            and [each.count for each in statistics] == [len(copies), len(counts), len(leases)]
        )


@pytest.mark.parametrize("seed", range(5))
async def test_a_random_walk_through_what_may_go_agrees_with_plain_dictionaries(
    storage: Storage, seed: int
) -> None:
    walk = Walk(storage, random.Random(seed))

    differences = await walk.differences()

    assert differences == []
    assert walk.taken == {"put", "delete", "add", "acquire", "renew", "release", "sweep"}
