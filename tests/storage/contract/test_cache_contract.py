"""What every cache does: copies until their end, guarded by their order."""

import asyncio

import pytest

from storage import CacheEntry, Storage
from tests.storage.made import NOW
from tests.storage.probes import ODD_NAMES, ODD_TEXTS, take_turns

END = NOW + 60_000
ENTRY = CacheEntry(b"\x00one\xff", END, order=5)


async def test_a_copy_is_given_back_as_it_was_put(storage: Storage) -> None:
    await storage.cache.set_many({"a": ENTRY}, now=NOW)

    assert await storage.cache.get_many(["a", "b", "a"], now=NOW) == {"a": ENTRY}


async def test_no_key_asks_for_nothing_and_puts_nothing(storage: Storage) -> None:
    await storage.cache.set_many({}, now=NOW)

    assert await storage.cache.get_many([], now=NOW) == {}
    assert await storage.cache.exists([], now=NOW) == frozenset()
    assert await storage.cache.delete([]) == 0


@pytest.mark.parametrize("text", ODD_TEXTS, ids=ODD_NAMES)
async def test_any_text_is_a_key_and_any_bytes_a_value(storage: Storage, text: str) -> None:
    entries = {text: CacheEntry(text.encode(), END), f"{text}!": CacheEntry(b"", END, order=2**53 - 1)}

    await storage.cache.set_many(entries, now=NOW)

    assert await storage.cache.get_many(list(entries), now=NOW) == entries
    assert await storage.cache.exists([text, f"{text}?"], now=NOW) == {text}
    assert await storage.cache.keys(text, now=NOW, limit=10) == [text, f"{text}!"]
    assert await storage.cache.delete([text]) == 1
    assert await storage.cache.keys(text, now=NOW, limit=10) == [f"{text}!"]


async def test_a_copy_is_there_up_to_the_last_millisecond_and_gone_at_its_end(storage: Storage) -> None:
    await storage.cache.set_many({"a": ENTRY}, now=NOW)

    assert await storage.cache.get_many(["a"], now=END - 1) == {"a": ENTRY}
    assert await storage.cache.exists(["a"], now=END - 1) == {"a"}
    assert await storage.cache.keys("", now=END - 1, limit=1) == ["a"]
    assert await storage.cache.get_many(["a"], now=END) == {}
    assert await storage.cache.exists(["a"], now=END) == frozenset()
    assert await storage.cache.keys("", now=END, limit=1) == []


@pytest.mark.parametrize("order", [5, 6])
async def test_a_copy_of_the_same_or_a_higher_order_replaces_the_kept_one(
    storage: Storage, order: int
) -> None:
    later = CacheEntry(b"two", END - 1, order)
    await storage.cache.set_many({"a": ENTRY}, now=NOW)

    await storage.cache.set_many({"a": later}, now=NOW)

    assert await storage.cache.get_many(["a"], now=NOW) == {"a": later}


async def test_a_copy_of_a_lower_order_changes_nothing_and_stops_no_other(storage: Storage) -> None:
    await storage.cache.set_many({"a": ENTRY}, now=NOW)

    old, other = CacheEntry(b"old", END + 1, order=4), CacheEntry(b"other", END, order=1)
    await storage.cache.set_many({"a": old, "b": other}, now=NOW)

    assert await storage.cache.get_many(["a", "b"], now=NOW) == {"a": ENTRY, "b": other}


async def test_orders_are_compared_as_whole_numbers_up_to_any_time_in_microseconds(storage: Storage) -> None:
    order = NOW * 1000 + 999
    await storage.cache.set_many({"a": CacheEntry(b"late", END, order)}, now=NOW)

    await storage.cache.set_many({"a": CacheEntry(b"early", END, order - 1)}, now=NOW)

    assert await storage.cache.get_many(["a"], now=NOW) == {"a": CacheEntry(b"late", END, order)}


async def test_a_copy_that_ended_guards_nothing(storage: Storage) -> None:
    lower = CacheEntry(b"two", END + 60_000, order=1)
    await storage.cache.set_many({"before": ENTRY, "at": ENTRY}, now=NOW)

    await storage.cache.set_many({"before": lower}, now=END - 1)
    await storage.cache.set_many({"at": lower}, now=END)

    assert await storage.cache.get_many(["before", "at"], now=END) == {"at": lower}


async def test_a_copy_is_replaced_when_its_order_is_the_expected_one(storage: Storage) -> None:
    lower = CacheEntry(b"two", END + 1, order=-3)
    await storage.cache.set_many({"a": ENTRY, "b": ENTRY}, now=NOW)

    is_done = await storage.cache.replace("a", lower, expected_order=5, now=NOW)

    assert is_done is True
    assert await storage.cache.get_many(["a", "b"], now=NOW) == {"a": lower, "b": ENTRY}


@pytest.mark.parametrize("expected", [None, 4, 6, 0, -5, 5 + 2**32, 2**63 - 1])
async def test_a_copy_of_another_order_than_expected_stays(storage: Storage, expected: int | None) -> None:
    await storage.cache.set_many({"a": ENTRY}, now=NOW)

    is_done = await storage.cache.replace("a", CacheEntry(b"two", END, 9), expected_order=expected, now=NOW)

    assert is_done is False
    assert await storage.cache.get_many(["a"], now=NOW) == {"a": ENTRY}


@pytest.mark.parametrize("order", [0, -1, 2**53 + 1, 2**63 - 1, -(2**63)])
async def test_expected_orders_are_compared_exactly(storage: Storage, order: int) -> None:
    other = order - 1 if order > 0 else order + 1
    await storage.cache.set_many({"a": CacheEntry(b"", END, order)}, now=NOW)

    refused = await storage.cache.replace("a", ENTRY, expected_order=other, now=NOW)
    done = await storage.cache.replace("a", ENTRY, expected_order=order, now=NOW)

    assert (refused, done) == (False, True)


async def test_where_there_is_none_only_who_expects_none_puts_one(storage: Storage) -> None:
    refused = await storage.cache.replace("a", ENTRY, expected_order=0, now=NOW)
    nothing = await storage.cache.get_many(["a"], now=NOW)

    done = await storage.cache.replace("a", ENTRY, expected_order=None, now=NOW)

    assert (refused, nothing, done) == (False, {}, True)
    assert await storage.cache.get_many(["a"], now=NOW) == {"a": ENTRY}


async def test_a_copy_that_ended_counts_as_none_for_who_replaces(storage: Storage) -> None:
    later = CacheEntry(b"two", END + 60_000, order=1)
    await storage.cache.set_many({"a": ENTRY}, now=NOW)

    before = await storage.cache.replace("a", later, expected_order=None, now=END - 1)
    with_order = await storage.cache.replace("a", later, expected_order=5, now=END)
    without = await storage.cache.replace("a", later, expected_order=None, now=END)

    assert (before, with_order, without) == (False, False, True)
    assert await storage.cache.get_many(["a"], now=END) == {"a": later}


@pytest.mark.parametrize("text", ODD_TEXTS, ids=ODD_NAMES)
async def test_any_key_can_be_replaced_with_any_bytes(storage: Storage, text: str) -> None:
    added, replaced = CacheEntry(text.encode(), END, 1), CacheEntry(b"\x00\xff" + text.encode(), END, 2)

    is_added = await storage.cache.replace(text, added, expected_order=None, now=NOW)
    is_replaced = await storage.cache.replace(text, replaced, expected_order=1, now=NOW)

    assert (is_added, is_replaced) == (True, True)
    assert await storage.cache.get_many([text], now=NOW) == {text: replaced}


async def test_of_twenty_who_add_or_replace_the_same_copy_at_once_one_does(storage: Storage) -> None:
    async def replace(turn: int, expected: int | None) -> bool:
        entry = CacheEntry(b"%d" % turn, END, order=100 + turn)
        return await storage.cache.replace("a", entry, expected_order=expected, now=NOW)

    for expected in (None, 7):
        await storage.cache.delete(["a"])
        if expected is not None:
            await storage.cache.set_many({"a": CacheEntry(b"", END, expected)}, now=NOW)

        done = await asyncio.gather(*(replace(turn, expected) for turn in range(20)))

        assert done.count(True) == 1
        winner = done.index(True)
        kept = await storage.cache.get_many(["a"], now=NOW)
        assert kept == {"a": CacheEntry(b"%d" % winner, END, 100 + winner)}


async def test_twenty_who_count_by_replacing_lose_no_count(storage: Storage) -> None:
    async def count() -> int:
        attempts = 0
        while True:
            attempts += 1
            kept = (await storage.cache.get_many(["a"], now=NOW)).get("a")
            order = 0 if kept is None else kept.order
            entry = CacheEntry(b"%d" % (order + 1), END, order + 1)
            expected = None if kept is None else order
            if await storage.cache.replace("a", entry, expected_order=expected, now=NOW):
                return attempts

    attempts = await asyncio.gather(*(count() for _ in range(20)))

    assert await storage.cache.get_many(["a"], now=NOW) == {"a": CacheEntry(b"20", END, 20)}
    assert max(attempts) <= 20


async def test_a_dropped_copy_guards_nothing(storage: Storage) -> None:
    lower = CacheEntry(b"two", END, order=1)
    await storage.cache.set_many({"a": ENTRY}, now=NOW)

    dropped = await storage.cache.delete(["a"])
    await storage.cache.set_many({"a": lower}, now=NOW)

    assert dropped == 1
    assert await storage.cache.get_many(["a"], now=NOW) == {"a": lower}


async def test_deleting_tells_how_many_there_were(storage: Storage) -> None:
    await storage.cache.set_many({"a": ENTRY, "b": ENTRY, "c": ENTRY}, now=NOW)

    assert await storage.cache.delete(["a", "b", "b", "z"]) == 2
    assert await storage.cache.delete(["a", "b"]) == 0
    assert await storage.cache.get_many(["a", "b", "c"], now=NOW) == {"c": ENTRY}


@pytest.mark.parametrize("sign", ["%", "_", "*", "?", "[", "]", "[a-z]", "\\", "^", "{x}", "\\*", "'", "-"])
async def test_a_prefix_is_text_and_no_pattern(storage: Storage, sign: str) -> None:
    keys = [f"p{sign}", f"p{sign}b", f"p{sign}ab", "pab", "px", "p", f"q{sign}", "Pab"]
    await storage.cache.set_many(dict.fromkeys(keys, ENTRY), now=NOW)

    found = await storage.cache.keys(f"p{sign}", now=NOW, limit=10)

    assert found == [f"p{sign}", f"p{sign}ab", f"p{sign}b"]


async def test_keys_are_sorted_by_code_point_and_upper_case_is_another_letter(storage: Storage) -> None:
    keys = ["b", "B", "a", "ab", "a-b", "é", "z", "\uffff", "🦊", "", "~"]
    await storage.cache.set_many(dict.fromkeys(keys, ENTRY), now=NOW)

    assert await storage.cache.keys("", now=NOW, limit=100) == sorted(keys)
    assert await storage.cache.keys("a", now=NOW, limit=100) == ["a", "a-b", "ab"]


@pytest.mark.parametrize(("limit", "count"), [(0, 0), (1, 1), (29, 29), (30, 30), (31, 30)])
async def test_no_more_keys_are_told_than_asked_for(storage: Storage, limit: int, count: int) -> None:
    keys = [f"k{number:02}" for number in range(30)]
    await storage.cache.set_many(dict.fromkeys([*keys, "other"], ENTRY), now=NOW)

    found = await storage.cache.keys("k", now=NOW, limit=limit)

    assert len(found) == count
    assert found == sorted(set(found) & set(keys))


async def test_a_thousand_copies_in_one_call(storage: Storage) -> None:
    entries = {f"key-{number}": CacheEntry(str(number).encode(), END, number) for number in range(1_000)}

    await storage.cache.set_many(entries, now=NOW)

    assert await storage.cache.get_many(list(entries), now=NOW) == entries
    assert await storage.cache.exists(list(entries), now=NOW) == entries.keys()
    assert await storage.cache.keys("key-", now=NOW, limit=2_000) == sorted(entries)
    assert await storage.cache.delete(list(entries)) == 1_000


async def test_of_twenty_writers_at_once_the_highest_order_stays(storage: Storage) -> None:
    names = [f"shared-{number}" for number in range(10)]
    orders = [7, 3, 19, 0, 12, 5, 16, 1, 18, 9, 2, 14, 6, 11, 4, 17, 8, 13, 10, 15]

    def entries(order: int) -> dict[str, CacheEntry]:
        # Each writer names the keys in an order of its own.
        turned = names[order % 10 :] + names[: order % 10]
        return dict.fromkeys(turned, CacheEntry(b"%d" % order, END, order))

    await asyncio.gather(*(storage.cache.set_many(entries(order), now=NOW) for order in orders))

    assert await storage.cache.get_many(names, now=NOW) == entries(19)


async def test_twenty_who_delete_the_same_copies_count_each_once(storage: Storage) -> None:
    names = [f"shared-{number}" for number in range(10)]
    await storage.cache.set_many(dict.fromkeys(names, ENTRY), now=NOW)

    counts = await asyncio.gather(*(storage.cache.delete(names[turn % 10 :] + names) for turn in range(20)))

    assert sum(counts) == 10
    assert await storage.cache.exists(names, now=NOW) == frozenset()


@pytest.mark.parametrize("turns", [0, 1, 2, 4, 8])
async def test_a_cancelled_put_leaves_whole_copies_and_a_cache_that_works(
    storage: Storage, turns: int
) -> None:
    names = [f"key-{number}" for number in range(50)]
    old, new = CacheEntry(b"old" * 100, END, 1), CacheEntry(b"new" * 100, END, 2)
    await storage.cache.set_many(dict.fromkeys(names, old), now=NOW)

    task = asyncio.create_task(storage.cache.set_many(dict.fromkeys(names, new), now=NOW))
    await take_turns(turns)
    task.cancel()
    await asyncio.wait([task])
    kept = await storage.cache.get_many(names, now=NOW)
    await storage.cache.set_many(dict.fromkeys(names, new), now=NOW)

    assert kept.keys() == set(names)
    assert set(kept.values()) <= {old, new}
    assert await storage.cache.get_many(names, now=NOW) == dict.fromkeys(names, new)
