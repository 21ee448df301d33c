"""Games and what hangs on them as rows: the columns, and both ways between rows and models."""

from collections.abc import Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any

import msgspec

from models.baseball import Game, Play, Visibility
from models.baseball_lineups import Card, CardRef, LineupEntry, RosterEntry, card_of
from models.baseball_rolls import DiceRoll, GameSession, RollType
from models.baseball_states import Bases, GameStatus, HalfInning
from models.baseball_stats import PlayStats
from storage.codec import decode_or_none, pack, unpack
from storage.sql.database import Row, Value

_STATS = tuple(each.name for each in fields(PlayStats))
_stats_values = attrgetter(*_STATS)

GAME = (
    *("id", "owner", "league", "home_team_id", "away_team_id", "mode", "visibility", "created_at"),
    *("updated_at", "version", "play_count", "inning", "half", "outs", "on_first", "on_second", "on_third"),
    *("home_score", "away_score", "status", "winner_team_id"),
)
ENTRY = (
    *("id", "game_id", "sequence", "place", "team_id", "card_id", "player_id", "position", "batting_order"),
    *("is_starter", "entered_at_play", "left_at_play", "replaces_id", "undone_by"),
)
ROSTER = ("id", "game_id", "number", "team_id", "card_id", "player_id")
PLAY = (
    *("id", "game_id", "sequence", "number", "inning", "half", "outs_before"),
    *("first_before", "second_before", "third_before", "home_score_before", "away_score_before"),
    *("status_before", "batter_id", "pitcher_id", "catcher_id", "first_after", "second_after", "third_after"),
    *_STATS,
    *("description", "dice_roll", "hit_location", "complete", "created_at", "undone_by"),
)
ROLL = (
    *("id", "game_id", "number", "game_version", "type", "thrown", "rolled_at", "team_id", "play_id"),
    *("play_number", "context", "undone_by"),
)
SESSION = ("game_id", "connected_users", "last_action_at", "snapshot", "saved_at")

_users_decoder = msgspec.json.Decoder(tuple[str, ...])
_snapshot_decoder = msgspec.json.Decoder(str)
_game_decoder = msgspec.json.Decoder(Game)


def columns(names: Sequence[str], table: str = "", prefix: str = "") -> str:
    """Columns by name, from a table of that alias; a prefix parts them from those of another table."""
    start = f"{table}." if table else ""
    return ", ".join(f"{start}{name} AS {prefix}{name}" if prefix else f"{start}{name}" for name in names)


def game_of(row: Row) -> Game:
    """The game of a row."""
    return Game(
        id=str(row["id"]),
        owner=str(row["owner"]),
        league=str(row["league"]),
        home_team_id=int(row["home_team_id"]),
        away_team_id=int(row["away_team_id"]),
        mode=str(row["mode"]),
        visibility=Visibility(str(row["visibility"])),
        created_at=int(row["created_at"]),
        updated_at=int(row["updated_at"]),
        version=int(row["version"]),
        play_count=int(row["play_count"]),
        inning=int(row["inning"]),
        half=HalfInning(str(row["half"])),
        outs=int(row["outs"]),
        bases=Bases(_text(row["on_first"]), _text(row["on_second"]), _text(row["on_third"])),
        home_score=int(row["home_score"]),
        away_score=int(row["away_score"]),
        status=GameStatus(str(row["status"])),
        winner_team_id=_number(row["winner_team_id"]),
    )


def game_values(game: Game) -> Sequence[Value]:
    """The values of the columns of `GAME`."""
    return (
        *(game.id, game.owner, game.league, game.home_team_id, game.away_team_id, game.mode),
        *(game.visibility.value, game.created_at, game.updated_at, game.version, game.play_count),
        *(game.inning, game.half.value, game.outs, *_runners(game.bases)),
        *(game.home_score, game.away_score, game.status.value, game.winner_team_id),
    )


def game_text(game: Game) -> str:
    """A game as its log keeps it."""
    return msgspec.json.encode(game).decode()


def game_of_text(text: str) -> Game:
    """A game that a log kept."""
    return _game_decoder.decode(text)


def entry_of(row: Row, prefix: str = "") -> LineupEntry:
    """The lineup entry of a row whose columns have this prefix."""
    return LineupEntry(
        id=str(row[f"{prefix}id"]),
        game_id=str(row[f"{prefix}game_id"]),
        sequence=int(row[f"{prefix}sequence"]),
        team_id=int(row[f"{prefix}team_id"]),
        card=card_of(_number(row[f"{prefix}card_id"]), _number(row[f"{prefix}player_id"])),
        position=str(row[f"{prefix}position"]),
        batting_order=_number(row[f"{prefix}batting_order"]),
        is_starter=bool(row[f"{prefix}is_starter"]),
        entered_at_play=int(row[f"{prefix}entered_at_play"]),
        left_at_play=_number(row[f"{prefix}left_at_play"]),
        replaces_id=_text(row[f"{prefix}replaces_id"]),
        undone_by=_number(row[f"{prefix}undone_by"]),
    )


def entry_values(entry: LineupEntry, place: int) -> Sequence[Value]:
    """The values of the columns of `ENTRY`; `place` is the entry's among those that came in together."""
    return (
        *(entry.id, entry.game_id, entry.sequence, place, entry.team_id, *card_values(entry.card)),
        *(entry.position, entry.batting_order, entry.is_starter, entry.entered_at_play),
        *(entry.left_at_play, entry.replaces_id, entry.undone_by),
    )


def card_values(card: Card) -> tuple[int | None, int | None]:
    """The values of the columns `card_id` and `player_id`."""
    return (card.card_id, None) if isinstance(card, CardRef) else (None, card.player_id)


def roster_entry_of(row: Row) -> RosterEntry:
    """The roster entry of a row."""
    card = card_of(_number(row["card_id"]), _number(row["player_id"]))
    return RosterEntry(str(row["id"]), str(row["game_id"]), int(row["team_id"]), card)


def play_of(row: Row) -> Play:
    """The play of a row."""
    return Play(
        id=str(row["id"]),
        game_id=str(row["game_id"]),
        sequence=int(row["sequence"]),
        number=int(row["number"]),
        inning=int(row["inning"]),
        half=HalfInning(str(row["half"])),
        outs_before=int(row["outs_before"]),
        bases_before=_bases(row, "before"),
        home_score_before=int(row["home_score_before"]),
        away_score_before=int(row["away_score_before"]),
        status_before=GameStatus(str(row["status_before"])),
        batter_id=str(row["batter_id"]),
        pitcher_id=str(row["pitcher_id"]),
        catcher_id=_text(row["catcher_id"]),
        bases_after=_bases(row, "after"),
        stats=PlayStats(*(int(row[name]) for name in _STATS)),
        description=str(row["description"]),
        dice_roll=_text(row["dice_roll"]),
        hit_location=_text(row["hit_location"]),
        complete=bool(row["complete"]),
        created_at=int(row["created_at"]),
        undone_by=_number(row["undone_by"]),
    )


def play_values(play: Play) -> Sequence[Value]:
    """The values of the columns of `PLAY`."""
    return (
        *(play.id, play.game_id, play.sequence, play.number, play.inning, play.half.value, play.outs_before),
        *(*_runners(play.bases_before), play.home_score_before, play.away_score_before),
        *(play.status_before.value, play.batter_id, play.pitcher_id, play.catcher_id),
        *(*_runners(play.bases_after), *_stats_values(play.stats)),
        *(play.description, play.dice_roll, play.hit_location, play.complete),
        *(play.created_at, play.undone_by),
    )


def roll_of(row: Row) -> DiceRoll:
    """The dice roll of a row."""
    return DiceRoll(
        id=str(row["id"]),
        game_id=str(row["game_id"]),
        number=int(row["number"]),
        game_version=int(row["game_version"]),
        type=RollType(str(row["type"])),
        values=str(row["thrown"]),
        rolled_at=int(row["rolled_at"]),
        team_id=_number(row["team_id"]),
        play_id=_text(row["play_id"]),
        play_number=_number(row["play_number"]),
        context=_text(row["context"]),
        undone_by=_number(row["undone_by"]),
    )


def roll_values(roll: DiceRoll) -> Sequence[Value]:
    """The values of the columns of `ROLL`."""
    return (
        *(roll.id, roll.game_id, roll.number, roll.game_version, roll.type.value, roll.values),
        *(roll.rolled_at, roll.team_id, roll.play_id, roll.play_number, roll.context, roll.undone_by),
    )


def session_of(row: Row) -> GameSession | None:
    """The session of a row; None when its snapshot cannot be read."""
    game_id, kept = str(row["game_id"]), row["snapshot"]
    snapshot = None
    if kept is not None:
        snapshot = decode_or_none(lambda packed: unpack(_snapshot_decoder, packed), bytes(kept), game=game_id)
        if snapshot is None:
            return None
    users = _users_decoder.decode(str(row["connected_users"]))
    return GameSession(game_id, users, int(row["last_action_at"]), snapshot, int(row["saved_at"]))


def users_text(users: Sequence[str]) -> str:
    """The value of the column `connected_users`."""
    return msgspec.json.encode(users).decode()


def packed_snapshot(snapshot: str | None) -> bytes | None:
    """The value of the column `snapshot`. Takes up to milliseconds: callers keep it off the event loop."""
    return None if snapshot is None else pack(snapshot)


def _bases(row: Row, moment: str) -> Bases:
    return Bases(*(_text(row[f"{base}_{moment}"]) for base in ("first", "second", "third")))


def _runners(bases: Bases) -> tuple[str | None, str | None, str | None]:
    return bases.first, bases.second, bases.third


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _number(value: Any) -> int | None:
    return None if value is None else int(value)
