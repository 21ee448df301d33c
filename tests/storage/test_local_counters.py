"""Counts in memory stay few."""

from storage.local_counters import LocalCounters
from tests.storage.made import NOW

END = NOW + 1_000


async def test_ended_counts_make_room_first() -> None:
    counters = LocalCounters(limit=10)
    for number in range(5):
        await counters.add(f"short-{number}", 1, now=NOW, expires_at=NOW + 1)
        await counters.add(f"long-{number}", 1, now=NOW, expires_at=END)

    await counters.add("new", 1, now=NOW + 1, expires_at=END)

    names = [f"long-{number}" for number in range(5)]
    assert await counters.get_many([*names, "new"], now=NOW + 1) == dict.fromkeys([*names, "new"], 1)
    assert len(counters._counts) == 6


async def test_when_none_has_ended_a_tenth_goes_with_the_oldest_first() -> None:
    counters = LocalCounters(limit=100)
    for number in range(101):
        await counters.add(str(number), 1, now=NOW, expires_at=END)

    assert len(counters._counts) == 90
    assert await counters.get_many(["10", "11", "100"], now=NOW) == {"11": 1, "100": 1}


async def test_a_count_that_is_full_of_life_is_counted_on() -> None:
    counters = LocalCounters(limit=2)
    sums = [await counters.add("a", amount, now=NOW, expires_at=END) for amount in (1, 2, 3)]
    again = await counters.add("a", 4, now=END, expires_at=END + 1)

    assert sums == [1, 3, 6]
    assert again == 4
