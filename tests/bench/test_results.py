"""`bench/RESULTS.md`: whoever writes a part of it keeps the others."""

from pathlib import Path

import pytest

from bench.results import write_run, write_soak

RUN = "# Measured\n\n## Start\n\n| start | s |\n"
COPYING = "## Copied\n\nTen players.\n"
REFRESHING = "## Refreshed\n\nTwenty players.\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A page with a run and two soaks."""
    path = tmp_path / "RESULTS.md"
    write_run(RUN, path)
    write_soak("copying", COPYING, path)
    write_soak("refreshing", REFRESHING, path)
    return path


def test_soaks_stand_behind_the_run_in_the_order_in_which_they_came(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert text == (f"{RUN}\n<!-- soak: copying -->\n{COPYING}\n<!-- soak: refreshing -->\n{REFRESHING}")


def test_a_run_keeps_what_soaks_wrote(path: Path) -> None:
    before = path.read_text(encoding="utf-8")

    write_run("# Measured anew\n", path)

    assert path.read_text(encoding="utf-8") == before.replace(RUN, "# Measured anew\n")


def test_a_soak_writes_its_own_section_alone(path: Path) -> None:
    before = path.read_text(encoding="utf-8")

    write_soak("copying", "## Copied again\n", path)

    assert path.read_text(encoding="utf-8") == before.replace(COPYING, "## Copied again\n")


def test_writing_the_same_again_changes_nothing(path: Path) -> None:
    before = path.read_bytes()

    write_run(RUN, path)
    write_soak("refreshing", REFRESHING, path)

    assert path.read_bytes() == before


def test_a_soak_that_comes_first_makes_the_page(tmp_path: Path) -> None:
    path = tmp_path / "RESULTS.md"

    write_soak("copying", COPYING, path)

    assert path.read_text(encoding="utf-8") == f"<!-- soak: copying -->\n{COPYING}"
