"""Games in an SQL database, read. The contract is on `storage.game_protocols.Games`."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar

from metrics import Metrics
from models.baseball import Game, Play
from models.baseball_changes import (
    ChangeRange,
    GameChange,
    GameRecovery,
    GameRolledBack,
    PlayRecorded,
    StateChanged,
    SubstitutionMade,
)
from models.baseball_lineups import LineupEntry
from models.baseball_pages import GamePlace, GameRequest, ListPage
from models.baseball_rolls import DiceRoll
from storage.sql.conversation_rows import values_rows
from storage.sql.counted import CountedDatabase
from storage.sql.database import Database, Reads, Row, Transaction, Value, batches, placeholders
from storage.sql.game_pages import Paging
from storage.sql.game_rows import (
    ENTRY,
    GAME,
    PLAY,
    ROLL,
    SESSION,
    columns,
    entry_of,
    game_of,
    game_of_text,
    play_of,
    roll_of,
    session_of,
)

_Part = TypeVar("_Part", LineupEntry, Play, DiceRoll)

# Requests in one statement; each binds eleven values, or three.
_REQUESTS = 1_000

_BEFORE_ALL = GamePlace(2**63 - 1, "")
_BEHIND_ALL = GamePlace(-(2**63) + 1, "")

_GET_MANY = f"SELECT {columns(GAME)} FROM games WHERE id IN ({{keys}})"  # noqa: S608 (here and below: the columns are constants, the rest are placeholders)

# Newest first: the time counts backwards.
_LIST = f"""
    SELECT {columns(GAME, "g")}, asked.column1 AS request_place, asked.column2 AS page_size,
        asked.column3 AS from_end, -g.created_at AS place_number, g.id AS place_id,
        asked.column7 AS after_number, asked.column8 AS after_id,
        asked.column9 AS before_number, asked.column10 AS before_id
    FROM (VALUES {{requests}}) AS asked
    JOIN games g ON (asked.column4 IS NULL OR g.owner = asked.column4 OR g.visibility = 'public')
        AND (asked.column5 IS NULL OR g.league = asked.column5)
        AND (asked.column6 IS NULL OR g.status = asked.column6)
"""  # noqa: S608
_LIST_TYPES = (
    *("BIGINT", "BIGINT", "BIGINT", "TEXT", "TEXT", "TEXT"),
    *("BIGINT", "TEXT", "BIGINT", "TEXT"),
)
_GAMES = Paging(_LIST, _LIST_TYPES, game_of)

# Versions have no gaps, so the first of a range are those next to it.
_RANGE = """
FROM (VALUES {ranges}) AS asked
JOIN {table} t ON t.game_id = asked.column2 AND t.{version} > asked.column3 AND t.{version} <= asked.column4
"""
_RANGE_TYPES = ("BIGINT", "TEXT", "BIGINT", "BIGINT")
_CHANGES = f"""
SELECT asked.column1 AS request_place, t.version, t.kind, t.game, t.to_play, t.plays, t.substitutions, t.rolls
{_RANGE.replace("{table}", "game_changes").replace("{version}", "version")}
ORDER BY asked.column1, t.version
"""
_CHANGE_PLAYS = f"""
SELECT {columns(PLAY, "t")} {_RANGE.replace("{table}", "game_plays").replace("{version}", "sequence")}
"""
_CHANGE_ENTRIES = f"""
SELECT {columns(ENTRY, "t")} {_RANGE.replace("{table}", "game_lineups").replace("{version}", "sequence")}
ORDER BY t.place
"""

# Whatever changes a game, but for its roster and its session, changes one of these. So what is read while they stay is
# of one moment: that at which the session was read.
_COUNTS = "SELECT id, version, roll_count FROM games WHERE id IN ({keys}) ORDER BY id"
_TRIES = 3

_ACTIVE = f"""
SELECT {columns(ENTRY)} FROM game_lineups
WHERE game_id IN ({{keys}}) AND left_at_play IS NULL AND undone_by IS NULL ORDER BY sequence, place
"""  # noqa: S608
_PLAYS = f"""
SELECT {columns(PLAY)} FROM game_plays WHERE game_id IN ({{keys}}) AND undone_by IS NULL ORDER BY sequence
"""  # noqa: S608
_ROLLS = f"""
SELECT {columns(ROLL)} FROM game_rolls WHERE game_id IN ({{keys}}) AND undone_by IS NULL ORDER BY number
"""  # noqa: S608
_SESSIONS = f"SELECT {columns(SESSION)} FROM game_sessions WHERE game_id IN ({{keys}})"  # noqa: S608

_ENDED_KEYS = "SELECT caller, client_key FROM game_keys WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2"

_FORGET = "DELETE FROM game_keys WHERE expires_at <= $1 AND (caller, client_key) IN ({keys}) RETURNING caller"


class SqlGameReads:
    """What is read of the games of one database."""

    def __init__(self, database: Database, metrics: Metrics) -> None:
        self._database = CountedDatabase(database, metrics, "games")

    async def get_many(self, game_ids: Collection[str]) -> Mapping[str, Game]:
        return {str(row["id"]): game_of(row) for row in await _of_games(self._database, _GET_MANY, game_ids)}

    async def list(self, requests: Collection[GameRequest]) -> Mapping[GameRequest, ListPage[Game]]:
        pages: dict[GameRequest, ListPage[Game]] = {}
        for asked in batches(requests, _REQUESTS):
            values = [value for place, request in enumerate(asked) for value in _list_values(place, request)]
            pages |= _GAMES.pages(asked, await self._database.fetch(_GAMES.statement(len(asked)), *values))
        return pages

    async def get_changes(
        self, ranges: Collection[ChangeRange]
    ) -> Mapping[ChangeRange, Sequence[GameChange]]:
        found: dict[ChangeRange, list[GameChange]] = {each: [] for each in ranges}
        for asked in batches(ranges, _REQUESTS):
            rows = ", ".join(values_rows(len(asked), _RANGE_TYPES, start=1))
            values = [value for place, each in enumerate(asked) for value in _range_values(place, each)]
            # Plays and entries are there when their entry of the log is: they were written with it.
            changes = await self._database.fetch(_CHANGES.format(ranges=rows), *values)
            made = _Made(
                await self._database.fetch(_CHANGE_PLAYS.format(ranges=rows), *values),
                await self._database.fetch(_CHANGE_ENTRIES.format(ranges=rows), *values),
            )
            for row in changes:
                found[asked[int(row["request_place"])]].append(made.change_of(row))
        return found

    async def recover(self, game_ids: Collection[str]) -> Mapping[str, GameRecovery]:
        for _ in range(_TRIES):
            before = await _of_games(self._database, _COUNTS, game_ids)
            found = await _recovery(self._database, game_ids)
            after = await _of_games(self._database, _COUNTS, game_ids)
            if [tuple(row) for row in before] == [tuple(row) for row in after]:
                return found
        # Costs a connection of its own.
        async with self._database.snapshot() as moment:
            return await _recovery(moment, game_ids)

    async def sweep_keys(self, now: int, limit: int) -> int:
        sql = _ENDED_KEYS + self._database.skip_locked

        async def work(tx: Transaction) -> int:
            ended = await tx.fetch(sql, now, limit)
            if not ended:
                return 0
            keys = ", ".join(values_rows(len(ended), ("TEXT", "TEXT"), start=2))
            values = (str(row[name]) for row in ended for name in ("caller", "client_key"))
            return len(await tx.fetch(_FORGET.format(keys=f"VALUES {keys}"), now, *values))

        return await self._database.write(work)


async def _recovery(reads: Reads, game_ids: Collection[str]) -> Mapping[str, GameRecovery]:
    games = [game_of(row) for row in await _of_games(reads, _GET_MANY, game_ids)]
    entries = _grouped([entry_of(row) for row in await _of_games(reads, _ACTIVE, game_ids)])
    plays = _grouped([play_of(row) for row in await _of_games(reads, _PLAYS, game_ids)])
    rolls = _grouped([roll_of(row) for row in await _of_games(reads, _ROLLS, game_ids)])
    sessions = [session_of(row) for row in await _of_games(reads, _SESSIONS, game_ids)]
    kept = {each.game_id: each for each in sessions if each is not None}
    return {
        game.id: GameRecovery(
            game,
            tuple(entries.get(game.id, ())),
            tuple(plays.get(game.id, ())),
            tuple(rolls.get(game.id, ())),
            kept.get(game.id),
        )
        for game in games
    }


class _Made:
    """The plays and the lineup entries of some entries of logs, by game and version."""

    def __init__(self, plays: Sequence[Row], entries: Sequence[Row]) -> None:
        made = [play_of(row) for row in plays]
        self._plays: dict[tuple[str, int], Play] = {(play.game_id, play.sequence): play for play in made}
        self._entries: defaultdict[tuple[str, int], dict[str, LineupEntry]] = defaultdict(dict)
        for entry in (entry_of(row) for row in entries):
            # By id: two ranges of a game may share entries.
            self._entries[entry.game_id, entry.sequence][entry.id] = entry

    def change_of(self, row: Row) -> GameChange:
        """The entry of a row of the log."""
        game = game_of_text(str(row["game"]))
        version = (game.id, game.version)
        match str(row["kind"]):
            case "play":
                return PlayRecorded(game, self._plays[version])
            case "substitution":
                return SubstitutionMade(game, tuple(self._entries[version].values()))
            case "rollback":
                numbers = (int(row[name]) for name in ("to_play", "plays", "substitutions", "rolls"))
                return GameRolledBack(game, *numbers)
            case _:
                return StateChanged(game)


def _list_values(place: int, request: GameRequest) -> Sequence[Value]:
    after, before = request.after or _BEFORE_ALL, request.before or _BEHIND_ALL
    return (
        *(place, request.limit, int(request.from_end), request.reader, request.league),
        request.status and request.status.value,
        *(-after.created_at, after.id, -before.created_at, before.id),
    )


def _range_values(place: int, asked: ChangeRange) -> Sequence[Value]:
    return place, asked.game_id, asked.after, asked.after + asked.limit


async def _of_games(reads: Reads, sql: str, game_ids: Collection[str]) -> Sequence[Row]:
    rows: list[Row] = []
    for keys in batches(game_ids):
        rows += await reads.fetch(sql.format(keys=placeholders(len(keys))), *keys)
    return rows


def _grouped(parts: Sequence[_Part]) -> Mapping[str, Sequence[_Part]]:
    grouped: defaultdict[str, list[_Part]] = defaultdict(list)
    for part in parts:
        grouped[part.game_id].append(part)
    return grouped
