"""The bundled table of roles."""

from blizzard.parsers.tables import read_table, required
from models.roles import Role, RoleKey

_COLUMNS = ("key", "name", "description")


def read_roles_table(text: str, file_name: str = "roles.csv") -> tuple[Role, ...]:
    """Roles in the table's order. Raises StartRefused naming the line of a broken row."""
    return read_table(text, file_name, _COLUMNS, _build)


def _build(row: dict[str, str]) -> Role:
    return Role(key=RoleKey(row["key"]), name=required(row, "name"), description=required(row, "description"))
