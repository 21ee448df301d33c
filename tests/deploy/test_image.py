"""The Dockerfile makes a small image that runs without rights and holds what the server needs, and nothing else."""

import json
import os
import subprocess
import sys
from pathlib import Path, PurePosixPath
from urllib.request import urlopen

import pytest

from identity.options import check_bind
from options import identity_options
from schema import schema
from settings import Settings, load_settings
from tests.architecture.sources import ROOMS, ROOT, SINGLES
from tests.deploy import image

STEPS = image.steps()


def test_it_is_built_in_two_stages_from_one_pinned_slim_image() -> None:
    origins = [step.words.split()[0] for step in STEPS if step.name == "FROM"]

    assert len(origins) == 2
    assert len(set(origins)) == 1
    assert origins[0].startswith("python:3.11.")
    assert "-slim-" in origins[0]


def test_packages_are_installed_by_their_hashes_and_leave_no_cache() -> None:
    [install] = [step.words for step in STEPS if step.name == "RUN" and "pip install" in step.words]

    assert "--require-hashes --requirement requirements.lock" in install
    assert "--no-cache-dir" in install


@pytest.mark.parametrize("stage", [1, 2])
def test_everything_that_is_copied_exists_and_is_not_ignored(stage: int) -> None:
    sources = [source for source, _ in image.copies(stage)]

    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert [source for source in sources if image.is_ignored(PurePosixPath(source))] == []
    assert sources != []


def test_every_room_of_the_product_is_copied_to_its_own_name() -> None:
    copied = dict(image.copies(2))

    assert {*ROOMS, "examples", *(f"{name}.py" for name in SINGLES)} - set(copied) == set()
    assert {source: copied[source] for source in ROOMS} == {room: f"{room}/" for room in ROOMS}


@pytest.mark.parametrize(
    "path",
    [
        ".env",
        ".git/config",
        ".venv/bin/python",
        "README.md",
        "data/playgraph.db",
        "deploy/Dockerfile",
        "storage/__pycache__/open.cpython-311.pyc",
        "tests/conftest.py",
    ],
)
def test_what_the_server_does_not_need_is_kept_out(path: str) -> None:
    assert image.is_ignored(PurePosixPath(path))


@pytest.mark.parametrize(
    "path", ["app.py", "storage/sql/migrations/0001_players.sql", "pages/files/icon.svg", "requirements.lock"]
)
def test_what_the_server_needs_is_let_in(path: str) -> None:
    assert not image.is_ignored(PurePosixPath(path))


def test_it_runs_as_a_user_of_a_fixed_number_to_whom_the_volume_belongs() -> None:
    [user] = [step.words for step in image.last_stage("USER")]
    [volume] = [step.words for step in image.last_stage("VOLUME")]
    [made] = [step.words for step in image.last_stage("RUN") if "useradd" in step.words]

    assert user == "10001:10001"
    assert "useradd --uid 10001 --gid 10001" in made
    assert f"install --directory --owner 10001 --group 10001 --mode 0750 {volume}" in made
    assert image.environment()["STORAGE_PATH"] == f"{volume}/playgraph.db"
    # What is written after VOLUME would be lost, and after USER be refused.
    assert [step.name for step in STEPS].index("VOLUME") < [step.name for step in STEPS].index("USER")


def test_it_ends_in_order_when_told() -> None:
    [stop] = [step.words for step in image.last_stage("STOPSIGNAL")]
    [command] = [step.exec_form for step in image.last_stage("CMD")]

    assert stop == "SIGTERM"
    assert command == ["python", "app.py", "serve"]


def test_every_setting_it_makes_is_one() -> None:
    python = {"PATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}

    assert {name.lower() for name in set(image.environment()) - python} - set(Settings.model_fields) == set()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What /app is in the image."""
    (tmp_path / "app").mkdir()
    image.make_copy(tmp_path / "app")
    return tmp_path / "app"


def container_environment(tmp_path: Path, **given: str) -> dict[str, str]:
    """The environment of the image, with this machine's Python and a folder in the place of the volume."""
    (tmp_path / "data").mkdir(exist_ok=True)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return image.environment() | {"PATH": path, "STORAGE_PATH": str(tmp_path / "data" / "kept.db")} | given


def test_the_files_of_the_image_print_the_whole_schema(folder: Path, tmp_path: Path) -> None:
    printed = subprocess.run(
        ["python", "app.py", "schema"],
        cwd=folder,
        env=container_environment(tmp_path),
        capture_output=True,
        text=True,
        check=True,
    )

    assert printed.stdout == schema.as_str() + "\n"


def test_the_files_of_the_image_serve_and_pass_their_own_health_check(folder: Path, tmp_path: Path) -> None:
    [command] = [step.exec_form for step in image.last_stage("CMD")]
    check = image.health_check()["command"]
    env = container_environment(tmp_path, HOST="127.0.0.1", PORT="0")
    with subprocess.Popen(command, cwd=folder, env=env, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        line = next(line for line in process.stderr if "running on" in line)
        address = json.loads(line)["event"].split(" on ")[1].split(" ")[0]
        port = address.rpartition(":")[2]
        healthy = subprocess.run(check, env=env | {"PORT": port}, check=False)
        with urlopen(f"{address}/explorer", timeout=10) as page:
            explorer = page.read()
        process.terminate()
        ended = process.wait(20)
    gone = subprocess.run(check, env=env | {"PORT": port}, capture_output=True, check=False)

    assert healthy.returncode == 0
    assert b"15-storage" in explorer
    assert ended == 0
    assert gone.returncode == 1
    assert (tmp_path / "data" / "kept.db").is_file()


def test_the_image_as_it_stands_is_let_start_where_others_reach_it() -> None:
    given = {key.lower(): value for key, value in image.environment().items()}

    settings = load_settings(_env_file=None, **given)

    assert (settings.host, settings.auth_mode) == ("0.0.0.0", "public")
    check_bind(identity_options(settings), settings.host)


def test_the_files_of_the_image_are_not_written_to(folder: Path, tmp_path: Path) -> None:
    before = sorted(folder.rglob("*"))

    subprocess.run(
        ["python", "app.py", "schema"],
        cwd=folder,
        env=container_environment(tmp_path),
        capture_output=True,
        check=True,
    )

    assert sorted(folder.rglob("*")) == before
