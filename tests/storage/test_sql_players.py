"""Players in an SQL database: refused calls are counted, and reads wait for no write."""

import asyncio

import pytest

from errors import StorageUnavailable
from metrics import Metrics
from models.players import KeptPlayer
from storage.sql.players import SqlPlayers
from storage.sql.sqlite import SqliteDatabase
from tests.storage.made import ID, made_player


@pytest.fixture
def players(tables: SqliteDatabase, metrics: Metrics) -> SqlPlayers:
    return SqlPlayers(tables, metrics)


async def test_a_refused_call_is_counted(
    players: SqlPlayers, tables: SqliteDatabase, metrics: Metrics
) -> None:
    async with tables._reader():
        with pytest.raises(StorageUnavailable):
            await players.get_many([ID])

    assert metrics.registry.get_sample_value("playgraph_storage_errors_total", {"repository": "players"}) == 1


async def test_reads_wait_for_no_write(players: SqlPlayers, tables: SqliteDatabase) -> None:
    record = await players.save(made_player(), [])
    gate = asyncio.Event()
    writing = asyncio.create_task(tables.transaction(lambda tx: gate.wait()))
    await asyncio.sleep(0)

    kept = await players.get_many([ID])
    is_writing = not writing.done()
    gate.set()
    await writing

    assert kept == {ID: KeptPlayer(record)}
    assert is_writing
