"""The bundled table of maps."""

from blizzard.parsers.tables import keys_in, read_table, required, static_url
from models.maps import Map

_COLUMNS = ("key", "name", "gamemodes", "location", "country_code")


def read_maps_table(
    text: str, static_base_url: str | None = None, file_name: str = "maps.csv"
) -> tuple[Map, ...]:
    """Maps in the table's order. Raises StartRefused naming the line of a broken row."""
    return read_table(text, file_name, _COLUMNS, lambda row: _build(row, static_base_url))


def _build(row: dict[str, str], static_base_url: str | None) -> Map:
    country_code = row["country_code"] or None
    if country_code is not None and not (len(country_code) == 2 and country_code.isupper()):
        raise ValueError("country_code must be two capital letters or empty")
    return Map(
        key=row["key"],
        name=required(row, "name"),
        gamemode_keys=keys_in(row["gamemodes"]),
        location=required(row, "location"),
        country_code=country_code,
        screenshot=static_url(static_base_url, f"maps/{row['key']}.jpg"),
    )
