"""What every backend does with counts and leases, and with what ended."""

import asyncio

import pytest

from storage import CacheEntry, Storage
from tests.storage.made import NOW
from tests.storage.probes import ODD_NAMES, ODD_TEXTS, take_turns

END = NOW + 60_000


async def test_a_count_begins_at_its_first_amount_and_adds_up(storage: Storage) -> None:
    sums = [await storage.counters.add("a", amount, now=NOW, expires_at=END) for amount in (3, 4, 0, -2)]

    assert sums == [3, 7, 7, 5]
    assert await storage.counters.get_many(["a", "b"], now=NOW) == {"a": 5}


async def test_a_count_keeps_its_end_and_begins_again_after_it(storage: Storage) -> None:
    await storage.counters.add("a", 1, now=NOW, expires_at=END)

    before = await storage.counters.add("a", 1, now=END - 1, expires_at=END + 5_000)
    after = await storage.counters.add("a", 1, now=END, expires_at=END + 5_000)

    assert (before, after) == (2, 1)
    assert await storage.counters.get_many(["a"], now=END + 4_999) == {"a": 1}
    assert await storage.counters.get_many(["a"], now=END + 5_000) == {}


async def test_a_count_is_read_up_to_the_last_millisecond(storage: Storage) -> None:
    await storage.counters.add("a", 1, now=NOW, expires_at=END)

    assert await storage.counters.get_many(["a"], now=END - 1) == {"a": 1}
    assert await storage.counters.get_many(["a"], now=END) == {}


async def test_counts_beyond_thirty_two_bits_are_exact(storage: Storage) -> None:
    await storage.counters.add("a", 2**50, now=NOW, expires_at=END)

    assert await storage.counters.add("a", 1, now=NOW, expires_at=END) == 2**50 + 1
    assert await storage.counters.get_many(["a"], now=NOW) == {"a": 2**50 + 1}


@pytest.mark.parametrize("text", ODD_TEXTS, ids=ODD_NAMES)
async def test_counts_have_any_text_as_key(storage: Storage, text: str) -> None:
    await storage.counters.add(text, 1, now=NOW, expires_at=END)

    assert await storage.counters.get_many([text, f"{text}!"], now=NOW) == {text: 1}


async def test_a_thousand_counts_are_read_in_one_call(storage: Storage) -> None:
    names = [f"count-{number}" for number in range(1_000)]
    await asyncio.gather(
        *(storage.counters.add(name, 1, now=NOW, expires_at=END) for name in names[:10]),
    )

    assert await storage.counters.get_many(names, now=NOW) == dict.fromkeys(names[:10], 1)
    assert await storage.counters.get_many([], now=NOW) == {}


async def test_twenty_who_add_at_once_are_all_counted(storage: Storage) -> None:
    sums = await asyncio.gather(
        *(storage.counters.add("a", 2, now=NOW, expires_at=END) for _ in range(20)),
    )

    assert sorted(sums) == list(range(2, 42, 2))
    assert await storage.counters.get_many(["a"], now=NOW) == {"a": 40}


async def test_twenty_who_find_an_ended_count_begin_it_once(storage: Storage) -> None:
    await storage.counters.add("a", 100, now=NOW, expires_at=END)

    sums = await asyncio.gather(
        *(storage.counters.add("a", 1, now=END, expires_at=END + 1_000) for _ in range(20)),
    )

    assert sorted(sums) == list(range(1, 21))


@pytest.mark.parametrize("turns", [0, 1, 2, 4, 8])
async def test_a_cancelled_count_is_added_whole_or_not_at_all(storage: Storage, turns: int) -> None:
    await storage.counters.add("a", 1, now=NOW, expires_at=END)

    task = asyncio.create_task(storage.counters.add("a", 10, now=NOW, expires_at=END))
    await take_turns(turns)
    task.cancel()
    await asyncio.wait([task])
    last = await storage.counters.add("a", 100, now=NOW, expires_at=END)

    assert last in {101, 111}


async def test_a_lease_has_one_holder(storage: Storage) -> None:
    first = await storage.leases.acquire("a", "mine", now=NOW, expires_at=END)
    second = await storage.leases.acquire("a", "yours", now=NOW, expires_at=END)
    other = await storage.leases.acquire("b", "yours", now=NOW, expires_at=END)

    assert (first, second, other) == (True, False, True)


async def test_a_lease_is_free_at_its_end_and_no_millisecond_before(storage: Storage) -> None:
    await storage.leases.acquire("a", "mine", now=NOW, expires_at=END)

    early = await storage.leases.acquire("a", "yours", now=END - 1, expires_at=END + 5_000)
    late = await storage.leases.acquire("a", "yours", now=END, expires_at=END + 5_000)

    assert (early, late) == (False, True)
    assert await storage.leases.renew("a", "mine", now=END, expires_at=END + 9_000) is False


async def test_a_holder_who_takes_its_lease_again_moves_the_end(storage: Storage) -> None:
    await storage.leases.acquire("a", "mine", now=NOW, expires_at=END)

    again = await storage.leases.acquire("a", "mine", now=NOW + 1, expires_at=END + 5_000)

    assert again is True
    assert await storage.leases.acquire("a", "yours", now=END + 4_999, expires_at=END + 9_000) is False
    assert await storage.leases.acquire("a", "yours", now=END + 5_000, expires_at=END + 9_000) is True


async def test_a_renewed_lease_lasts_longer(storage: Storage) -> None:
    await storage.leases.acquire("a", "mine", now=NOW, expires_at=END)

    renewed = await storage.leases.renew("a", "mine", now=END - 1, expires_at=END + 5_000)

    assert renewed is True
    assert await storage.leases.acquire("a", "yours", now=END + 4_999, expires_at=END + 9_000) is False


async def test_a_lease_that_ended_or_is_anothers_is_not_renewed(storage: Storage) -> None:
    await storage.leases.acquire("a", "mine", now=NOW, expires_at=END)

    ended = await storage.leases.renew("a", "mine", now=END, expires_at=END + 5_000)
    anothers = await storage.leases.renew("a", "yours", now=NOW, expires_at=END + 5_000)
    nobodys = await storage.leases.renew("b", "mine", now=NOW, expires_at=END + 5_000)

    assert (ended, anothers, nobodys) == (False, False, False)
    assert await storage.leases.acquire("a", "third", now=END, expires_at=END + 1) is True
    assert await storage.leases.acquire("b", "third", now=NOW, expires_at=END) is True


async def test_a_lease_given_back_is_free(storage: Storage) -> None:
    await storage.leases.acquire("a", "mine", now=NOW, expires_at=END)

    assert await storage.leases.release("a", "mine") is True
    assert await storage.leases.release("a", "mine") is False
    assert await storage.leases.acquire("a", "yours", now=NOW, expires_at=END) is True


async def test_nobody_gives_back_anothers_lease(storage: Storage) -> None:
    await storage.leases.acquire("a", "mine", now=NOW, expires_at=END)

    assert await storage.leases.release("a", "yours") is False
    assert await storage.leases.release("b", "yours") is False
    assert await storage.leases.acquire("a", "yours", now=NOW, expires_at=END) is False
    assert await storage.leases.renew("a", "mine", now=NOW, expires_at=END) is True


@pytest.mark.parametrize("text", ODD_TEXTS, ids=ODD_NAMES)
async def test_leases_and_tokens_are_any_text(storage: Storage, text: str) -> None:
    taken = await storage.leases.acquire(text, text, now=NOW, expires_at=END)
    refused = await storage.leases.acquire(text, f"{text}!", now=NOW, expires_at=END)

    assert (taken, refused) == (True, False)
    assert await storage.leases.renew(text, text, now=NOW, expires_at=END) is True
    assert await storage.leases.release(text, text) is True


@pytest.mark.parametrize("now", [NOW, END], ids=["a new lease", "a lease that ended"])
async def test_of_twenty_exactly_one_gets_the_lease(storage: Storage, now: int) -> None:
    await storage.leases.acquire("ended", "old", now=NOW, expires_at=END)
    name = {NOW: "new", END: "ended"}[now]

    taken = await asyncio.gather(
        *(storage.leases.acquire(name, f"t{number}", now=now, expires_at=END + 1) for number in range(20)),
    )
    held = await asyncio.gather(
        *(storage.leases.renew(name, f"t{number}", now=now, expires_at=END + 1) for number in range(20)),
    )

    assert taken.count(True) == 1
    assert held == taken


@pytest.mark.parametrize("turns", [0, 1, 2, 4, 8])
async def test_a_cancelled_acquire_has_the_lease_or_leaves_it(storage: Storage, turns: int) -> None:
    task = asyncio.create_task(storage.leases.acquire("a", "mine", now=NOW, expires_at=END))
    await take_turns(turns)
    task.cancel()
    await asyncio.wait([task])
    yours = await storage.leases.acquire("a", "yours", now=NOW, expires_at=END)

    assert await storage.leases.renew("a", "mine", now=NOW, expires_at=END) is not yours
    assert await storage.leases.acquire("a", "third", now=END, expires_at=END + 1) is True


async def fill(storage: Storage, end: int) -> None:
    """Two copies, two counts and a lease with that end."""
    copies = {f"copy-{end}-{number}": CacheEntry(b"x" * 100, end) for number in range(2)}
    await storage.cache.set_many(copies, now=NOW)
    for number in range(2):
        await storage.counters.add(f"count-{end}-{number}", 1, now=NOW, expires_at=end)
    await storage.leases.acquire(f"lease-{end}", "mine", now=NOW, expires_at=end)


async def test_sweeping_removes_what_ended_and_nothing_else(storage: Storage) -> None:
    await fill(storage, END)
    await fill(storage, END + 1)

    early = await storage.sweep(END - 1, 100)
    swept = await storage.sweep(END, 100)
    again = await storage.sweep(END, 100)

    assert (early, swept, again) == (0, 5, 0)
    assert await storage.cache.keys("", now=NOW, limit=10) == [f"copy-{END + 1}-0", f"copy-{END + 1}-1"]
    assert await storage.counters.get_many([f"count-{END + 1}-0"], now=NOW) == {f"count-{END + 1}-0": 1}
    assert await storage.leases.renew(f"lease-{END + 1}", "mine", now=NOW, expires_at=END + 2) is True
    assert await storage.leases.renew(f"lease-{END}", "mine", now=NOW, expires_at=END + 2) is False


async def test_sweeping_goes_on_in_steps_until_nothing_is_left(storage: Storage) -> None:
    await fill(storage, END)

    swept = [await storage.sweep(END, 2) for _ in range(4)]

    assert swept == [2, 2, 1, 0]


async def test_statistics_count_what_has_not_ended(storage: Storage) -> None:
    await fill(storage, END)
    await fill(storage, END + 1)

    counts = {each.kind: each.count for each in await storage.ephemeral_statistics(NOW)}
    later = {each.kind: each.count for each in await storage.ephemeral_statistics(END)}
    last = {each.kind: each.count for each in await storage.ephemeral_statistics(END + 1)}

    assert counts == {"cache": 4, "counters": 4, "leases": 2}
    assert later == {"cache": 2, "counters": 2, "leases": 1}
    assert last == {"cache": 0, "counters": 0, "leases": 0}


async def test_statistics_tell_bytes_and_no_ages(storage: Storage) -> None:
    empty = await storage.ephemeral_statistics(NOW)
    await fill(storage, END)

    full = await storage.ephemeral_statistics(NOW)

    assert [(each.size, each.ages) for each in empty] == [(0, None)] * 3
    sizes = {each.kind: each.size for each in full}
    assert 200 <= sizes["cache"] <= 1_000
    assert 2 <= sizes["counters"] <= 500
    assert 4 <= sizes["leases"] <= 250
