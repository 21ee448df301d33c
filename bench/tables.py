"""A run's tables as text: on the terminal and in `bench/RESULTS.md`."""

import os
import platform
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version

from bench.figures import Section

PACKAGES = (
    "strawberry-graphql", "graphql-core", "starlette", "uvicorn", "uvloop", "orjson", "selectolax", "msgspec",
    "aiosqlite", "asyncpg", "redis", "hiredis", "zstandard",
)  # fmt: skip


def results_page(sections: Sequence[Section], seconds: float, load: float | None) -> str:
    """The page that is kept in git; `load` is how many others wanted a core before the run."""
    described = "\n\n".join(_described(section) for section in sections)
    return (
        "# Measured\n\n"
        "Written by `make bench`: one run, one machine, everything that is compared measured by turns. Shares are of "
        "the limit named with each table and mean something elsewhere too; times and rates do not.\n\n"
        "![Shares of the limit](results.svg)\n\n"
        f"{_surroundings(seconds, load)}\n"
        f"SQLite {sqlite3.sqlite_version}, {', '.join(f'{name} {version(name)}' for name in PACKAGES)}.\n\n"
        f"{described}\n"
    )


def soak_section(section: Section, seconds: float, load: float | None) -> str:
    """The section of a soak, which is from a run of its own."""
    return f"{_described(section)}\n\nFrom `make soak`, a run of its own: {_surroundings(seconds, load)}\n"


def load_before() -> float | None:
    """How many others want a core now; None where the system does not say."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


def plain(section: Section) -> str:
    """A section for the terminal, its columns aligned."""
    lines = [section.heads, *section.rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(section.heads))]
    table = ("  ".join(_padded(line, widths)).rstrip() for line in lines)
    return f"\n{section.title}\n" + "\n".join(table)


def _surroundings(seconds: float, load: float | None) -> str:
    busy = "" if load is None else f" Load before the run: {load:.1f}."
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {platform.python_implementation()} {platform.python_version()}, "
        f"{platform.system()} on {platform.machine()}, {os.cpu_count()} cores, {seconds:.0f} seconds.{busy}"
    )


def _described(section: Section) -> str:
    rules = ["---", *("---:" for _ in section.heads[1:])]
    lines = (section.heads, rules, *section.rows)
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"## {section.title}\n\n{section.note}\n\n{table}"


def _padded(line: Sequence[str], widths: Sequence[int]) -> list[str]:
    first, *rest = zip(line, widths, strict=True)
    return [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)]
