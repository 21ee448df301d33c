"""Damage to pages and answers: cut short, blown up, sections gone or out of order, values of another type."""

import json
import re
from random import Random
from typing import Any

from blizzard.simulator.faults import Fault

_LARGE = 10_000_000
_START = re.compile(
    r"<(blz-section|blz-carousel-section|blz-page-header|blz-list-item|blz-feature|blz-header|blz-tab-controls"
    r"|blz-tab-control|blz-web-video|blz-accordion|main|select|option|span|div|h1|h2|a)(?=[ >])"
)
_VALUE = re.compile(r'="[^"<>]{1,200}"|>[^<>]{1,200}<')
_OTHER_VALUES = ("", "-1", "NaN", "--", "null", "12:34:56:78", "1e309", "\U0001f9a6", "x" * 300, "9" * 40)
_OTHER_JSON: tuple[Any, ...] = (None, True, -1, 1.5, "", "x", [], {}, 2**70, [{}])


def damage(text: str, fault: Fault, chance: Random) -> str:
    """`text` (a page, or an answer in JSON) with one fault; faults that are no page's leave it as it is."""
    if fault is Fault.TRUNCATED:
        return text[: chance.randrange(len(text) or 1)]
    if fault is Fault.OVERSIZED:
        return _oversized(text)
    if text.startswith(("[", "{")):
        return _damage_json(text, fault, chance)
    if fault is Fault.MISSING:
        start, end = _element(text, chance)
        return text[:start] + text[end:]
    if fault is Fault.REORDERED:
        return _reordered(text, chance)
    return _mistyped(text, chance) if fault is Fault.MISTYPED else text


def _oversized(text: str) -> str:
    """The text with so much of nothing in it that it has 10 MB."""
    if text.startswith(("[", "{")):
        return text + " " * (_LARGE - len(text))
    filling = "<p>nothing</p>"
    at = text.rfind("</main>")
    at = len(text) if at < 0 else at
    return text[:at] + filling * ((_LARGE - len(text)) // len(filling) + 1) + text[at:]


def _element(text: str, chance: Random) -> tuple[int, int]:
    """Where some element starts and ends; an empty stretch when there is none."""
    starts = list(_START.finditer(text))
    if not starts:
        return 0, 0
    start = chance.choice(starts)
    depth = 0
    for tag in re.finditer(rf"<(/?){start[1]}[ >]", text[start.start() :]):
        depth += -1 if tag[1] else 1
        if depth == 0:
            return start.start(), start.start() + text[start.start() :].index(">", tag.start()) + 1
    return start.start(), len(text)


def _reordered(text: str, chance: Random) -> str:
    """Two elements change places; when one is inside the other, the inner one comes first."""
    first, second = sorted((_element(text, chance), _element(text, chance)))
    if second[0] < first[1]:
        inner = text[second[0] : second[1]]
        return text[: first[0]] + inner + text[first[0] : second[0]] + text[second[1] :]
    return (
        text[: first[0]]
        + text[second[0] : second[1]]
        + text[first[1] : second[0]]
        + text[first[0] : first[1]]
        + text[second[1] :]
    )


def _mistyped(text: str, chance: Random) -> str:
    """One in twenty values is another one."""
    return _VALUE.sub(
        lambda match: (
            f"{match[0][:2]}{chance.choice(_OTHER_VALUES)}{match[0][-1]}"
            if match[0][0] == "=" and chance.random() < 0.05
            else f">{chance.choice(_OTHER_VALUES)}<"
            if match[0][0] == ">" and chance.random() < 0.05
            else match[0]
        ),
        text,
    )


def _damage_json(text: str, fault: Fault, chance: Random) -> str:
    answer = json.loads(text)
    places = list(_places(answer))
    if not places or fault not in {Fault.MISSING, Fault.REORDERED, Fault.MISTYPED}:
        return text
    parent, key = chance.choice(places)
    if fault is Fault.MISSING:
        del parent[key]
    elif fault is Fault.MISTYPED:
        parent[key] = chance.choice(_OTHER_JSON)
    elif isinstance(parent, list):
        chance.shuffle(parent)
    else:
        members = list(parent.items())
        chance.shuffle(members)
        parent.clear()
        parent.update(members)
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":"))


def _places(value: Any) -> Any:
    """Every place in a JSON value: what holds it, and its key or index there."""
    if isinstance(value, list | dict):
        for key in range(len(value)) if isinstance(value, list) else tuple(value):
            yield value, key
            yield from _places(value[key])
