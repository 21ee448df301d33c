"""The bundled table of gamemodes."""

from blizzard.parsers.tables import read_table, required, static_url
from models.gamemodes import Gamemode

_COLUMNS = ("key", "name", "description", "listed")


def read_gamemodes_table(
    text: str, static_base_url: str | None = None, file_name: str = "gamemodes.csv"
) -> tuple[Gamemode, ...]:
    """Gamemodes in the table's order. Raises StartRefused naming the line of a broken row."""
    return read_table(text, file_name, _COLUMNS, lambda row: _build(row, static_base_url))


def _build(row: dict[str, str], static_base_url: str | None) -> Gamemode:
    if row["listed"] not in {"true", "false"}:
        raise ValueError("listed must be true or false")
    return Gamemode(
        key=row["key"],
        name=required(row, "name"),
        description=required(row, "description"),
        icon=static_url(static_base_url, f"gamemodes/{row['key']}-icon.svg"),
        screenshot=static_url(static_base_url, f"gamemodes/{row['key']}.avif"),
        is_listed=row["listed"] == "true",
    )
