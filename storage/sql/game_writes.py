"""What all changes of games in an SQL database have in common: keys, the version, the log, rows that are new."""

from collections.abc import Sequence
from dataclasses import dataclass

from errors import LimitExceeded, NotFound, RuleViolation, VersionConflict
from models.baseball import Game
from models.baseball_changes import ClientKey
from models.baseball_lineups import Lineup
from models.baseball_rolls import DiceRoll
from storage import game_refusals
from storage.sql.counted import CountedDatabase
from storage.sql.database import Result, Row, Transaction, Value, Work, placeholders
from storage.sql.game_rows import (
    ENTRY,
    GAME,
    ROLL,
    columns,
    entry_of,
    game_of,
    game_text,
    game_values,
    roll_values,
)

# Rows in one statement; the longest binds some forty values.
_ROWS = 500

# Of one statement, hence of one moment: what the rules say of the one is never held against a later other.
_READ = f"""
SELECT {columns(GAME, "g")}, g.roll_count, g.roster_count, {columns(ENTRY, "e", "entry_")}
FROM games g LEFT JOIN game_lineups e ON e.game_id = g.id AND e.undone_by IS NULL
WHERE g.id = $1
ORDER BY e.sequence, e.place
"""  # noqa: S608 (here and below: the columns are constants, the rest are placeholders)

_SET = ", ".join(f"{name} = ${place}" for place, name in enumerate(GAME, 1) if name != "id")
_NEXT = len(GAME) + 1
_MOVE = f"""
UPDATE games SET {_SET}, roll_count = roll_count + CAST(${_NEXT} AS BIGINT)
WHERE id = $1 AND version = ${_NEXT + 1} AND roll_count = ${_NEXT + 2}
RETURNING version
"""  # noqa: S608

_LOG = """
INSERT INTO game_changes (game_id, version, kind, game, to_play, plays, substitutions, rolls)
VALUES {rows}
ON CONFLICT DO NOTHING RETURNING version
"""

_KEPT_KEY = """
SELECT digest, game_id, first_number, last_number FROM game_keys
WHERE caller = $1 AND client_key = $2 AND expires_at > $3
"""

_KEEP_KEY = """
INSERT INTO game_keys (caller, client_key, digest, game_id, first_number, last_number, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (caller, client_key) DO UPDATE SET
    digest = excluded.digest, game_id = excluded.game_id, first_number = excluded.first_number,
    last_number = excluded.last_number, expires_at = excluded.expires_at
WHERE game_keys.expires_at <= $8
RETURNING caller
"""

_ADD_ROLLS = f"INSERT INTO game_rolls ({columns(ROLL)}) VALUES {{rows}} ON CONFLICT DO NOTHING RETURNING id"  # noqa: S608


class Outrun(Exception):
    """Somebody else wrote between our reading and our writing. Nothing of ours is kept."""


@dataclass(frozen=True, slots=True)
class KeptKey:
    """What was written under a client key: versions or numbers of this game."""

    game_id: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Table:
    """A game with all that its rules look at, and its counts."""

    game: Game
    lineup: Lineup
    roll_count: int
    roster_count: int


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the log, but for plays and lineup entries, which lie in their own tables."""

    kind: str
    game: Game
    to_play: int | None = None
    plays: int | None = None
    substitutions: int | None = None
    rolls: int | None = None


async def write(database: CountedDatabase, key: ClientKey | None, now: int, work: Work[Result]) -> Result:
    """Run a transaction, and run it again for as long as others get ahead of it: each time one of them got on."""

    async def attempt(tx: Transaction) -> Result:
        try:
            return await work(tx)
        except (NotFound, VersionConflict, RuleViolation, LimitExceeded) as refusal:
            # The same write may have happened since we looked for its key, and be the very reason.
            if await find_key(tx, key, now):
                raise Outrun from refusal
            raise

    while True:
        try:
            return await database.write(attempt)
        except Outrun:
            continue


async def find_key(tx: Transaction, key: ClientKey | None, now: int) -> KeptKey | None:
    """What the key was used for already. RuleViolation when that was something else."""
    rows = await tx.fetch(_KEPT_KEY, key.caller, key.key, now) if key else ()
    if not key or not rows:
        return None
    if rows[0]["digest"] != key.digest:
        raise game_refusals.key_taken()
    return KeptKey(str(rows[0]["game_id"]), int(rows[0]["first_number"]), int(rows[0]["last_number"]))


async def keep_key(tx: Transaction, key: ClientKey | None, kept: KeptKey, now: int) -> None:
    """Remember what the key was used for."""
    if key is None:
        return
    values = (key.caller, key.key, key.digest, kept.game_id, kept.first, kept.last, key.expires_at)
    if not await tx.fetch(_KEEP_KEY, *values, now):
        raise Outrun


async def read_table(tx: Transaction, game_id: str, expected_version: int | None) -> Table:
    """The game as it is. NotFound; VersionConflict when it is not at that version (None: at any)."""
    rows = await tx.fetch(_READ, game_id)
    if not rows:
        raise game_refusals.no_game()
    game = game_of(rows[0])
    if expected_version not in {None, game.version}:
        raise game_refusals.other_version(game.version)
    lineup = tuple(entry_of(row, "entry_") for row in rows if row["entry_id"] is not None)
    return Table(game, lineup, int(rows[0]["roll_count"]), int(rows[0]["roster_count"]))


async def move(tx: Transaction, table: Table, game: Game, *, rolls: int = 0) -> None:
    """Set the game to this, if it is still as it was read. Comes before all other changes, so that two transactions
    never wait for each other."""
    values = (*game_values(game), rolls, table.game.version, table.roll_count)
    if not await tx.fetch(_MOVE, *values):
        raise Outrun


async def log(tx: Transaction, entries: Sequence[Entry]) -> None:
    """Add entries to the log of a game that was moved."""
    rows = [
        (
            *(each.game.id, each.game.version, each.kind, game_text(each.game)),
            *(each.to_play, each.plays, each.substitutions, each.rolls),
        )
        for each in entries
    ]
    await insert_new(tx, _LOG, rows, "version")


async def insert_new(tx: Transaction, sql: str, rows: Sequence[Sequence[Value]], what: str) -> None:
    """Run an INSERT that leaves out what is there. RuleViolation when anything was."""
    for start in range(0, len(rows), _ROWS):
        part = rows[start : start + _ROWS]
        width = len(part[0])
        listed = ", ".join(f"({placeholders(width, start=1 + width * place)})" for place in range(len(part)))
        added: Sequence[Row] = await tx.fetch(
            sql.format(rows=listed), *(value for row in part for value in row)
        )
        if len(added) < len(part):
            raise game_refusals.id_taken(what)


async def add_rolls(tx: Transaction, rolls: Sequence[DiceRoll]) -> None:
    """Add rolls whose numbers are free."""
    await insert_new(tx, _ADD_ROLLS, [roll_values(each) for each in rolls], "dice roll")
