"""Storage against bare SQLite: bytes for each player, and times as ratios to the same statements on sqlite3.

Run as `python -m bench.storage`. All figures of a run are from that run; only the ratios mean something elsewhere.
"""

import asyncio
import random
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import TypeVar

import msgspec
import structlog

from blizzard.parsers.players import build_profile, read_career_page
from clock import SystemClock
from metrics import Metrics
from models.players import (
    Career,
    CareerStat,
    CareerStatCategory,
    FetchedPlayer,
    GamemodeCareer,
    HeroCareerStats,
    HeroTotals,
    Platform,
    PlatformCareer,
    PlayerGamemode,
    PlayerProfile,
    PlayerSource,
    Privacy,
)
from storage.codec import decode_profile, encode_player
from storage.sql.database import Result, Row, Transaction, Value, Work
from storage.sql.migrate import migrate, read_migrations
from storage.sql.players import SqlPlayers
from storage.sql.sqlite import SqliteDatabase, open_sqlite

PLAYERS = 1_000
READ_ROUNDS = 40
CAREER_ROUNDS = 100
SAVES = 100
NOW = 1_800_000_000_000
REAL_PAGE = Path(__file__).resolve().parents[2] / "shared/blizzard/pages/players/TeKrop-2217.html"
CATEGORIES = ("best", "average", "combat", "assists", "game", "awards", "hero specific")
SYLLABLES = (
    "al",
    "ba",
    "ce",
    "do",
    "en",
    "fi",
    "gra",
    "hu",
    "il",
    "ka",
    "lu",
    "mo",
    "ne",
    "or",
    "pi",
    "ra",
    "su",
)

Asked = TypeVar("Asked")
Statement = tuple[str, tuple[Value, ...]]


@dataclass
class Recorded:
    """A database that notes the statements of each transaction, so that bare SQLite can run the same."""

    database: SqliteDatabase
    transactions: list[list[Statement]] = field(default_factory=list)
    reads: list[Statement] = field(default_factory=list)

    @property
    def server_version(self) -> str:
        return self.database.server_version

    @property
    def connections_in_use(self) -> int:
        return self.database.connections_in_use

    async def has_table(self, name: str) -> bool:
        return await self.database.has_table(name)

    async def fetch(self, sql: str, *values: Value) -> Sequence[Row]:
        self.reads.append((sql, values))
        return await self.database.fetch(sql, *values)

    async def transaction(self, work: Work[Result]) -> Result:
        statements: list[Statement] = []
        self.transactions.append(statements)
        return await self.database.transaction(lambda tx: work(_Noting(tx, statements)))


@dataclass
class _Noting:
    tx: Transaction
    statements: list[Statement]

    async def fetch(self, sql: str, *values: Value) -> Sequence[Row]:
        self.statements.append((sql, values))
        return await self.tx.fetch(sql, *values)

    async def execute(self, sql: str, *values: Value) -> None:
        self.statements.append((sql, values))
        await self.tx.execute(sql, *values)


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_run(Path(folder)))


async def _run(folder: Path) -> None:
    draw = random.Random(2217)
    players = [_invented(draw, number) for number in range(PLAYERS)]
    print(f"SQLite {sqlite3.sqlite_version}, {PLAYERS:,} invented players")
    _print_sizes("invented", players[:50])
    if REAL_PAGE.is_file():
        _print_sizes("varied from a real page", _varied(draw, 50))
    path = folder / "bench.db"
    began = time.perf_counter()
    async with open_sqlite(path, SystemClock()) as database:
        await migrate(database, read_migrations(), SystemClock())
        kept = SqlPlayers(database, Metrics())
        await asyncio.gather(
            *(kept.save(player, [f"Name-{number}"]) for number, player in enumerate(players))
        )
    seconds = time.perf_counter() - began
    print(f"on disk: {path.stat().st_size / PLAYERS:,.0f} bytes a player; filled in {seconds:.1f} s")
    async with open_sqlite(path, SystemClock()) as database:
        await _time_reads(path, database, draw)
        await _time_saves(path, database, players)


def _print_sizes(name: str, players: Sequence[FetchedPlayer]) -> None:
    encoded = [encode_player(player) for player in players]
    columns = {
        "profile": (
            [len(msgspec.json.encode(p.profile)) for p in players],
            [len(e.profile) for e in encoded],
        ),
        "career": ([len(msgspec.json.encode(p.career)) for p in players], [len(e.career) for e in encoded]),
        "page": ([len(p.source.page.encode()) for p in players], [len(e.page) for e in encoded]),
    }
    for column, (plain, kept) in columns.items():
        ratio = sum(plain) / sum(kept)
        print(f"{name}: {column} {median(plain):,.0f} -> {median(kept):,.0f} bytes, {ratio:.1f} to 1")


async def _time_reads(path: Path, database: SqliteDatabase, draw: random.Random) -> None:
    recorded = Recorded(database)
    kept = SqlPlayers(recorded, Metrics())
    asked = [[f"Name-{number}" for number in draw.sample(range(PLAYERS), 100)] for _ in range(READ_ROUNDS)]
    ours = [await _timed(kept.get_many, names) for names in asked]
    _print_ratio("get_many(100)", ours, _replayed_reads(path, recorded.reads))
    encoded = [encode_player(_invented(draw, number)).profile for number in range(100)]
    print(
        f"    of which decoding: {_elapsed(lambda: [decode_profile(each) for each in encoded]) * 1000:.2f} ms"
    )
    recorded.reads.clear()
    ids = [[_id(draw.randrange(PLAYERS))] for _ in range(CAREER_ROUNDS)]
    ours = [await _timed(kept.get_careers, one) for one in ids]
    _print_ratio("get_careers(1)", ours, _replayed_reads(path, recorded.reads))


async def _time_saves(path: Path, database: SqliteDatabase, players: Sequence[FetchedPlayer]) -> None:
    recorded = Recorded(database)
    kept = SqlPlayers(recorded, Metrics())
    later = [replace(player, fetched_at=NOW + 1) for player in players[:SAVES]]
    encoding = [_elapsed(partial(encode_player, player)) for player in later]
    ours = [
        await _timed(lambda player: kept.save(player, [player.profile.blizzard_id]), player)
        for player in later
    ]
    bare = _replayed_transactions(path, recorded.transactions)
    _print_ratio("save, one after the other", ours, bare)
    print(f"    of which encoding, off the event loop: {median(encoding) * 1000:.2f} ms")
    began = time.perf_counter()
    await asyncio.gather(*(kept.confirm(player.profile.blizzard_id, NOW + 2, []) for player in later))
    together = (time.perf_counter() - began) / SAVES
    bare = _replayed_transactions(path, recorded.transactions[-SAVES:])
    _print_ratio(f"confirm, {SAVES} at once, each", [together], bare)


async def _timed(call: Callable[[Asked], Awaitable[object]], asked: Asked) -> float:
    began = time.perf_counter()
    await call(asked)
    return time.perf_counter() - began


def _elapsed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _replayed_reads(path: Path, reads: Sequence[Statement]) -> list[float]:
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None)
    times = [_elapsed(partial(_execute, connection, read)) for read in reads]
    connection.close()
    return times


def _replayed_transactions(path: Path, transactions: Sequence[Sequence[Statement]]) -> list[float]:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    times = [_elapsed(partial(_transact, connection, each)) for each in transactions]
    connection.close()
    return times


def _transact(connection: sqlite3.Connection, statements: Sequence[Statement]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    for statement in statements:
        _execute(connection, statement)
    connection.execute("COMMIT")


def _execute(connection: sqlite3.Connection, statement: Statement) -> None:
    sql, values = statement
    connection.execute(sql, {str(number): value for number, value in enumerate(values, 1)}).fetchall()


def _print_ratio(name: str, ours: Sequence[float], bare: Sequence[float]) -> None:
    one, other = median(ours) * 1000, median(bare) * 1000
    print(f"{name}: {one / other:.1f} x bare SQLite ({one:.2f} ms against {other:.2f} ms)")


def _id(number: int) -> str:
    return f"{number:032x}|{number * 7919:032x}"


def _invented(draw: random.Random, number: int) -> FetchedPlayer:
    """A player with statistics of 30 to 50 heroes, about 70 each, over four views."""
    labels = [_word(random.Random(each)) for each in range(70)]
    heroes = [_word(random.Random(1000 + each)) for each in range(draw.randrange(30, 51))]
    parts = [heroes[part::4] for part in range(4)]
    modes = [GamemodeCareer(tuple(_hero(draw, hero, labels) for hero in part)) for part in parts]
    career = Career(PlatformCareer(modes[0], modes[1]), PlatformCareer(modes[2], modes[3]))
    profile = PlayerProfile(
        blizzard_id=_id(number),
        battletag=f"Name-{number}",
        username=_word(draw),
        avatar=f"https://images.example/{draw.getrandbits(128):032x}.png",
        namecard=f"https://images.example/{draw.getrandbits(128):032x}.png",
        title=_word(draw),
        endorsement=None,
        privacy=Privacy.PUBLIC,
        last_updated_at=NOW - draw.randrange(10**9),
        competitive=None,
        hero_totals=tuple(_totals(draw, hero) for hero in heroes),
    )
    return FetchedPlayer(profile, career, PlayerSource(_page(career), None), NOW, 1)


def _word(draw: random.Random) -> str:
    return "".join(draw.choices(SYLLABLES, k=draw.randrange(2, 6))).title()


def _hero(draw: random.Random, hero: str, labels: Sequence[str]) -> HeroCareerStats:
    stats = [CareerStat(label.lower(), label, _value(draw)) for label in labels]
    parts = [(category, tuple(stats[number::7])) for number, category in enumerate(CATEGORIES)]
    return HeroCareerStats(hero, tuple(CareerStatCategory(key, key.title(), part) for key, part in parts))


def _value(draw: random.Random) -> int | float:
    return (
        draw.randrange(10 ** draw.randrange(1, 6)) if draw.random() < 0.7 else round(draw.random() * 100, 2)
    )


def _totals(draw: random.Random, hero: str) -> HeroTotals:
    figures = [draw.randrange(10 ** draw.randrange(1, 7)) for _ in range(9)]
    return HeroTotals(Platform.PC, PlayerGamemode.QUICKPLAY, hero, *figures)


def _page(career: Career) -> str:
    """Something like the markup that such a career would be read from."""
    modes = [
        mode for view in (career.pc, career.console) if view for mode in (view.quickplay, view.competitive)
    ]
    rows = [
        f'<div class="stat-item"><p class="name">{stat.label}</p><p class="value">{stat.value}</p></div>'
        for mode in modes
        if mode
        for hero in mode.career_stats
        for category in hero.categories
        for stat in category.stats
    ]
    return "<main>" + "\n      ".join(rows) + "</main>"


def _varied(draw: random.Random, count: int) -> list[FetchedPlayer]:
    """Players read from a real page, each with other digits in it."""
    text = REAL_PAGE.read_text(encoding="utf-8")
    return [player for number in range(count) if (player := _reread(draw, text, number))]


def _reread(draw: random.Random, text: str, number: int) -> FetchedPlayer | None:
    table = str.maketrans({digit: draw.choice("123456789") for digit in "3456789"})
    body = text.partition("<main")
    page = "".join((body[0], body[1], body[2].translate(table))) if number else text
    parsed = read_career_page(page)
    if parsed is None:
        return None
    profile = build_profile(parsed, None, blizzard_id=_id(number), battletag=None)
    return FetchedPlayer(profile, parsed.career, PlayerSource(page, None), NOW, 1)


if __name__ == "__main__":
    main()
