"""The archives of SQL databases: portable statements, few of them, and damage that constraints do not forbid."""

from metrics import Metrics
from storage.sql.archives import check_sql, sql_archives, sql_snapshot
from storage.sql.database import foreign_words
from storage.sql.sqlite import SqliteDatabase
from tests.storage.made_items import made_item, put_items
from tests.storage.test_portable_sql import Recorder


async def test_every_statement_of_the_archives_is_portable(tables: SqliteDatabase, metrics: Metrics) -> None:
    recorder = Recorder(tables)
    archives = sql_archives(recorder, metrics)
    for kind, archive in archives.items():
        item = made_item(kind, "a")
        await put_items(archives, kind, [item, made_item(kind, "b")])
        await archive.count()
        await archive.list(after=None, limit=1)
        await archive.list(after=item.key, limit=1)
        await archive.get_many([item.key])
        await archive.statistics(0)
        await archive.clear(1)
    await check_sql(recorder)

    assert len(set(recorder.statements)) == 61
    assert [word for sql in recorder.statements for word in foreign_words(sql)] == []


async def test_a_page_is_one_statement_however_many_items_it_has(
    tables: SqliteDatabase, metrics: Metrics
) -> None:
    recorder = Recorder(tables)
    archives = sql_archives(recorder, metrics)
    for kind, archive in archives.items():
        await archive.put_many([made_item(kind, str(number)) for number in range(50)])
    recorder.statements.clear()

    sizes = [len(await archive.list(after=None, limit=50)) for archive in archives.values()]

    assert sizes == [50] * 6
    assert len(recorder.statements) == 6


async def test_a_thousand_items_are_put_at_once(tables: SqliteDatabase, metrics: Metrics) -> None:
    archives = sql_archives(tables, metrics)
    for kind, archive in archives.items():
        items = {item.key: item for item in (made_item(kind, f"{number:04}") for number in range(1001))}
        await put_items(archives, kind, list(items.values()))

        assert await archive.count() == 1001
        assert await archive.get_many(items) == items


async def test_the_later_of_two_items_of_a_key_is_kept(tables: SqliteDatabase, metrics: Metrics) -> None:
    archives = sql_archives(tables, metrics)
    for kind, archive in archives.items():
        first, second = made_item(kind, "a"), made_item(kind, "b")

        await put_items(archives, kind, [first, second, first])

        assert await archive.get_many([first.key, second.key]) == {first.key: first, second.key: second}


async def test_a_snapshot_is_counted_as_a_connection_until_its_end(tables: SqliteDatabase) -> None:
    before = tables.connections_in_use
    async with sql_snapshot(tables):
        during = tables.connections_in_use

    assert (before, during, tables.connections_in_use) == (0, 1, 0)
