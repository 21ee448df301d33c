"""Lineups, rosters, plays, dice rolls and sessions of games in an SQL database, read.

The contract is on `storage.game_protocols.GameRecords`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypeVar

from metrics import Metrics
from models.baseball import Play
from models.baseball_lineups import Lineup, LineupEntry, RosterEntry
from models.baseball_pages import ListPage, PlayRequest, RollRequest, Span
from models.baseball_rolls import DiceRoll, GameSession
from storage.sql.counted import CountedDatabase
from storage.sql.database import Database, Row, Value, batches, placeholders
from storage.sql.game_pages import Paging
from storage.sql.game_rows import (
    ENTRY,
    PLAY,
    ROLL,
    ROSTER,
    SESSION,
    columns,
    entry_of,
    play_of,
    roll_of,
    roster_entry_of,
    session_of,
)

_Part = TypeVar("_Part")

# Requests in one statement; each binds eight values at most.
_REQUESTS = 1_000

_BEHIND_ALL = 2**63 - 1

_LINEUPS = f"""
SELECT {columns(ENTRY)} FROM game_lineups WHERE game_id IN ({{keys}}) AND undone_by IS NULL ORDER BY sequence, place
"""  # noqa: S608 (here and below: the columns are constants, the rest are placeholders)
_ROSTERS = f"SELECT {columns(ROSTER)} FROM game_rosters WHERE game_id IN ({{keys}}) ORDER BY number"  # noqa: S608
_SESSIONS = f"SELECT {columns(SESSION)} FROM game_sessions WHERE game_id IN ({{keys}})"  # noqa: S608
_ENTRIES = f"SELECT {columns(ENTRY)} FROM game_lineups WHERE id IN ({{keys}})"  # noqa: S608
_ROSTER_ENTRIES = f"SELECT {columns(ROSTER)} FROM game_rosters WHERE id IN ({{keys}})"  # noqa: S608
_PLAYS = f"SELECT {columns(PLAY)} FROM game_plays WHERE id IN ({{keys}})"  # noqa: S608
_ROLLS_OF_PLAYS = f"SELECT {columns(ROLL)} FROM game_rolls WHERE play_id IN ({{keys}}) ORDER BY number"  # noqa: S608

_SPAN = """asked.column1 AS request_place, asked.column3 AS page_size, asked.column4 AS from_end,
        asked.column5 AS after_number, '' AS after_id, asked.column6 AS before_number, '' AS before_id,
        '' AS place_id"""

_PLAY_PAGES = Paging(
    f"""
    SELECT {columns(PLAY, "p")}, p.sequence AS place_number, {_SPAN}
    FROM (VALUES {{requests}}) AS asked
    JOIN game_plays p ON p.game_id = asked.column2 AND (asked.column7 = 1 OR p.undone_by IS NULL)
    """,  # noqa: S608
    ("BIGINT", "TEXT", "BIGINT", "BIGINT", "BIGINT", "BIGINT", "BIGINT"),
    play_of,
)
_ROLL_PAGES = Paging(
    f"""
    SELECT {columns(ROLL, "r")}, r.number AS place_number, {_SPAN}
    FROM (VALUES {{requests}}) AS asked
    JOIN game_rolls r ON r.game_id = asked.column2
        AND (asked.column7 IS NULL OR r.team_id = asked.column7)
        AND (asked.column8 IS NULL OR r.type = asked.column8)
    """,  # noqa: S608
    ("BIGINT", "TEXT", "BIGINT", "BIGINT", "BIGINT", "BIGINT", "BIGINT", "TEXT"),
    roll_of,
)


class SqlGameRecordReads:
    """What is read of that."""

    def __init__(self, database: Database, metrics: Metrics) -> None:
        self._database = CountedDatabase(database, metrics, "game_records")

    async def get_lineups(self, game_ids: Collection[str]) -> Mapping[str, Lineup]:
        entries = [entry_of(row) for row in await self._keyed(_LINEUPS, game_ids)]
        return {key: tuple(lineup) for key, lineup in _grouped((each.game_id, each) for each in entries)}

    async def get_rosters(self, game_ids: Collection[str]) -> Mapping[str, Sequence[RosterEntry]]:
        entries = [roster_entry_of(row) for row in await self._keyed(_ROSTERS, game_ids)]
        return dict(_grouped((each.game_id, each) for each in entries))

    async def get_sessions(self, game_ids: Collection[str]) -> Mapping[str, GameSession]:
        kept = [session_of(row) for row in await self._keyed(_SESSIONS, game_ids)]
        return {each.game_id: each for each in kept if each is not None}

    async def get_entries(self, entry_ids: Collection[str]) -> Mapping[str, LineupEntry]:
        return {str(row["id"]): entry_of(row) for row in await self._keyed(_ENTRIES, entry_ids)}

    async def get_roster_entries(self, entry_ids: Collection[str]) -> Mapping[str, RosterEntry]:
        rows = await self._keyed(_ROSTER_ENTRIES, entry_ids)
        return {str(row["id"]): roster_entry_of(row) for row in rows}

    async def get_plays(self, play_ids: Collection[str]) -> Mapping[str, Play]:
        return {str(row["id"]): play_of(row) for row in await self._keyed(_PLAYS, play_ids)}

    async def get_rolls(self, play_ids: Collection[str]) -> Mapping[str, Sequence[DiceRoll]]:
        rows = await self._keyed(_ROLLS_OF_PLAYS, play_ids)
        return dict(_grouped((str(row["play_id"]), roll_of(row)) for row in rows))

    async def list_plays(self, requests: Collection[PlayRequest]) -> Mapping[PlayRequest, ListPage[Play]]:
        pages: dict[PlayRequest, ListPage[Play]] = {}
        for asked in batches(requests, _REQUESTS):
            values = [
                value
                for place, each in enumerate(asked)
                for value in (*_span_values(place, each.game_id, each.span), int(each.include_undone))
            ]
            rows = await self._database.fetch(_PLAY_PAGES.statement(len(asked)), *values)
            pages |= _PLAY_PAGES.pages(asked, rows)
        return pages

    async def list_rolls(self, requests: Collection[RollRequest]) -> Mapping[RollRequest, ListPage[DiceRoll]]:
        pages: dict[RollRequest, ListPage[DiceRoll]] = {}
        for asked in batches(requests, _REQUESTS):
            values = [
                value
                for place, each in enumerate(asked)
                for value in (
                    *_span_values(place, each.game_id, each.span),
                    each.team_id,
                    each.type and each.type.value,
                )
            ]
            rows = await self._database.fetch(_ROLL_PAGES.statement(len(asked)), *values)
            pages |= _ROLL_PAGES.pages(asked, rows)
        return pages

    async def _keyed(self, sql: str, keys: Collection[str]) -> Sequence[Row]:
        rows: list[Row] = []
        for some in batches(keys):
            rows += await self._database.fetch(sql.format(keys=placeholders(len(some))), *some)
        return rows


def _span_values(place: int, game_id: str, span: Span) -> Sequence[Value]:
    after = 0 if span.after is None else span.after
    before = _BEHIND_ALL if span.before is None else span.before
    return place, game_id, span.limit, int(span.from_end), after, before


def _grouped(parts: Iterable[tuple[str, _Part]]) -> Iterable[tuple[str, list[_Part]]]:
    grouped: defaultdict[str, list[_Part]] = defaultdict(list)
    for key, part in parts:
        grouped[key].append(part)
    return grouped.items()
