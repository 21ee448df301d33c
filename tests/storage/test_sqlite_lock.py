"""One server per file: the second is told who is there, and a dead one is in nobody's way."""

import asyncio
import os
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from errors import StartRefused, StorageUnavailable
from metrics import Metrics
from models.players import KeptPlayer
from storage import SqliteOptions, StorageOptions, open_storage
from tests.clock import FrozenClock
from tests.storage.children import child, line_of
from tests.storage.made import ID, files_in, made_player


async def test_a_second_process_is_refused_and_told_who_is_there(
    tmp_path: Path, clock: FrozenClock, metrics: Metrics
) -> None:
    path = tmp_path / "held.db"
    async with child("holding_child", path) as holder:
        assert await line_of(holder) == "open"

        with pytest.raises(StartRefused) as refusal:
            async with open_storage(
                StorageOptions("sqlite", SqliteOptions(path)), clock=clock, metrics=metrics
            ):
                pass

    assert refusal.value.message == (
        f"Process {holder.pid} already has the database {path} open (lock file {path}.lock). "
        "Stop that process, or give this one another database file."
    )


async def test_another_name_of_the_file_is_the_same_file(
    tmp_path: Path, clock: FrozenClock, metrics: Metrics
) -> None:
    path, link = tmp_path / "players.db", tmp_path / "link.db"
    link.symlink_to(path)

    async with open_storage(StorageOptions("sqlite", SqliteOptions(path)), clock=clock, metrics=metrics):
        with pytest.raises(StartRefused, match=f"Process {os.getpid()} already has"):
            async with open_storage(
                StorageOptions("sqlite", SqliteOptions(link)), clock=clock, metrics=metrics
            ):
                pass


async def test_the_lock_is_free_after_a_kill(tmp_path: Path, clock: FrozenClock, metrics: Metrics) -> None:
    path = tmp_path / "killed.db"
    async with child("holding_child", path) as holder:
        assert await line_of(holder) == "open"
        holder.kill()

    async with open_storage(
        StorageOptions("sqlite", SqliteOptions(path)), clock=clock, metrics=metrics
    ) as storage:
        assert await storage.players.get_many([ID]) == {}


async def test_the_lock_is_free_after_closing(tmp_path: Path, clock: FrozenClock, metrics: Metrics) -> None:
    options = StorageOptions("sqlite", SqliteOptions(tmp_path / "closed.db"))
    async with open_storage(options, clock=clock, metrics=metrics) as storage:
        record = await storage.players.save(made_player(), [])

    async with open_storage(options, clock=clock, metrics=metrics) as storage:
        assert await storage.players.get_many([ID]) == {ID: KeptPlayer(record)}


async def test_of_ten_processes_on_a_new_file_one_opens_it(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "new.db"
    async with AsyncExitStack() as stack:
        children = [await stack.enter_async_context(child("holding_child", path)) for _ in range(10)]
        lines = await asyncio.gather(*map(line_of, children))

    assert sorted(line.split()[0] for line in lines) == ["open", *["refused"] * 9]
    assert len({line for line in lines if line.startswith("refused Process ")}) == 1


async def test_reading_only_needs_no_lock_and_writes_nothing(
    tmp_path: Path, clock: FrozenClock, metrics: Metrics
) -> None:
    path = tmp_path / "read.db"
    async with open_storage(
        StorageOptions("sqlite", SqliteOptions(path)), clock=clock, metrics=metrics
    ) as server:
        record = await server.players.save(made_player(), [])
        looking = StorageOptions("sqlite", SqliteOptions(path, read_only=True))
        async with open_storage(looking, clock=clock, metrics=metrics) as storage:
            with pytest.raises(StorageUnavailable):
                await storage.players.save(made_player("9|9"), [])
            assert await storage.players.get_many([ID, "9|9"]) == {ID: KeptPlayer(record)}


async def test_reading_only_works_while_no_server_runs(
    tmp_path: Path, clock: FrozenClock, metrics: Metrics
) -> None:
    path = tmp_path / "resting.db"
    async with open_storage(
        StorageOptions("sqlite", SqliteOptions(path)), clock=clock, metrics=metrics
    ) as server:
        record = await server.players.save(made_player(), [])

    looking = StorageOptions("sqlite", SqliteOptions(path, read_only=True))
    async with open_storage(looking, clock=clock, metrics=metrics) as storage:
        assert await storage.players.get_many([ID]) == {ID: KeptPlayer(record)}


async def test_reading_only_refuses_a_file_that_is_not_there(
    tmp_path: Path, clock: FrozenClock, metrics: Metrics
) -> None:
    looking = StorageOptions("sqlite", SqliteOptions(tmp_path / "folder" / "absent.db", read_only=True))

    with pytest.raises(StartRefused, match="There is no database at"):
        async with open_storage(looking, clock=clock, metrics=metrics):
            pass

    assert files_in(tmp_path) == []


async def test_an_unknown_backend_is_refused_with_what_can_be_set(
    tmp_path: Path, clock: FrozenClock, metrics: Metrics
) -> None:
    options = StorageOptions("oracle", SqliteOptions(tmp_path / "unused.db"))

    with pytest.raises(StartRefused, match="'oracle'; what it can be is: sqlite, postgres, redis, hybrid"):
        async with open_storage(options, clock=clock, metrics=metrics):
            pass

    assert files_in(tmp_path) == []


async def test_a_lock_file_that_cannot_be_written_is_refused(
    tmp_path: Path, clock: FrozenClock, metrics: Metrics
) -> None:
    path = tmp_path / "players.db"
    (tmp_path / "players.db.lock").mkdir()

    with pytest.raises(StartRefused, match=r"players\.db\.lock cannot be written"):
        async with open_storage(StorageOptions("sqlite", SqliteOptions(path)), clock=clock, metrics=metrics):
            pass

    assert files_in(tmp_path) == ["players.db.lock"]
