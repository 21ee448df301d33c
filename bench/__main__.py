"""`python -m bench`: every figure in one run. Prints the tables and writes `bench/RESULTS.md` and `bench/results.svg`;
the sections of soaks stay as they are.

Ends with code 1 when reading a career page takes more than its limit, a server's memory grows without end, or reading
profiles falls too far behind a raw driver; with code 2 when the servers do not answer as they must. Slower than
yesterday is no failure.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from bench import backends, cold, fleet, parse, startup, storage, warm
from bench.chart import chart
from bench.children import Failure, loading
from bench.figures import Section, say
from bench.results import write_run
from bench.tables import load_before, plain, results_page

HERE = Path(__file__).parent


def main() -> int:
    """Run everything; the exit code."""
    began = perf_counter()
    load = load_before()
    try:
        sections = _measured()
    except Failure as failure:
        say(f"No figures: {failure}")
        return 2
    seconds = perf_counter() - began
    for section in sections:
        print(plain(section))
    write_run(results_page(sections, seconds, load))
    (HERE / "results.svg").write_text(chart(sections), encoding="utf-8")
    failures = [section.failure for section in sections if section.failure]
    say("\n".join([f"{seconds:.0f} seconds; bench/RESULTS.md and bench/results.svg are written.", *failures]))
    return int(bool(failures))


def _measured() -> list[Section]:
    say("1/5 reading pages")
    reading = parse.measure()
    say("2/5 storage")
    kept = storage.measure()
    compared = backends.measure()
    with TemporaryDirectory() as name, loading() as loader:
        folder = Path(name)
        say(f"3/5 answers to what is kept (first {cold.PLAYERS:,} players are made up)")
        with fleet.upstream(folder, cold.PLAYERS) as upstream:
            answers = warm.measure(folder, upstream.port, loader)
            say("4/5 players not kept, and memory")
            fetched = cold.measure(folder, upstream.port, loader)
            say("5/5 start")
            started = startup.measure(folder, upstream.port)
    return [answers, *fetched, reading, kept, compared, started]


if __name__ == "__main__":
    sys.exit(main())
