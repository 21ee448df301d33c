"""Games in an SQL database. The contract is on `storage.game_protocols.Games`."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import count

from models.baseball import Game, GameDraft, created, revert
from models.baseball_changes import (
    ClientKey,
    GameLimits,
    PlayRecorded,
    Recorded,
    RolledBack,
    RolledPlay,
    Substituted,
    Written,
    change_game,
    record,
)
from models.baseball_lineups import LineupEntryDraft
from models.baseball_rolls import DiceRoll
from models.baseball_states import StateChange
from models.baseball_substitutions import substitute
from storage import game_refusals
from storage.sql.database import Transaction
from storage.sql.game_reads import SqlGameReads
from storage.sql.game_rows import (
    ENTRY,
    GAME,
    PLAY,
    columns,
    entry_of,
    entry_values,
    game_of,
    game_of_text,
    game_values,
    play_of,
    play_values,
)
from storage.sql.game_writes import (
    Entry,
    KeptKey,
    Outrun,
    Table,
    add_rolls,
    find_key,
    insert_new,
    keep_key,
    log,
    move,
    read_table,
    write,
)

_CREATE = f"""
INSERT INTO games ({columns(GAME)}, roll_count, roster_count) VALUES {{rows}}
ON CONFLICT DO NOTHING RETURNING id
"""  # noqa: S608 (here and below: the columns are constants, the rest are placeholders)

_GAME = f"SELECT {columns(GAME)} FROM games WHERE id = $1"  # noqa: S608

_WAS = "SELECT game, plays, substitutions, rolls FROM game_changes WHERE game_id = $1 AND version = $2"

_ADD_PLAYS = f"INSERT INTO game_plays ({columns(PLAY)}) VALUES {{rows}} ON CONFLICT DO NOTHING RETURNING id"  # noqa: S608

_ADD_ENTRIES = f"""
INSERT INTO game_lineups ({columns(ENTRY)}) VALUES {{rows}} ON CONFLICT DO NOTHING RETURNING id
"""  # noqa: S608

_LEAVE = "UPDATE game_lineups SET left_at_play = $1 WHERE id IN ({keys})"

_PLAYS_OF = f"""
SELECT {columns(PLAY)} FROM game_plays WHERE game_id = $1 AND sequence >= $2 AND sequence <= $3 ORDER BY sequence
"""  # noqa: S608

_ENTRIES_OF = f"SELECT {columns(ENTRY)} FROM game_lineups WHERE game_id = $1 AND sequence = $2 ORDER BY place"  # noqa: S608

_STANDING = f"SELECT {columns(PLAY)} FROM game_plays WHERE game_id = $1 AND number = $2 AND undone_by IS NULL"  # noqa: S608

_UNDO_PLAYS = """
UPDATE game_plays SET undone_by = $3 WHERE game_id = $1 AND sequence >= $2 AND undone_by IS NULL RETURNING id
"""
_UNDO_ENTRIES = """
UPDATE game_lineups SET undone_by = $3 WHERE game_id = $1 AND sequence >= $2 AND undone_by IS NULL RETURNING id
"""
_UNDO_ROLLS = """
UPDATE game_rolls SET undone_by = $3 WHERE game_id = $1 AND game_version >= $2 AND undone_by IS NULL RETURNING id
"""
_RETURN = """
UPDATE game_lineups SET left_at_play = NULL WHERE game_id = $1 AND left_at_play > $2 AND undone_by IS NULL
"""


class SqlGames(SqlGameReads):
    """The games of one database."""

    async def create(self, draft: GameDraft, *, key: ClientKey | None, now: int) -> Written:
        async def work(tx: Transaction) -> Written:
            if kept := await find_key(tx, key, now):
                return Written(_as_created(await _game(tx, kept.game_id)), repeated=True)
            game = created(draft, now)
            if await tx.fetch(_CREATE.format(rows=_NEW), *game_values(game), 0, 0):
                await keep_key(tx, key, KeptKey(game.id, 0, 0), now)
                return Written(game)
            there = _as_created(await _game(tx, game.id))
            if there != replace(game, created_at=there.created_at, updated_at=there.created_at):
                raise game_refusals.game_taken()
            return Written(there, repeated=True)

        return await write(self._database, key, now, work)

    async def update(
        self, game_id: str, wanted: StateChange, *, expected_version: int, key: ClientKey | None, now: int
    ) -> Written:
        async def work(tx: Transaction) -> Written:
            if kept := await find_key(tx, key, now):
                return Written(await _game_at(tx, kept), repeated=True)
            table = await read_table(tx, game_id, expected_version)
            game = change_game(table.game, table.lineup, wanted, now)
            if game is not table.game:
                await move(tx, table, game)
                await log(tx, [Entry("state", game)])
                await keep_key(tx, key, KeptKey(game_id, game.version, game.version), now)
            return Written(game)

        return await write(self._database, key, now, work)

    async def record(
        self,
        game_id: str,
        plays: Sequence[RolledPlay],
        *,
        expected_version: int,
        key: ClientKey | None,
        now: int,
        limits: GameLimits,
    ) -> Recorded:
        async def work(tx: Transaction) -> Recorded:
            if kept := await find_key(tx, key, now):
                rows = await tx.fetch(_PLAYS_OF, kept.game_id, kept.first, kept.last)
                return Recorded(await _game_at(tx, kept), True, tuple(play_of(row) for row in rows))
            table = await read_table(tx, game_id, expected_version)
            recorded = record(table.game, table.lineup, [each.play for each in plays], now)
            rolls = _rolls(table, plays, recorded)
            _check_limits(table, len(plays), len(rolls), limits)
            await move(tx, table, recorded[-1].game, rolls=len(rolls))
            await log(tx, [Entry("play", each.game) for each in recorded])
            await insert_new(tx, _ADD_PLAYS, [play_values(each.play) for each in recorded], "play")
            await add_rolls(tx, rolls)
            await keep_key(
                tx, key, KeptKey(game_id, recorded[0].play.sequence, recorded[-1].play.sequence), now
            )
            return Recorded(recorded[-1].game, False, tuple(each.play for each in recorded))

        return await write(self._database, key, now, work)

    async def substitute(
        self,
        game_id: str,
        entries: Sequence[LineupEntryDraft],
        *,
        expected_version: int,
        key: ClientKey | None,
        now: int,
    ) -> Substituted:
        async def work(tx: Transaction) -> Substituted:
            if kept := await find_key(tx, key, now):
                rows = await tx.fetch(_ENTRIES_OF, kept.game_id, kept.last)
                return Substituted(await _game_at(tx, kept), True, tuple(entry_of(row) for row in rows))
            table = await read_table(tx, game_id, expected_version)
            before = table.game
            sequence = before.version + 1
            lineup, state = substitute(
                table.lineup, before.state, entries, before.play_count, game_id=game_id, sequence=sequence
            )
            game = before.moved(state, play_count=before.play_count, now=now)
            await move(tx, table, game)
            await log(tx, [Entry("substitution", game)])
            # Who leaves goes first: two in one place of the order are refused by the table.
            leaving = [each.replaces_id for each in entries if each.replaces_id is not None]
            if leaving:
                await tx.execute(_LEAVE.format(keys=_keys(len(leaving))), before.play_count, *leaving)
            entered = lineup[len(table.lineup) :]
            values = [entry_values(each, place) for place, each in enumerate(entered)]
            await insert_new(tx, _ADD_ENTRIES, values, "lineup entry")
            await keep_key(tx, key, KeptKey(game_id, sequence, sequence), now)
            return Substituted(game, False, entered)

        return await write(self._database, key, now, work)

    async def roll_back(
        self, game_id: str, to_play: int, *, expected_version: int, key: ClientKey | None, now: int
    ) -> RolledBack:
        async def work(tx: Transaction) -> RolledBack:
            if kept := await find_key(tx, key, now):
                return await _rolled_back(tx, kept)
            table = await read_table(tx, game_id, expected_version)
            before = table.game
            if not 0 <= to_play <= before.play_count:
                raise game_refusals.past_the_end(to_play, before.play_count)
            if to_play == before.play_count:
                return RolledBack(before)
            return await _undo(tx, table, to_play, key, now)

        return await write(self._database, key, now, work)


_NEW = f"({', '.join(f'${number}' for number in range(1, len(GAME) + 3))})"


def _keys(number: int) -> str:
    return ", ".join(f"${place}" for place in range(2, number + 2))


async def _undo(tx: Transaction, table: Table, to_play: int, key: ClientKey | None, now: int) -> RolledBack:
    before = table.game
    standing = await tx.fetch(_STANDING, before.id, to_play + 1)
    if not standing:
        raise Outrun
    first = play_of(standing[0])
    game = before.moved(revert(before.state, first), play_count=to_play, now=now)
    await move(tx, table, game)
    cut = (before.id, first.sequence, game.version)
    plays, entries, rolls = [
        len(await tx.fetch(sql, *cut)) for sql in (_UNDO_PLAYS, _UNDO_ENTRIES, _UNDO_ROLLS)
    ]
    await tx.execute(_RETURN, before.id, to_play)
    await log(tx, [Entry("rollback", game, to_play, plays, entries, rolls)])
    await keep_key(tx, key, KeptKey(before.id, game.version, game.version), now)
    return RolledBack(game, False, plays, entries, rolls)


async def _rolled_back(tx: Transaction, kept: KeptKey) -> RolledBack:
    (row,) = await tx.fetch(_WAS, kept.game_id, kept.last)
    game = game_of_text(str(row["game"]))
    return RolledBack(game, True, int(row["plays"]), int(row["substitutions"]), int(row["rolls"]))


async def _game(tx: Transaction, game_id: str) -> Game:
    (row,) = await tx.fetch(_GAME, game_id)
    return game_of(row)


async def _game_at(tx: Transaction, kept: KeptKey) -> Game:
    (row,) = await tx.fetch(_WAS, kept.game_id, kept.last)
    return game_of_text(str(row["game"]))


def _as_created(game: Game) -> Game:
    draft = GameDraft(
        game.id, game.owner, game.league, game.home_team_id, game.away_team_id, game.mode, game.visibility
    )
    return created(draft, game.created_at)


def _check_limits(table: Table, plays: int, rolls: int, limits: GameLimits) -> None:
    if table.game.version + plays > limits.versions:
        raise game_refusals.too_many_versions(limits.versions)
    if table.roll_count + rolls > limits.rolls:
        raise game_refusals.too_many_rolls(limits.rolls)


def _rolls(
    table: Table, plays: Sequence[RolledPlay], recorded: Sequence[PlayRecorded]
) -> tuple[DiceRoll, ...]:
    numbers = count(table.roll_count + 1)
    return tuple(
        DiceRoll(
            id=roll.id,
            game_id=table.game.id,
            number=next(numbers),
            game_version=made.play.sequence,
            type=roll.type,
            values=roll.values,
            rolled_at=roll.rolled_at,
            team_id=roll.team_id,
            play_id=made.play.id,
            play_number=made.play.number,
            context=roll.context,
        )
        for draft, made in zip(plays, recorded, strict=True)
        for roll in draft.rolls
    )
