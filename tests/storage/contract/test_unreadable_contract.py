"""What repositories do with records that this code did not write: of another version of the bytes, or damaged.

Such a record counts as not kept, harms no other, and gives way to any answer; its source is still there.
"""

from dataclasses import replace
from typing import Any

import pytest

from models.catalog import HEROES, CatalogKind
from models.hero_usage import HeroUsage
from models.players import KeptPlayer
from storage import Storage
from storage.items import CATALOG, PLAYERS, catalog_item_key
from tests.storage.made import ID, NOW, OTHER, made_career, made_note, made_player, made_record
from tests.storage.made_catalog import made_kept, made_list

KEY, OTHER_KEY = "en-us", "fr-fr"

unreadable_players = pytest.mark.parametrize(
    "damage",
    [{"profile": b"?"}, {"data_version": 999, "profile": b"?", "career": b"?"}],
    ids=["damaged", "another version"],
)
unreadable_entries = pytest.mark.parametrize(
    "damage", [{"facts": b"?"}, {"data_version": 999, "facts": b"?"}], ids=["damaged", "another version"]
)
# 0 is what a kept page has that is read again, when its record can no longer tell its age.
any_answer = pytest.mark.parametrize(
    ("fetched_at", "kept_at"),
    [(0, NOW), (NOW, NOW), (NOW + 1, NOW + 1)],
    ids=["older", "as old", "newer"],
)


async def spoil(storage: Storage, kind: str, key: str, **parts: Any) -> None:
    """Put other parts into an item that is kept, as other code or a bad disk would."""
    archive = storage.archives[kind]
    item = (await archive.get_many([key]))[key]
    await archive.put_many([replace(item, **parts)])


async def spoil_player(storage: Storage, **parts: Any) -> None:
    await spoil(storage, PLAYERS.name, ID, **parts)


async def spoil_entry(storage: Storage, **parts: Any) -> None:
    await spoil(storage, CATALOG.name, catalog_item_key(HEROES.name, KEY), **parts)


@unreadable_players
async def test_a_player_that_cannot_be_read_counts_as_not_kept_and_its_source_answers(
    storage: Storage, damage: dict[str, Any]
) -> None:
    await storage.players.save(made_player(), ["Ana-1234"])
    other = await storage.players.save(made_player(OTHER), [])

    await spoil_player(storage, **damage)

    assert await storage.players.get_many([ID, "Ana-1234", OTHER]) == {OTHER: KeptPlayer(other)}
    assert await storage.players.get_sources([ID]) == {ID: made_player().source}


async def test_a_player_of_another_version_has_no_career_and_cannot_be_confirmed(storage: Storage) -> None:
    await storage.players.save(made_player(), ["Ana-1234"])
    await storage.players.save(made_player(OTHER), [])
    await spoil_player(storage, data_version=999)

    confirmed = await storage.players.confirm(ID, NOW + 1, ["Ana-5678"])

    assert confirmed is None
    assert await storage.players.get_many(["Ana-5678"]) == {}
    assert await storage.players.get_careers([ID, OTHER]) == {OTHER: made_career()}


async def test_damaged_careers_and_pages_are_left_out_and_harm_no_other(storage: Storage) -> None:
    record = await storage.players.save(made_player(), [])
    await storage.players.save(made_player(OTHER), [])

    await spoil_player(storage, career=b"?", page=b"?")

    assert await storage.players.get_many([ID]) == {ID: KeptPlayer(record)}
    assert await storage.players.get_careers([ID, OTHER]) == {OTHER: made_career()}
    assert await storage.players.get_sources([ID, OTHER]) == {OTHER: made_player().source}


@unreadable_players
async def test_a_note_about_a_player_that_cannot_be_read_is_still_seen(
    storage: Storage, damage: dict[str, Any]
) -> None:
    await storage.players.save(made_player(), ["Ana-1234"])
    await spoil_player(storage, **damage)

    await storage.players.save_unknown(made_note("Ana-1234"), 0)

    assert await storage.players.get_many(["Ana-1234"]) == {"Ana-1234": KeptPlayer(unknown=made_note(ID))}


@unreadable_players
@any_answer
async def test_a_player_that_cannot_be_read_gives_way_to_any_answer(
    storage: Storage, damage: dict[str, Any], fetched_at: int, kept_at: int
) -> None:
    await storage.players.save(made_player(), ["Ana-1234"])
    await spoil_player(storage, **damage)

    record = await storage.players.save(made_player(eliminations=8, fetched_at=fetched_at), [])

    assert record == made_record(made_player(eliminations=8, fetched_at=kept_at), version=2)
    assert await storage.players.get_many(["Ana-1234"]) == {"Ana-1234": KeptPlayer(record)}
    assert await storage.players.get_careers([ID]) == {ID: made_career(8)}


@unreadable_players
async def test_a_player_that_cannot_be_read_keeps_its_version_when_the_facts_are_equal(
    storage: Storage, damage: dict[str, Any]
) -> None:
    await storage.players.save(made_player(battletag="Ana-1234"), [])
    await spoil_player(storage, **damage)

    record = await storage.players.save(made_player(fetched_at=0), [])

    assert record == made_record(made_player(battletag="Ana-1234"), version=1)
    assert await storage.players.get_many([ID]) == {ID: KeptPlayer(record)}


async def test_times_of_a_player_tell_the_first_fetch_the_last_change_and_the_last_fetch(
    storage: Storage,
) -> None:
    await storage.players.save(made_player(eliminations=1), [])
    await storage.players.save(made_player(eliminations=2, fetched_at=NOW + 1), [])
    await storage.players.confirm(ID, NOW + 2, [])

    item = (await storage.archives[PLAYERS.name].get_many([ID]))[ID]

    assert (item.created_at, item.changed_at, item.fetched_at) == (NOW, NOW + 1, NOW + 2)


@unreadable_entries
async def test_an_entry_that_cannot_be_read_counts_as_not_kept_and_its_source_answers(
    storage: Storage, damage: dict[str, Any]
) -> None:
    await storage.catalog.save(HEROES, KEY, made_list(source="<main>kept</main>"))
    other = await storage.catalog.save(HEROES, OTHER_KEY, made_list())

    await spoil_entry(storage, **damage)

    assert await storage.catalog.get_many(HEROES, [KEY, OTHER_KEY]) == {OTHER_KEY: other}
    assert await storage.catalog.get_sources(HEROES, [KEY]) == {KEY: "<main>kept</main>"}


async def test_facts_of_another_shape_count_as_not_kept(storage: Storage) -> None:
    await storage.catalog.save(HEROES, KEY, made_list(source="<main>kept</main>"))
    changed = CatalogKind(HEROES.name, tuple[HeroUsage, ...])

    assert await storage.catalog.get_many(changed, [KEY]) == {}
    assert await storage.catalog.get_sources(changed, [KEY]) == {KEY: "<main>kept</main>"}


async def test_a_damaged_source_is_left_out_and_harms_no_other(storage: Storage) -> None:
    record = await storage.catalog.save(HEROES, KEY, made_list())
    await storage.catalog.save(HEROES, OTHER_KEY, made_list(source="<main>kept</main>"))

    await spoil_entry(storage, source=b"?")

    assert await storage.catalog.get_sources(HEROES, [KEY, OTHER_KEY]) == {OTHER_KEY: "<main>kept</main>"}
    assert await storage.catalog.get_many(HEROES, [KEY]) == {KEY: record}


@unreadable_entries
@any_answer
async def test_an_entry_that_cannot_be_read_gives_way_to_any_answer(
    storage: Storage, damage: dict[str, Any], fetched_at: int, kept_at: int
) -> None:
    await storage.catalog.save(HEROES, KEY, made_list())
    await spoil_entry(storage, **damage)

    record = await storage.catalog.save(
        HEROES, KEY, made_list("Amari", source="<main>new</main>", fetched_at=fetched_at)
    )

    assert record == made_kept(KEY, made_list("Amari", fetched_at=kept_at), version=2)
    assert await storage.catalog.get_many(HEROES, [KEY]) == {KEY: record}
    assert await storage.catalog.get_sources(HEROES, [KEY]) == {KEY: "<main>new</main>"}


@unreadable_entries
async def test_an_entry_that_cannot_be_read_keeps_its_version_when_the_facts_are_equal(
    storage: Storage, damage: dict[str, Any]
) -> None:
    await storage.catalog.save(HEROES, KEY, made_list())
    await spoil_entry(storage, **damage)

    record = await storage.catalog.save(HEROES, KEY, made_list(fetched_at=0))

    assert record == made_kept(KEY, made_list(), version=1)
    assert await storage.catalog.get_many(HEROES, [KEY]) == {KEY: record}


async def test_times_of_an_entry_tell_the_first_fetch_the_last_change_and_the_last_fetch(
    storage: Storage,
) -> None:
    await storage.catalog.save(HEROES, KEY, made_list("Ana"))
    await storage.catalog.save(HEROES, KEY, made_list("Amari", fetched_at=NOW + 1))
    await storage.catalog.save(HEROES, KEY, made_list("Amari", fetched_at=NOW + 2))
    key = catalog_item_key(HEROES.name, KEY)

    item = (await storage.archives[CATALOG.name].get_many([key]))[key]

    assert (item.created_at, item.changed_at, item.fetched_at) == (NOW, NOW + 1, NOW + 2)
