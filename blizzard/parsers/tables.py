"""Tables in CSV: rows become models, and a broken row is named by file and line."""

import csv
from collections.abc import Callable, Sequence
from typing import TypeVar

from errors import StartRefused

_Model = TypeVar("_Model")


def read_table(
    text: str, file_name: str, columns: Sequence[str], build: Callable[[dict[str, str]], _Model]
) -> tuple[_Model, ...]:
    """One model per row, in order, made by `build` from the row's cells by column.

    Raises StartRefused naming file and line when the header is another, a row has too few or too many cells,
    a key is missing or repeated, or `build` raises ValueError.
    """
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    models: dict[str, _Model] = {}
    try:
        if next(reader, None) != list(columns):
            raise ValueError(f"the header must be {','.join(columns)}")
        for cells in reader:
            row = dict(zip(columns, cells, strict=True))
            if not row["key"] or row["key"] in models:
                raise ValueError(f"the key {row['key']!r} is empty or used before")
            models[row["key"]] = build(row)
    except (ValueError, csv.Error) as error:
        raise StartRefused(f"{file_name}, line {max(1, reader.line_num)}: {error}.") from error
    return tuple(models.values())


def required(row: dict[str, str], column: str) -> str:
    """A cell that may not be empty; ValueError when it is."""
    if not row[column]:
        raise ValueError(f"{column} is empty")
    return row[column]


def keys_in(cell: str) -> tuple[str, ...]:
    """The keys of a list separated by commas; ValueError when there is none or one is empty."""
    keys = tuple(cell.split(","))
    if not all(keys):
        raise ValueError("a list of keys is empty or has an empty key")
    return keys


def static_url(static_base_url: str | None, path: str) -> str | None:
    """The URL of a file on the host of static files; None where no such host is set."""
    return f"{static_base_url.rstrip('/')}/static/{path}" if static_base_url else None
