"""Answers to what is kept: Playgraph, stock Strawberry and a bare ASGI app with the same bytes, by turns."""

import json
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench import fleet
from bench.children import CONNECTIONS, HAS_PROC, Failure, Loader, Server
from bench.figures import Bar, Section, percent, say, spread
from bench.load import Load, Order
from bench.queries import QUESTIONS, Question

ROUNDS = 3
ROUND_SECONDS = 0.6
WARM_UP_REQUESTS = 48
HEADS = (
    "question", "bytes", "of the limit", "stock", "us CPU", "limit us", "stock us", "requests/s", "p50 ms", "p99 ms",
    "limit p99", "noise",
)  # fmt: skip
NOTE = (
    "The limit is a bare ASGI app that reads the request and sends the same bytes, on the same server with the same "
    f"settings; stock is Strawberry's own view over the same resolvers. {CONNECTIONS} connections; shares are of "
    f"{'CPU time of the server process' if HAS_PROC else 'time on the clock'} per request. Requests a second and "
    "latencies are ours, with the asking process beside: the limit's p99 tells how busy "
    "the machine was. Noise is how far the rounds of the share lie apart."
)


@dataclass(frozen=True, slots=True)
class _Turn:
    """One round with one server: microseconds of CPU for a request, and what the asking side saw."""

    micros: float
    load: Load


def measure(folder: Path, upstream_port: int, loader: Loader) -> Section:
    """Ask each question of each server, by turns. Raises Failure when two servers answer differently."""
    answers = folder / "answers"
    answers.mkdir()
    with (
        fleet.playgraph(folder, upstream_port, "warm.db") as ours,
        fleet.stock(folder, upstream_port) as stock,
        fleet.bare(folder, answers) as bare,
    ):
        rows, bars = [], []
        for number, question in enumerate(QUESTIONS):
            size = _agreed(ours, stock, question, answers / str(number))
            targets = {
                "bare": (bare, f"/{number}", size),
                "ours": (ours, fleet.GRAPHQL, size),
                "stock": (stock, fleet.GRAPHQL, None),
            }
            turns = _by_turns(loader, targets, question)
            row, bar = _figures(question, size, turns)
            say(f"  {row[0]:<42} {row[2]:>5} of the limit, stock {row[3]:>5}")
            rows.append(row)
            bars.append(bar)
    return Section("Answers to what is kept", NOTE, HEADS, rows, bars)


def _agreed(ours: Server, stock: Server, question: Question, kept: Path) -> int:
    """Have both fetch what they need, see that they agree, and keep our answer for the bare app; its length."""
    answer = ours.post(fleet.GRAPHQL, question.body)
    if json.loads(answer) != json.loads(stock.post(fleet.GRAPHQL, question.body)):
        raise Failure(f"{question.name}: stock Strawberry answers otherwise than {answer[:200]!r}")
    if b'"errors"' in answer[:20]:
        raise Failure(f"{question.name}: {answer[:500]!r}")
    kept.write_bytes(answer)
    return len(answer)


def _by_turns(
    loader: Loader, targets: Mapping[str, tuple[Server, str, int | None]], question: Question
) -> dict[str, list[_Turn]]:
    for server, path, size in targets.values():
        loader.run(_order(server, path, question, size, count=WARM_UP_REQUESTS))
    turns: dict[str, list[_Turn]] = {name: [] for name in targets}
    for _ in range(ROUNDS):
        for name, (server, path, size) in targets.items():
            order = _order(server, path, question, size, seconds=ROUND_SECONDS)
            before = server.cpu_seconds()
            load = loader.run(order)
            turns[name].append(_Turn((server.cpu_seconds() - before) * 1e6 / load.requests, load))
    return turns


def _order(
    server: Server,
    path: str,
    question: Question,
    size: int | None,
    *,
    seconds: float | None = None,
    count: int | None = None,
) -> Order:
    return Order(server.port, path, (question.body,), CONNECTIONS, seconds=seconds, count=count, size=size)


def _figures(question: Question, size: int, turns: Mapping[str, list[_Turn]]) -> tuple[tuple[str, ...], Bar]:
    micros = {name: statistics.median(turn.micros for turn in each) for name, each in turns.items()}
    share, peer = micros["bare"] / micros["ours"], micros["bare"] / micros["stock"]
    shares = [bare.micros / ours.micros for bare, ours in zip(turns["bare"], turns["ours"], strict=True)]
    loads = [turn.load for turn in turns["ours"]]
    row = (
        question.name,
        f"{size:,}",
        percent(share),
        percent(peer),
        *(f"{micros[name]:,.0f}" for name in ("ours", "bare", "stock")),
        f"{statistics.median(load.rate for load in loads):,.0f}",
        f"{statistics.median(load.p50 for load in loads):,.1f}",
        f"{statistics.median(load.p99 for load in loads):,.1f}",
        f"{statistics.median(turn.load.p99 for turn in turns['bare']):,.1f}",
        f"±{spread(shares):.0%}",
    )
    return row, Bar(question.name, share, peer)
