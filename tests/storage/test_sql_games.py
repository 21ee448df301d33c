"""What the tables of games do beyond the contract: what is read by index, and what they do not let in."""

import sqlite3
from collections.abc import Sequence
from typing import cast

import pytest

from metrics import Metrics
from models.baseball_pages import LineRequest, PlayRequest, RollRequest, Span
from models.baseball_rolls import GameSessionDraft
from storage.sql.box_scores import _BATTING_PAGES, _SUMS, SqlBoxScores, _line_values
from storage.sql.conversation_rows import values_rows
from storage.sql.database import Database, Row, Value
from storage.sql.game_reads import _ACTIVE, _CHANGES, _ENDED_KEYS, _PLAYS, _RANGE_TYPES, _ROLLS
from storage.sql.game_record_reads import _PLAY_PAGES, _ROLL_PAGES, _ROLLS_OF_PLAYS, _span_values
from storage.sql.game_records import SqlGameRecords
from storage.sql.game_writes import _READ
from storage.sql.games import SqlGames
from storage.sql.sqlite import SqliteDatabase
from tests.models.test_baseball_lineups import GAME_ID
from tests.storage.made import NOW
from tests.storage.made_games import KeptGames, begin, create, game_in, made_play, made_roll, play


@pytest.fixture
def kept(tables: SqliteDatabase, metrics: Metrics) -> KeptGames:
    return KeptGames(
        SqlGames(tables, metrics), SqlGameRecords(tables, metrics), SqlBoxScores(tables, metrics)
    )


async def read_by(tables: SqliteDatabase, sql: str, *values: Value) -> list[str]:
    """How SQLite finds the rows of each table: the name of an index, or the step itself when it reads it whole."""
    rows = await tables.fetch(f"EXPLAIN QUERY PLAN {sql}", *values)
    steps = [str(row["detail"]) for row in rows]
    games = [each for each in steps if each.startswith("SEARCH") or each in {"SCAN g", "SCAN p", "SCAN t"}]
    return [each.split("INDEX ")[-1].split(" (")[0] for each in games]


@pytest.mark.parametrize(
    ("sql", "found_by"),
    [
        (_READ, ["sqlite_autoindex_games_1", "sqlite_autoindex_game_lineups_2"]),
        (_ACTIVE.format(keys="$1"), ["sqlite_autoindex_game_lineups_2"]),
        (_PLAYS.format(keys="$1"), ["sqlite_autoindex_game_plays_2"]),
        (_ROLLS.format(keys="$1"), ["sqlite_autoindex_game_rolls_2"]),
        (_ROLLS_OF_PLAYS.format(keys="$1"), ["game_rolls_by_play"]),
        (
            _SUMS.format(keys="$1"),
            ["game_plays_by_number"] + ["game_plays_by_number", "sqlite_autoindex_game_lineups_1"] * 2,
        ),
    ],
    ids=["one game", "active lineup", "plays", "rolls", "rolls of plays", "sums of a game"],
)
async def test_what_is_of_a_game_is_found_by_index(
    tables: SqliteDatabase, sql: str, found_by: list[str]
) -> None:
    assert await read_by(tables, sql, "x") == found_by


async def test_pages_and_logs_are_found_by_index(tables: SqliteDatabase) -> None:
    plays, rolls = PlayRequest("g", Span(5)), RollRequest("g", Span(5))
    line = LineRequest(None, "spring", Span(5))
    ranges = ", ".join(values_rows(1, _RANGE_TYPES, start=1))

    by_plays = await read_by(tables, _PLAY_PAGES.statement(1), *_span_values(0, "g", plays.span), 0)
    by_rolls = await read_by(tables, _ROLL_PAGES.statement(1), *_span_values(0, "g", rolls.span), None, None)
    by_log = await read_by(tables, _CHANGES.format(ranges=ranges), 0, "g", 1, 5)
    by_league = await read_by(tables, _BATTING_PAGES.statement(1), *_line_values(0, line))
    by_end = await read_by(tables, _ENDED_KEYS, NOW, 5)

    assert by_plays == ["sqlite_autoindex_game_plays_2"]
    assert by_rolls == ["sqlite_autoindex_game_rolls_2"]
    assert by_log == ["sqlite_autoindex_game_changes_1"]
    assert by_league == [
        "games_by_league",
        "game_plays_by_number",
        "sqlite_autoindex_game_lineups_1",
    ]
    assert by_end == ["game_keys_by_expires_at"]


ENTRY = (
    "INSERT INTO game_lineups (id, game_id, sequence, place, team_id, card_id, player_id, position, batting_order, "
    "is_starter, entered_at_play) VALUES ($1, $2, 9, 0, 10, $3, $4, 'SS', $5, TRUE, 0)"
)


@pytest.mark.parametrize(
    "values",
    [
        ("x", GAME_ID, None, None, None),
        ("x", GAME_ID, 1, 1, None),
        ("x", "nowhere", 1, None, None),
        ("x", GAME_ID, 1, None, 1),
        ("a1", GAME_ID, 1, None, None),
    ],
    ids=["neither card nor player", "both", "no game", "same slot", "same id"],
)
async def test_the_tables_keep_no_lineup_entry_that_does_not_fit(
    tables: SqliteDatabase, kept: KeptGames, values: Sequence[Value]
) -> None:
    await begin(kept)

    with pytest.raises(sqlite3.IntegrityError):
        await tables.transaction(lambda tx: tx.execute(ENTRY, *values))

    assert len((await kept.records.get_lineups([GAME_ID]))[GAME_ID]) == 20


ROSTER = "INSERT INTO game_rosters (id, game_id, number, team_id, card_id, player_id) VALUES ('e', $1, 1, 10, $2, $3)"


@pytest.mark.parametrize("card", [(None, None), (1, 1)], ids=["neither", "both"])
async def test_the_tables_keep_no_roster_entry_that_is_not_one_of_card_and_player(
    tables: SqliteDatabase, kept: KeptGames, card: Sequence[Value]
) -> None:
    await create(kept)

    with pytest.raises(sqlite3.IntegrityError):
        await tables.transaction(lambda tx: tx.execute(ROSTER, GAME_ID, *card))

    assert await kept.records.get_rosters([GAME_ID]) == {}


@pytest.mark.parametrize("table", ["game_changes", "game_plays"])
async def test_a_play_that_fails_in_the_middle_leaves_nothing(
    tables: SqliteDatabase, kept: KeptGames, table: str
) -> None:
    before = await begin(kept)
    await tables.transaction(lambda tx: tx.execute(f"ALTER TABLE {table} RENAME TO away"))

    with pytest.raises(sqlite3.OperationalError):
        await play(kept, 1, made_play("p1", "a1"))

    await tables.transaction(lambda tx: tx.execute(f"ALTER TABLE away RENAME TO {table}"))
    assert await game_in(kept) == before
    assert await kept.records.get_plays(["p1"]) == {}


async def test_a_session_whose_snapshot_is_damaged_counts_as_not_kept(
    tables: SqliteDatabase, kept: KeptGames
) -> None:
    await create(kept)
    await kept.records.save_session(GameSessionDraft(GAME_ID, (), NOW, "{}"), now=NOW)
    await tables.transaction(lambda tx: tx.execute("UPDATE game_sessions SET snapshot = $1", b"damaged"))

    recovered = await kept.games.recover([GAME_ID])

    assert recovered[GAME_ID].session is None
    assert await kept.records.get_sessions([GAME_ID]) == {}


class Interrupting:
    """A database in which somebody throws dice at each read of plays."""

    def __init__(self, tables: SqliteDatabase, metrics: Metrics) -> None:
        self._tables = tables
        self._records = SqlGameRecords(tables, metrics)
        self.thrown = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self._tables, name)

    async def fetch(self, sql: str, *values: Value) -> Sequence[Row]:
        if "FROM game_plays" in sql:
            self.thrown += 1
            roll = made_roll(f"r{self.thrown}")
            await self._records.record_rolls(GAME_ID, [roll], key=None, now=NOW, limit=100)
        return await self._tables.fetch(sql, *values)


async def test_a_recovery_that_is_disturbed_again_and_again_reads_a_snapshot(
    tables: SqliteDatabase, metrics: Metrics, kept: KeptGames
) -> None:
    game = await begin(kept)
    interrupting = Interrupting(tables, metrics)

    recovered = await SqlGames(cast(Database, interrupting), metrics).recover([GAME_ID])

    assert interrupting.thrown == 3
    assert recovered[GAME_ID].game == game
    assert [roll.number for roll in recovered[GAME_ID].rolls] == [1, 2, 3]
