"""Names say something: words that could mean anything are not used, and every file says what it is for."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, parsed, product_files

BANNED = {"manager", "helper", "helpers", "util", "utils", "info", "process", "base", "common", "data"}
# GraphQL's own names, and the folder of bundled tables.
ALLOWED = {"Info", "PageInfo", "info", "schema/info.py", "blizzard/data"}


def _words(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)}


def _defined(path: Path) -> set[str]:
    return {
        node.name
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }


@pytest.mark.parametrize("path", product_files(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_functions_and_classes_have_telling_names(path: Path) -> None:
    empty_words = {name for name in _defined(path) - ALLOWED if _words(name) & BANNED}

    assert empty_words == set()


def test_files_have_telling_names() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in product_files()} - ALLOWED

    assert {name for name in names if _words(Path(name).stem) & BANNED} == set()


@pytest.mark.parametrize("path", product_files(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_file_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(parsed(path))
