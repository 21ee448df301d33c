"""Players that are not kept, fetched from the stand-in; then what a server holds in memory after them."""

import statistics
from pathlib import Path
from time import perf_counter

from bench import fleet
from bench.children import CONNECTIONS, Loader, Server
from bench.figures import Bar, Section, percent, say
from bench.load import Order
from bench.players import career_pages, player_ids
from bench.queries import summary_of
from blizzard.parsers.players import read_career_page

ALONE = 20
PLAYERS = 1_000
WARM_PARTS = 4
WARM_REQUESTS = 5_000
GROWTH_LIMIT_MIB = 20.0


def measure(folder: Path, upstream_port: int, loader: Loader) -> list[Section]:
    """Fetch `PLAYERS` players with a fresh server, then ask for them again and again."""
    with fleet.playgraph(folder, upstream_port, "cold.db") as server:
        at_start = server.resident_mib()
        cold = _fetch(server, loader)
        fetched = server.resident_mib()
        return [cold, _memory(server, loader, at_start, fetched)]


def _fetch(server: Server, loader: Loader) -> Section:
    parse_seconds = _parse_seconds()
    bodies = tuple(summary_of(player_id) for player_id in player_ids(PLAYERS))
    alone = loader.run(_order(server, bodies[:ALONE], 1, ALONE))
    before = server.cpu_seconds()
    load = loader.run(_order(server, bodies[ALONE:], CONNECTIONS, PLAYERS - ALONE))
    micros = (server.cpu_seconds() - before) / load.requests
    share = load.rate * parse_seconds
    say(f"  {load.rate:.0f} players/s, {percent(share)} of what reading pages alone would allow")
    note = (
        "With no pace towards upstream. The limit is reading career pages one after the other and nothing else, "
        f"here {parse_seconds * 1000:.1f} ms a page; a cold player also takes three requests to upstream (search, "
        "redirect, page), packing what was read, and a transaction that waits for the disk."
    )
    heads = ("what", "figure")
    rows = (
        ("players a second", f"{load.rate:,.1f}"),
        ("of the limit", percent(share)),
        ("CPU of the server for one, ms", f"{micros * 1000:.1f}"),
        ("one at a time: p50 / p99, ms", f"{alone.p50:.0f} / {alone.p99:.0f}"),
        (f"{CONNECTIONS} at a time: p50 / p99, ms", f"{load.p50:.0f} / {load.p99:.0f}"),
    )
    return Section("Players not kept", note, heads, rows, (Bar("players fetched", share),))


def _memory(server: Server, loader: Loader, at_start: float | None, fetched: float | None) -> Section:
    bodies = tuple(summary_of(player_id) for player_id in player_ids(PLAYERS))
    held = []
    for _ in range(WARM_PARTS):
        loader.run(_order(server, bodies, CONNECTIONS, WARM_REQUESTS))
        held.append(server.resident_mib())
    note = f"Resident memory of the server process. The warm requests are for {PLAYERS:,} players in turn."
    if at_start is None or fetched is None or None in held:
        return Section("Memory", f"{note} Not known on this system.", ("when", "MiB"), ())
    known = [each for each in held if each is not None]
    # The first part fills what is filled once: statement caches, the allocator's own reserves.
    growth = (known[-1] - known[0]) / (WARM_REQUESTS * (WARM_PARTS - 1)) * 10_000
    say(
        f"  {at_start:.0f} MiB at start, {known[-1]:.0f} MiB at the end, {growth:+.1f} MiB per 10,000 requests"
    )
    rows = [("at start", f"{at_start:.0f}"), (f"after {PLAYERS:,} players were fetched", f"{fetched:.0f}")]
    rows += [
        (f"after {number * WARM_REQUESTS:,} warm requests", f"{each:.0f}")
        for number, each in enumerate(known, 1)
    ]
    rows.append((f"growth per 10,000 requests, after the first {WARM_REQUESTS:,}", f"{growth:+.1f}"))
    failure = f"memory grows by {growth:.1f} MiB per 10,000 requests" if growth > GROWTH_LIMIT_MIB else None
    return Section("Memory", note, ("when", "MiB"), rows, failure=failure)


def _order(server: Server, bodies: tuple[str, ...], connections: int, count: int) -> Order:
    return Order(server.port, fleet.GRAPHQL, bodies, connections, count=count)


def _parse_seconds() -> float:
    """The mean over pages of different sizes, of the best of a few readings each."""
    return statistics.mean(min(_reading_seconds(page) for _ in range(4)) for page in career_pages(40))


def _reading_seconds(page: str) -> float:
    started = perf_counter()
    read_career_page(page)
    return perf_counter() - started
