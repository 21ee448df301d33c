"""`python app.py demo` as a user runs it: a real process, a real browser's view of it, and a clean end."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.architecture.sources import ROOT


def environment(folder: Path, **given: str) -> dict[str, str]:
    return {**os.environ, "TMPDIR": str(folder), "STORAGE_PATH": str(folder / "own.db"), "PORT": "0", **given}


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "app.py", "demo", *arguments],
        cwd=ROOT,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def welcome(process: subprocess.Popen[str]) -> str:
    """What the demo says until it is ready for visitors."""
    assert process.stdout is not None
    lines = iter(process.stdout.readline, "Ctrl-C ends it.\n")
    return "".join(lines)


def address(text: str) -> str:
    return text.split()[3]


def ask(text: str, query: str) -> dict[str, Any]:
    body = json.dumps({"query": query}).encode()
    with urlopen(Request(address(text) + "/graphql", body, {"content-type": "application/json"})) as response:
        answer: dict[str, Any] = json.load(response)["data"]
    return answer


def player(text: str, player_id: str) -> dict[str, Any]:
    found: dict[str, Any] = ask(
        text,
        f'{{ player(playerId: "{player_id}") {{ __typename ... on Player {{ privacy avatar }}'
        " ... on Error { code } } }",
    )["player"]
    return found


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    with start(tmp_path) as process:
        yield process
        process.kill()


def refused(folder: Path, *arguments: str, **given: str) -> str:
    """The words of a refusal; anything but one line and status 2 fails."""
    done = subprocess.run(
        [sys.executable, "app.py", "demo", *arguments],
        cwd=ROOT,
        env=environment(folder, **given),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert list(folder.iterdir()) == []
    return done.stderr


def test_every_player_it_names_does_what_it_says(demo: subprocess.Popen[str]) -> None:
    text = welcome(demo)

    found = {name: player(text, name) for name in ("Otter-1042", "Badger-1042", "Nobody-1000", "Error-1000")}

    assert f"{address(text)}/explorer" in text
    assert [line.split()[0] for line in text.splitlines() if line.startswith("  ")] == [
        "Otter-1042",
        "Badger-1042",
        "Heron-1042",
        "Lynx-1042",
        "Nobody-1000",
        "Error-1000",
    ]
    assert found["Otter-1042"]["privacy"] == "PUBLIC"
    assert found["Badger-1042"]["privacy"] == "PRIVATE"
    assert found["Nobody-1000"]["code"] == "PLAYER_NOT_FOUND"
    assert found["Error-1000"]["code"] == "UPSTREAM_UNAVAILABLE"


def test_its_pictures_can_be_shown(demo: subprocess.Popen[str]) -> None:
    avatar = player(welcome(demo), "Otter-1042")["avatar"]

    with urlopen(avatar) as response:
        picture = response.read()

    assert response.headers["content-type"] == "image/svg+xml"
    assert picture.startswith(b"<svg")


@pytest.mark.parametrize("ended_by", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly_and_leaves_nothing_behind(tmp_path: Path, ended_by: signal.Signals) -> None:
    with start(tmp_path) as demo:
        player(welcome(demo), "Otter-1042")
        while_open = sorted(path.name for path in next(tmp_path.iterdir()).iterdir())
        demo.send_signal(ended_by)
        status = demo.wait(20)
        said = demo.stderr.read() if demo.stderr else ""

    assert "demo.db" in while_open
    assert (status, said) == (0, "")
    assert list(tmp_path.iterdir()) == []


def test_there_are_as_many_players_as_asked_for(tmp_path: Path) -> None:
    with start(tmp_path, "--players", "2") as demo:
        text = welcome(demo)
        kinds = [player(text, name)["__typename"] for name in ("Badger-1042", "Heron-1042")]
        demo.kill()

    assert kinds == ["Player", "PlayerNotFound"]
    assert "Heron-1042" not in text


@pytest.mark.parametrize("count", ["0", "-1", "many", "10000001", "1.5", "", "٣"])
def test_a_wrong_count_is_refused_in_one_line(tmp_path: Path, count: str) -> None:
    assert refused(tmp_path, f"--players={count}").startswith("playgraph: --players: ")


def test_a_wrong_port_is_refused_in_one_line(tmp_path: Path) -> None:
    assert refused(tmp_path, "--port", "99999").startswith("playgraph: PORT: ")


def test_a_taken_port_is_refused_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        text = refused(tmp_path, "--host", "127.0.0.1", "--port", str(port))

    assert text.startswith(f"playgraph: cannot listen on 127.0.0.1:{port} (")


def test_the_users_own_storage_is_not_touched(demo: subprocess.Popen[str], tmp_path: Path) -> None:
    player(welcome(demo), "Otter-1042")

    assert not (tmp_path / "own.db").exists()
