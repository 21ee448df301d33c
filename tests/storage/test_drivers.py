"""The drivers of servers are optional: what runs without them, and what is said where one, or a setting, is missing."""

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from settings import Settings
from tests.architecture.sources import ROOT

DRIVERS = ("asyncpg", "redis", "hiredis")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every installed package but the drivers, as a base installation has it."""
    folder = tmp_path_factory.mktemp("packages")
    for installed in Path(str(importlib.metadata.distribution("starlette").locate_file(""))).iterdir():
        if not re.match(rf"({'|'.join(DRIVERS)})\b(?!_stubs)", installed.name):
            (folder / installed.name).symlink_to(installed)
    return folder


def environment(packages: Path, storage_path: Path, **given: str) -> dict[str, str]:
    ambient = {name: value for name, value in os.environ.items() if name.lower() not in Settings.model_fields}
    return ambient | {
        "PYTHONPATH": str(packages),
        "STORAGE_PATH": str(storage_path),
        "PORT": "0",
        "LOG_FORMAT": "json",
        **given,
    }


def command(*arguments: str) -> list[str]:
    # Without `site` the packages of this environment are not found, only those that PYTHONPATH names.
    return [sys.executable, "-S", str(ROOT / "app.py"), *arguments]


@pytest.fixture
def base_server(packages: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    env = environment(packages, tmp_path / "kept.db")
    with subprocess.Popen(
        command("serve"), cwd=tmp_path, env=env, stderr=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


def refusal(packages: Path, folder: Path, **given: str) -> str:
    """The one line with which a server that must not start ends."""
    ended = subprocess.run(
        command("serve"),
        cwd=folder,
        env=environment(packages, folder / "kept.db", **given),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (2, "", 1), ended.stderr
    return ended.stderr.strip()


@pytest.mark.parametrize("driver", DRIVERS)
def test_a_base_installation_has_no_driver(packages: Path, tmp_path: Path, driver: str) -> None:
    found = subprocess.run(
        [sys.executable, "-S", "-c", f"import {driver}"],
        env=environment(packages, tmp_path / "kept.db"),
        capture_output=True,
        text=True,
        check=False,
    )

    assert f"No module named '{driver}'" in found.stderr


def test_a_base_installation_serves_from_a_file(base_server: subprocess.Popen[str], tmp_path: Path) -> None:
    assert base_server.stderr is not None
    line = next(line for line in base_server.stderr if "running on" in line)
    address = json.loads(line)["event"].split(" on ")[1].split(" ")[0]

    with urlopen(f"{address}/health/ready", timeout=10) as answer:
        report = json.load(answer)

    assert (report["status"], report["backend"]) == ("ready", "sqlite")
    assert (tmp_path / "kept.db").is_file()


@pytest.mark.parametrize(
    ("choice", "drivers"), [("postgres", "asyncpg"), ("redis", "redis"), ("hybrid", "asyncpg and redis")]
)
def test_a_choice_without_its_driver_stops_with_what_to_install(
    packages: Path, tmp_path: Path, choice: str, drivers: str
) -> None:
    said = refusal(packages, tmp_path, STORAGE_TYPE=choice)

    assert said == (
        f"playgraph: STORAGE_TYPE={choice} lacks what is not installed here: {drivers}. "
        f"Install it with: pip install -e '.[{choice}]'."
    )
    assert not (tmp_path / "kept.db").exists()


@pytest.mark.parametrize(
    ("choice", "given", "wanted"),
    [
        ("postgres", {}, "DATABASE_URL (or POSTGRES_HOST)"),
        ("postgres", {"DATABASE_URL": ""}, "DATABASE_URL (or POSTGRES_HOST)"),
        ("redis", {}, "REDIS_URL"),
        ("redis", {"REDIS_URL": ""}, "REDIS_URL"),
        ("hybrid", {}, "DATABASE_URL (or POSTGRES_HOST)"),
        ("hybrid", {"DATABASE_URL": "postgresql://somebody@127.0.0.1:9/nothing"}, "REDIS_URL"),
    ],
)
def test_a_choice_without_its_setting_stops_with_what_to_set(
    tmp_path: Path, choice: str, given: dict[str, str], wanted: str
) -> None:
    everything = Path(str(importlib.metadata.distribution("starlette").locate_file("")))

    said = refusal(everything, tmp_path, STORAGE_TYPE=choice, **given)

    assert said.startswith(f"playgraph: STORAGE_TYPE={choice} needs {wanted}; ")


def metadata_of(folder: Path) -> list[str]:
    """What an installation from a checkout is told to bring, section by section."""
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copy(ROOT / "README.md", folder)
    subprocess.run(
        [sys.executable, "-c", "import setuptools; setuptools.setup()", "--quiet", "egg_info"],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    return (folder / "playgraph.egg-info" / "requires.txt").read_text(encoding="utf-8").split("\n\n")


def test_an_installation_with_an_extra_brings_the_drivers_of_that_choice(tmp_path: Path) -> None:
    pytest.importorskip("setuptools")

    sections = metadata_of(tmp_path)

    assert "[postgres]\nasyncpg" in sections
    assert "[hybrid]\nasyncpg\nredis[hiredis]" in sections
    assert "[production]\nasyncpg\nredis[hiredis]" in sections
    assert {"asyncpg", "redis[hiredis]"} & set(sections[0].splitlines()) == set()
    # No room of the checkout becomes a package of the installation.
    assert (tmp_path / "playgraph.egg-info" / "top_level.txt").read_text(encoding="utf-8").strip() == ""


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[; ]", each)[0].lower() for each in requirements}


@pytest.mark.parametrize(
    ("lock", "extras"),
    [
        ("requirements.lock", ["production"]),
        ("requirements-dev.lock", list(PROJECT["optional-dependencies"])),
    ],
)
def test_a_lock_has_the_packages_of_its_extras(lock: str, extras: list[str]) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")

    locked = set(re.findall(r"^([a-z0-9-]+)==", text, re.MULTILINE))

    wanted = names(
        PROJECT["dependencies"]
        + [each for extra in extras for each in PROJECT["optional-dependencies"][extra]]
    )
    assert wanted - locked == set()
    assert "hiredis" in locked
