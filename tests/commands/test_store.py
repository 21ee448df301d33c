"""`python app.py store ...` as an operator runs it: real processes on real files, beside a server that holds one."""

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from clock import SystemClock
from metrics import Metrics
from storage import CacheEntry, SqliteOptions, Storage, StorageOptions, open_storage
from tests.architecture.sources import ROOT
from tests.storage.made import ID, files_in, made_note, made_player
from tests.storage.made_conversations import made_id
from tests.storage.made_items import every_item, fill_store

Done = subprocess.CompletedProcess[str]


def run(folder: Path, *arguments: str, **given: str) -> Done:
    """Run `store` with these arguments in a folder whose own store is own.db."""
    return subprocess.run(
        [sys.executable, str(ROOT / "app.py"), "store", *arguments],
        cwd=folder,
        env={**os.environ, "STORAGE_PATH": str(folder / "own.db"), **given},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def start(folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """The same, running, with its output in pipes."""
    return subprocess.Popen(
        [sys.executable, str(ROOT / "app.py"), "store", *arguments],
        cwd=folder,
        env={**os.environ, "STORAGE_PATH": str(folder / "own.db")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def refusal(done: Done) -> str:
    """The words of a refusal; anything but one line and status 2 fails."""
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done
    assert done.stderr.startswith("playgraph: ")
    return done.stderr.removeprefix("playgraph: ").rstrip()


@asynccontextmanager
async def store(path: Path) -> AsyncIterator[Storage]:
    options = StorageOptions("sqlite", SqliteOptions(path))
    async with open_storage(options, clock=SystemClock(), metrics=Metrics()) as storage:
        yield storage


async def contents(path: Path) -> dict[str, dict[str, Any]]:
    async with store(path) as storage:
        return await every_item(storage.archives)


@pytest.fixture
async def own(tmp_path: Path) -> Path:
    """The store of the settings, with twelve players, two notes and a part of the catalog."""
    path = tmp_path / "own.db"
    async with store(path) as storage:
        await fill_store(storage, 12)
    return path


async def test_status_tells_what_is_kept_while_a_server_runs(tmp_path: Path, own: Path) -> None:
    async with store(own) as storage:
        now = SystemClock().now()
        await storage.players.save(made_player("now|1", fetched_at=now), [])
        await storage.cache.set_many({"k": CacheEntry(b"1234", now + 60_000)}, now=now)
        done = await asyncio.to_thread(run, tmp_path, "status")

    rows = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines() if line}
    assert (done.returncode, done.stderr) == (0, "")
    assert rows["backend"] == ["sqlite"]
    assert rows["health"] == ["healthy"]
    assert rows["server"] == ["SQLite", sqlite3.sqlite_version]
    assert [rows[kind][0] for kind in ("players", "unknown_players", "catalog", "cache", "leases")] == [
        "13",
        "2",
        "26",
        "1",
        "0",
    ]


async def test_status_for_machines_is_one_object(tmp_path: Path) -> None:
    async with store(tmp_path / "own.db") as storage:
        now = SystemClock().now()
        for number in range(1, 11):
            player = made_player(f"{number}|{number}", fetched_at=now - number * 3_600_000)
            await storage.players.save(player, [])

    done = run(tmp_path, "status", "--json")

    status = json.loads(done.stdout)
    players = status["kinds"][0]
    hours = {name: round(seconds / 3600, 1) for name, seconds in players["age_seconds"].items()}
    assert (done.returncode, done.stderr) == (0, "")
    assert (status["backend"], status["health"]) == ("sqlite", "healthy")
    assert (players["kind"], players["count"]) == ("players", 10)
    assert hours == {"p50": 5.0, "p90": 9.0, "p99": 10.0}
    assert [kind["kind"] for kind in status["kinds"]] == [
        "players",
        "player_history",
        "unknown_players",
        "catalog",
        "conversations",
        "messages",
        "cache",
        "counters",
        "leases",
    ]
    assert bool(status["notes"]) is (sqlite3.sqlite_version_info < (3, 51, 3))


async def test_looking_makes_no_file(tmp_path: Path) -> None:
    words = [refusal(run(tmp_path, action)) for action in ("status", "check", "clear")]

    assert words == [f"There is no database at {tmp_path / 'own.db'}."] * 3
    assert files_in(tmp_path) == []


async def test_a_backup_is_made_beside_a_server_and_restored_into_another_store(
    tmp_path: Path, own: Path
) -> None:
    async with store(own):
        backed_up = await asyncio.to_thread(run, tmp_path, "backup", "kept.backup")
    restored = run(tmp_path, "restore", "kept.backup", "--url", "sqlite:///other.db")

    assert (backed_up.returncode, backed_up.stdout) == (
        0,
        "Backed up 12 players, 12 player_history, 2 unknown_players, 26 catalog, 6 conversations, 18 messages.\n",
    )
    assert backed_up.stderr.splitlines()[0] == "writing players: 12 of 12"
    assert (restored.returncode, restored.stdout) == (
        0,
        "Restored 12 players, 12 player_history, 2 unknown_players, 26 catalog, 6 conversations, 18 messages; "
        "all of it was read again and is the same.\n",
    )
    assert await contents(tmp_path / "other.db") == await contents(own)


async def test_a_backup_can_go_through_a_pipe(tmp_path: Path, own: Path) -> None:
    command = f"{sys.executable} {ROOT / 'app.py'} store backup - > piped.backup"
    done = await asyncio.to_thread(
        subprocess.run,
        ["sh", "-c", command],
        cwd=tmp_path,
        env={**os.environ, "STORAGE_PATH": str(own)},
        check=False,
    )
    run(tmp_path, "restore", "piped.backup", "--url", "sqlite:///other.db")

    assert done.returncode == 0
    assert await contents(tmp_path / "other.db") == await contents(own)


@pytest.mark.parametrize(
    ("rest", "reason"),
    [("> /dev/full", "No space left on device"), ("| head -c 9 > /dev/null", "Broken pipe")],
)
async def test_a_backup_that_its_reader_does_not_take_is_refused_in_one_line(
    tmp_path: Path, own: Path, rest: str, reason: str
) -> None:
    async with store(own) as storage:
        await fill_store(storage, 400)
    done = await asyncio.to_thread(
        subprocess.run,
        ["bash", "-c", f"set -o pipefail; {sys.executable} {ROOT / 'app.py'} store backup - {rest}"],
        env={**os.environ, "STORAGE_PATH": str(own)},
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == f"playgraph: Standard output cannot be written: {reason}."
    assert "Traceback" not in done.stderr


async def test_a_pipe_cannot_be_restored(tmp_path: Path, own: Path) -> None:
    done = await asyncio.to_thread(
        subprocess.run,
        ["sh", "-c", f"echo | {sys.executable} {ROOT / 'app.py'} store restore /dev/stdin"],
        env={**os.environ, "STORAGE_PATH": str(tmp_path / "other.db")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert refusal(done) == ("/dev/stdin cannot be read twice, as a restore does. Put it into a file first.")
    assert not (tmp_path / "other.db").exists()


async def test_a_backup_replaces_a_file_only_when_forced(tmp_path: Path, own: Path) -> None:
    (tmp_path / "kept.backup").write_bytes(b"precious")

    words = refusal(run(tmp_path, "backup", "kept.backup"))
    kept = (tmp_path / "kept.backup").read_bytes()
    forced = run(tmp_path, "backup", "kept.backup", "--force")

    assert words == "kept.backup is there already; use --force to write over it."
    assert kept == b"precious"
    assert forced.returncode == 0
    assert (tmp_path / "kept.backup").read_bytes().startswith(b"playgraph backup 1\n")


async def test_a_damaged_backup_is_refused_before_the_store_is_touched(tmp_path: Path, own: Path) -> None:
    run(tmp_path, "backup", "kept.backup")
    whole = (tmp_path / "kept.backup").read_bytes()
    (tmp_path / "kept.backup").write_bytes(whole[:5000] + b"\0" + whole[5001:])

    words = refusal(run(tmp_path, "restore", "kept.backup", "--url", "sqlite:///other.db"))

    assert words == ("kept.backup is cut short or damaged: its checksum does not match. Nothing was changed.")
    assert not (tmp_path / "other.db").exists()


async def test_restoring_needs_the_server_to_be_stopped(tmp_path: Path, own: Path) -> None:
    run(tmp_path, "backup", "kept.backup")
    async with store(own):
        words = [
            refusal(await asyncio.to_thread(run, tmp_path, *arguments))
            for arguments in (
                ("restore", "kept.backup", "--replace"),
                ("prune",),
                ("clear", "--yes"),
                ("copy", "--from", "sqlite:///own.db", "--to", "sqlite:///own.db"),
            )
        ]

    assert len(words) == 4
    assert all(
        text.startswith(f"Process {os.getpid()} already has the database {own} open") for text in words
    )
    assert all("Stop that process" in text for text in words)


async def test_restoring_over_other_facts_needs_to_be_told(tmp_path: Path, own: Path) -> None:
    run(tmp_path, "backup", "kept.backup")
    async with store(tmp_path / "other.db") as storage:
        await storage.players.save(made_player("other|1"), [])

    refused = run(tmp_path, "restore", "kept.backup", "--url", "sqlite:///other.db")
    replaced = run(tmp_path, "restore", "kept.backup", "--url", "sqlite:///other.db", "--replace")

    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.splitlines()[-1] == (
        "playgraph: The store is not empty: it holds 1 players, 1 player_history. Use --replace to remove them first. "
        "Nothing was changed."
    )
    assert replaced.returncode == 0
    assert await contents(tmp_path / "other.db") == await contents(own)


async def test_a_file_that_is_not_there_cannot_be_restored(tmp_path: Path) -> None:
    assert refusal(run(tmp_path, "restore", "absent.backup")) == (
        "absent.backup cannot be read: No such file or directory."
    )
    assert files_in(tmp_path) == []


async def test_copying_prints_counts_and_checksums_and_can_be_repeated(tmp_path: Path, own: Path) -> None:
    arguments = ("copy", "--from", f"sqlite:///{own}", "--to", "sqlite:///copy.db")

    async with store(own):
        first = await asyncio.to_thread(run, tmp_path, *arguments)
    again = run(tmp_path, *arguments)

    rows = [line.split() for line in first.stdout.splitlines()[1:]]
    repeated = [line.split() for line in again.stdout.splitlines()[1:]]
    assert (first.returncode, again.returncode) == (0, 0)
    assert [row[:4] for row in rows] == [
        ["players", "12", "12", "12"],
        ["player_history", "12", "12", "12"],
        ["unknown_players", "2", "2", "2"],
        ["catalog", "26", "26", "26"],
        ["conversations", "6", "6", "6"],
        ["messages", "18", "18", "18"],
    ]
    assert [row[1] for row in repeated] == ["0"] * 6
    assert [row[4:] for row in repeated] == [row[4:] for row in rows]
    assert await contents(tmp_path / "copy.db") == await contents(own)


async def test_copying_does_not_mix_two_stores_unless_told(tmp_path: Path, own: Path) -> None:
    async with store(tmp_path / "copy.db") as storage:
        await storage.players.save(made_player("other|1"), [])
    arguments = ("copy", "--from", f"sqlite:///{own}", "--to", "sqlite:///copy.db")

    refused = run(tmp_path, *arguments)
    merged = run(tmp_path, *arguments, "--merge")

    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.splitlines()[-1].startswith(
        "playgraph: The target holds 1 players, 1 player_history that the source"
    )
    assert merged.returncode == 0
    assert len((await contents(tmp_path / "copy.db"))["players"]) == 13


async def test_pruning_forgets_by_the_settings_or_by_what_is_said(tmp_path: Path) -> None:
    now = SystemClock().now()
    async with store(tmp_path / "own.db") as storage:
        for number in range(1, 6):
            player = made_player(f"{number}|{number}", fetched_at=now - number * 3_600_000)
            await storage.players.save(player, [])
        await storage.players.save_unknown(made_note("Nobody-1", checked_at=now - 10 * 3_600_000), 0)

    def prune(*arguments: str, max_age: str) -> str:
        settings = {"PLAYER_MAX_AGE": max_age, "PLAYER_HISTORY_MAX_AGE": "0"}
        first, second = run(tmp_path, "prune", *arguments, **settings).stdout.splitlines()
        assert "PLAYER_HISTORY_MAX_AGE is 0: history is kept as long as its player." in (first, second)
        return second if first.startswith("PLAYER_HISTORY") else first

    never = prune(max_age="0")
    by_setting = prune(max_age="16200")
    by_words = prune("--older-than", "9000", max_age="0")

    assert never == "PLAYER_MAX_AGE is 0: players are kept for ever."
    assert by_setting == "Pruned 2 players and notes older than 16200 seconds."
    assert by_words == "Pruned 2 players and notes older than 9000 seconds."
    assert sorted((await contents(tmp_path / "own.db"))["players"]) == ["1|1", "2|2"]


async def test_pruning_forgets_history_past_its_own_time(tmp_path: Path) -> None:
    now = SystemClock().now()
    async with store(tmp_path / "own.db") as storage:
        for hour in range(6, 0, -1):
            await storage.players.save(made_player(eliminations=hour, fetched_at=now - hour * 3_600_000), [])

    by_setting = run(tmp_path, "prune", PLAYER_MAX_AGE="0", PLAYER_HISTORY_MAX_AGE="16200")
    by_words = run(tmp_path, "prune", "--history-older-than=0", PLAYER_MAX_AGE="0")
    refused = refusal(run(tmp_path, "prune", "--history-older-than=soon"))

    never = "PLAYER_MAX_AGE is 0: players are kept for ever.\n"
    assert by_setting.stdout == f"{never}Pruned 2 snapshots of history older than 16200 seconds.\n"
    assert by_words.stdout == f"{never}Pruned 3 snapshots of history older than 0 seconds.\n"
    assert refused == "--history-older-than: must be a whole number of seconds, not soon."
    assert list((await contents(tmp_path / "own.db"))["player_history"]) == [f"{ID}/6"]


@pytest.mark.parametrize("age", ["-1", "soon", "", "1e3", "٣"])
async def test_a_wrong_age_is_refused(tmp_path: Path, own: Path, age: str) -> None:
    words = refusal(run(tmp_path, "prune", f"--older-than={age}"))

    assert words == f"--older-than: must be a whole number of seconds, not {age}."
    assert len((await contents(own))["players"]) == 12


async def test_clearing_tells_first_and_needs_a_yes(tmp_path: Path, own: Path) -> None:
    async with store(own) as storage:
        now = SystemClock().now()
        await storage.cache.set_many({"k": CacheEntry(b"1", now + 60_000)}, now=now)
        await storage.counters.add("c", 1, now=now, expires_at=now + 60_000)
    held = (
        "12 players, 12 player_history, 2 unknown_players, 26 catalog, 6 conversations, 18 messages, 1 cache, "
        "1 counters, 0 leases"
    )

    words = refusal(run(tmp_path, "clear"))
    kept = await contents(own)
    cleared = run(tmp_path, "clear", "--yes")

    assert words == f"this would remove {held}. Add --yes to do it."
    assert len(kept["players"]) == 12
    assert (cleared.returncode, cleared.stdout) == (0, f"Removed {held}.\n")
    assert await contents(own) == {kind: {} for kind in kept}
    async with store(own) as storage:
        assert [each.count for each in await storage.ephemeral_statistics(0)] == [0, 0, 0]


async def test_a_sound_store_passes_the_check_while_a_server_runs(tmp_path: Path, own: Path) -> None:
    async with store(own):
        done = await asyncio.to_thread(run, tmp_path, "check")

    assert (done.returncode, done.stdout) == (0, "Nothing is wrong.\n")


def damage(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


async def test_every_kind_of_damage_is_told_with_kind_and_key(tmp_path: Path, own: Path) -> None:
    damage(
        own,
        "UPDATE players SET profile = CAST('?' AS BLOB) WHERE blizzard_id = '1|1'",
        "UPDATE player_careers SET page = CAST('?' AS BLOB) WHERE blizzard_id = '2|2'",
        "UPDATE player_careers SET career = (SELECT career FROM player_careers WHERE blizzard_id = '4|4')"
        " WHERE blizzard_id = '3|3'",
        "DELETE FROM player_ids WHERE player_id = '5|5'",
        "DELETE FROM player_careers WHERE blizzard_id = '6|6'",
        "DELETE FROM players WHERE blizzard_id = '7|7'",
        "UPDATE player_history SET figures = CAST('?' AS BLOB) WHERE blizzard_id = '8|8'",
        "UPDATE player_history SET figures = (SELECT figures FROM player_history WHERE blizzard_id = '4|4')"
        " WHERE blizzard_id = '9|9'",
        "UPDATE catalog SET facts = CAST('?' AS BLOB) WHERE kind = 'heroes' AND key = 'de-de'",
        "DELETE FROM catalog_sources WHERE kind = 'heroes' AND key = 'en-us'",
        "UPDATE unknown_players SET check_count = 0 WHERE player_id = 'Nobody-1'",
    )

    done = run(tmp_path, "check")

    told = done.stdout.splitlines()
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == f"playgraph: {len(told)} problems."
    assert [line for line in told if line.startswith("a row of ")] == [
        "a row of player_history belongs to no row of players",
        "a row of player_careers belongs to no row of players",
        *["a row of player_ids belongs to no row of players"] * 3,
    ]
    rest = [" ".join(line.split()[:6]) for line in told if not line.startswith("a row of ")]
    assert rest == [
        "players 6|6 has no career",
        "players 5|5 is not found under",
        "players 7|7 is a career without",
        "players 7|7 is an id that",
        "players P7#1000 is an id that",
        "players P7-1000 is an id that",
        "player_history 7|7 is the history of",
        "catalog heroes/en-us has no source",
        "players 1|1: profile is damaged: error",
        "players 2|2: page is damaged: error",
        "players 3|3: facts are not those",
        "players 5|5: is not found under",
        "player_history 8|8/1: figures are damaged: error",
        "player_history 9|9/1: facts are not those",
        "unknown_players Nobody-1: check_count is 0",
        "catalog heroes/de-de: facts is damaged: error",
    ]


async def test_damage_of_conversations_is_told_with_kind_and_key(tmp_path: Path, own: Path) -> None:
    damage(
        own,
        f"UPDATE conversations SET message_count = 4 WHERE id = '{made_id(1)}'",
        f"UPDATE conversations SET last_activity_at = 0 WHERE id = '{made_id(2)}'",
        f"DELETE FROM conversations WHERE id = '{made_id(3)}'",
        f"UPDATE messages SET role = 'critic' WHERE id = '{made_id(1_000)}'",
        f"UPDATE messages SET sequence = 9 WHERE id = '{made_id(5_001)}'",
        f"DELETE FROM messages WHERE id = '{made_id(6_000)}'",
    )

    done = run(tmp_path, "check")

    told = done.stdout.splitlines()
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == f"playgraph: {len(told)} problems."
    assert told == [
        *["a row of messages belongs to no row of conversations"] * 3,
        "a row of messages belongs to no row of messages",
        f"conversations {made_id(1)} has not as many messages as it counts",
        f"conversations {made_id(5)} has not as many messages as it counts",
        f"messages {made_id(4)}/9 has a sequence that its conversation does not count",
        f"messages {made_id(3)}/1 is a message of no conversation",
        f"messages {made_id(3)}/2 is a message of no conversation",
        f"messages {made_id(3)}/3 is a message of no conversation",
        f"messages {made_id(5)}/2 is a reply to no message of its conversation",
        f"conversations {made_id(2)}: was active before it began",
        f"messages {made_id(0)}/1: is in a role that this version does not know: critic",
    ]


def overwrite_pages(path: Path, first: int, last: int) -> None:
    """Write nonsense over pages of a SQLite file that is not open."""
    content = bytearray(path.read_bytes())
    content[4096 * first : 4096 * last] = bytes([0xAA]) * 4096 * (last - first)
    path.write_bytes(content)


@pytest.mark.parametrize("first", [3, 8, 20])
async def test_a_damaged_file_is_told(tmp_path: Path, own: Path, first: int) -> None:
    overwrite_pages(own, first, first + 4)

    done = run(tmp_path, "check")

    assert done.returncode == 1
    assert len(done.stdout.splitlines()) >= 1
    assert done.stderr.splitlines()[-1].endswith(" problems.")
    assert "Traceback" not in done.stderr


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path, own: Path) -> None:
    overwrite_pages(own, 0, 2)

    words = refusal(run(tmp_path, "check"))

    assert words.startswith(f"The database {own} cannot be opened: ")


@pytest.mark.parametrize(
    "url", ["mysql://root:secret@host/db", "sqlite://", "hybrid:redis://a,redis://b", "own.db", ""]
)
async def test_an_address_that_names_no_store_is_refused_without_repeating_it(
    tmp_path: Path, url: str
) -> None:
    words = refusal(run(tmp_path, "status", "--url", url))

    assert words.startswith("This is no address of a store. It is one of sqlite:///relative.db, ")
    assert "secret" not in words
    assert files_in(tmp_path) == []


async def test_ctrl_c_ends_it_in_one_line(tmp_path: Path, own: Path) -> None:
    async with store(own) as storage:
        await fill_store(storage, 400)
    process = start(tmp_path, "backup", "-")
    assert process.stdout is not None
    # The backup is longer than the pipe, so it waits in the middle until it is read.
    first = process.stdout.read(1)
    process.send_signal(signal.SIGINT)
    rest, said = process.communicate(timeout=30)

    whole = run(tmp_path, "backup", "whole.backup")
    assert (first, process.returncode, whole.returncode) == (b"p", 130, 0)
    assert said.decode().splitlines()[-1] == (
        "playgraph: interrupted; run the same command again to complete it."
    )
    assert len(rest) + 1 < (tmp_path / "whole.backup").stat().st_size
