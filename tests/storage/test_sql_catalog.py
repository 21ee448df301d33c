"""The catalog in an SQL database: calls that are refused are counted and change nothing."""

from pathlib import Path

import pytest

from errors import StorageUnavailable
from metrics import Metrics
from models.catalog import HEROES
from storage.sql.catalog import SqlCatalog
from storage.sql.sqlite import SqliteDatabase, open_sqlite
from tests.clock import FrozenClock
from tests.storage.made import NOW
from tests.storage.made_catalog import made_list
from tests.storage.probes import counted

KEY = "en-us"


@pytest.fixture
def catalog(tables: SqliteDatabase, metrics: Metrics) -> SqlCatalog:
    return SqlCatalog(tables, metrics)


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
