"""The pace as bytes, for a store that all processes share. Written by this release or another, or by nobody sane."""

import json
import math
from dataclasses import asdict, fields
from typing import Any

from blizzard.pace import Pace

_FIELDS = {field.name: field for field in fields(Pace)}
_MOST = 2**53  # exact as a float, and milliseconds beyond any year that matters
_MAY_BE_NONE = frozenset({"proven", "resting_until", "left_at"})
_BOOLEANS = frozenset({"is_lowered"})
_MOMENTS = frozenset(
    {"resting_until", "changed_at", "penalty_until", "streak", "turns", "people_in_a_row", "at"}
)


def encode_pace(pace: Pace) -> bytes:
    """The pace as JSON."""
    return json.dumps(asdict(pace)).encode()


def decode_pace(text: bytes) -> Pace | None:
    """The pace that was written. Parts that this code does not know are left out; None when it cannot be used."""
    try:
        parts = json.loads(text)
        known = {name: _checked(name, parts[name]) for name in parts if name in _FIELDS}
        return Pace(**known)
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def _checked(name: str, value: object) -> Any:
    """A part of the right type. ValueError or TypeError for any other."""
    if value is None and name in _MAY_BE_NONE:
        return None
    if isinstance(value, bool) or name in _BOOLEANS:
        if name not in _BOOLEANS or not isinstance(value, bool):
            raise TypeError(name)
        return value
    if not isinstance(value, int if name in _MOMENTS else int | float):
        raise TypeError(name)
    if not math.isfinite(value) or not 0 <= value <= _MOST:
        raise ValueError(name)
    return value
