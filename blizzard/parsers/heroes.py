"""The bundled table of heroes."""

from blizzard.parsers.tables import keys_in, read_table, required
from models.heroes import Hero, HitPoints
from models.roles import RoleKey

_COLUMNS = ("key", "name", "role", "subrole", "gamemodes", "health", "armor", "shields")


def read_heroes_table(text: str, file_name: str = "heroes.csv") -> tuple[Hero, ...]:
    """Heroes in the table's order. Raises StartRefused naming the line of a broken row."""
    return read_table(text, file_name, _COLUMNS, _build)


def _build(row: dict[str, str]) -> Hero:
    return Hero(
        key=row["key"],
        name=required(row, "name"),
        role_key=RoleKey(row["role"]),
        subrole=row["subrole"] or None,
        gamemode_keys=keys_in(row["gamemodes"]),
        hitpoints=_build_hitpoints(row),
    )


def _build_hitpoints(row: dict[str, str]) -> HitPoints:
    health, armor, shields = (int(row[column]) for column in ("health", "armor", "shields"))
    if health < 1 or armor < 0 or shields < 0:
        raise ValueError("health must be at least 1, armor and shields at least 0")
    return HitPoints(health, armor, shields, health + armor + shields)
