"""Storage against bare SQLite: bytes for each player, and times against the same statements on sqlite3.

Run alone as `python -m bench.storage`. All figures of a run are from that run; only the shares mean something
elsewhere.
"""

import asyncio
import random
import sqlite3
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TypeVar

import msgspec
import structlog

from bench.figures import Bar, Section, percent, say
from bench.invented import NOW, REAL_PAGE, blizzard_id, invented_player, varied_players
from clock import SystemClock
from metrics import Metrics
from models.players import FetchedPlayer
from storage.codec import decode_career, decode_profile, encode_player
from storage.sql.database import Reads, Result, Row, Transaction, Value, Work
from storage.sql.migrate import migrate, read_migrations
from storage.sql.players import SqlPlayers
from storage.sql.sqlite import SqliteDatabase, open_sqlite

PLAYERS = 1_000
CAREER_ROUNDS = 100
SAVES = 60
SIZED = 30

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

    @property
    def skip_locked(self) -> str:
        return self.database.skip_locked

    async def has_table(self, name: str) -> bool:
        return await self.database.has_table(name)

    async def fetch(self, sql: str, *values: Value) -> Sequence[Row]:
        self.reads.append((sql, values))
        return await self.database.fetch(sql, *values)

    async def transaction(self, work: Work[Result]) -> Result:
        statements: list[Statement] = []
        self.transactions.append(statements)
        return await self.database.transaction(lambda tx: work(_Noting(tx, statements)))

    async def exclusive(self, work: Work[Result]) -> Result:
        return await self.database.exclusive(work)

    def snapshot(self) -> AbstractAsyncContextManager[Reads]:
        return self.database.snapshot()

    async def check(self) -> Sequence[str]:
        return await self.database.check()


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

    async def lock(self, names: Collection[str]) -> None:
        # On SQLite no statement: transactions run one after the other.
        await self.tx.lock(names)


def measure() -> Section:
    """Fill a database, then read and write it both ways."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    with TemporaryDirectory() as folder:
        return asyncio.run(_measure(Path(folder)))


async def _measure(folder: Path) -> Section:
    draw = random.Random(2217)
    players = [invented_player(draw, number) for number in range(PLAYERS)]
    rows = _sizes("invented", players[:SIZED])
    if REAL_PAGE.is_file():
        rows += _sizes("from a saved page", varied_players(draw, SIZED))
    path = folder / "bench.db"
    async with open_sqlite(path, SystemClock()) as database:
        await migrate(database, read_migrations(), SystemClock())
        kept = SqlPlayers(database, Metrics())
        await asyncio.gather(
            *(kept.save(player, [f"Name-{number}"]) for number, player in enumerate(players))
        )
    rows.append(("on disk, bytes for each invented player", f"{path.stat().st_size / PLAYERS:,.0f}", ""))
    async with open_sqlite(path, SystemClock()) as database:
        compared = [*await _reads(path, database, draw), *await _saves(path, database, players)]
    for each in compared:
        say(f"  {each.name:<42} {percent(each.share):>5} of bare SQLite")
    note = (
        f"SQLite {sqlite3.sqlite_version}, {PLAYERS:,} players. The limit is the same statements on sqlite3, on the "
        "calling thread, with values left as they are; what unpacking and packing cost of ours is in brackets."
    )
    return Section(
        "Storage",
        note,
        ("what", "figure", "of the limit"),
        rows + [each.row() for each in compared],
        [Bar(each.name, each.share) for each in compared],
    )


@dataclass(frozen=True, slots=True)
class _Compared:
    """Seconds of ours and of bare SQLite; `codec` is the part of ours that packs or unpacks."""

    name: str
    ours: float
    bare: float
    codec: float | None = None

    @property
    def share(self) -> float:
        return self.bare / self.ours

    def row(self) -> tuple[str, str, str]:
        packing = "" if self.codec is None else f" ({self.codec * 1000:.2f})"
        return (
            self.name,
            f"{self.ours * 1000:.2f} ms{packing} against {self.bare * 1000:.2f} ms",
            percent(self.share),
        )


def _sizes(name: str, players: Sequence[FetchedPlayer]) -> list[tuple[str, str, str]]:
    encoded = [encode_player(player) for player in players]
    columns = {
        "profile": (
            [len(msgspec.json.encode(p.profile)) for p in players],
            [len(e.profile) for e in encoded],
        ),
        "career": ([len(msgspec.json.encode(p.career)) for p in players], [len(e.career) for e in encoded]),
        "page": ([len(p.source.page.encode()) for p in players], [len(e.page) for e in encoded]),
    }
    return [
        (
            f"{column}, {name}: bytes plain and kept",
            f"{median(plain):,.0f} → {median(kept):,.0f} ({sum(plain) / sum(kept):.1f} to 1)",
            "",
        )
        for column, (plain, kept) in columns.items()
    ]


async def _reads(path: Path, database: SqliteDatabase, draw: random.Random) -> list[_Compared]:
    recorded = Recorded(database)
    kept = SqlPlayers(recorded, Metrics())
    # Each once: what was asked for before is not unpacked again.
    names = draw.sample([f"Name-{number}" for number in range(PLAYERS)], PLAYERS)
    asked = [names[first : first + 100] for first in range(0, PLAYERS, 100)]
    many = [await _timed(kept.get_many, each) for each in asked]
    bare_many = _replayed_reads(path, recorded.reads)
    recorded.reads.clear()
    ids = [[blizzard_id(draw.randrange(PLAYERS))] for _ in range(CAREER_ROUNDS)]
    one = [await _timed(kept.get_careers, each) for each in ids]
    bare_one = _replayed_reads(path, recorded.reads)
    encoded = [encode_player(invented_player(draw, number)) for number in range(100)]
    profiles = median(_elapsed(partial(decode_profile, each.profile)) for each in encoded) * len(encoded)
    careers = median(_elapsed(partial(decode_career, each.career)) for each in encoded)
    return [
        _Compared("100 profiles in one read", median(many), median(bare_many), profiles),
        _Compared("one career", median(one), median(bare_one), careers),
    ]


async def _saves(path: Path, database: SqliteDatabase, players: Sequence[FetchedPlayer]) -> list[_Compared]:
    recorded = Recorded(database)
    kept = SqlPlayers(recorded, Metrics())
    later = [replace(player, fetched_at=NOW + 1) for player in players[:SAVES]]
    encoding = [_elapsed(partial(encode_player, player)) for player in later]
    ours = [
        await _timed(lambda player: kept.save(player, [player.profile.blizzard_id]), player)
        for player in later
    ]
    bare = _replayed_transactions(path, recorded.transactions)
    began = time.perf_counter()
    await asyncio.gather(*(kept.confirm(player.profile.blizzard_id, NOW + 2, []) for player in later))
    together = (time.perf_counter() - began) / SAVES
    bare_alone = _replayed_transactions(path, recorded.transactions[-SAVES:])
    return [
        _Compared("a save, one after the other", median(ours), median(bare), median(encoding)),
        _Compared(f"a write, {SAVES} at once", together, median(bare_alone)),
    ]


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


if __name__ == "__main__":
    section = measure()
    for row in section.rows:
        print(*row, sep="  ")
