"""The repositories speak the SQL that all databases share, and the check of that sees what is not."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from errors import NotFound, RuleViolation
from metrics import Metrics
from models.baseball_changes import ChangeRange, RolledPlay
from models.baseball_lineups import CardRef, RosterEntryDraft
from models.baseball_pages import GameRequest, LineRequest, PlayRequest, RollRequest, Span
from models.baseball_rolls import GameSessionDraft
from models.catalog import HEROES
from models.conversations import ConversationRequest, MessageRange
from models.history import HistoryRequest
from models.jobs import JobKind, JobState, ScheduledRequest
from storage.sql.archives import sql_archives
from storage.sql.box_scores import SqlBoxScores
from storage.sql.catalog import SqlCatalog
from storage.sql.conversations import SqlConversations
from storage.sql.database import (
    MAX_KEYS,
    Reads,
    Result,
    Row,
    Transaction,
    Value,
    Work,
    batches,
    foreign_words,
    placeholders,
)
from storage.sql.game_records import SqlGameRecords
from storage.sql.games import SqlGames
from storage.sql.history import SqlHistory
from storage.sql.job_claims import SqlJobClaims
from storage.sql.jobs import SqlJobs
from storage.sql.migrate import migrate, read_migrations
from storage.sql.players import SqlPlayers
from storage.sql.sqlite import SqliteDatabase, open_sqlite
from tests.clock import FrozenClock
from tests.models.test_baseball_lineups import GAME_ID, HOME
from tests.storage.made import ID, NOW, made_note, made_player
from tests.storage.made_catalog import made_list
from tests.storage.made_conversations import (
    CALLER,
    END,
    FIRST,
    SECOND,
    made_conversation_draft,
    made_conversation_item,
    made_id,
    made_message_draft,
    made_message_item,
)
from tests.storage.made_games import (
    DAY,
    KeptGames,
    begin,
    create,
    made_key,
    made_play,
    made_roll,
    pinch_runner,
    play,
    roll_back,
    substitute,
)
from tests.storage.made_jobs import ERROR, TOKEN, made_request


class Recorder:
    """A real database that remembers the statements it was given."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database
        self.statements: list[str] = []

    @property
    def server_version(self) -> str:
        return self._database.server_version

    @property
    def connections_in_use(self) -> int:
        return self._database.connections_in_use

    @property
    def skip_locked(self) -> str:
        return self._database.skip_locked

    async def has_table(self, name: str) -> bool:
        return await self._database.has_table(name)

    async def fetch(self, sql: str, *values: Value) -> Sequence[Row]:
        self.statements.append(sql)
        return await self._database.fetch(sql, *values)

    async def exclusive(self, work: Work[Result]) -> Result:
        return await self.transaction(work)

    async def transaction(self, work: Work[Result]) -> Result:
        return await self._database.transaction(lambda tx: work(_RecordedTransaction(tx, self.statements)))

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Reads]:
        async with self._database.snapshot() as moment:
            yield _RecordedReads(moment, self.statements)

    async def check(self) -> Sequence[str]:
        return await self._database.check()


class _RecordedReads:
    def __init__(self, reads: Reads, statements: list[str]) -> None:
        self._reads = reads
        self._statements = statements

    async def fetch(self, sql: str, *values: Value) -> Sequence[Row]:
        self._statements.append(sql)
        return await self._reads.fetch(sql, *values)


class _RecordedTransaction:
    def __init__(self, tx: Transaction, statements: list[str]) -> None:
        self._tx = tx
        self._statements = statements

    async def fetch(self, sql: str, *values: Value) -> Sequence[Row]:
        self._statements.append(sql)
        return await self._tx.fetch(sql, *values)

    async def execute(self, sql: str, *values: Value) -> None:
        self._statements.append(sql)
        await self._tx.execute(sql, *values)

    async def lock(self, names: Collection[str]) -> None:
        await self._tx.lock(names)


@pytest.fixture
async def recorder(tmp_path: Path, clock: FrozenClock) -> AsyncIterator[Recorder]:
    async with open_sqlite(tmp_path / "recorded.db", clock) as database:
        recorder = Recorder(database)
        await migrate(recorder, read_migrations(), clock)
        yield recorder


async def test_every_statement_of_the_players_is_portable(recorder: Recorder, metrics: Metrics) -> None:
    players = SqlPlayers(recorder, metrics)
    recorder.statements.clear()

    await players.save(made_player(), ["Ana-1234"])
    await players.save(made_player(fetched_at=NOW - 1), [])
    await players.confirm(ID, NOW, [])
    await players.save_unknown(made_note(ID), 0)
    await players.save_unknown(made_note(ID), 0)
    await players.save_unknown(made_note(ID, 2), 1)
    await players.get_many([ID])
    await players.get_careers([ID])
    await players.get_sources([ID])
    await recorder._database.transaction(
        lambda tx: tx.execute("UPDATE players SET profile = CAST('?' AS BYTEA)")
    )
    await players.save(made_player(fetched_at=NOW - 1), [])
    await players.prune(NOW + 1, 10)

    assert len(set(recorder.statements)) == 21
    assert [word for sql in recorder.statements for word in foreign_words(sql)] == []


async def test_every_statement_of_the_history_is_portable(recorder: Recorder, metrics: Metrics) -> None:
    history = SqlHistory(recorder, metrics)
    recorder.statements.clear()

    await history.pages([HistoryRequest(ID, 20, since=NOW, older_than=3), HistoryRequest(ID, 5)])
    await history.prune(NOW, 10)

    assert len(recorder.statements) == 2
    assert [word for sql in recorder.statements for word in foreign_words(sql)] == []


async def test_get_many_reads_neither_career_nor_page(recorder: Recorder, metrics: Metrics) -> None:
    recorder.statements.clear()

    await SqlPlayers(recorder, metrics).get_many([ID])

    (statement,) = recorder.statements
    assert "player_careers" not in statement


async def test_every_statement_of_the_catalog_is_portable(recorder: Recorder, metrics: Metrics) -> None:
    catalog = SqlCatalog(recorder, metrics)
    recorder.statements.clear()

    await catalog.save(HEROES, "en-us", made_list())
    await recorder._database.transaction(
        lambda tx: tx.execute("UPDATE catalog SET facts = CAST('?' AS BYTEA)")
    )
    await catalog.save(HEROES, "en-us", made_list(fetched_at=NOW - 1))
    await catalog.get_many(HEROES, ["en-us"])
    await catalog.get_sources(HEROES, ["en-us"])

    assert len(set(recorder.statements)) == 5
    assert [word for sql in recorder.statements for word in foreign_words(sql)] == []


async def test_get_many_of_the_catalog_is_one_statement_that_reads_no_source(
    recorder: Recorder, metrics: Metrics
) -> None:
    recorder.statements.clear()

    await SqlCatalog(recorder, metrics).get_many(HEROES, [f"key-{number}" for number in range(100)])

    (statement,) = recorder.statements
    assert "source" not in statement


async def test_every_statement_of_the_jobs_is_portable(recorder: Recorder, metrics: Metrics) -> None:
    jobs, claims = SqlJobs(recorder, metrics), SqlJobClaims(recorder, metrics)
    wanted = made_request(after_run=True)
    scheduled = {"02": ScheduledRequest(wanted, every=1)}
    recorder.statements.clear()

    await jobs.enqueue({"01": wanted}, now=NOW)
    await claims.claim(TOKEN, [JobKind.PLAYER], limit=1, now=NOW, lease_until=NOW, max_attempts=1)
    await jobs.enqueue_scheduled(scheduled, now=NOW)
    await claims.renew(TOKEN, ["01"], lease_until=NOW)
    await claims.give_back(TOKEN, ["01"])
    await claims.claim(TOKEN, [JobKind.PLAYER], limit=1, now=NOW, lease_until=NOW, max_attempts=1)
    await claims.postpone(TOKEN, "01", not_before=NOW, error=ERROR)
    await claims.claim(TOKEN, [JobKind.PLAYER], limit=1, now=NOW, lease_until=NOW, max_attempts=1)
    await claims.finish(TOKEN, "01", state=JobState.FAILED, error=ERROR, now=NOW)
    await jobs.get_many(["01"])
    await jobs.get_latest(JobKind.PLAYER, ["ana"])
    await jobs.list(JobState.FAILED, after=None, limit=1)
    await jobs.counts()
    await jobs.requeue(["01"], now=NOW)
    await claims.claim(TOKEN, [JobKind.PLAYER], limit=1, now=NOW, lease_until=NOW, max_attempts=1)
    await claims.finish(TOKEN, "02", state=JobState.SUCCEEDED, error=None, now=NOW)
    await jobs.sweep(NOW + 1, 9)

    assert len(set(recorder.statements)) == 18
    assert [word for sql in recorder.statements for word in foreign_words(sql)] == []


async def test_every_statement_of_the_conversations_is_portable(recorder: Recorder, metrics: Metrics) -> None:
    kept = SqlConversations(recorder, metrics)
    draft, said = made_conversation_draft(), made_message_draft(11, parent_id=made_id(99))
    recorder.statements.clear()

    await kept.start(draft, resume_id=SECOND, now=NOW, expires_at=END, limit=1)
    with pytest.raises(RuleViolation):
        await kept.append(FIRST, said, caller=CALLER, now=NOW, expires_at=END, limit=1)
    await kept.get_many([FIRST], now=NOW)
    await kept.list([ConversationRequest(CALLER, 1), ConversationRequest(CALLER, 1, "ana", "x")], now=NOW)
    await kept.get_ranges([MessageRange(FIRST, 1, 2)], now=NOW)
    await kept.get_messages([FIRST], now=NOW)
    await kept.get_replies([FIRST], limit=1, now=NOW)
    with pytest.raises(NotFound):
        await kept.delete(SECOND, caller=CALLER, now=NOW)
    await kept.sweep(END, 1)
    await kept.erase(CALLER, 1)

    assert len(set(recorder.statements)) == 14
    assert [word for sql in recorder.statements for word in foreign_words(sql)] == []


async def test_every_statement_of_the_archives_of_conversations_is_portable(
    recorder: Recorder, metrics: Metrics
) -> None:
    archives = sql_archives(recorder, metrics)
    other = replace(made_message_item(), id="another")
    recorder.statements.clear()

    for kind, items in (("conversations", [made_conversation_item()]), ("messages", [made_message_item()])):
        await archives[kind].put_many(items)
        await archives[kind].list(after=items[0].key, limit=1)
        await archives[kind].get_many([items[0].key])
        await archives[kind].statistics(NOW)
        await archives[kind].count()
    await archives["messages"].put_many([other, replace(other, key=f"{FIRST}/2", parent_id="x")])
    await archives["messages"].clear(1)
    await archives["conversations"].clear(1)

    assert [word for sql in recorder.statements for word in foreign_words(sql)] == []


async def test_every_statement_of_the_games_is_portable(recorder: Recorder, metrics: Metrics) -> None:
    kept = KeptGames(
        SqlGames(recorder, metrics), SqlGameRecords(recorder, metrics), SqlBoxScores(recorder, metrics)
    )
    game = await begin(kept)
    rolled = RolledPlay(made_play("p1", "a1"), (made_roll("r1"),))
    recorder.statements.clear()

    await play(kept, game.version, rolled, key=made_key())
    await play(kept, game.version, rolled, key=made_key())
    await substitute(kept, [pinch_runner("x", "a2")], 2, key=made_key("second"))
    await substitute(kept, [pinch_runner("x", "a2")], 2, key=made_key("second"))
    await roll_back(kept, 3, 0, key=made_key("third"))
    await roll_back(kept, 3, 0, key=made_key("third"))
    await create(kept)
    await kept.games.get_many([game.id])
    await kept.games.list([GameRequest(None, 5)])
    await kept.games.get_changes([ChangeRange(game.id, 0, 9)])
    await kept.games.recover([game.id])
    await kept.games.sweep_keys(NOW + 10 * DAY, 5)

    assert len(set(recorder.statements)) == 31
    assert [word for sql in recorder.statements for word in foreign_words(sql)] == []


async def test_every_statement_of_the_records_and_sums_of_games_is_portable(
    recorder: Recorder, metrics: Metrics
) -> None:
    records, sums = SqlGameRecords(recorder, metrics), SqlBoxScores(recorder, metrics)
    await create(KeptGames(SqlGames(recorder, metrics), records, sums))
    roster, rolls = [RosterEntryDraft("e1", HOME, CardRef(7))], [made_roll("r1")]
    line = LineRequest(None, "spring", Span(5))
    recorder.statements.clear()

    for _ in range(2):
        await records.add_roster(GAME_ID, roster, key=made_key(), now=NOW, limit=9)
        await records.record_rolls(GAME_ID, rolls, key=made_key("rolls"), now=NOW, limit=9)
    await records.remove_roster("e1")
    await records.save_session(GameSessionDraft(GAME_ID, (), NOW), now=NOW)
    await records.get_lineups([GAME_ID])
    await records.get_rosters([GAME_ID])
    await records.get_sessions([GAME_ID])
    await records.get_entries(["x"])
    await records.get_roster_entries(["x"])
    await records.get_plays(["x"])
    await records.get_rolls(["x"])
    await sums.get_many([GAME_ID])
    await records.list_plays([PlayRequest(GAME_ID, Span(5))])
    await records.list_rolls([RollRequest(GAME_ID, Span(5))])
    await sums.list_batting([line])
    await sums.list_pitching([line])

    assert len(set(recorder.statements)) == 24
    assert [word for sql in recorder.statements for word in foreign_words(sql)] == []


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT NOW()", ["NOW"]),
        ("SELECT a FROM t WHERE b = ?", ["?"]),
        ("CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT)", ["INTEGER", "AUTOINCREMENT"]),
        ("SELECT a::TEXT FROM t", ["::"]),
        ("SELECT a FROM t WHERE a = ANY($1)", ["ANY"]),
        ("SELECT a->>'b' FROM t", ["->"]),
        ("INSERT OR REPLACE INTO t (a) VALUES ($1)", ["REPLACE"]),
        ("SELECT anything, nowhere FROM blobs WHERE a = $1", []),
    ],
)
def test_the_check_sees_what_is_not_portable(sql: str, words: list[str]) -> None:
    assert foreign_words(sql) == words


def test_placeholders_count_from_their_start() -> None:
    assert (placeholders(3), placeholders(2, start=4), placeholders(0)) == ("$1, $2, $3", "$4, $5", "")


@pytest.mark.parametrize(
    ("count", "sizes"),
    [(0, []), (1, [1]), (MAX_KEYS, [MAX_KEYS]), (MAX_KEYS + 1, [MAX_KEYS, 1])],
)
def test_keys_are_parted_into_statements(count: int, sizes: list[int]) -> None:
    assert [len(keys) for keys in batches(str(number) for number in range(count))] == sizes


def test_a_repeated_key_is_bound_once() -> None:
    assert list(batches(["b", "a", "b"])) == [["b", "a"]]
