"""10,000 stale players refreshed by one worker: `python -m bench.refreshing [PLAYERS | --short]`.

The worker is `python app.py worker` on hybrid storage, the queue the real one, upstream the simulator without a pace.
Takes minutes and some hundred megabytes of each server, which are given back at the end. Writes its section of
`bench/RESULTS.md`; `--short`, which is a few players, only prints it. Ends with code 1 when a player was not refreshed
as it must be, upstream was asked more or less than needed, or memory grows without end; with code 2 when nothing could
be measured.
"""

import asyncio
import signal
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import structlog

from bench.children import Failure
from bench.draining import growth, held_at, most_held, speed
from bench.figures import Section, percent, say
from bench.places import missing_server
from bench.reading import Reading, measure_reading
from bench.refreshed import Outcome, refreshed
from bench.results import write_soak
from bench.stale import everybody
from bench.tables import load_before, plain, soak_section

PLAYERS = 10_000
SHORT = 200
GROWTH_LIMIT_MIB = 2.0
"""For each thousand of the last two fifths of all refreshes."""

_MARKS = (0.2, 0.6, 1.0)
_STEPS = tuple(pairwise(_MARKS))
# Some runs step up once by some twenty MiB before this and then stay. What stops is no leak, and a leak goes on.
_JUDGED = _STEPS[-1]
_FEWEST_FOR_GROWTH = 1_000
"""In fewer, what is filled once and stays (pools, caches, threads) looks like growth."""


def measure(players: int) -> Section:
    """The figures. Raises Failure where a server is missing, or the worker does not come to an end."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    if missing := missing_server("hybrid"):
        raise Failure(missing)
    reading = measure_reading(everybody(players))
    with TemporaryDirectory() as folder:
        return section_of(asyncio.run(refreshed(players, Path(folder))), reading)


def section_of(outcome: Outcome, reading: Reading) -> Section:
    """The table of a run, with what is wrong about it as its failure."""
    note = (
        f"{outcome.players:,} stale players of all kinds on hybrid storage ({outcome.server_version}), queued as "
        "readers of stale answers do, and one `python app.py worker`, with no pace towards the simulator. The limit is "
        f"reading what upstream sends, one after the other, and nothing else: here {reading.search * 1_000:.1f} ms for "
        f"what a search finds, {reading.rows:.0f} players of a name, and {reading.career * 1_000:.1f} ms for a career "
        "page. A player whose time of change has not moved costs the search alone. Commits wait for the disk. Memory "
        f"is the worker's; from {_JUDGED[0]:.0%} of all on it may grow by {GROWTH_LIMIT_MIB:.0f} MiB for each 1,000."
    )
    rows = [*_counted(outcome), *_timed(outcome, reading), *_memory(outcome)]
    failure = "; ".join(_failures(outcome)) or None
    return Section("Stale players, one worker", note, ("what", "figure"), rows, failure=failure)


def _counted(outcome: Outcome) -> Iterator[tuple[str, str]]:
    unchanged = outcome.players - outcome.changed
    yield "players", f"{outcome.players:,}"
    yield "unchanged since, of all", f"{unchanged:,}, {percent(unchanged / outcome.players)}"
    yield "failed jobs", f"{outcome.failed:,}"
    yield "not kept as they must be afterwards", f"{outcome.wrong:,}"
    yield "searches asked for", f"{outcome.asked.searches:,}"
    yield "career pages asked for", f"{outcome.asked.careers:,}"


def _timed(outcome: Outcome, reading: Reading) -> Iterator[tuple[str, str]]:
    rate, cpu = speed(outcome.samples)
    read_seconds = outcome.players * reading.search + outcome.changed * reading.career
    limit = outcome.players / read_seconds
    yield "refreshes a second", f"{rate:,.1f}"
    yield "the limit, refreshes a second", f"{limit:,.1f}"
    yield "of the limit", percent(rate / limit)
    pages = rate * outcome.changed / outcome.players
    yield "career pages a second, and with nothing else to do", f"{pages:,.1f}, {1 / reading.career:,.1f}"
    yield "CPU of the worker for one refresh, ms", f"{cpu * 1_000:.1f}"
    yield "CPU of the worker, of one core", percent(rate * cpu)


def _memory(outcome: Outcome) -> Iterator[tuple[str, str]]:
    held = [(mark, mib) for mark in _MARKS if (mib := held_at(outcome.samples, mark)) is not None]
    if not held:
        yield "memory", "not known on this system"
        return
    for mark, mib in held:
        yield f"MiB after {mark * outcome.players:,.0f} refreshes", f"{mib:.0f}"
    yield "MiB at most", f"{most_held(outcome.samples):.0f}"
    for since, until in _STEPS if outcome.players >= _FEWEST_FOR_GROWTH else ():
        between = f"{since * outcome.players:,.0f} to {until * outcome.players:,.0f}"
        yield f"growth for each 1,000, from {between}", f"{growth(outcome.samples, since, until) or 0.0:+.2f}"


def _failures(outcome: Outcome) -> Iterator[str]:
    """What is not as it must be, in sentences."""
    asked, grown = outcome.asked, growth(outcome.samples, *_JUDGED)
    if outcome.failed or outcome.wrong:
        yield f"{outcome.failed} jobs failed, and {outcome.wrong} players are not kept as they must be"
    if (asked.searches, asked.careers) != (outcome.players, outcome.changed):
        yield f"upstream was asked {asked}, not {outcome.players} searches and {outcome.changed} careers"
    if outcome.exit_code:
        yield f"the worker ended with code {outcome.exit_code}: {outcome.said}"
    if grown is not None and grown > GROWTH_LIMIT_MIB and outcome.players >= _FEWEST_FOR_GROWTH:
        yield f"memory grows by {grown:.1f} MiB for each 1,000 refreshes"


def main(arguments: Sequence[str]) -> int:
    """Print the figures and keep them; the exit code."""
    is_short = "--short" in arguments
    players = SHORT if is_short else int(arguments[0]) if arguments else PLAYERS
    load, began = load_before(), perf_counter()
    try:
        section = measure(players)
    except Failure as failure:
        say(f"No figures: {failure}")
        return 2
    print(plain(section))
    print(section.note)
    if not is_short:
        write_soak("refreshing", soak_section(section, perf_counter() - began, load))
    if section.failure:
        say(section.failure)
    return int(bool(section.failure))


if __name__ == "__main__":
    # Whoever stops it, what it started and what it filled goes with it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main(sys.argv[1:]))
