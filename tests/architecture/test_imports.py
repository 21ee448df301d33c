"""Imports go one way: the table in CONTRIBUTING.md is read and held against every import statement."""

import re
from pathlib import Path

import pytest

from tests.architecture.sources import ROOMS, ROOT, SINGLES, imported_modules, product_files, room_of

OURS = {*ROOMS, *SINGLES}

# Third-party name -> the rooms or files that alone may import it.
FENCES = {
    "strawberry": ("schema/", "execution/", "app.py", "commands/print_schema.py"),
    "aiodataloader": ("resolvers/loaders.py", "resolvers/conversation_loaders.py"),
    "sqlite3": ("storage/sql/",),
    "aiosqlite": ("storage/sql/",),
    "asyncpg": ("storage/sql/", "storage/bus/postgres.py"),
    "redis": ("storage/redis/", "storage/bus/redis.py"),
    "zstandard": ("storage/codec.py",),
    "httpx2": ("blizzard/client.py",),
    "jwt": ("identity/",),
    "selectolax": ("blizzard/parsers/",),
    "pydantic": ("settings.py",),
    "pydantic_settings": ("settings.py",),
    "prometheus_client": ("metrics.py", "refresh/flights.py"),
}


def _table() -> dict[str, set[str]]:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \|$", text.split("### Who may import whom")[1], re.MULTILINE)
    return {
        room: OURS if "everything" in allowed else set(re.findall(r"`(\w+)`", allowed))
        for room, allowed in rows
    }


def _relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_the_table_has_a_row_for_every_room() -> None:
    assert set(_table()) == OURS


@pytest.mark.parametrize("path", product_files(), ids=_relative)
def test_a_file_imports_only_rooms_that_the_table_allows(path: Path) -> None:
    ours = {name.split(".")[0] for name in imported_modules(path)} & OURS

    assert ours - _table()[room_of(path)] - {room_of(path)} == set()


@pytest.mark.parametrize("path", product_files(), ids=_relative)
def test_storage_is_entered_by_its_door(path: Path) -> None:
    inner = {name for name in imported_modules(path) if name.startswith("storage.")}

    assert room_of(path) == "storage" or inner == set()


@pytest.mark.parametrize("path", product_files(), ids=_relative)
def test_third_party_names_stay_behind_their_fences(path: Path) -> None:
    imported = {name.split(".")[0] for name in imported_modules(path)}

    outside = {name for name in imported & set(FENCES) if not _relative(path).startswith(FENCES[name])}
    assert outside == set()


@pytest.mark.parametrize("path", product_files(), ids=_relative)
def test_nothing_of_the_tests_is_imported_by_the_product(path: Path) -> None:
    assert [name for name in imported_modules(path) if name.split(".")[0] in ("tests", "bench")] == []


def test_no_dependency_brings_a_module_named_like_a_room() -> None:
    site = [path for path in Path(pytest.__file__).parents[1].iterdir() if path.is_dir()]

    assert {path.name for path in site} & set(ROOMS) == set()
