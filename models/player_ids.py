"""The form of a player id: a BattleTag such as `Name-1234`, or the id Blizzard itself uses, such as `0a1b|2c3d`."""

import re
import unicodedata

from errors import BadUserInput

MAX_TEXT = 200
"""Longer text is refused unread; the longest id that exists is well below it."""

_NAME_LENGTHS = range(2, 33)
_SHOWN = 40
_BLANKS = " \t\r\n\u00a0\u3000"
_NUMBER = re.compile(r"[0-9]{3,10}")
_BLIZZARD_ID = re.compile(r"[0-9A-Fa-f]{1,64}\|[0-9A-Fa-f]{1,64}")


def normalize_player_id(text: str) -> str:
    """The one spelling of a player id under which it is asked for and kept.

    Blanks round it are dropped, the text is composed (NFC), `#` becomes `-` and `%7C` becomes `|`; case is kept.
    A BattleTag is 2 to 32 letters, marks or digits of any script (counted in code points, a mark never first),
    `-`, and 3 to 10 ASCII digits. Blizzard's own id is two hexadecimal numbers of 1 to 64 digits joined by `|`.
    Raises `BadUserInput` for anything else; its message repeats at most 40 characters of the text.
    """
    if len(text) > MAX_TEXT:
        raise _refusal(text)
    composed = unicodedata.normalize("NFC", text.strip(_BLANKS)).replace("#", "-").replace("%7C", "|")
    if not (_BLIZZARD_ID.fullmatch(composed) or _is_battletag(composed)):
        raise _refusal(text)
    return composed


def _is_battletag(text: str) -> bool:
    name, _, number = text.partition("-")
    return len(name) in _NAME_LENGTHS and bool(_NUMBER.fullmatch(number)) and _is_name(name)


def _is_name(text: str) -> bool:
    # Marks are part of how many scripts write a letter, and not all of them compose; alone they are no name.
    categories = [unicodedata.category(character) for character in text]
    return categories[0][0] != "M" and all(kind[0] in "LM" or kind == "Nd" for kind in categories)


def _refusal(text: str) -> BadUserInput:
    start = "".join(character if character.isprintable() else "\ufffd" for character in text[:_SHOWN])
    dots = "…" if len(text) > _SHOWN else ""
    return BadUserInput(
        f'"{start}{dots}" is no player id. Write a BattleTag such as Name-1234 or Name#1234, '
        "or Blizzard's own id such as 0a1b2c|3d4e5f."
    )
