"""Box scores and league lines, added up in an SQL database. The contract is on `storage.game_protocols.BoxScores`."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TypeVar

from metrics import Metrics
from models.baseball import Game
from models.baseball_box_scores import BattingLine, BoxScore, PitchingLine, TeamLine
from models.baseball_lineups import card_of
from models.baseball_pages import BattingPage, LineRequest, ListPage, PitchingPage, RankedLine
from models.baseball_states import HalfInning
from storage.sql.counted import CountedDatabase
from storage.sql.database import Database, Row, Value, batches, placeholders
from storage.sql.game_pages import Paging
from storage.sql.game_rows import GAME, card_values, columns, game_of

_Line = TypeVar("_Line", BattingLine, PitchingLine)

# Requests in one statement; each binds nine values.
_REQUESTS = 1_000

_BEHIND_ALL = 2**63 - 1

# The columns of plays that are added up, in the order of the attributes of the lines.
_BATTING = (
    *("pa", "ab", "runs", "hit", "double", "triple", "homerun", "rbi", "bb", "so", "hbp", "sac"),
    *("stolen_bases", "caught_stealing"),
)
_PITCHING = ("outs_recorded", "hit", "runs", "bb", "so", "homerun")

_EVERYTHING = (*_BATTING, "outs_recorded", "errors")

_GAMES = f"SELECT {columns(GAME)} FROM games WHERE id IN ({{keys}})"  # noqa: S608 (here and below: the columns are constants, the rest are placeholders)


def _sums(names: Sequence[str]) -> str:
    return ", ".join(f"SUM(p.{name}) AS {name}" for name in names)


def _lines_of_games(role: str) -> str:
    return f"""
    SELECT '{role}' AS part, p.game_id AS game_id, '' AS half, 0 AS inning, e.team_id AS team_id,
        e.card_id AS card_id, e.player_id AS player_id, MIN(p.sequence) AS first_play, {_sums(_EVERYTHING)}
    FROM game_plays p JOIN game_lineups e ON e.id = p.{role}
    WHERE p.game_id IN ({{keys}}) AND p.undone_by IS NULL
    GROUP BY p.game_id, e.team_id, e.card_id, e.player_id
    """  # noqa: S608


# One statement for all parts: they are of one moment, and agree.
_SUMS = f"""
    SELECT 'inning' AS part, p.game_id AS game_id, p.half AS half, p.inning AS inning, 0 AS team_id,
        CAST(NULL AS BIGINT) AS card_id, CAST(NULL AS BIGINT) AS player_id, MIN(p.sequence) AS first_play,
        {_sums(_EVERYTHING)}
    FROM game_plays p WHERE p.game_id IN ({{keys}}) AND p.undone_by IS NULL
    GROUP BY p.game_id, p.half, p.inning
    UNION ALL {_lines_of_games("batter_id")} UNION ALL {_lines_of_games("pitcher_id")}
    ORDER BY first_play
"""  # noqa: S608


def _lines_of_leagues(role: str, names: Sequence[str], ranked_by: str) -> str:
    return f"""
    SELECT ranked.*, place_number AS rank, '' AS place_id, '' AS after_id, '' AS before_id
    FROM (
        SELECT summed.*, ROW_NUMBER() OVER (
            PARTITION BY request_place
            ORDER BY {ranked_by} DESC, team_id, CASE WHEN card_id IS NULL THEN 1 ELSE 0 END, card_id, player_id
        ) AS place_number
        FROM (
            SELECT asked.column1 AS request_place, asked.column2 AS page_size, asked.column3 AS from_end,
                asked.column4 AS after_number, asked.column5 AS before_number,
                e.team_id AS team_id, e.card_id AS card_id, e.player_id AS player_id, {_sums(names)}
            FROM (VALUES {{requests}}) AS asked
            JOIN games g ON g.league = asked.column6
                AND (asked.column7 IS NULL OR g.owner = asked.column7 OR g.visibility = 'public')
            JOIN game_plays p ON p.game_id = g.id AND p.undone_by IS NULL
            JOIN game_lineups e ON e.id = p.{role}
                AND (asked.column8 IS NULL OR e.card_id = asked.column8)
                AND (asked.column9 IS NULL OR e.player_id = asked.column9)
            GROUP BY asked.column1, asked.column2, asked.column3, asked.column4, asked.column5,
                e.team_id, e.card_id, e.player_id
        ) AS summed
    ) AS ranked
    """  # noqa: S608


_LINE_TYPES = (
    *("BIGINT", "BIGINT", "BIGINT", "BIGINT", "BIGINT"),
    *("TEXT", "TEXT", "BIGINT", "BIGINT"),
)


class SqlBoxScores:
    """The sums of the plays of one database."""

    def __init__(self, database: Database, metrics: Metrics) -> None:
        self._database = CountedDatabase(database, metrics, "box_scores")

    async def get_many(self, game_ids: Collection[str]) -> Mapping[str, BoxScore]:
        # Who plays never changes, so the games may be of another moment than their sums.
        games = [game_of(row) for row in await self._of_games(_GAMES, game_ids)]
        sums: defaultdict[str, list[Row]] = defaultdict(list)
        for row in await self._of_games(_SUMS, game_ids):
            sums[str(row["game_id"])].append(row)
        return {game.id: _box_score(game, sums[game.id]) for game in games}

    async def list_batting(self, requests: Collection[LineRequest]) -> Mapping[LineRequest, BattingPage]:
        return await self._lines(_BATTING_PAGES, requests)

    async def list_pitching(self, requests: Collection[LineRequest]) -> Mapping[LineRequest, PitchingPage]:
        return await self._lines(_PITCHING_PAGES, requests)

    async def _of_games(self, sql: str, game_ids: Collection[str]) -> Sequence[Row]:
        rows: list[Row] = []
        for keys in batches(game_ids):
            rows += await self._database.fetch(sql.format(keys=placeholders(len(keys))), *keys)
        return rows

    async def _lines(
        self, paging: Paging[RankedLine[_Line]], requests: Collection[LineRequest]
    ) -> Mapping[LineRequest, ListPage[RankedLine[_Line]]]:
        pages: dict[LineRequest, ListPage[RankedLine[_Line]]] = {}
        for asked in batches(requests, _REQUESTS):
            values = [value for place, each in enumerate(asked) for value in _line_values(place, each)]
            pages |= paging.pages(asked, await self._database.fetch(paging.statement(len(asked)), *values))
        return pages


def _line_values(place: int, request: LineRequest) -> Sequence[Value]:
    span = request.span
    card_id, player_id = (None, None) if request.card is None else card_values(request.card)
    return (
        *(place, span.limit, int(span.from_end), span.after or 0),
        _BEHIND_ALL if span.before is None else span.before,
        *(request.league, request.reader, card_id, player_id),
    )


def _batting_line(row: Row) -> BattingLine:
    card = card_of(row["card_id"], row["player_id"])
    return BattingLine(int(row["team_id"]), card, *(int(row[name]) for name in _BATTING))


def _pitching_line(row: Row) -> PitchingLine:
    card = card_of(row["card_id"], row["player_id"])
    return PitchingLine(int(row["team_id"]), card, *(int(row[name]) for name in _PITCHING))


def _ranked(line_of: Callable[[Row], _Line]) -> Callable[[Row], RankedLine[_Line]]:
    return lambda row: RankedLine(int(row["rank"]), line_of(row))


_BATTING_PAGES = Paging(_lines_of_leagues("batter_id", _BATTING, "hit"), _LINE_TYPES, _ranked(_batting_line))
_PITCHING_PAGES = Paging(
    _lines_of_leagues("pitcher_id", _PITCHING, "outs_recorded"), _LINE_TYPES, _ranked(_pitching_line)
)


def _box_score(game: Game, rows: Sequence[Row]) -> BoxScore:
    innings = [row for row in rows if row["part"] == "inning"]
    return BoxScore(
        home=_team_line(game.home_team_id, HalfInning.BOTTOM, innings),
        away=_team_line(game.away_team_id, HalfInning.TOP, innings),
        batting=_away_first(game, [_batting_line(row) for row in rows if row["part"] == "batter_id"]),
        pitching=_away_first(game, [_pitching_line(row) for row in rows if row["part"] == "pitcher_id"]),
    )


def _team_line(team_id: int, bats_in: HalfInning, rows: Sequence[Row]) -> TeamLine:
    at_bat = [row for row in rows if row["half"] == bats_in.value]
    runs = [0] * max((int(row["inning"]) for row in at_bat), default=0)
    for row in at_bat:
        runs[int(row["inning"]) - 1] = int(row["runs"])
    return TeamLine(
        team_id=team_id,
        runs_by_inning=tuple(runs),
        runs=sum(runs),
        hits=sum(int(row["hit"]) for row in at_bat),
        errors=sum(int(row["errors"]) for row in rows if row["half"] != bats_in.value),
    )


def _away_first(game: Game, lines: Sequence[_Line]) -> tuple[_Line, ...]:
    return tuple(sorted(lines, key=lambda line: line.team_id != game.away_team_id))
