"""Records read through copies: never an older one in the place of a newer, and never a note out of the cache."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from typing import Any

import pytest

from errors import StorageUnavailable
from metrics import Metrics
from models.catalog import HEROES
from models.players import KeptPlayer, PlayerRecord
from storage import CacheEntry
from storage.cached_archives import CachedArchive
from storage.cached_copies import Copies
from storage.sql.archives import sql_archives
from tests.clock import FrozenClock
from tests.storage.copying import SECONDS, Copied, HeldUp, copied
from tests.storage.made import ID, NOW, OTHER, made_career, made_note, made_player, made_record
from tests.storage.made_catalog import made_kept, made_list
from tests.storage.probes import counted, take_turns

TAG, NEW_TAG = "Ana-1234", "Ana-5678"


@pytest.fixture
async def both(tmp_path: Path, clock: FrozenClock, metrics: Metrics) -> AsyncIterator[Copied]:
    async with copied(tmp_path, clock, metrics) as both:
        yield both


async def held_up_while(slow: HeldUp, reading: Awaitable[Any], writing: Awaitable[Any]) -> None:
    """Read, and write between the database's answer and what the reader makes of it."""
    slow.gate.clear()
    slow.has_read.clear()
    reader = asyncio.ensure_future(reading)
    async with asyncio.timeout(10):
        await slow.has_read.wait()
        await writing
        slow.gate.set()
        await reader


def hits_and_misses(metrics: Metrics, repository: str) -> tuple[float, float]:
    return counted(metrics, "cache_hits", repository), counted(metrics, "cache_misses", repository)


async def test_a_copied_record_is_read_without_the_database(both: Copied, metrics: Metrics) -> None:
    record = await both.plain_players.save(made_player(), [TAG])

    first = await both.players.get_many([ID, TAG, "nobody"])
    reads = counted(metrics, "reads", "players")
    second = await both.players.get_many([TAG, ID])

    assert first == second == {ID: KeptPlayer(record), TAG: KeptPlayer(record)}
    assert (reads, counted(metrics, "reads", "players")) == (1, 1)
    assert hits_and_misses(metrics, "players") == (2, 3)


async def test_a_read_of_many_asks_the_cache_once_and_the_database_once(
    both: Copied, metrics: Metrics
) -> None:
    ids = [f"{number}|x" for number in range(200)]
    for player_id in ids[:100]:
        await both.plain_players.save(made_player(player_id), [])
    await both.players.get_many(ids[:50])
    before = [counted(metrics, "reads", name) for name in ("players", "cache")]

    found = await both.players.get_many(ids)

    after = [counted(metrics, "reads", name) for name in ("players", "cache")]
    assert list(map(float.__sub__, after, before)) == [1, 1]
    assert found.keys() == set(ids[:100])


async def test_a_write_renews_the_copies_under_every_id(both: Copied, metrics: Metrics) -> None:
    await both.players.save(made_player(), [TAG])
    await both.players.get_many([ID, TAG])

    record = await both.players.save(made_player(eliminations=8, fetched_at=NOW + 1), [NEW_TAG])
    before = counted(metrics, "reads", "players")
    found = await both.players.get_many([ID, TAG, NEW_TAG])

    assert found == dict.fromkeys([ID, TAG, NEW_TAG], KeptPlayer(record))
    assert counted(metrics, "reads", "players") == before


async def test_a_confirmation_renews_the_copies_under_every_id(both: Copied) -> None:
    await both.players.save(made_player(), [TAG])

    record = await both.players.confirm(ID, NOW + 9, [])

    assert await both.players.get_many([TAG]) == {TAG: KeptPlayer(record)}
    assert record == made_record(made_player(fetched_at=NOW + 9))


async def test_a_slow_reader_puts_no_old_record_back(both: Copied) -> None:
    await both.plain_players.save(made_player(), [TAG])
    slow = HeldUp(both.plain_players)
    later = made_player(eliminations=8, fetched_at=NOW + 1)

    await held_up_while(slow, both.players_of(slow).get_many([ID, TAG]), both.players.save(later, []))

    expected = KeptPlayer(made_record(later, version=2))
    assert await both.players.get_many([ID, TAG]) == {ID: expected, TAG: expected}


async def test_a_slow_reader_puts_no_old_version_of_the_same_moment_back(both: Copied) -> None:
    await both.plain_players.save(made_player(), [])
    slow = HeldUp(both.plain_players)

    await held_up_while(
        slow, both.players_of(slow).get_many([ID]), both.players.save(made_player(eliminations=8), [])
    )

    assert await both.players.get_many([ID]) == {
        ID: KeptPlayer(made_record(made_player(eliminations=8), version=2))
    }


async def test_a_note_is_never_copied_so_a_player_found_is_found_at_once(
    both: Copied, metrics: Metrics
) -> None:
    await both.players.save_unknown(made_note(TAG), 0)
    before = await both.players.get_many([TAG])
    slow = HeldUp(both.plain_players)

    # Fetched before the note was taken: neither time nor version says that the record is the later news.
    found = made_player(fetched_at=NOW - 5)
    await held_up_while(slow, both.players_of(slow).get_many([TAG]), both.players.save(found, [TAG]))

    assert before == {TAG: KeptPlayer(unknown=made_note(TAG))}
    assert await both.players.get_many([TAG]) == {TAG: KeptPlayer(made_record(found))}
    assert hits_and_misses(metrics, "players") == (1, 2)


async def test_a_note_about_a_copied_player_is_seen_under_every_id(both: Copied) -> None:
    record = await both.players.save(made_player(), [TAG, NEW_TAG])
    slow = HeldUp(both.plain_players)
    await both.cache.delete([f"players:{TAG}"])

    await held_up_while(
        slow,
        both.players_of(slow).get_many([TAG]),
        both.players.save_unknown(made_note(NEW_TAG, checked_at=NOW + 1), 0),
    )

    expected = KeptPlayer(record, made_note(ID, checked_at=NOW + 1))
    assert await both.players.get_many([ID, TAG, NEW_TAG]) == dict.fromkeys([ID, TAG, NEW_TAG], expected)


async def test_a_record_with_a_note_is_never_copied_without_it(both: Copied, metrics: Metrics) -> None:
    record = await both.plain_players.save(made_player(), [TAG])
    await both.plain_players.save_unknown(made_note(TAG, checked_at=NOW + 1), 0)

    seen = [await both.players.get_many([TAG]) for _ in range(3)]

    assert seen == [{TAG: KeptPlayer(record, made_note(ID, checked_at=NOW + 1))}] * 3
    assert hits_and_misses(metrics, "players") == (0, 3)


async def test_after_a_note_is_dropped_the_record_is_copied_again(both: Copied, metrics: Metrics) -> None:
    await both.players.save(made_player(), [TAG])
    await both.players.save_unknown(made_note(TAG, checked_at=NOW + 1), 0)

    record = await both.players.confirm(ID, NOW + 2, [TAG])
    before = counted(metrics, "reads", "players")

    assert record is not None
    assert await both.players.get_many([TAG]) == {TAG: KeptPlayer(record)}
    assert counted(metrics, "reads", "players") == before


async def test_an_id_that_moves_to_another_player_leads_there_at_once(both: Copied) -> None:
    await both.plain_players.save(made_player(), [TAG])
    slow = HeldUp(both.plain_players)
    mover = made_player(OTHER, fetched_at=NOW - 5)

    async def copy_and_move() -> None:
        await both.players.get_many([TAG])
        await both.players.save(mover, [TAG])

    await held_up_while(slow, both.players_of(slow).get_many([TAG]), copy_and_move())

    assert await both.players.get_many([TAG, ID]) == {
        TAG: KeptPlayer(made_record(mover)),
        ID: KeptPlayer(made_record(made_player())),
    }
    # And after one more look, for which the answer of the one before was put.
    assert await both.players.get_many([TAG]) == {TAG: KeptPlayer(made_record(mover))}


async def test_pruned_players_are_gone_also_for_a_slow_reader(both: Copied) -> None:
    await both.players.save(made_player(), [TAG])
    await both.players.get_careers([ID])
    await both.cache.delete([f"players:{TAG}"])
    slow = HeldUp(both.plain_players)

    await held_up_while(slow, both.players_of(slow).get_many([TAG]), both.players.prune(NOW + 1, 10))

    assert await both.players.get_many([ID, TAG]) == {}
    assert await both.players.get_careers([ID]) == {}


async def test_pruning_nothing_drops_no_copy(both: Copied, metrics: Metrics) -> None:
    await both.players.save(made_player(), [])
    await both.players.prune(NOW, 10)

    await both.players.get_many([ID])

    assert hits_and_misses(metrics, "players") == (1, 0)


async def test_a_copy_ends_on_time(both: Copied, clock: FrozenClock, metrics: Metrics) -> None:
    await both.players.save(made_player(), [])

    clock.advance(SECONDS - 0.001)
    await both.players.get_many([ID])
    clock.advance(0.001)
    await both.players.get_many([ID])

    assert hits_and_misses(metrics, "players") == (1, 1)


async def test_no_copy_of_before_a_drop_comes_back_when_the_drop_is_forgotten(
    both: Copied, clock: FrozenClock
) -> None:
    await both.players.save(made_player(), [])
    clock.advance(SECONDS - 1)
    await both.plain_players.prune(NOW + 1, 10)

    await both.players.drop_copies()
    seen = []
    for _ in range(4):
        seen.append(await both.players.get_many([ID]))
        clock.advance(SECONDS / 2)

    assert seen == [{}] * 4


@pytest.mark.parametrize(
    "value", [b"", b"\xc1", b"\x94\x02\x01\xc4\x00\xc4\x00", b"\x94\x01\x01\xc4\x00\xc4\x01x", b"\x90"]
)
async def test_a_copy_that_cannot_be_read_counts_as_none_and_is_replaced(
    both: Copied, metrics: Metrics, value: bytes
) -> None:
    record = await both.plain_players.save(made_player(), [])
    await both.cache.set_many({f"players:{ID}": CacheEntry(value, NOW + 60_000)}, now=NOW)

    first = await both.players.get_many([ID])
    second = await both.players.get_many([ID])

    assert first == second == {ID: KeptPlayer(record)}
    assert hits_and_misses(metrics, "players") == (1, 1)


async def test_careers_are_copied_and_renewed_by_a_write(both: Copied, metrics: Metrics) -> None:
    await both.players.save(made_player(), [])
    first = [await both.players.get_careers([ID, OTHER]) for _ in range(2)]

    await both.players.save(made_player(eliminations=8, fetched_at=NOW + 1), [])
    second = [await both.players.get_careers([ID]) for _ in range(2)]

    assert first == [{ID: made_career()}] * 2
    assert second == [{ID: made_career(8)}] * 2
    assert hits_and_misses(metrics, "careers") == (2, 4)


async def test_a_slow_reader_puts_no_old_career_back(both: Copied) -> None:
    await both.plain_players.save(made_player(), [])
    slow = HeldUp(both.plain_players)
    later = made_player(eliminations=8, fetched_at=NOW + 1)

    await held_up_while(slow, both.players_of(slow).get_careers([ID]), both.players.save(later, []))

    assert await both.players.get_careers([ID]) == {ID: made_career(8)}


async def test_sources_are_read_from_the_database(both: Copied) -> None:
    await both.players.save(made_player(), [])

    assert await both.players.get_sources([ID]) == {ID: made_player().source}
    assert await both.cache.keys("sources", now=NOW, limit=9) == []


async def test_the_catalog_is_copied_and_renewed_by_a_write(both: Copied, metrics: Metrics) -> None:
    await both.plain_catalog.save(HEROES, "en-us", made_list())

    first = [await both.catalog.get_many(HEROES, ["en-us", "fr-fr"]) for _ in range(2)]
    await both.catalog.save(HEROES, "en-us", made_list("Hana", fetched_at=NOW + 1))
    second = await both.catalog.get_many(HEROES, ["en-us"])

    assert first == [{"en-us": made_kept("en-us", made_list())}] * 2
    assert second == {"en-us": made_kept("en-us", made_list("Hana", fetched_at=NOW + 1), version=2)}
    assert hits_and_misses(metrics, "catalog") == (2, 3)
    assert counted(metrics, "reads", "catalog") == 2


async def test_a_slow_reader_puts_no_old_entry_back(both: Copied) -> None:
    await both.plain_catalog.save(HEROES, "en-us", made_list())
    slow = HeldUp(both.plain_catalog)
    later = made_list("Hana", fetched_at=NOW + 1)

    await held_up_while(
        slow,
        both.catalog_of(slow).get_many(HEROES, ["en-us"]),
        both.catalog.save(HEROES, "en-us", later),
    )

    assert await both.catalog.get_many(HEROES, ["en-us"]) == {"en-us": made_kept("en-us", later, version=2)}


async def test_what_is_restored_or_cleared_is_read_anew(both: Copied, metrics: Metrics) -> None:
    archive = CachedArchive(sql_archives(both.kept, metrics)["players"], both.players.drop_copies)
    await both.players.save(made_player(), [TAG])
    (item,) = await archive.list(after=None, limit=9)
    await both.players.save(made_player(eliminations=8, fetched_at=NOW + 1), [])

    await archive.put_many([item])
    restored = await both.players.get_many([TAG])
    cleared = await archive.clear(10)

    assert restored == {TAG: KeptPlayer(made_record(made_player()))}
    assert cleared == 1
    assert await both.players.get_many([TAG]) == {}


async def test_without_a_cache_everything_is_read_and_written(both: Copied, metrics: Metrics) -> None:
    both.copies.close()

    record = await both.players.save(made_player(), [TAG])
    entry = await both.catalog.save(HEROES, "en-us", made_list())

    assert await both.players.get_many([TAG]) == {TAG: KeptPlayer(record)}
    assert await both.players.get_careers([ID]) == {ID: made_career()}
    assert await both.catalog.get_many(HEROES, ["en-us"]) == {"en-us": entry}
    assert await both.players.prune(NOW + 1, 9) == 1
    assert counted(metrics, "errors", "cache") > 0


async def test_without_a_database_what_is_copied_is_read_and_the_rest_refused(both: Copied) -> None:
    record = await both.players.save(made_player(), [TAG])
    both.kept.close()

    assert await both.players.get_many([TAG]) == {TAG: KeptPlayer(record)}
    with pytest.raises(StorageUnavailable):
        await both.players.get_many([TAG, "nobody"])
    assert await both.players.get_many([TAG]) == {TAG: KeptPlayer(record)}


async def test_a_write_that_is_done_is_acknowledged_though_its_copies_cannot_be_renewed(
    both: Copied,
) -> None:
    old = await both.players.save(made_player(), [TAG])

    class Leaving(HeldUp):
        async def save(self, *args: Any) -> PlayerRecord:
            record: PlayerRecord = await both.plain_players.save(*args)
            both.kept.close()
            return record

    later = made_player(eliminations=8, fetched_at=NOW + 1)
    record = await both.players_of(Leaving(both.plain_players)).save(later, [])

    assert record == made_record(later, version=2)
    assert await both.players.get_many([TAG]) == {TAG: KeptPlayer(old)}  # an id that this write did not name
    with pytest.raises(StorageUnavailable):
        await both.players.get_many([ID])


async def test_readers_and_writers_at_once_leave_the_copies_as_the_database_is(both: Copied) -> None:
    ids = [ID, TAG, NEW_TAG]

    async def write(number: int) -> None:
        await both.players.save(made_player(eliminations=number % 4, fetched_at=NOW + number), [TAG, NEW_TAG])

    async def read() -> None:
        await both.players.get_many(ids)
        await both.players.get_careers([ID])

    await asyncio.gather(*(task for number in range(20) for task in (read(), write(number), read())))

    assert await both.players.get_many(ids) == await both.plain_players.get_many(ids)
    assert await both.players.get_careers([ID]) == await both.plain_players.get_careers([ID])


@pytest.mark.parametrize("turns", [0, 1, 3, 10, 30, 60, 100, 200])
async def test_a_cancelled_write_leaves_no_copy_that_differs_from_the_database(
    both: Copied, turns: int
) -> None:
    await both.players.save(made_player(), [TAG])
    await both.catalog.save(HEROES, "en-us", made_list())
    later = made_player(eliminations=8, fetched_at=NOW + 1)
    writing = [
        asyncio.create_task(both.players.save(later, [])),
        asyncio.create_task(both.catalog.save(HEROES, "en-us", made_list("Hana", fetched_at=NOW + 1))),
    ]
    await take_turns(turns)

    for task in writing:
        task.cancel()
    await asyncio.wait(writing)

    # The database takes writes in turn: once this one is answered, the cancelled ones are over.
    await both.plain_players.save_unknown(made_note("nobody"), 0)
    assert await both.players.get_many([ID]) == await both.plain_players.get_many([ID])
    assert await both.players.get_careers([ID]) == await both.plain_players.get_careers([ID])
    assert await both.catalog.get_many(HEROES, ["en-us"]) == await both.plain_catalog.get_many(
        HEROES, ["en-us"]
    )


async def test_copies_of_before_a_restore_stay_gone_whatever_a_process_was_told_of_their_time(
    both: Copied, clock: FrozenClock
) -> None:
    await both.plain_players.save(made_player(), [TAG])
    await both.players.get_many([TAG])
    await both.kept.transaction(lambda tx: tx.execute("DELETE FROM players"))
    # Another process, which keeps copies for the tenth of the time, and ends.
    brief: Copies[Any] = Copies("players", both.cache, clock, SECONDS / 10, Metrics())

    await brief.drop_all()
    clock.advance(SECONDS / 2)

    assert await both.players.get_many([TAG]) == {}
