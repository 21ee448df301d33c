"""How long it takes to read what upstream sends for the refresh soak, and nothing else: the limit of a refresh."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import mean
from time import perf_counter

from bench.stale import AFTER, has_changed, site
from blizzard.ids import search_path
from blizzard.parsers.players import read_career_page
from blizzard.parsers.search import read_search
from blizzard.simulator import SimulatedPlayer

_PAGES = 200
_TIMES = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """Seconds for the answer of a search, with `rows` players in it, and for the career page of a changed player."""

    search: float
    rows: float
    career: float


def measure_reading(players: Sequence[SimulatedPlayer]) -> Reading:
    """Read every search's answer and a sample of the pages, one after the other in this thread. Means over all, of the
    best of a few readings each."""
    upstream = site(len(players))
    names = dict.fromkeys(player.name for player in players)
    answers = [upstream.answer(search_path(name), {}, AFTER).text for name in names]
    changed = [player for player in players if has_changed(player)]
    sample = changed[:: max(1, len(changed) // _PAGES)]
    return Reading(
        search=mean(_best(read_search, text) for text in answers),
        rows=len(players) / len(names),
        career=mean(_best(read_career_page, upstream.career_text(player, AFTER)) for player in sample),
    )


def _best(read: Callable[[str], object], text: str) -> float:
    return min(_seconds(read, text) for _ in range(_TIMES))


def _seconds(read: Callable[[str], object], text: str) -> float:
    began = perf_counter()
    read(text)
    return perf_counter() - began
