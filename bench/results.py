"""`bench/RESULTS.md`: what `make bench` measures, and below it a section for each soak.

Each writes its own part and keeps the others: a soak takes minutes and is not run as often.
"""

import re
from pathlib import Path

PATH = Path(__file__).parent / "RESULTS.md"

_MARK = re.compile(r"^<!-- soak: ([a-z ]+) -->\n", re.MULTILINE)


def write_run(page: str, path: Path = PATH) -> None:
    """Put `page` in the place of everything but the sections of soaks."""
    _, soaks = _read(path)
    _write(path, page, soaks)


def write_soak(name: str, section: str, path: Path = PATH) -> None:
    """Put `section` in the place of what the soak of this name wrote before, else behind everything."""
    page, soaks = _read(path)
    _write(path, page, {**soaks, name: section})


def _read(path: Path) -> tuple[str, dict[str, str]]:
    """The page of the run, and the sections of soaks by their names."""
    if not path.is_file():
        return "", {}
    page, *marked = _MARK.split(path.read_text(encoding="utf-8"))
    return page, dict(zip(marked[::2], marked[1::2], strict=True))


def _write(path: Path, page: str, soaks: dict[str, str]) -> None:
    parts = [page, *(f"<!-- soak: {name} -->\n{section}" for name, section in soaks.items())]
    path.write_text("\n\n".join(part.strip("\n") for part in parts if part) + "\n", encoding="utf-8")
