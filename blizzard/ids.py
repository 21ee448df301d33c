"""Player ids as Blizzard's addresses spell them."""

import unicodedata
from urllib.parse import quote, unquote, urlsplit

from errors import BadUserInput
from models.player_ids import normalize_player_id

_CAREER = "/career/"


def canonical_id(text: str) -> str:
    """Blizzard's id with `|` where an address has `%7C`; other text unchanged."""
    return text.replace("%7C", "|")


def is_blizzard_id(text: str) -> bool:
    """True for Blizzard's own id, in either spelling of its `|`; False for a BattleTag."""
    return "|" in canonical_id(text) and "-" not in text


def path_segment(text: str) -> str:
    """`text` as one segment of a path: all but letters, digits and `_.-~` is percent-encoded, `/` and `%` too.

    An id may come with `|` or with `%7C`; both give `%7C`.
    """
    return quote(canonical_id(text), safe="", errors="replace")


def career_path(player_id: str) -> str:
    """The path of a career page."""
    return f"/en-us/career/{path_segment(player_id)}/"


def search_path(name: str) -> str:
    """The path of the player search for a name."""
    # A segment of dots alone would be taken for "this folder" or "the one above".
    segment = path_segment(name) if name.strip(".") else name.replace(".", "%2E")
    return f"/en-us/search/account-by-name/{segment}/"


def search_name(player_id: str) -> str:
    """What to search for to find a player: the part of a BattleTag before the first `-`."""
    return player_id.partition("-")[0]


def id_from_url(url: str) -> str | None:
    """The id in a career page's address, decoded; None when the address is not a career page's."""
    _, found, rest = urlsplit(url).path.partition(_CAREER)
    return unquote(rest.partition("/")[0]) or None if found else None


def player_id_from_url(url: str) -> str | None:
    """As `id_from_url`, in the spelling ids are kept in; None also when what stands there is no player id."""
    text = id_from_url(url)
    if text is None:
        return None
    try:
        return normalize_player_id(text)
    except BadUserInput:
        return None


def battletag(asked: str, username: str) -> str:
    """The BattleTag under which `asked` was answered, with the capitals of the name that Blizzard displays.

    A displayed name that is not the tag's name, capitals aside, proves nothing: then the tag is kept as asked.
    """
    name, _, number = asked.partition("-")
    shown = unicodedata.normalize("NFC", username.strip())
    return f"{shown}-{number}" if shown.casefold() == name.casefold() else asked
