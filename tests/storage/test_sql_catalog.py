"""Entries of the catalog that this code did not write: of another version of the bytes, or damaged."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from errors import StorageUnavailable
from metrics import Metrics
from models.catalog import HEROES, CatalogKind
from models.hero_usage import HeroUsage
from storage.sql.catalog import SqlCatalog
from storage.sql.database import Value
from storage.sql.sqlite import SqliteDatabase, open_sqlite
from tests.clock import FrozenClock
from tests.storage.made import NOW
from tests.storage.made_catalog import made_kept, made_list
from tests.storage.probes import counted

KEY = "en-us"
OTHER_KEY = "fr-fr"
OTHER_VERSION = "UPDATE catalog SET data_version = 999 WHERE key = $1"
DAMAGED = "UPDATE catalog SET facts = CAST('?' AS BYTEA) WHERE key = $1"
DAMAGED_SOURCE = "UPDATE catalog_sources SET source = CAST('?' AS BYTEA) WHERE key = $1"
STAMPS = "SELECT created_at, changed_at, fetched_at FROM catalog WHERE kind = $1 AND key = $2"


@pytest.fixture
def catalog(tables: SqliteDatabase, metrics: Metrics) -> SqlCatalog:
    return SqlCatalog(tables, metrics)


async def change(tables: SqliteDatabase, sql: str, *values: Value) -> None:
    await tables.transaction(lambda tx: tx.execute(sql, *(values or (KEY,))))


async def stamps(tables: SqliteDatabase) -> list[Sequence[int]]:
    rows = await tables.fetch(STAMPS, HEROES.name, KEY)
    return [(row["created_at"], row["changed_at"], row["fetched_at"]) for row in rows]


@pytest.mark.parametrize("damage", [OTHER_VERSION, DAMAGED], ids=["another version", "damaged"])
async def test_an_entry_that_cannot_be_read_counts_as_not_kept_and_its_source_answers(
    catalog: SqlCatalog, tables: SqliteDatabase, damage: str
) -> None:
    await catalog.save(HEROES, KEY, made_list(source="<main>kept</main>"))
    other = await catalog.save(HEROES, OTHER_KEY, made_list())

    await change(tables, damage)

    assert await catalog.get_many(HEROES, [KEY, OTHER_KEY]) == {OTHER_KEY: other}
    assert await catalog.get_sources(HEROES, [KEY]) == {KEY: "<main>kept</main>"}


async def test_facts_of_another_shape_count_as_not_kept(catalog: SqlCatalog) -> None:
    await catalog.save(HEROES, KEY, made_list(source="<main>kept</main>"))
    changed = CatalogKind(HEROES.name, tuple[HeroUsage, ...])

    assert await catalog.get_many(changed, [KEY]) == {}
    assert await catalog.get_sources(changed, [KEY]) == {KEY: "<main>kept</main>"}


async def test_a_damaged_source_is_left_out_and_harms_no_other(
    catalog: SqlCatalog, tables: SqliteDatabase
) -> None:
    record = await catalog.save(HEROES, KEY, made_list())
    await catalog.save(HEROES, OTHER_KEY, made_list(source="<main>kept</main>"))

    await change(tables, DAMAGED_SOURCE)

    assert await catalog.get_sources(HEROES, [KEY, OTHER_KEY]) == {OTHER_KEY: "<main>kept</main>"}
    assert await catalog.get_many(HEROES, [KEY]) == {KEY: record}


@pytest.mark.parametrize("damage", [OTHER_VERSION, DAMAGED], ids=["another version", "damaged"])
@pytest.mark.parametrize(
    ("fetched_at", "kept_at"), [(0, NOW), (NOW - 1, NOW), (NOW, NOW), (NOW + 1, NOW + 1)]
)
async def test_an_entry_that_cannot_be_read_gives_way_to_any_answer(
    catalog: SqlCatalog, tables: SqliteDatabase, damage: str, fetched_at: int, kept_at: int
) -> None:
    await catalog.save(HEROES, KEY, made_list())
    await change(tables, damage)

    record = await catalog.save(
        HEROES, KEY, made_list("Amari", source="<main>new</main>", fetched_at=fetched_at)
    )

    assert record == made_kept(KEY, made_list("Amari", fetched_at=kept_at), version=2)
    assert await catalog.get_many(HEROES, [KEY]) == {KEY: record}
    assert await catalog.get_sources(HEROES, [KEY]) == {KEY: "<main>new</main>"}


async def test_a_damaged_entry_with_equal_facts_keeps_its_version(
    catalog: SqlCatalog, tables: SqliteDatabase
) -> None:
    await catalog.save(HEROES, KEY, made_list())
    await change(tables, DAMAGED)

    record = await catalog.save(HEROES, KEY, made_list())

    assert record == made_kept(KEY, made_list(), version=1)
    assert await catalog.get_many(HEROES, [KEY]) == {KEY: record}


async def test_times_tell_the_first_fetch_the_last_change_and_the_last_fetch(
    catalog: SqlCatalog, tables: SqliteDatabase
) -> None:
    await catalog.save(HEROES, KEY, made_list("Ana"))
    await catalog.save(HEROES, KEY, made_list("Amari", fetched_at=NOW + 1))
    await catalog.save(HEROES, KEY, made_list("Amari", fetched_at=NOW + 2))

    assert await stamps(tables) == [(NOW, NOW + 1, NOW + 2)]


async def test_a_refused_read_is_counted(
    catalog: SqlCatalog, tables: SqliteDatabase, metrics: Metrics
) -> None:
    async with tables._reader():
        with pytest.raises(StorageUnavailable):
            await catalog.get_many(HEROES, [KEY])

    assert (counted(metrics, "reads", "catalog"), counted(metrics, "errors", "catalog")) == (1, 1)
    assert counted(metrics, "errors", "players") == 0


async def test_a_refused_save_is_counted_and_changes_nothing(
    catalog: SqlCatalog, tables: SqliteDatabase, tmp_path: Path, clock: FrozenClock
) -> None:
    record = await catalog.save(HEROES, KEY, made_list(source="<main>kept</main>"))
    metrics = Metrics()

    async with open_sqlite(tmp_path / "tables.db", clock, readers=1, read_only=True) as reading:
        with pytest.raises(StorageUnavailable):
            await SqlCatalog(reading, metrics).save(HEROES, KEY, made_list("Amari", fetched_at=NOW + 1))

    assert (counted(metrics, "writes", "catalog"), counted(metrics, "errors", "catalog")) == (1, 1)
    assert await catalog.get_many(HEROES, [KEY]) == {KEY: record}
    assert await catalog.get_sources(HEROES, [KEY]) == {KEY: "<main>kept</main>"}
