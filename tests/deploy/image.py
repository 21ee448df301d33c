"""Reads deploy/Dockerfile and .dockerignore as a builder does: its steps, and the files that get into the image."""

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from tests.architecture.sources import ROOT

FILE = ROOT / "deploy" / "Dockerfile"


@dataclass(frozen=True)
class Step:
    """An instruction and what stands behind it, on one line; `stage` counts the FROM lines before it, from 1."""

    stage: int
    name: str
    words: str

    @property
    def exec_form(self) -> list[str]:
        """The list of a CMD, or of the CMD in a HEALTHCHECK. ValueError when it is in shell form."""
        found: list[str] = json.loads(self.words[self.words.index("[") :])
        return found


def steps() -> list[Step]:
    """Every instruction in order, comments left out and continued lines joined."""
    lines = [line for line in FILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    found: list[Step] = []
    stage = 0
    for line in joined.splitlines():
        name, _, words = line.strip().partition(" ")
        if name:
            stage += name == "FROM"
            found.append(Step(stage, name, words))
    return found


def last_stage(name: str) -> list[Step]:
    """The instructions of that name in the image itself."""
    return [step for step in steps() if step.name == name and step.stage == steps()[-1].stage]


def environment() -> dict[str, str]:
    """What ENV sets in the image."""
    return dict(pair.split("=", 1) for step in last_stage("ENV") for pair in step.words.split())


def copies(stage: int) -> Iterator[tuple[str, str]]:
    """(source in the context, target) of every COPY of a stage that is from the context."""
    for step in steps():
        if step.name == "COPY" and step.stage == stage and "--from" not in step.words:
            *sources, target = step.words.split()
            yield from ((source.rstrip("/"), target) for source in sources)


def files_in_image() -> list[PurePosixPath]:
    """Every file of the checkout that gets into the image, by its path in both."""
    found: list[PurePosixPath] = []
    for source, _ in copies(steps()[-1].stage):
        path = ROOT / source
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        relative = [PurePosixPath(each.relative_to(ROOT).as_posix()) for each in inside if each.is_file()]
        found.extend(each for each in relative if not is_ignored(each))
    return found


def make_copy(folder: Path) -> None:
    """The files of the image in `folder`, as they are in /app."""
    for path in files_in_image():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, target)


def is_ignored(path: PurePosixPath) -> bool:
    """Whether .dockerignore keeps a file out: the last pattern that matches it, or a folder it is in, decides."""
    ignored = False
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        pattern = line.strip()
        if pattern and not pattern.startswith("#") and _matches(pattern.removeprefix("!"), path):
            ignored = not pattern.startswith("!")
    return ignored


def _matches(pattern: str, path: PurePosixPath) -> bool:
    expression = re.escape(pattern).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
    return any(re.fullmatch(expression, str(each)) for each in [path, *path.parents[:-1]])


def health_check() -> dict[str, Any]:
    """The options of HEALTHCHECK by name, and its `command`."""
    [step] = last_stage("HEALTHCHECK")
    options = dict(re.findall(r"--([a-z-]+)=(\S+)", step.words.partition(" CMD ")[0]))
    return options | {"command": step.exec_form}
