"""What the architecture tests look at: the project's own Python files, parsed."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (
    "blizzard",
    "commands",
    "execution",
    "identity",
    "models",
    "pages",
    "refresh",
    "resolvers",
    "schema",
    "storage",
)
SINGLES = ("app", "clock", "errors", "metrics", "options", "settings")


def product_files() -> list[Path]:
    """Every Python file of the product, tests and benchmarks left out."""
    files = [ROOT / f"{name}.py" for name in SINGLES]
    for room in ROOMS:
        files.extend(sorted((ROOT / room).rglob("*.py")))
    return files


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imported_modules(path: Path) -> Iterator[str]:
    """The dotted name of every module a file imports, wherever in the file."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function's body, decorators, signature and docstring left out."""
    body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1
