"""`python app.py` as a user runs it: real processes, real sockets."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from schema import schema
from tests.architecture.sources import ROOT


def environment(storage_path: Path, **given: str) -> dict[str, str]:
    return {**os.environ, "STORAGE_PATH": str(storage_path), "PORT": "0", "LOG_FORMAT": "json", **given}


def start(*arguments: str, env: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "app.py", *arguments], cwd=ROOT, env=env, stderr=subprocess.PIPE, text=True
    )


def address(process: subprocess.Popen[str]) -> str:
    """Where the server says that it listens."""
    assert process.stderr is not None
    line = next(line for line in process.stderr if "running on" in line)
    return str(json.loads(line)["event"]).split(" on ")[1].split(" ")[0]


def run(*arguments: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "app.py", *arguments],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.fixture
def server(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    with start("serve", env=environment(tmp_path / "playgraph.db")) as process:
        yield process
        process.kill()


def test_a_server_answers_over_a_socket_and_ends_cleanly(server: subprocess.Popen[str]) -> None:
    body = json.dumps({"query": '{ hero(key: "ana") { name } }'}).encode()
    request = Request(address(server) + "/graphql", body, {"content-type": "application/json"})

    with urlopen(request) as response:
        answer = json.load(response)
    server.send_signal(signal.SIGTERM)

    assert answer == {"data": {"hero": {"name": "Ana"}}}
    assert "server" not in response.headers
    assert server.wait(20) == 0


def test_a_second_server_on_the_same_file_is_refused_in_one_line(
    server: subprocess.Popen[str], tmp_path: Path
) -> None:
    address(server)

    second = run("serve", env=environment(tmp_path / "playgraph.db", LOG_LEVEL="ERROR"))

    assert second.returncode == 2
    assert second.stderr.startswith("playgraph: ")
    assert str(server.pid) in second.stderr
    assert second.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "value"), [("STORAGE_TYPE", "paper"), ("LOG_LEVEL", "LOUD"), ("BLIZZARD_URL", "x")]
)
def test_a_wrong_setting_stops_the_start_with_one_line_that_names_it(
    tmp_path: Path, name: str, value: str
) -> None:
    refused = run("serve", env=environment(tmp_path / "playgraph.db", **{name: value}))

    assert refused.returncode == 2
    assert refused.stderr.startswith(f"playgraph: {name}: ")
    assert refused.stderr.count("\n") == 1
    assert not (tmp_path / "playgraph.db").exists()


def test_a_folder_in_the_place_of_the_database_is_refused_in_one_line(tmp_path: Path) -> None:
    refused = run("serve", env=environment(tmp_path, LOG_LEVEL="ERROR"))

    assert refused.returncode == 2
    assert refused.stderr.startswith("playgraph: ")
    assert refused.stderr.count("\n") == 1


def test_the_schema_can_be_printed() -> None:
    printed = run("schema", env=dict(os.environ))

    assert printed.stdout == schema.as_str() + "\n"
