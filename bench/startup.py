"""From the start of the process to its first answer: a new database, an old one, and a bare ASGI app."""

import statistics
from pathlib import Path

from bench import fleet
from bench.figures import Bar, Section, percent, say

ROUNDS = 4


def measure(folder: Path, upstream_port: int) -> Section:
    """Start each, by turns, on databases made for it."""
    answers = folder / "starts"
    answers.mkdir()
    times: dict[str, list[float]] = {"bare": [], "first": [], "second": []}
    for number in range(ROUNDS):
        with fleet.bare(folder, answers) as bare:
            times["bare"].append(bare.started_in)
        for name in ("first", "second"):
            with fleet.playgraph(folder, upstream_port, f"start-{number}.db") as server:
                times[name].append(server.started_in)
    floor, first, second = (statistics.median(each) for each in times.values())
    say(f"  first start {first:.2f} s, second {second:.2f} s, a bare ASGI app {floor:.2f} s")
    rows = (
        ("a bare ASGI app", f"{floor:.2f}", ""),
        ("first start, making the database", f"{first:.2f}", percent(floor / first)),
        ("second start", f"{second:.2f}", percent(floor / second)),
    )
    note = (
        "Seconds from the start of the process to its first GraphQL answer. The limit is a bare ASGI app's first "
        "answer: Python, the server and its event loop."
    )
    bars = (Bar("first start", floor / first), Bar("second start", floor / second))
    return Section("Start", note, ("start", "s", "of the limit"), rows, bars)
