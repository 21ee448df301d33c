"""A backup is whole or it is refused: consistent under writes, never half a file, and restored byte for byte."""

import asyncio
import io
from pathlib import Path

import pytest

from errors import BackupUnreadable, CopyRefused, StartRefused
from storage import (
    Backup,
    KindSum,
    Storage,
    back_up,
    codec,
    new_file,
    restore,
)
from storage.backup import BackupWriter, Header
from storage.items import PlayerItem
from tests.storage.made import ID, NOW, files_in, made_player
from tests.storage.made_items import (
    CONVERSATIONS,
    KINDS,
    MESSAGES,
    every_item,
    fill_store,
    made_player_item,
    numbered_player,
)
from tests.storage.moving import Interrupted, Opener, silent

PLAYERS = 130


@pytest.fixture
async def backup(store: Opener) -> bytes:
    """The bytes of a backup of a filled store named `source`."""
    async with store("source") as storage:
        await fill_store(storage, PLAYERS)
        file = io.BytesIO()
        await back_up(storage, file, NOW, silent)
        return file.getvalue()


def opened_backup(content: bytes) -> Backup:
    return Backup(io.BytesIO(content), "players.backup")


async def test_a_restored_store_has_the_same_bytes(store: Opener, backup: bytes) -> None:
    async with store("target") as target:
        restored = await restore(opened_backup(backup), target.archives, silent, replace=False)
        kept = await every_item(target.archives)
        saved = await target.players.save(numbered_player(5), [])

    async with store("source") as source:
        assert kept == await every_item(source.archives)
    assert (restored.is_verified, restored.written) == (
        True,
        {
            "players": 130,
            "player_history": 130,
            "unknown_players": 14,
            "catalog": 26,
            "conversations": CONVERSATIONS,
            "messages": MESSAGES,
        },
    )
    assert saved.version == 1


async def test_a_backup_tells_where_it_comes_from(backup: bytes) -> None:
    read = opened_backup(backup)

    assert backup.startswith(b"playgraph backup 1\n")
    assert (read.header.backend, read.header.created_at) == ("sqlite", NOW)
    assert read.header.kinds == KINDS
    assert {kind: each.count for kind, each in read.sums.items()} == {
        "players": 130,
        "player_history": 130,
        "unknown_players": 14,
        "catalog": 26,
        "conversations": CONVERSATIONS,
        "messages": MESSAGES,
    }


async def test_the_same_facts_have_the_same_checksums(store: Opener, backup: bytes) -> None:
    again = io.BytesIO()
    async with store("target") as target:
        await restore(opened_backup(backup), target.archives, silent, replace=False)
        sums = await back_up(target, again, NOW, silent)

    assert sums == opened_backup(backup).sums
    assert again.getvalue() == backup


async def test_an_empty_store_can_be_kept_and_restored(store: Opener) -> None:
    file = io.BytesIO()
    async with store("empty") as storage:
        await back_up(storage, file, NOW, silent)

    async with store("target") as target:
        restored = await restore(opened_backup(file.getvalue()), target.archives, silent, replace=False)

    none = KindSum(0, "0" * 32)
    assert opened_backup(file.getvalue()).sums == dict.fromkeys(KINDS, none)
    assert restored.is_verified


async def test_a_backup_under_writes_has_every_player_whole(store: Opener) -> None:
    rounds, is_over = 0, False

    async def write(storage: Storage, number: int) -> None:
        nonlocal rounds
        while not is_over:
            rounds += 1
            player = made_player(f"{number:x}|{number}", eliminations=rounds, fetched_at=NOW + 1000 + rounds)
            await storage.players.save(player, [f"Busy-{rounds}", "Wandering-1"])
            await storage.players.save(made_player(f"new|{rounds}"), [])

    backups = []
    async with store("busy") as storage:
        await fill_store(storage, PLAYERS)
        writers = [asyncio.create_task(write(storage, number)) for number in range(4)]
        while rounds < 60:
            file = io.BytesIO()
            await back_up(storage, file, NOW, silent)
            backups.append(opened_backup(file.getvalue()))
        is_over = True
        await asyncio.gather(*writers)

    counts = [backup.sums["players"].count for backup in backups]
    assert PLAYERS <= counts[0] < counts[-1]
    for backup in backups:
        items = [item async for page in backup.pages("players") for item in page]
        players = [item for item in items if isinstance(item, PlayerItem)]
        aliases = [player_id for item in players for player_id in item.player_ids]
        changed = [each for each in players if codec.hash_kept(each.profile, each.career) != each.facts_hash]
        assert len(players) == backup.sums["players"].count
        assert [item.key for item in players if item.key not in item.player_ids] == []
        assert changed == []
        assert sorted(aliases) == sorted(set(aliases))


async def test_every_cut_is_noticed_and_nothing_is_written(store: Opener, backup: bytes) -> None:
    cuts = [0, 1, 18, 19, 24, 60, len(backup) // 2, len(backup) - 33, len(backup) - 32, len(backup) - 1]

    for cut in cuts:
        with pytest.raises(BackupUnreadable, match=r"^players\.backup [^\n]*Nothing was changed\.$"):
            opened_backup(backup[:cut])


async def test_every_flipped_bit_is_noticed(backup: bytes) -> None:
    step = len(backup) // 199
    places = [*range(80), *range(80, len(backup), step), *range(len(backup) - 80, len(backup))]

    for place in places:
        flipped = bytearray(backup)
        flipped[place] ^= 1 << place % 8
        with pytest.raises(BackupUnreadable, match=r"^players\.backup [^\n]*Nothing was changed\.$"):
            opened_backup(bytes(flipped))


async def test_what_follows_the_end_is_noticed(backup: bytes) -> None:
    with pytest.raises(BackupUnreadable, match="cut short or damaged"):
        opened_backup(backup + b"\0")


async def test_a_newer_format_is_refused_by_its_number(backup: bytes) -> None:
    newer = backup.replace(b"playgraph backup 1\n", b"playgraph backup 12\n", 1)

    with pytest.raises(BackupUnreadable) as refusal:
        opened_backup(newer)

    assert refusal.value.message == (
        "players.backup was written by a newer version (format 12; this one reads 1). Nothing was changed."
    )


async def test_another_file_is_no_backup() -> None:
    with pytest.raises(BackupUnreadable, match="is no backup of Playgraph"):
        opened_backup(b"SQLite format 3\0" + bytes(1000))


async def test_a_store_with_other_facts_is_refused_and_stays_as_it_is(store: Opener, backup: bytes) -> None:
    async with store("target") as target:
        await target.players.save(made_player("other|1"), [])
        before = await every_item(target.archives)

        with pytest.raises(CopyRefused) as refusal:
            await restore(opened_backup(backup), target.archives, silent, replace=False)

        assert await every_item(target.archives) == before
    assert refusal.value.message == (
        "The store is not empty: it holds 1 players, 1 player_history. Use --replace to remove them first. "
        "Nothing was changed."
    )


async def test_a_store_with_another_state_of_a_player_is_refused(store: Opener, backup: bytes) -> None:
    async with store("target") as target:
        await target.players.save(numbered_player(3, eliminations=999), [])

        with pytest.raises(CopyRefused, match="it holds 1 players"):
            await restore(opened_backup(backup), target.archives, silent, replace=False)


async def test_replacing_removes_what_the_backup_has_not(store: Opener, backup: bytes) -> None:
    async with store("target") as target:
        await target.players.save(made_player("other|1"), ["P1-1000"])
        restored = await restore(opened_backup(backup), target.archives, silent, replace=True)
        kept = await every_item(target.archives)

    async with store("source") as source:
        assert kept == await every_item(source.archives)
    assert restored.is_verified


async def test_an_interrupted_restore_is_completed_by_the_same_command(store: Opener, backup: bytes) -> None:
    def interrupting(stage: str, done: int, _total: int) -> None:
        if (stage, done) == ("copying players", 100):
            raise Interrupted

    async with store("target") as target:
        with pytest.raises(Interrupted):
            await restore(opened_backup(backup), target.archives, interrupting, replace=False)
        held = await target.archives["players"].count()
        restored = await restore(opened_backup(backup), target.archives, silent, replace=False)

    assert held == 100
    assert restored.is_verified
    assert restored.written == {
        "players": 30,
        "player_history": 130,
        "unknown_players": 14,
        "catalog": 26,
        "conversations": CONVERSATIONS,
        "messages": MESSAGES,
    }


async def test_a_backup_of_a_time_without_histories_is_restored(store: Opener) -> None:
    file, item = io.BytesIO(), made_player_item(ID)
    writer = BackupWriter(file, Header("sqlite", "SQLite", 3, NOW, ("players", "unknown_players", "catalog")))
    writer.write("players", [item])
    writer.finish()

    async with store("target") as target:
        restored = await restore(opened_backup(file.getvalue()), target.archives, silent, replace=False)
        kept = await every_item(target.archives)

    assert restored.is_verified
    assert kept == {**{kind: {} for kind in KINDS}, "players": {ID: item}}


def test_a_file_has_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "players.backup"
    with new_file(path, force=False) as file:
        file.write(b"whole")
        while_open = path.exists()

    assert while_open is False
    assert path.read_bytes() == b"whole"
    assert files_in(tmp_path) == ["players.backup"]


@pytest.mark.parametrize("error", [Interrupted, KeyboardInterrupt, asyncio.CancelledError])
def test_an_unfinished_file_is_taken_away(tmp_path: Path, error: type[BaseException]) -> None:
    def fail() -> None:
        with new_file(tmp_path / "players.backup", force=False) as file:
            file.write(b"half")
            raise error

    with pytest.raises(error):
        fail()

    assert files_in(tmp_path) == []


def test_a_full_disk_is_told_and_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "players.backup"
    path.write_bytes(b"old")

    def fill() -> None:
        with new_file(path, force=True), Path("/dev/full").open("wb") as full:
            full.write(b"x" * 100_000)

    with pytest.raises(StartRefused, match="cannot be written: No space left on device"):
        fill()

    assert (path.read_bytes(), files_in(tmp_path)) == (b"old", ["players.backup"])


def test_a_file_that_is_there_is_kept_unless_forced(tmp_path: Path) -> None:
    path = tmp_path / "players.backup"
    path.write_bytes(b"old")

    with pytest.raises(StartRefused, match="is there already; use --force"), new_file(path, force=False):
        pass
    kept = path.read_bytes()
    with new_file(path, force=True) as file:
        file.write(b"new")

    assert (kept, path.read_bytes()) == (b"old", b"new")


def test_what_is_no_plain_file_is_never_replaced(tmp_path: Path) -> None:
    with pytest.raises(StartRefused, match="it is no plain file"), new_file(tmp_path, force=True):
        pass

    assert tmp_path.is_dir()


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    path = tmp_path / "absent" / "players.backup"

    with pytest.raises(StartRefused, match="cannot be written: No such file"), new_file(path, force=False):
        pass
