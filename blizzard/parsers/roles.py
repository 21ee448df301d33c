"""Roles: the bundled table, and the home page that shows them."""

from selectolax.lexbor import LexborNode

from blizzard.parsers.nodes import attribute
from blizzard.parsers.page_parts import find, find_all, icon_key, read_root, trimmed
from blizzard.parsers.tables import read_table, required
from errors import PageUnreadable
from models.roles import Role, RoleCard, RoleKey

_COLUMNS = ("key", "name", "description")
# Whatever else the section may show one day, a hero plays one of three roles.
_ROLES = 3


def read_roles_table(text: str, file_name: str = "roles.csv") -> tuple[Role, ...]:
    """Roles in the table's order. Raises StartRefused naming the line of a broken row."""
    return read_table(text, file_name, _COLUMNS, _build)


def _build(row: dict[str, str]) -> Role:
    return Role(key=RoleKey(row["key"]), name=required(row, "name"), description=required(row, "description"))


def read_roles_page(html: str) -> tuple[RoleCard, ...]:
    """The roles of the home page in its order; key and picture are those of the tab at the same place.

    A role without a key or a name is left out. Raises PageUnreadable when the page has no main part, no section
    about heroes, or not one role in it.
    """
    section = find(read_root(html), "div.homepage-features-heroes blz-feature-carousel-section")
    tabs = find_all(find(section, "blz-tab-controls"), "blz-tab-control")
    icons = [find(tab, "blz-image") for tab in tabs]
    cards: dict[str, RoleCard] = {}
    for icon, feature in zip(icons, find_all(section, "blz-feature")[:_ROLES], strict=False):
        card = _read_card(icon, find(feature, "blz-header"))
        if card is not None:
            cards.setdefault(card.key, card)
    if not cards:
        raise PageUnreadable("The home page shows no role.")
    return tuple(cards.values())


def _read_card(icon: LexborNode | None, header: LexborNode | None) -> RoleCard | None:
    key = icon_key(icon)
    name = trimmed(find(header, "h3")).capitalize()
    if key is None or not name:
        return None
    return RoleCard(key, name, attribute(icon, "src"), trimmed(find(header, "div")))
