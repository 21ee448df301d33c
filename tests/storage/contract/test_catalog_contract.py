"""What `storage.protocols.Catalog` promises, sentence by sentence, on every backend."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from metrics import Metrics
from models.catalog import HERO, HERO_USAGE, HEROES, PLAYER_SEARCH, ROLES, CatalogKind, CatalogRecord
from models.hero_usage import HeroUsage
from models.heroes import HeroCard
from models.players import SearchRow
from models.roles import RoleCard
from storage import Storage
from tests.storage.made import NOW, made_player
from tests.storage.made_catalog import (
    Cards,
    made_bare_page,
    made_cards,
    made_entry,
    made_kept,
    made_list,
    made_page,
)
from tests.storage.probes import ODD_NAMES, ODD_TEXTS, counted, take_turns

KEY = "en-us"
OTHER_KEY = "fr-fr"
ALIKE: CatalogKind[Cards] = CatalogKind("heroes_alike", tuple[HeroCard, ...])


async def _kept(storage: Storage, *keys: str) -> Mapping[str, CatalogRecord[Cards]]:
    return await storage.catalog.get_many(HEROES, keys)


async def test_nothing_is_kept_at_first(storage: Storage) -> None:
    assert await storage.catalog.get_many(HEROES, [KEY, OTHER_KEY]) == {}
    assert await storage.catalog.get_sources(HEROES, [KEY]) == {}


async def test_no_keys_give_nothing_and_ask_nothing(storage: Storage, metrics: Metrics) -> None:
    before = counted(metrics, "reads", "catalog")

    assert await storage.catalog.get_many(HEROES, []) == {}
    assert await storage.catalog.get_sources(HEROES, []) == {}
    assert counted(metrics, "reads", "catalog") == before


async def test_the_first_save_is_version_one(storage: Storage) -> None:
    entry = made_list()

    record = await storage.catalog.save(HEROES, KEY, entry)

    assert record == CatalogRecord(KEY, made_cards(), version=1, fetched_at=NOW, parser_version=4)
    assert await _kept(storage, KEY) == {KEY: record}
    assert await storage.catalog.get_sources(HEROES, [KEY]) == {KEY: entry.source}


async def test_keys_with_nothing_kept_are_left_out(storage: Storage) -> None:
    record = await storage.catalog.save(HEROES, KEY, made_list())

    assert await _kept(storage, "EN-US", KEY, OTHER_KEY, "") == {KEY: record}
    assert await storage.catalog.get_sources(HEROES, [OTHER_KEY, KEY]) == {KEY: made_list().source}


async def test_equal_facts_keep_the_version_and_move_fetched_at(storage: Storage) -> None:
    await storage.catalog.save(HEROES, KEY, made_list())
    later = made_list(fetched_at=NOW + 1)

    record = await storage.catalog.save(HEROES, KEY, later)

    assert record == made_kept(KEY, later, version=1)
    assert await _kept(storage, KEY) == {KEY: record}


@pytest.mark.parametrize(
    "facts",
    [made_cards("Ana Amari"), made_cards()[:1], made_cards()[::-1], ()],
    ids=["a name", "one less", "another order", "none"],
)
async def test_facts_that_differ_are_the_next_version(storage: Storage, facts: Cards) -> None:
    await storage.catalog.save(HEROES, KEY, made_list())
    later = made_entry(facts, fetched_at=NOW + 1)

    record = await storage.catalog.save(HEROES, KEY, later)

    assert record == made_kept(KEY, later, version=2)
    assert await _kept(storage, KEY) == {KEY: record}


async def test_facts_that_come_back_are_a_version_of_their_own(storage: Storage) -> None:
    await storage.catalog.save(HEROES, KEY, made_list("Ana"))
    await storage.catalog.save(HEROES, KEY, made_list("Amari", fetched_at=NOW + 1))

    record = await storage.catalog.save(HEROES, KEY, made_list("Ana", fetched_at=NOW + 2))

    assert record == made_kept(KEY, made_list("Ana", fetched_at=NOW + 2), version=3)


async def test_a_new_text_with_equal_facts_replaces_the_text(storage: Storage) -> None:
    await storage.catalog.save(HEROES, KEY, made_list())

    record = await storage.catalog.save(
        HEROES, KEY, made_list(source="<main>newer</main>", fetched_at=NOW + 1)
    )

    assert record.version == 1
    assert await storage.catalog.get_sources(HEROES, [KEY]) == {KEY: "<main>newer</main>"}


async def test_an_answer_of_the_same_moment_replaces_the_kept_one(storage: Storage) -> None:
    await storage.catalog.save(HEROES, KEY, made_list())
    same_moment = made_list("Amari", source="<main>other</main>")

    record = await storage.catalog.save(HEROES, KEY, same_moment)

    assert record == made_kept(KEY, same_moment, version=2)
    assert await _kept(storage, KEY) == {KEY: record}
    assert await storage.catalog.get_sources(HEROES, [KEY]) == {KEY: "<main>other</main>"}


@pytest.mark.parametrize("name", ["Ana", "Amari"], ids=["equal facts", "other facts"])
async def test_an_older_answer_changes_nothing(storage: Storage, name: str) -> None:
    kept = await storage.catalog.save(HEROES, KEY, made_list())
    older = replace(
        made_list(name, source="<main>old</main>", fetched_at=NOW - 1),
        parser_version=9,
    )

    record = await storage.catalog.save(HEROES, KEY, older)

    assert record == kept
    assert await _kept(storage, KEY) == {KEY: kept}
    assert await storage.catalog.get_sources(HEROES, [KEY]) == {KEY: made_list().source}


async def test_a_newer_parser_leaves_its_number_and_no_new_version_of_equal_facts(storage: Storage) -> None:
    await storage.catalog.save(HEROES, KEY, made_list())

    record = await storage.catalog.save(HEROES, KEY, replace(made_list(), parser_version=5))

    assert record == replace(made_kept(KEY, made_list()), parser_version=5)
    assert await _kept(storage, KEY) == {KEY: record}


async def test_kinds_do_not_mix(storage: Storage) -> None:
    heroes = await storage.catalog.save(HEROES, KEY, made_list("Ana", source="heroes"))
    alike = await storage.catalog.save(ALIKE, KEY, made_list("Amari", source="alike", fetched_at=NOW - 1))

    assert (heroes.version, alike.version) == (1, 1)
    assert await storage.catalog.get_many(HEROES, [KEY]) == {KEY: heroes}
    assert await storage.catalog.get_many(ALIKE, [KEY]) == {KEY: alike}
    assert await storage.catalog.get_many(ROLES, [KEY]) == {}
    assert await storage.catalog.get_sources(HEROES, [KEY]) == {KEY: "heroes"}
    assert await storage.catalog.get_sources(ALIKE, [KEY]) == {KEY: "alike"}
    assert await storage.catalog.get_sources(ROLES, [KEY]) == {}


async def test_keys_do_not_mix(storage: Storage) -> None:
    first = await storage.catalog.save(HEROES, KEY, made_list("Ana", source="english"))

    second = await storage.catalog.save(HEROES, OTHER_KEY, made_list("Amari", source="french"))

    assert (first.version, second.version) == (1, 1)
    assert await _kept(storage, KEY, OTHER_KEY) == {KEY: first, OTHER_KEY: second}
    assert await storage.catalog.get_sources(HEROES, [KEY, OTHER_KEY]) == {
        KEY: "english",
        OTHER_KEY: "french",
    }


async def test_entries_and_players_do_not_mix(storage: Storage) -> None:
    player = await storage.players.save(made_player(KEY), [])

    assert await _kept(storage, KEY) == {}
    record = await storage.catalog.save(HEROES, KEY, made_list())
    assert await _kept(storage, KEY) == {KEY: record}
    assert (await storage.players.get_many([KEY]))[KEY].record == player


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        (HEROES, made_cards()),
        (HEROES, ()),
        (HERO, made_page()),
        (HERO, made_bare_page()),
        (ROLES, (RoleCard("tank", "Tank", "https://tank.svg", "Stand."), RoleCard("x", "", None, ""))),
        (HERO_USAGE, (HeroUsage("ana", "support", 41.5, 50.0), HeroUsage("hanzo", None, 0.0, 0.1))),
        (
            PLAYER_SEARCH,
            (
                SearchRow("a|1", "Ana#1234", True, NOW, "https://a.png", None, "Bytefixer", '{"a": "é"}'),
                SearchRow("b|2", "Ana#5678", False, 0, None, None, None, "{}"),
            ),
        ),
    ],
    ids=["heroes", "no heroes", "hero", "bare hero", "roles", "usage", "search"],
)
async def test_facts_of_every_kind_come_back_as_they_were(
    storage: Storage, kind: CatalogKind[Any], facts: Any
) -> None:
    entry = made_entry(facts)

    record = await storage.catalog.save(kind, "key", entry)

    assert record == made_kept("key", entry)
    kept = await storage.catalog.get_many(kind, ["key"])
    assert kept == {"key": record}
    assert type(kept["key"].facts) is type(facts)


async def test_rates_keep_their_kind_of_number(storage: Storage) -> None:
    rates: tuple[HeroUsage, ...] = (HeroUsage("ana", None, 50.0, 12.34),)
    await storage.catalog.save(HERO_USAGE, KEY, made_entry(rates))

    (usage,) = (await storage.catalog.get_many(HERO_USAGE, [KEY]))[KEY].facts

    assert [(rate, type(rate)) for rate in (usage.pickrate, usage.winrate)] == [(50.0, float), (12.34, float)]


async def test_a_hundred_keys_are_one_read(storage: Storage, metrics: Metrics) -> None:
    first = await storage.catalog.save(HEROES, KEY, made_list("Ana"))
    second = await storage.catalog.save(HEROES, OTHER_KEY, made_list("Amari"))
    before = counted(metrics, "reads", "catalog")
    asked = [KEY, OTHER_KEY, KEY, *(f"missing-{number}" for number in range(97))]

    kept = await storage.catalog.get_many(HEROES, asked)

    assert len(asked) == 100
    assert kept == {KEY: first, OTHER_KEY: second}
    assert counted(metrics, "reads", "catalog") == before + 1


async def test_sources_of_a_hundred_keys_are_one_read(storage: Storage, metrics: Metrics) -> None:
    await storage.catalog.save(HEROES, KEY, made_list(source="english"))
    await storage.catalog.save(HEROES, OTHER_KEY, made_list(source="french"))
    before = counted(metrics, "reads", "catalog")
    asked = [KEY, OTHER_KEY, KEY, *(f"missing-{number}" for number in range(97))]

    sources = await storage.catalog.get_sources(HEROES, asked)

    assert sources == {KEY: "english", OTHER_KEY: "french"}
    assert counted(metrics, "reads", "catalog") == before + 1


async def test_more_keys_than_one_statement_takes_are_all_answered(storage: Storage) -> None:
    record = await storage.catalog.save(HEROES, KEY, made_list())
    asked = [*(f"missing-{number}" for number in range(33_000)), KEY]

    assert await storage.catalog.get_many(HEROES, asked) == {KEY: record}
    assert await storage.catalog.get_sources(HEROES, asked) == {KEY: made_list().source}


@pytest.mark.parametrize("fetched_at", [NOW - 1, NOW + 1], ids=["an older answer", "a later answer"])
async def test_each_save_is_one_transaction_and_no_read(
    storage: Storage, metrics: Metrics, fetched_at: int
) -> None:
    await storage.catalog.save(HEROES, KEY, made_list())
    reads, writes = counted(metrics, "reads", "catalog"), counted(metrics, "writes", "catalog")

    await storage.catalog.save(HEROES, KEY, made_list("Amari", fetched_at=fetched_at))

    assert counted(metrics, "writes", "catalog") == writes + 1
    assert counted(metrics, "reads", "catalog") == reads
    assert counted(metrics, "writes", "players") == 0


@pytest.mark.parametrize("text", ODD_TEXTS, ids=ODD_NAMES)
async def test_text_is_kept_unchanged(storage: Storage, text: str) -> None:
    entry = made_list(text, source=text)

    record = await storage.catalog.save(HEROES, text, entry)

    assert record == made_kept(text, entry)
    assert await _kept(storage, text) == {text: record}
    assert await storage.catalog.get_sources(HEROES, [text]) == {text: text}


async def test_twenty_writers_of_one_key_lose_no_version(storage: Storage) -> None:
    entries = [made_list(f"Ana {number}", source=f"page {number}") for number in range(20)]

    records = await asyncio.gather(*(storage.catalog.save(HEROES, KEY, entry) for entry in entries))

    assert sorted(record.version for record in records) == list(range(1, 21))
    assert [record.facts for record in records] == [entry.facts for entry in entries]
    last = max(records, key=lambda record: record.version)
    assert await _kept(storage, KEY) == {KEY: last}
    page = last.facts[0].name.replace("Ana", "page")
    assert await storage.catalog.get_sources(HEROES, [KEY]) == {KEY: page}


async def test_of_twenty_writers_the_latest_answer_is_kept(storage: Storage) -> None:
    entries = [made_list(f"Ana {at}", source=f"page {at}", fetched_at=NOW + at * 7 % 20) for at in range(20)]

    records = await asyncio.gather(*(storage.catalog.save(HEROES, KEY, entry) for entry in entries))

    assert [
        record.fetched_at >= entry.fetched_at for record, entry in zip(records, entries, strict=True)
    ] == ([True] * 20)
    latest = max(entries, key=lambda entry: entry.fetched_at)
    kept = (await _kept(storage, KEY))[KEY]
    assert (kept.facts, kept.fetched_at) == (latest.facts, NOW + 19)
    assert kept.version == max(record.version for record in records)
    assert await storage.catalog.get_sources(HEROES, [KEY]) == {KEY: latest.source}


async def test_twenty_writers_of_equal_facts_make_one_version(storage: Storage) -> None:
    entries = [made_list(fetched_at=NOW + number) for number in range(20)]

    records = await asyncio.gather(*(storage.catalog.save(HEROES, KEY, entry) for entry in entries))

    assert {record.version for record in records} == {1}
    assert await _kept(storage, KEY) == {KEY: made_kept(KEY, entries[-1])}


async def test_twenty_writers_of_twenty_keys_keep_all(storage: Storage) -> None:
    entries = {f"key-{number}": made_list(f"Ana {number}", source=str(number)) for number in range(20)}

    records = await asyncio.gather(
        *(storage.catalog.save(HEROES, key, entry) for key, entry in entries.items())
    )

    assert await _kept(storage, *entries) == dict(zip(entries, records, strict=True))
    assert {record.version for record in records} == {1}
    sources = await storage.catalog.get_sources(HEROES, entries)
    assert sources == {key: entry.source for key, entry in entries.items()}


@pytest.mark.parametrize("turns", [0, 1, 2, 3, 5, 8, 13, 30, 100, 1000])
async def test_a_cancelled_save_happens_whole_or_not_at_all(storage: Storage, turns: int) -> None:
    await storage.catalog.save(HEROES, KEY, made_list("Ana", source="old"))
    saving = asyncio.create_task(
        storage.catalog.save(HEROES, KEY, made_list("Amari", source="new", fetched_at=NOW + 1))
    )
    await take_turns(turns)

    saving.cancel()
    await asyncio.wait([saving])

    # Storage takes writes in turn: once this one is answered, the cancelled one is over.
    await storage.catalog.save(HEROES, OTHER_KEY, made_list())
    kept = (await _kept(storage, KEY))[KEY]
    sources = await storage.catalog.get_sources(HEROES, [KEY])
    assert (kept.facts[0].name, kept.version, kept.fetched_at, sources[KEY]) in {
        ("Ana", 1, NOW, "old"),
        ("Amari", 2, NOW + 1, "new"),
    }


async def test_a_cancelled_read_harms_no_other(storage: Storage) -> None:
    record = await storage.catalog.save(HEROES, KEY, made_list())
    reads = [asyncio.create_task(storage.catalog.get_many(HEROES, [KEY])) for _ in range(20)]
    await take_turns(2)

    cancelled = [read.cancel() for read in reads[::2]]
    answers = await asyncio.gather(*reads[1::2])
    # A call is over when its task is: a cancelled one first leaves its connection fit for the next.
    await asyncio.wait(reads)

    assert cancelled == [True] * 10
    assert answers == [{KEY: record}] * 10
