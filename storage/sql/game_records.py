"""Lineups, rosters, plays, dice rolls and sessions of games in an SQL database, written.

The contract is on `storage.game_protocols.GameRecords`.
"""

import asyncio
from collections.abc import Sequence

from models.baseball import Game
from models.baseball_changes import ClientKey, Rolled, Rostered
from models.baseball_lineups import RosterEntry, RosterEntryDraft
from models.baseball_rolls import DiceRoll, DiceRollDraft, GameSession, GameSessionDraft
from storage import game_refusals
from storage.sql.database import Row, Transaction
from storage.sql.game_record_reads import SqlGameRecordReads
from storage.sql.game_rows import (
    GAME,
    ROLL,
    ROSTER,
    SESSION,
    card_values,
    columns,
    game_of,
    packed_snapshot,
    roll_of,
    roster_entry_of,
    users_text,
)
from storage.sql.game_writes import (
    KeptKey,
    add_rolls,
    find_key,
    insert_new,
    keep_key,
    write,
)

# Takes the next numbers, and holds the game until the end of the transaction: so they are the caller's own.
_COUNT_ROLLS = f"""
UPDATE games SET roll_count = roll_count + $2 WHERE id = $1 AND roll_count + $2 <= $3
RETURNING {columns(GAME)}, roll_count AS numbered
"""  # noqa: S608 (here and below: the columns are constants, the rest are placeholders)

_COUNT_ROSTER = f"""
UPDATE games SET roster_count = roster_count + $2 WHERE id = $1 AND roster_count + $2 <= $3
RETURNING {columns(GAME)}, roster_count AS numbered
"""  # noqa: S608

_GAME = f"SELECT {columns(GAME)} FROM games WHERE id = $1"  # noqa: S608

_ADD_ROSTER = (
    f"INSERT INTO game_rosters ({columns(ROSTER)}) VALUES {{rows}} ON CONFLICT DO NOTHING RETURNING id"  # noqa: S608
)

_REMOVE_ROSTER = "DELETE FROM game_rosters WHERE id = $1 RETURNING game_id"

_NUMBERED_ROSTER = f"""
SELECT {columns(ROSTER)} FROM game_rosters WHERE game_id = $1 AND number >= $2 AND number <= $3 ORDER BY number
"""  # noqa: S608

_NUMBERED_ROLLS = f"""
SELECT {columns(ROLL)} FROM game_rolls WHERE game_id = $1 AND number >= $2 AND number <= $3 ORDER BY number
"""  # noqa: S608

_SAVE_SESSION = f"""
INSERT INTO game_sessions ({columns(SESSION)}) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (game_id) DO UPDATE SET
    connected_users = excluded.connected_users, last_action_at = excluded.last_action_at,
    snapshot = excluded.snapshot, saved_at = excluded.saved_at
WHERE game_sessions.last_action_at <= excluded.last_action_at
RETURNING game_id
"""  # noqa: S608


class SqlGameRecords(SqlGameRecordReads):
    """What the games of one database have besides their state."""

    async def add_roster(
        self,
        game_id: str,
        entries: Sequence[RosterEntryDraft],
        *,
        key: ClientKey | None,
        now: int,
        limit: int,
    ) -> Rostered:
        async def work(tx: Transaction) -> Rostered:
            if kept := await find_key(tx, key, now):
                rows = await tx.fetch(_NUMBERED_ROSTER, kept.game_id, kept.first, kept.last)
                return Rostered(await _game(tx, kept.game_id), True, tuple(map(roster_entry_of, rows)))
            counted = await tx.fetch(_COUNT_ROSTER, game_id, len(entries), limit)
            game = game_of(counted[0]) if counted else await _game(tx, game_id)
            for team_id in (each.team_id for each in entries):
                if team_id not in {game.home_team_id, game.away_team_id}:
                    raise game_refusals.not_of_this_game(team_id)
            if not counted:
                raise game_refusals.roster_full(limit)
            numbered = _numbered(game_id, counted[0], len(entries))
            # Before the entries, whose ids a repetition running beside this one may share.
            await keep_key(tx, key, numbered, now)
            values = [
                (each.id, game_id, number, each.team_id, *card_values(each.card))
                for number, each in enumerate(entries, numbered.first)
            ]
            await insert_new(tx, _ADD_ROSTER, values, "roster entry")
            return Rostered(game, False, tuple(_roster_entry(game_id, each) for each in entries))

        return await write(self._database, key, now, work)

    async def remove_roster(self, entry_id: str) -> Game:
        async def work(tx: Transaction) -> Game:
            removed = await tx.fetch(_REMOVE_ROSTER, entry_id)
            if not removed:
                raise game_refusals.no_roster_entry()
            return await _game(tx, str(removed[0]["game_id"]))

        return await self._database.write(work)

    async def record_rolls(
        self, game_id: str, rolls: Sequence[DiceRollDraft], *, key: ClientKey | None, now: int, limit: int
    ) -> Rolled:
        async def work(tx: Transaction) -> Rolled:
            if kept := await find_key(tx, key, now):
                rows = await tx.fetch(_NUMBERED_ROLLS, kept.game_id, kept.first, kept.last)
                return Rolled(await _game(tx, kept.game_id), True, tuple(map(roll_of, rows)))
            counted = await tx.fetch(_COUNT_ROLLS, game_id, len(rolls), limit)
            if not counted:
                await _game(tx, game_id)
                raise game_refusals.too_many_rolls(limit)
            game, numbered = game_of(counted[0]), _numbered(game_id, counted[0], len(rolls))
            thrown = tuple(_roll(game, number, each) for number, each in enumerate(rolls, numbered.first))
            await keep_key(tx, key, numbered, now)
            await add_rolls(tx, thrown)
            return Rolled(game, False, thrown)

        return await write(self._database, key, now, work)

    async def save_session(self, draft: GameSessionDraft, *, now: int) -> GameSession:
        snapshot = await asyncio.to_thread(packed_snapshot, draft.snapshot)
        users = users_text(draft.connected_users)

        async def work(tx: Transaction) -> Sequence[Row]:
            await _game(tx, draft.game_id)
            return await tx.fetch(_SAVE_SESSION, draft.game_id, users, draft.last_action_at, snapshot, now)

        if await self._database.write(work):
            return GameSession(
                draft.game_id, draft.connected_users, draft.last_action_at, draft.snapshot, now
            )
        return (await self.get_sessions([draft.game_id]))[draft.game_id]


async def _game(tx: Transaction, game_id: str) -> Game:
    rows = await tx.fetch(_GAME, game_id)
    if not rows:
        raise game_refusals.no_game()
    return game_of(rows[0])


def _numbered(game_id: str, counted: Row, added: int) -> KeptKey:
    last = int(counted["numbered"])
    return KeptKey(game_id, last - added + 1, last)


def _roster_entry(game_id: str, draft: RosterEntryDraft) -> RosterEntry:
    return RosterEntry(draft.id, game_id, draft.team_id, draft.card)


def _roll(game: Game, number: int, draft: DiceRollDraft) -> DiceRoll:
    return DiceRoll(
        id=draft.id,
        game_id=game.id,
        number=number,
        game_version=game.version,
        type=draft.type,
        values=draft.values,
        rolled_at=draft.rolled_at,
        team_id=draft.team_id,
        context=draft.context,
    )
