"""`python app.py conversations ...` as an operator runs it: real processes, beside a server that holds the file."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from clock import SystemClock
from metrics import Metrics
from models.conversations import ConversationDraft, MessageDraft, MessageRole
from storage import SqliteOptions, Storage, StorageOptions, open_storage
from tests.architecture.sources import ROOT

Done = subprocess.CompletedProcess[str]
HOUR = 3_600_000


def run(folder: Path, *arguments: str) -> Done:
    """Run `conversations` with these arguments in a folder whose store is own.db."""
    return subprocess.run(
        [sys.executable, str(ROOT / "app.py"), "conversations", *arguments],
        cwd=folder,
        env={**os.environ, "STORAGE_PATH": str(folder / "own.db")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
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


def uuid(number: int) -> str:
    return str(UUID(int=number))


async def keep(storage: Storage, number: int, caller: str, count: int, *, now: int, ends: int | None) -> None:
    """A conversation with so many messages, each the reply to the one before."""
    draft = ConversationDraft(uuid(number), caller, "ada", f"channel {number}")
    await storage.conversations.start(draft, resume_id=None, now=now, expires_at=ends, limit=10_000)
    for each in range(1, count + 1):
        parent_id = uuid(1000 * number + each - 1) if each > 1 else None
        role = MessageRole.USER if each % 2 else MessageRole.ASSISTANT
        message = MessageDraft(uuid(1000 * number + each), role, f"Nº {each} 😀\n", parent_id)
        await storage.conversations.append(
            draft.id, message, caller=caller, now=now, expires_at=ends, limit=10_000
        )


async def counts(storage: Storage) -> tuple[int, int]:
    archives = storage.archives
    return await archives["conversations"].count(), await archives["messages"].count()


@pytest.fixture
async def own(tmp_path: Path) -> Path:
    """A store in which ada has two living conversations and an expired one, and ben has one."""
    path, now = tmp_path / "own.db", SystemClock().now()
    async with store(path) as storage:
        await keep(storage, 1, "ada", 3, now=now - 2 * HOUR, ends=None)
        await keep(storage, 2, "ada", 1, now=now - HOUR, ends=now + 24 * HOUR)
        await keep(storage, 3, "ada", 2, now=now - 2 * HOUR, ends=now - HOUR)
        await keep(storage, 4, "ben", 1, now=now, ends=None)
    return path


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


async def test_an_export_is_a_line_for_each_living_conversation_while_a_server_runs(
    tmp_path: Path, own: Path
) -> None:
    async with store(own):
        done = run(tmp_path, "export", "--caller", "ada")

    first, second = lines(done.stdout)
    assert (done.returncode, done.stderr) == (0, "Exported 2 conversations with 4 messages of ada.\n")
    assert (first["id"], first["userId"], first["channelId"], first["expiresAt"]) == (
        uuid(1),
        "ada",
        "channel 1",
        None,
    )
    assert [message | {"createdAt": ""} for message in first["messages"]] == [
        {
            "id": uuid(1001),
            "sequence": 1,
            "role": "user",
            "content": "Nº 1 😀\n",
            "createdAt": "",
            "parentId": None,
        },
        {
            "id": uuid(1002),
            "sequence": 2,
            "role": "assistant",
            "content": "Nº 2 😀\n",
            "createdAt": "",
            "parentId": uuid(1001),
        },
        {
            "id": uuid(1003),
            "sequence": 3,
            "role": "user",
            "content": "Nº 3 😀\n",
            "createdAt": "",
            "parentId": uuid(1002),
        },
    ]
    assert (second["id"], len(second["messages"])) == (uuid(2), 1)
    assert second["createdAt"] == second["lastActivityAt"] < second["expiresAt"]


async def test_an_export_into_a_file_leaves_one_that_is_there_alone(tmp_path: Path, own: Path) -> None:
    first = run(tmp_path, "export", "--caller", "ada", "ada.jsonl")
    written = (tmp_path / "ada.jsonl").read_text()
    refused = refusal(run(tmp_path, "export", "--caller", "ben", "ada.jsonl"))
    kept = (tmp_path / "ada.jsonl").read_text()
    forced = run(tmp_path, "export", "--caller", "ben", "--force", "ada.jsonl")

    assert (first.returncode, first.stdout) == (0, "Exported 2 conversations with 4 messages of ada.\n")
    assert [each["id"] for each in lines(written)] == [uuid(1), uuid(2)]
    assert "ada.jsonl" in refused
    assert kept == written
    assert forced.returncode == 0
    assert [each["id"] for each in lines((tmp_path / "ada.jsonl").read_text())] == [uuid(4)]


async def test_more_than_a_page_and_more_than_a_batch_are_exported_whole(tmp_path: Path) -> None:
    now = SystemClock().now()
    async with store(tmp_path / "own.db") as storage:
        for number in range(1, 102):
            await keep(storage, number, "ada", 0, now=now - HOUR + number, ends=None)
        await keep(storage, 102, "ada", 501, now=now, ends=None)

    done = run(tmp_path, "export", "--caller", "ada")

    found = lines(done.stdout)
    assert [each["id"] for each in found] == [uuid(number) for number in range(1, 103)]
    assert [message["sequence"] for message in found[-1]["messages"]] == list(range(1, 502))


async def test_a_caller_without_conversations_is_an_empty_export(tmp_path: Path, own: Path) -> None:
    done = run(tmp_path, "export", "--caller", "nobody")

    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "Exported 0 conversations with 0 messages of nobody.\n"


def test_an_export_that_is_not_read_to_its_end_says_so(tmp_path: Path, own: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, str(ROOT / "app.py"), "conversations", "export", "--caller", "ada"],
            cwd=tmp_path,
            env={**os.environ, "STORAGE_PATH": str(own)},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )

    assert done.returncode == 2
    assert done.stderr == "playgraph: Standard output cannot be written: No space left on device.\n"


async def test_erasing_removes_all_of_a_caller_expired_ones_too(tmp_path: Path, own: Path) -> None:
    done = run(tmp_path, "erase", "--caller", "ada", "--yes")
    again = run(tmp_path, "erase", "--caller", "ada", "--yes")

    assert (done.returncode, done.stdout) == (0, "Removed 3 conversations with 6 messages of ada.\n")
    assert (again.returncode, again.stdout) == (0, "Removed 0 conversations with 0 messages of ada.\n")
    async with store(own) as storage:
        assert await counts(storage) == (1, 1)


@pytest.mark.parametrize(
    ("caller", "shown"), [("Zoë 👩", "Zoë 👩"), ("👩\u200d💻\n", "'\\U0001f469\\u200d\\U0001f4bb\\n'")]
)
async def test_a_caller_of_any_name_is_told_and_erased_in_one_line(
    tmp_path: Path, own: Path, caller: str, shown: str
) -> None:
    async with store(own) as storage:
        await keep(storage, 5, caller, 1, now=SystemClock().now(), ends=None)
    told = refusal(run(tmp_path, "erase", "--caller", caller))
    exported = run(tmp_path, "export", "--caller", caller)
    done = run(tmp_path, "erase", "--caller", caller, "--yes")

    assert told.startswith(f"this would remove 1 conversations of {shown}, ")
    assert exported.stderr == f"Exported 1 conversations with 1 messages of {shown}.\n"
    assert done.stdout == f"Removed 1 conversations with 1 messages of {shown}.\n"
    async with store(own) as storage:
        assert await counts(storage) == (4, 7)


async def test_without_yes_it_tells_what_would_go_and_removes_nothing(tmp_path: Path, own: Path) -> None:
    async with store(own) as storage:
        said = refusal(run(tmp_path, "erase", "--caller", "ada"))
        kept = await counts(storage)

    assert (
        said == "this would remove 2 conversations of ada, and those that have expired. Add --yes to do it."
    )
    assert kept == (4, 7)


async def test_erasing_beside_a_server_is_refused(tmp_path: Path, own: Path) -> None:
    async with store(own) as storage:
        said = refusal(run(tmp_path, "erase", "--caller", "ada", "--yes"))
        kept = await counts(storage)

    assert said.endswith("Stop that process, or give this one another database file.")
    assert kept == (4, 7)


@pytest.mark.parametrize("caller", ["", "x" * 256, "half a pair \udcff"])
@pytest.mark.parametrize("action", ["export", "erase"])
def test_what_is_no_name_of_a_caller_is_refused_in_one_line(
    tmp_path: Path, own: Path, action: str, caller: str
) -> None:
    said = refusal(run(tmp_path, action, "--caller", caller))

    assert said == "--caller: must be the name of a caller, 1 to 255 characters."
