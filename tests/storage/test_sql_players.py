"""Records that this code did not write: of another data version, or damaged."""

import asyncio

import pytest

from errors import StorageUnavailable
from metrics import Metrics
from models.players import KeptPlayer
from storage.sql.players import SqlPlayers
from storage.sql.sqlite import SqliteDatabase
from tests.storage.made import ID, NOW, OTHER, made_career, made_note, made_player, made_record


@pytest.fixture
def players(tables: SqliteDatabase, metrics: Metrics) -> SqlPlayers:
    return SqlPlayers(tables, metrics)


async def change(tables: SqliteDatabase, sql: str) -> None:
    await tables.transaction(lambda tx: tx.execute(sql, ID))


OTHER_VERSION = "UPDATE players SET data_version = 999, profile = CAST('?' AS BYTEA) WHERE blizzard_id = $1"


async def test_a_record_of_another_data_version_counts_as_not_kept(
    players: SqlPlayers, tables: SqliteDatabase
) -> None:
    await players.save(made_player(), ["Ana-1234"])
    other = await players.save(made_player(OTHER), [])

    await change(tables, OTHER_VERSION)

    assert await players.get_many([ID, "Ana-1234", OTHER]) == {OTHER: KeptPlayer(other)}
    assert await players.get_careers([ID, OTHER]) == {OTHER: made_career()}
    assert await players.confirm(ID, NOW + 1, ["Ana-5678"]) is None
    assert await players.get_sources([ID]) == {ID: made_player().source}


async def test_a_note_about_a_record_of_another_data_version_is_still_seen(
    players: SqlPlayers, tables: SqliteDatabase
) -> None:
    await players.save(made_player(), ["Ana-1234"])
    await change(tables, OTHER_VERSION)

    await players.save_unknown(made_note("Ana-1234"), 0)

    assert await players.get_many(["Ana-1234"]) == {"Ana-1234": KeptPlayer(unknown=made_note(ID))}


@pytest.mark.parametrize(("fetched_at", "kept_at"), [(0, NOW), (NOW, NOW), (NOW + 1, NOW + 1)])
async def test_a_record_of_another_data_version_gives_way_to_any_answer(
    players: SqlPlayers, tables: SqliteDatabase, fetched_at: int, kept_at: int
) -> None:
    await players.save(made_player(), ["Ana-1234"])
    await change(tables, OTHER_VERSION)

    record = await players.save(made_player(fetched_at=fetched_at), [])

    assert record == made_record(made_player(fetched_at=kept_at), version=1)
    assert await players.get_many(["Ana-1234"]) == {"Ana-1234": KeptPlayer(record)}
    assert await players.get_careers([ID]) == {ID: made_career()}


async def test_a_damaged_record_harms_no_other(players: SqlPlayers, tables: SqliteDatabase) -> None:
    await players.save(made_player(), [])
    other = await players.save(made_player(OTHER), [])

    await change(tables, "UPDATE players SET profile = CAST('?' AS BYTEA) WHERE blizzard_id = $1")
    await change(
        tables, "UPDATE player_careers SET career = CAST('?' AS BYTEA), page = career WHERE blizzard_id = $1"
    )

    assert await players.get_many([ID, OTHER]) == {OTHER: KeptPlayer(other)}
    assert await players.get_careers([ID, OTHER]) == {OTHER: made_career()}


async def test_a_damaged_record_is_replaced_by_the_next_answer(
    players: SqlPlayers, tables: SqliteDatabase
) -> None:
    await players.save(made_player(), [])
    await change(tables, "UPDATE players SET profile = CAST('?' AS BYTEA) WHERE blizzard_id = $1")

    record = await players.save(made_player(fetched_at=NOW + 1), [])

    assert await players.get_many([ID]) == {ID: KeptPlayer(record)}


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
