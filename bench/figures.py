"""What a part of a run found: a table for people, and bars for the chart."""

import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bar:
    """`share` of the limit, 1 = as fast as the limit; `peer` is the share of stock Strawberry, where it was asked."""

    label: str
    share: float
    peer: float | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """One table. `note` says what the limit is and how to read it; `failure` why the run is to end with code 1."""

    title: str
    note: str
    heads: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    bars: Sequence[Bar] = ()
    failure: str | None = None


def percent(share: float) -> str:
    """A share as text, two digits that count below ten percent: 41%, 4.1%, 0.13%."""
    hundredths = share * 100
    digits = next((digits for digits, least in ((0, 9.95), (1, 0.995), (2, 0.0)) if hundredths >= least), 2)
    return f"{hundredths:.{digits}f}%"


def spread(values: Sequence[float]) -> float:
    """How noisy the repeated figures are: half of highest less lowest, as a share of the median."""
    return (max(values) - min(values)) / 2 / statistics.median(values)


def say(text: str) -> None:
    """Progress, to standard error."""
    print(text, file=sys.stderr, flush=True)
