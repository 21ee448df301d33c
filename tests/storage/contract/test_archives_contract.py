"""What every backend promises of its archives: whole items in, the same whole items out, and a still picture."""

import asyncio
from dataclasses import replace
from math import ceil

import pytest

from models.catalog import HEROES
from models.players import KeptPlayer
from models.storage import AgePercentiles, KindStatistics
from storage import Storage, codec
from storage.items import CatalogItem, PlayerItem, UnknownPlayerItem
from tests.storage.made import ID, NOW, OTHER, made_career, made_note, made_player, made_record
from tests.storage.made_catalog import made_kept, made_list
from tests.storage.made_items import (
    KINDS,
    every_item,
    fill_store,
    items_of,
    made_catalog_item,
    made_item,
    made_player_item,
    made_unknown_item,
    put_items,
)
from tests.storage.probes import ODD_NAMES, ODD_TEXTS


async def test_the_kinds_are_parents_before_children(storage: Storage) -> None:
    async with storage.snapshot() as snapshot:
        of_snapshot = list(snapshot)

    assert list(storage.archives) == of_snapshot == [*KINDS]
    assert [archive.kind.name for archive in storage.archives.values()] == [*KINDS]


async def test_a_saved_player_comes_out_whole(storage: Storage) -> None:
    player = made_player(battletag="Ana-1234")
    await storage.players.save(player, ["Ana-1234", "Ana#1234"])
    await storage.players.confirm(ID, NOW + 5_000, ["Zed-1"])

    (item,) = await storage.archives["players"].list(after=None, limit=10)

    encoded = codec.encode_player(player)
    assert item == PlayerItem(
        key=ID,
        battletag="Ana-1234",
        version=1,
        facts_hash=encoded.facts_hash,
        parser_version=4,
        data_version=codec.DATA_VERSION,
        fetched_at=NOW + 5_000,
        created_at=NOW,
        changed_at=NOW,
        profile=encoded.profile,
        career=encoded.career,
        search_row='{"name": "Ana"}',
        page=encoded.page,
        player_ids=("Ana#1234", "Ana-1234", "Zed-1", ID),
    )


async def test_a_saved_note_comes_out_whole(storage: Storage) -> None:
    await storage.players.save_unknown(made_note("Nobody-1000", check_count=3), 0)

    items = await storage.archives["unknown_players"].list(after=None, limit=10)

    assert list(items) == [UnknownPlayerItem("Nobody-1000", 3, NOW, NOW + 600_000)]


async def test_a_saved_entry_comes_out_whole(storage: Storage) -> None:
    await storage.catalog.save(HEROES, "en-us", made_list())
    await storage.catalog.save(HEROES, "en-us", made_list("Ana!", fetched_at=NOW + 1_000))

    items = await storage.archives["catalog"].list(after=None, limit=10)

    encoded = codec.encode_entry(made_list("Ana!"))
    assert list(items) == [
        CatalogItem(
            key="heroes/en-us",
            version=2,
            facts_hash=encoded.facts_hash,
            parser_version=4,
            data_version=codec.CATALOG_DATA_VERSION,
            fetched_at=NOW + 1_000,
            created_at=NOW,
            changed_at=NOW + 1_000,
            facts=encoded.facts,
            source=encoded.source,
        )
    ]


async def test_a_put_player_is_found_as_a_saved_one(storage: Storage) -> None:
    await storage.archives["players"].put_many([made_player_item(ID, "Ana-1234")])

    kept = await storage.players.get_many([ID, "Ana-1234"])

    record = made_record(made_player(), version=3, battletag="Ana-1234")
    assert kept == {ID: KeptPlayer(record), "Ana-1234": KeptPlayer(record)}
    assert await storage.players.get_careers([ID]) == {ID: made_career()}
    assert (await storage.players.get_sources([ID]))[ID].search_row == '{"name": "Ana"}'


async def test_a_put_note_and_a_put_entry_are_found_as_saved_ones(storage: Storage) -> None:
    await storage.archives["unknown_players"].put_many([made_unknown_item("Nobody-1000", 2)])
    await storage.archives["catalog"].put_many([made_catalog_item()])

    unknown = (await storage.players.get_many(["Nobody-1000"]))["Nobody-1000"].unknown
    kept = await storage.catalog.get_many(HEROES, ["en-us"])

    assert unknown is not None
    assert (unknown.player_id, unknown.check_count, unknown.retry_at) == ("Nobody-1000", 2, NOW + 600_000)
    assert kept == {"en-us": made_kept("en-us", made_list(), version=3)}


async def test_putting_replaces_a_whole_player_also_by_an_older_one(storage: Storage) -> None:
    players = storage.archives["players"]
    await players.put_many([made_player_item(ID, "Ana-1234", "Old-1", eliminations=9, version=8)])
    older = made_player_item(ID, "Ana-1234", fetched_at=NOW - 10_000, version=2)

    await players.put_many([older])

    assert await items_of(players) == {ID: older}
    assert await storage.players.get_many(["Old-1"]) == {}


async def test_putting_replaces_notes_and_entries(storage: Storage) -> None:
    note, entry = made_unknown_item(check_count=1), made_catalog_item(name="Zed", version=1, fetched_at=5)
    await storage.archives["unknown_players"].put_many([made_unknown_item(check_count=9)])
    await storage.archives["catalog"].put_many([made_catalog_item()])

    await storage.archives["unknown_players"].put_many([note])
    await storage.archives["catalog"].put_many([entry])

    assert await items_of(storage.archives["unknown_players"]) == {note.key: note}
    assert await items_of(storage.archives["catalog"]) == {entry.key: entry}


async def test_an_alias_belongs_to_the_player_put_last(storage: Storage) -> None:
    players = storage.archives["players"]
    await players.put_many([made_player_item(ID, "Ana-1234", "Mine-1")])

    await players.put_many([made_player_item(OTHER, "Ana-1234")])

    found = await items_of(players)
    assert {key: item.player_ids for key, item in found.items() if isinstance(item, PlayerItem)} == {
        ID: ("Mine-1", ID),
        OTHER: ("Ana-1234", OTHER),
    }
    kept = await storage.players.get_many(["Ana-1234", "Mine-1"])
    assert {key: each.record and each.record.blizzard_id for key, each in kept.items()} == {
        "Ana-1234": OTHER,
        "Mine-1": ID,
    }


async def test_what_is_absent_stays_absent(storage: Storage) -> None:
    bare = replace(made_player_item(ID), battletag=None, search_row=None)

    await storage.archives["players"].put_many([bare])

    assert await items_of(storage.archives["players"]) == {ID: bare}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ODD_TEXTS, ids=ODD_NAMES)
async def test_odd_keys_are_kept_as_they_are(storage: Storage, kind: str, text: str) -> None:
    # An index entry has its limits: no key of ours is near them.
    item, archive = made_item(kind, text[:500]), storage.archives[kind]

    await put_items(storage.archives, kind, [item, made_item(kind, "plain")])

    assert (await items_of(archive, limit=1))[item.key] == item
    assert await archive.get_many([item.key]) == {item.key: item}


@pytest.mark.parametrize("text", ODD_TEXTS, ids=ODD_NAMES)
async def test_odd_text_is_kept_as_it_is(storage: Storage, text: str) -> None:
    odd = replace(
        made_player_item(ID), battletag=text, search_row=text, profile=text.encode(), page=bytes(range(256))
    )

    await storage.archives["players"].put_many([odd])

    assert await items_of(storage.archives["players"]) == {ID: odd}


@pytest.mark.parametrize("kind", KINDS)
async def test_pages_have_every_item_once(storage: Storage, kind: str) -> None:
    archive = storage.archives[kind]
    items = {
        item.key: item for item in (made_item(kind, f"Ünit-{number}|{number:x}") for number in range(23))
    }
    await put_items(storage.archives, kind, list(items.values()))

    sizes = [len(await archive.list(after=None, limit=limit)) for limit in (1, 22, 23, 24)]

    assert sizes == [1, 22, 23, 23]
    assert await items_of(archive, limit=5) == items
    assert await archive.count() == 23


@pytest.mark.parametrize("kind", KINDS)
async def test_an_item_is_met_once_while_others_come_and_go(storage: Storage, kind: str) -> None:
    archive = storage.archives[kind]
    first = [made_item(kind, f"{number:02}") for number in range(20)]
    await put_items(storage.archives, kind, first)
    met: list[str] = []
    after = None

    while page := await archive.list(after=after, limit=3):
        met += [item.key for item in page]
        after = page[-1].key
        await put_items(storage.archives, kind, [made_item(kind, f"{len(met):02}-new"), first[0]])

    assert {key for key in met if met.count(key) > 1} == set()
    assert {item.key for item in first} <= set(met)


@pytest.mark.parametrize("kind", KINDS)
async def test_keys_without_an_item_are_left_out(storage: Storage, kind: str) -> None:
    archive, item = storage.archives[kind], made_item(kind, "here")
    await put_items(storage.archives, kind, [item])

    found = await archive.get_many([item.key, made_item(kind, "away").key, item.key])

    assert found == {item.key: item}
    assert await archive.get_many([]) == {}


@pytest.mark.parametrize("kind", KINDS)
async def test_clearing_takes_no_more_than_asked_for(storage: Storage, kind: str) -> None:
    archive = storage.archives[kind]
    await put_items(storage.archives, kind, [made_item(kind, str(number)) for number in range(7)])

    gone = [await archive.clear(3) for _ in range(4)]

    assert gone == [3, 3, 1, 0]
    assert await archive.count() == 0


async def test_a_cleared_player_leaves_nothing_behind(storage: Storage) -> None:
    await storage.players.save(made_player(), ["Ana-1234"])

    await storage.archives["players"].clear(1)

    assert await storage.players.get_many([ID, "Ana-1234"]) == {}
    assert await storage.players.get_careers([ID]) == {}
    assert (await storage.players.save(made_player(), [])).version == 1
    assert await storage.players.get_many(["Ana-1234"]) == {}


async def test_putting_nothing_changes_nothing(storage: Storage) -> None:
    for archive in storage.archives.values():
        await archive.put_many([])

    assert await every_item(storage.archives) == {kind: {} for kind in KINDS}


async def test_nothing_kept_has_no_ages(storage: Storage) -> None:
    found = [await archive.statistics(NOW) for archive in storage.archives.values()]

    assert found == [KindStatistics(kind, 0, 0, None) for kind in KINDS]


@pytest.mark.parametrize("count", [1, 2, 3, 10, 11, 99, 100, 101])
async def test_statistics_are_exact(storage: Storage, count: int) -> None:
    # The ages are 1 to `count` seconds, kept in an order that is not theirs.
    ages = [1 + number * 7 % count for number in range(count)] if count % 7 else list(range(1, count + 1))
    players = [made_player_item(f"{age}|{age}", fetched_at=NOW - 1000 * age) for age in ages]
    entries = [made_catalog_item(f"heroes/{age}", fetched_at=NOW - 1000 * age) for age in ages]
    await storage.archives["players"].put_many(players)
    await storage.archives["catalog"].put_many(entries)
    await storage.archives["unknown_players"].put_many([made_unknown_item(str(age)) for age in ages])

    found = [await archive.statistics(NOW) for archive in storage.archives.values()]

    percentiles = AgePercentiles(*(float(ceil(count * part / 100)) for part in (50, 90, 99)))
    assert sorted(ages) == list(range(1, count + 1))
    assert found == [
        KindStatistics(
            "players",
            count,
            sum(len(item.profile) + len(item.career) + len(item.page) for item in players),
            percentiles,
        ),
        KindStatistics("player_history", 0, 0, None),
        KindStatistics("unknown_players", count, 0, None),
        KindStatistics(
            "catalog", count, sum(len(item.facts) + len(item.source) for item in entries), percentiles
        ),
        KindStatistics("conversations", 0, 0, None),
        KindStatistics("messages", 0, 0, None),
    ]


async def test_statistics_follow_every_change(storage: Storage) -> None:
    players = storage.archives["players"]
    await players.put_many([made_player_item(ID), made_player_item(OTHER, eliminations=123_456)])
    await players.put_many([made_player_item(ID, eliminations=9_876_543)])
    await storage.players.save(made_player(OTHER, fetched_at=NOW + 1), [])
    await storage.players.save(made_player("9|9", fetched_at=NOW - 50_000), [])
    await storage.players.prune(NOW - 40_000, 10)

    found = await players.statistics(NOW)

    items = (await items_of(players)).values()
    size = sum(len(i.profile) + len(i.career) + len(i.page) for i in items if isinstance(i, PlayerItem))
    assert found == KindStatistics("players", 2, size, AgePercentiles(-0.001, 0.0, 0.0))


async def test_a_snapshot_stays_as_it_was_while_others_write(storage: Storage) -> None:
    await fill_store(storage, 12)
    before = await every_item(storage.archives)
    async with storage.snapshot() as snapshot:
        first = await items_of(snapshot["players"], limit=5)
        await storage.players.save(made_player("new|1"), ["P1-1000"])
        await storage.archives["players"].put_many([made_player_item("0|0", eliminations=99)])
        await storage.archives["unknown_players"].clear(1)
        await storage.archives["catalog"].clear(3)
        await storage.catalog.save(HEROES, "xx-xx", made_list())

        after = await every_item(snapshot, limit=5)
        counts = {kind: await reader.count() for kind, reader in snapshot.items()}
        found = await snapshot["players"].get_many(["0|0", "new|1"])

    assert first == before["players"]
    assert after == before
    assert counts == {kind: len(items) for kind, items in before.items()}
    assert found == {"0|0": before["players"]["0|0"]}
    assert (await storage.archives["players"].count()) == 13


async def test_two_snapshots_are_each_of_their_moment(storage: Storage) -> None:
    async with storage.snapshot() as early:
        await storage.players.save(made_player(), [])
        async with storage.snapshot() as late:
            counts = [await snapshot["players"].count() for snapshot in (early, late)]

    assert counts == [0, 1]


async def test_a_snapshot_that_failed_leaves_nothing_open(storage: Storage) -> None:
    async def fail() -> None:
        async with storage.snapshot() as snapshot:
            await snapshot["players"].count()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()

    assert storage.connections_in_use() == 0


async def test_a_snapshot_under_writes_has_every_player_whole(storage: Storage) -> None:
    await fill_store(storage, 20)
    is_over = False

    async def write() -> None:
        number = 0
        while not is_over:
            number += 1
            await storage.players.save(made_player("5|5", eliminations=number, fetched_at=NOW + number), [])

    writer = asyncio.create_task(write())
    found = []
    for _ in range(5):
        async with storage.snapshot() as snapshot:
            found.append((await items_of(snapshot["players"], limit=7))["5|5"])
    is_over = True
    await writer

    for item in found:
        assert isinstance(item, PlayerItem)
        assert codec.hash_kept(item.profile, item.career) == item.facts_hash
        assert item.player_ids == ("5|5", "P5#1000", "P5-1000")


async def test_twenty_writers_at_once_lose_nothing(storage: Storage) -> None:
    items = [made_player_item(f"{number}|0", f"P-{number}", "Shared-1") for number in range(20)]

    await asyncio.gather(*(storage.archives["players"].put_many([item]) for item in items))

    found = await items_of(storage.archives["players"])
    assert found.keys() == {item.key for item in items}
    owners = [
        item.key for item in found.values() if isinstance(item, PlayerItem) and "Shared-1" in item.player_ids
    ]
    assert len(owners) == 1


async def test_a_sound_store_has_nothing_to_tell(storage: Storage) -> None:
    await fill_store(storage, 10)
    await storage.players.prune(NOW + 3, 100)

    assert list(await storage.check()) == []
