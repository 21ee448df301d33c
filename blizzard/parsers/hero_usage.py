"""Blizzard's pick and win rates of heroes: what an answer was selected for, and its rows."""

from dataclasses import dataclass

import msgspec

from errors import PageUnreadable
from models.hero_usage import HeroUsage


@dataclass(frozen=True, slots=True)
class UsageAnswer:
    """An answer: the kind of play (`queue`) and the map that upstream says it is about, and a row per hero."""

    queue: str
    map_key: str
    rows: tuple[HeroUsage, ...]


class _Selected(msgspec.Struct, frozen=True):
    rq: str | int
    map: str


class _Rates(msgspec.Struct, frozen=True):
    selected: _Selected
    rates: list[msgspec.Raw]


class _Answer(msgspec.Struct, frozen=True):
    rates: _Rates


class _Cells(msgspec.Struct, frozen=True):
    pickrate: float
    winrate: float


class _Row(msgspec.Struct, frozen=True):
    """A row as sent; `hero` tells more of the hero, and of that only the role is of interest."""

    id: str
    cells: _Cells
    hero: object = None


_answer = msgspec.json.Decoder(_Answer)
_row = msgspec.json.Decoder(_Row)


def read_hero_usage(text: str) -> UsageAnswer:
    """What the answer is about, and the rates of each hero in its order; of two rows of one hero the first counts.

    A row without an id or without both rates is left out, and so is one whose rates are not between 0 and 100
    per cent; -1 is upstream's "no data" and becomes 0. Keys of heroes not known yet pass through.
    Raises PageUnreadable when the text is no JSON of this shape.
    """
    try:
        rates = _answer.decode(text).rates
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise PageUnreadable("The answer about rates is not JSON of the known shape.") from error
    rows: dict[str, HeroUsage] = {}
    for raw in rates.rates:
        row = _read_row(raw)
        if row is not None:
            rows.setdefault(row.hero_key, row)
    return UsageAnswer(str(rates.selected.rq), rates.selected.map, tuple(rows.values()))


def _read_row(raw: msgspec.Raw) -> HeroUsage | None:
    try:
        row = _row.decode(raw)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
    pickrate, winrate = _rate(row.cells.pickrate), _rate(row.cells.winrate)
    if not row.id or "\0" in row.id or pickrate is None or winrate is None:
        return None
    return HeroUsage(row.id, _read_role(row.hero), pickrate, winrate)


def _rate(value: float) -> float | None:
    if value == -1:
        return 0.0
    # Adding zero makes -0.0, which compares equal to 0 yet is written otherwise, plain.
    return value + 0.0 if 0 <= value <= 100 else None


def _read_role(hero: object) -> str | None:
    role = hero.get("role") if isinstance(hero, dict) else None
    return role.lower() or None if isinstance(role, str) and "\0" not in role else None
