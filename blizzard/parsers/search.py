"""Blizzard's player search: rows of players that share a name, and the one that is really meant."""

import json
from collections.abc import Iterable

import msgspec

from blizzard.parsers.values import title
from errors import PageUnreadable
from models.players import SearchRow

# The last second of the year 9999: beyond it a time is no time, and its milliseconds might not fit a column.
_LAST_SECOND = 253_402_300_799
_NO_LIST = "The search answer is not a list in JSON."


class _Row(msgspec.Struct, frozen=True):
    """A row as sent. Members not named here are of no interest; `portrait` is of an older kind of row."""

    name: str
    isPublic: bool  # noqa: N815  # upstream's spelling
    lastUpdated: int  # noqa: N815
    avatar: str
    url: str
    namecard: str | None = None
    title: str | dict[str, object] | None = None
    portrait: object = None


_rows = msgspec.json.Decoder(list[msgspec.Raw])
_row = msgspec.json.Decoder(_Row)


def read_search(text: str) -> tuple[SearchRow, ...]:
    """The rows of a search answer, in its order.

    Rows that lack a name, an id, an avatar, the privacy or the time of change, or that have them in another
    type, are left out. Raises PageUnreadable when the text is no list in JSON.
    """
    rows = (read_search_row(row) for row in _split(text))
    return tuple(row for row in rows if row is not None)


def _split(text: str) -> list[str]:
    """The rows as JSON texts, not looked into."""
    try:
        return [bytes(raw).decode() for raw in _rows.decode(text)]
    except msgspec.DecodeError:
        return _split_slowly(text)
    except (UnicodeError, RecursionError) as error:
        raise PageUnreadable(_NO_LIST) from error


def _split_slowly(text: str) -> list[str]:
    """As `_split`, for an answer in which half a surrogate pair stands: it costs its row and not the rest."""
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PageUnreadable(_NO_LIST) from error
    if not isinstance(rows, list):
        raise PageUnreadable(_NO_LIST)
    return [json.dumps(row) for row in rows]


def read_search_row(json_text: str) -> SearchRow | None:
    """The row in `json_text`, or None when it is not a whole one.

    Rows of the older kind (with a portrait) have an avatar, namecard and title of an earlier game: all None.
    """
    row = _decode(json_text)
    if row is None or not _is_whole(row):
        return None
    is_old = bool(row.portrait)
    return SearchRow(
        blizzard_id=_plain_id(row.url),
        name=row.name,
        is_public=row.isPublic,
        last_updated_at=row.lastUpdated * 1000,
        avatar=None if is_old else row.avatar or None,
        namecard=None if is_old else row.namecard or None,
        title=None if is_old else title(row.title),
        json_text=json_text,
    )


def find_row(rows: Iterable[SearchRow], *, blizzard_id: str, name: str) -> SearchRow | None:
    """The row of exactly this id and name (case counts, outer white space does not), a public one first.

    The search ignores case and lists everybody of that name, so a name alone proves nothing.
    """
    wanted = (_plain_id(blizzard_id), name.strip())
    matches = [row for row in rows if (row.blizzard_id, row.name) == wanted]
    return next((row for row in matches if row.is_public), matches[0] if matches else None)


def settles_title(row: SearchRow) -> bool:
    """Whether the row itself says which title the player has, be it none; else the page is to be asked."""
    sent = _decode(row.json_text)
    return sent is not None and not sent.portrait and bool(sent.title)


def _decode(json_text: str) -> _Row | None:
    try:
        return _row.decode(json_text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None


def _is_whole(row: _Row) -> bool:
    texts = (row.name, row.url, row.avatar, row.namecard or "", title(row.title) or "")
    return (
        bool(row.name)
        and bool(row.url)
        and 0 <= row.lastUpdated <= _LAST_SECOND
        and not any("\0" in text for text in texts)
    )


def _plain_id(blizzard_id: str) -> str:
    return blizzard_id.replace("%7C", "|").replace("%7c", "|")
