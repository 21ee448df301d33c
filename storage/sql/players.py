"""Players in an SQL database. The contract is on `storage.protocols.Players`."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TypeVar

from metrics import Metrics
from models.players import (
    Career,
    FetchedPlayer,
    KeptPlayer,
    PlayerProfile,
    PlayerRecord,
    PlayerSource,
    UnknownPlayer,
    kept_profile,
)
from storage import codec
from storage.remembered import Remembered
from storage.sql.counted import CountedDatabase
from storage.sql.database import Database, Row, Transaction, batches, placeholders
from storage.sql.history import add_snapshot

_Fact = TypeVar("_Fact")

# An id that leads to a player is answered by the first half, with the note about that player. The second half
# answers ids that lead nowhere.
_GET_MANY = """
SELECT i.player_id AS asked_id, p.blizzard_id AS blizzard_id, p.battletag AS battletag, p.version AS version,
    p.parser_version AS parser_version, p.data_version AS data_version, p.fetched_at AS fetched_at,
    p.profile AS profile, u.player_id AS player_id, u.check_count AS check_count, u.checked_at AS checked_at,
    u.retry_at AS retry_at
FROM player_ids i
JOIN players p ON p.blizzard_id = i.blizzard_id
LEFT JOIN unknown_players u ON u.player_id = i.blizzard_id
WHERE i.player_id IN ({keys})
UNION ALL
SELECT u.player_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, u.player_id, u.check_count, u.checked_at, u.retry_at
FROM unknown_players u
WHERE u.player_id IN ({keys})
    AND NOT EXISTS (SELECT 1 FROM player_ids i WHERE i.player_id = u.player_id)
"""

_GET_CAREERS = """
SELECT c.blizzard_id, c.career
FROM player_careers c
JOIN players p ON p.blizzard_id = c.blizzard_id
WHERE p.data_version = $1 AND c.blizzard_id IN ({keys})
"""

_GET_SOURCES = "SELECT blizzard_id, search_row, page FROM player_careers WHERE blizzard_id IN ({keys})"

_GET_RECORD = """
SELECT blizzard_id, battletag, version, parser_version, data_version, fetched_at, profile
FROM players
WHERE blizzard_id = $1
"""

# No row comes back when a later answer is kept already. A record that this code cannot decode gives way to any
# answer: it is being read again from its own page, whose age only that record knows.
_SAVE = """
INSERT INTO players (blizzard_id, battletag, version, facts_hash, parser_version, data_version,
    fetched_at, created_at, changed_at, profile)
VALUES ($1, $2, 1, $3, $4, $5, $6, $6, $6, $7)
ON CONFLICT (blizzard_id) DO UPDATE SET
    battletag = COALESCE(excluded.battletag, players.battletag),
    version = players.version + CASE WHEN players.facts_hash = excluded.facts_hash THEN 0 ELSE 1 END,
    changed_at = CASE WHEN players.facts_hash = excluded.facts_hash
        THEN players.changed_at ELSE excluded.fetched_at END,
    facts_hash = excluded.facts_hash,
    parser_version = excluded.parser_version,
    data_version = excluded.data_version,
    fetched_at = CASE WHEN players.fetched_at > excluded.fetched_at
        THEN players.fetched_at ELSE excluded.fetched_at END,
    profile = excluded.profile
WHERE players.fetched_at <= excluded.fetched_at OR players.data_version <> excluded.data_version
RETURNING blizzard_id, battletag, version, parser_version, data_version, fetched_at, profile
"""

_DISOWN = "UPDATE players SET data_version = 0 WHERE blizzard_id = $1"

_SAVE_CAREER = """
INSERT INTO player_careers (blizzard_id, career, search_row, page) VALUES ($1, $2, $3, $4)
ON CONFLICT (blizzard_id) DO UPDATE SET
    career = excluded.career, search_row = excluded.search_row, page = excluded.page
"""

_CONFIRM = """
UPDATE players SET fetched_at = CASE WHEN fetched_at < $2 THEN $2 ELSE fetched_at END
WHERE blizzard_id = $1 AND data_version = $3
RETURNING blizzard_id, battletag, version, parser_version, data_version, fetched_at, profile
"""

_SAVE_ALIASES = """
INSERT INTO player_ids (player_id, blizzard_id) VALUES {rows}
ON CONFLICT (player_id) DO UPDATE SET blizzard_id = excluded.blizzard_id
"""

# A note under the player's own id stays when upstream said so after it gave this answer.
_DROP_NOTES = """
DELETE FROM unknown_players
WHERE player_id IN ({keys}) AND (player_id <> $1 OR checked_at <= $2)
"""

# Changes nothing and holds the player, so that it neither goes nor is saved before this transaction ends.
_HOLD_PLAYER = """
UPDATE players SET version = version
WHERE blizzard_id = (SELECT blizzard_id FROM player_ids WHERE player_id = $1)
"""

# The note is kept where the id leads.
_SAVE_FIRST_UNKNOWN = """
INSERT INTO unknown_players (player_id, check_count, checked_at, retry_at)
SELECT COALESCE((SELECT blizzard_id FROM player_ids WHERE player_id = $1), CAST($1 AS TEXT)),
    CAST($2 AS BIGINT), CAST($3 AS BIGINT), CAST($4 AS BIGINT)
WHERE 1 = 1
ON CONFLICT (player_id) DO UPDATE SET
    check_count = excluded.check_count, checked_at = excluded.checked_at, retry_at = excluded.retry_at
WHERE unknown_players.check_count = 0
RETURNING player_id, check_count, checked_at, retry_at
"""

# One row, which either has the expected count when its turn comes, or is gone.
_SAVE_NEXT_UNKNOWN = """
UPDATE unknown_players SET check_count = $2, checked_at = $3, retry_at = $4
WHERE check_count = $5
    AND player_id = COALESCE((SELECT blizzard_id FROM player_ids WHERE player_id = $1), CAST($1 AS TEXT))
RETURNING player_id, check_count, checked_at, retry_at
"""

_GET_UNKNOWN = """
SELECT player_id, check_count, checked_at, retry_at
FROM unknown_players
WHERE player_id = COALESCE((SELECT blizzard_id FROM player_ids WHERE player_id = $1), CAST($1 AS TEXT))
"""

# The age is asked twice: a row that another transaction confirms meanwhile is looked at again by the outer one.
_PRUNE = """
DELETE FROM players
WHERE fetched_at < $1
    AND blizzard_id IN (SELECT blizzard_id FROM players WHERE fetched_at < $1 ORDER BY fetched_at LIMIT $2)
RETURNING blizzard_id
"""

_PRUNE_NOTES_OF = "DELETE FROM unknown_players WHERE player_id IN ({keys})"

# What is left after the players went: a note under an id that leads to a player goes with that player. The time is
# asked twice, as above.
_PRUNE_NOTES = """
DELETE FROM unknown_players
WHERE retry_at < $1 AND player_id IN (
    SELECT u.player_id FROM unknown_players u
    WHERE u.retry_at < $1 AND NOT EXISTS (SELECT 1 FROM players p WHERE p.blizzard_id = u.player_id)
    ORDER BY u.retry_at LIMIT $2)
RETURNING player_id
"""


class SqlPlayers:
    """Players of one database."""

    def __init__(self, database: Database, metrics: Metrics) -> None:
        self._database = CountedDatabase(database, metrics, "players")
        self._remembered: Remembered[KeptPlayer] = Remembered(codec.REMEMBERED_PROFILES)

    async def get_many(self, player_ids: Collection[str]) -> Mapping[str, KeptPlayer]:
        kept: dict[str, KeptPlayer] = {}
        for keys in batches(player_ids):
            rows = await self._database.fetch(_GET_MANY.format(keys=placeholders(len(keys))), *keys)
            profiles: dict[str, PlayerProfile] = {}
            for row in rows:
                parts = tuple(row)
                asked_id = parts[0]
                player = self._remembered.get(asked_id, parts)
                if player is None:
                    player = KeptPlayer(_record(row, profiles), _unknown(row))
                    if player.record:
                        self._remembered.put(asked_id, parts, player)
                if player.record or player.unknown:
                    kept[asked_id] = player
        return kept

    async def get_careers(self, blizzard_ids: Collection[str]) -> Mapping[str, Career]:
        careers: dict[str, Career] = {}
        for keys in batches(blizzard_ids):
            sql = _GET_CAREERS.format(keys=placeholders(len(keys), start=2))
            rows = await self._database.fetch(sql, codec.DATA_VERSION, *keys)
            # Decoding is milliseconds for each, which other requests should not wait for.
            careers |= await asyncio.to_thread(_careers, rows)
        return careers

    async def get_sources(self, blizzard_ids: Collection[str]) -> Mapping[str, PlayerSource]:
        sources: dict[str, PlayerSource] = {}
        for keys in batches(blizzard_ids):
            rows = await self._database.fetch(_GET_SOURCES.format(keys=placeholders(len(keys))), *keys)
            sources |= await asyncio.to_thread(_sources, rows)
        return sources

    async def save(self, player: FetchedPlayer, player_ids: Collection[str]) -> PlayerRecord:
        encoded = await asyncio.to_thread(codec.encode_player, player)
        return await self._database.write(lambda tx: _save(tx, player, encoded, player_ids))

    async def confirm(
        self, blizzard_id: str, fetched_at: int, player_ids: Collection[str]
    ) -> PlayerRecord | None:
        return await self._database.write(lambda tx: _confirm(tx, blizzard_id, fetched_at, player_ids))

    async def save_unknown(self, unknown: UnknownPlayer, expected_count: int) -> UnknownPlayer:
        return await self._database.write(lambda tx: _save_unknown(tx, unknown, expected_count))

    async def prune(self, fetched_before: int, limit: int) -> int:
        return await self._database.write(lambda tx: _prune(tx, fetched_before, limit))


async def _save(
    tx: Transaction, player: FetchedPlayer, encoded: codec.EncodedPlayer, player_ids: Collection[str]
) -> PlayerRecord:
    profile = player.profile
    await tx.lock([profile.blizzard_id, *player_ids])
    saved = await _put(tx, player, encoded)
    rows = saved or await tx.fetch(_GET_RECORD, profile.blizzard_id)
    record = _record(rows[0], {profile.blizzard_id: profile} if saved else {})
    if record is None:
        # The later answer is damaged, which counts as not kept: this one takes its place.
        await tx.execute(_DISOWN, profile.blizzard_id)
        (row,) = await _put(tx, player, encoded)
        record = _record(row, {profile.blizzard_id: profile})
    await _remember(tx, profile.blizzard_id, player.fetched_at, player_ids)
    assert record is not None
    return record


async def _put(tx: Transaction, player: FetchedPlayer, encoded: codec.EncodedPlayer) -> Sequence[Row]:
    """Write the player's rows; no row comes back, and none is written, when a later answer is kept."""
    profile, source = player.profile, player.source
    saved = await tx.fetch(
        _SAVE,
        profile.blizzard_id,
        profile.battletag,
        encoded.facts_hash,
        player.parser_version,
        codec.DATA_VERSION,
        player.fetched_at,
        encoded.profile,
    )
    if saved:
        await tx.execute(_SAVE_CAREER, profile.blizzard_id, encoded.career, source.search_row, encoded.page)
        version, fetched_at = int(saved[0]["version"]), int(saved[0]["fetched_at"])
        await add_snapshot(tx, profile.blizzard_id, version, fetched_at, encoded)
    return saved


async def _confirm(
    tx: Transaction, blizzard_id: str, fetched_at: int, player_ids: Collection[str]
) -> PlayerRecord | None:
    await tx.lock([blizzard_id, *player_ids])
    rows = await tx.fetch(_CONFIRM, blizzard_id, fetched_at, codec.DATA_VERSION)
    if not rows:
        return None
    await _remember(tx, blizzard_id, fetched_at, player_ids)
    return _record(rows[0], {})


async def _remember(tx: Transaction, blizzard_id: str, fetched_at: int, player_ids: Collection[str]) -> None:
    """Lead these ids to the player, and forget that they were unknown."""
    for keys in batches([blizzard_id, *player_ids]):
        rows = ", ".join(f"(${number}, $1)" for number in range(2, len(keys) + 2))
        # Sorted: two transactions that lock the same rows in the same order cannot block each other.
        await tx.execute(_SAVE_ALIASES.format(rows=rows), blizzard_id, *sorted(keys))
        sql = _DROP_NOTES.format(keys=placeholders(len(keys), start=3))
        await tx.execute(sql, blizzard_id, fetched_at, *sorted(keys))


async def _save_unknown(tx: Transaction, unknown: UnknownPlayer, expected_count: int) -> UnknownPlayer:
    values = (unknown.player_id, unknown.check_count, unknown.checked_at, unknown.retry_at)
    if expected_count:
        rows = await tx.fetch(_SAVE_NEXT_UNKNOWN, *values, expected_count)
    else:
        # No row says that an id leads nowhere: without the lock the id could become an alias meanwhile, and the note
        # would stay where nobody looks.
        await tx.lock([unknown.player_id])
        await tx.execute(_HOLD_PLAYER, unknown.player_id)
        rows = await tx.fetch(_SAVE_FIRST_UNKNOWN, *values)
    if not rows:
        rows = await tx.fetch(_GET_UNKNOWN, unknown.player_id)
    kept = _unknown(rows[0]) if rows else None
    return kept or UnknownPlayer(unknown.player_id, 0, unknown.checked_at, unknown.checked_at)


async def _prune(tx: Transaction, fetched_before: int, limit: int) -> int:
    # Two at once would choose the same players, and the second would report that nothing is left.
    await tx.lock(["pruning of players"])
    gone = [str(row["blizzard_id"]) for row in await tx.fetch(_PRUNE, fetched_before, limit)]
    for keys in batches(gone):
        await tx.execute(_PRUNE_NOTES_OF.format(keys=placeholders(len(keys))), *keys)
    notes = await tx.fetch(_PRUNE_NOTES, fetched_before, limit - len(gone))
    return len(gone) + len(notes)


def _record(row: Row, profiles: dict[str, PlayerProfile]) -> PlayerRecord | None:
    """The record of a row, None when there is none that this code can read. `profiles` are decoded already."""
    if row["blizzard_id"] is None or int(row["data_version"]) != codec.DATA_VERSION:
        return None
    blizzard_id, battletag = str(row["blizzard_id"]), row["battletag"]
    profile = profiles.get(blizzard_id) or _decoded(row, "profile", codec.decode_profile)
    if profile is None:
        return None
    profiles[blizzard_id] = profile
    return kept_profile(
        profile,
        blizzard_id=blizzard_id,
        battletag=None if battletag is None else str(battletag),
        version=int(row["version"]),
        fetched_at=int(row["fetched_at"]),
        parser_version=int(row["parser_version"]),
    )


def _unknown(row: Row) -> UnknownPlayer | None:
    if row["player_id"] is None:
        return None
    return UnknownPlayer(
        player_id=str(row["player_id"]),
        check_count=int(row["check_count"]),
        checked_at=int(row["checked_at"]),
        retry_at=int(row["retry_at"]),
    )


def _careers(rows: Sequence[Row]) -> dict[str, Career]:
    decoded = {str(row["blizzard_id"]): _decoded(row, "career", codec.decode_career) for row in rows}
    return {blizzard_id: career for blizzard_id, career in decoded.items() if career is not None}


def _sources(rows: Sequence[Row]) -> dict[str, PlayerSource]:
    sources: dict[str, PlayerSource] = {}
    for row in rows:
        page = _decoded(row, "page", codec.decode_page)
        search_row = None if row["search_row"] is None else str(row["search_row"])
        if page is not None:
            sources[str(row["blizzard_id"])] = PlayerSource(page, search_row)
    return sources


def _decoded(row: Row, column: str, decode: Callable[[bytes], _Fact]) -> _Fact | None:
    """What a column holds, None when it is damaged."""
    return codec.decode_or_none(
        decode, bytes(row[column]), blizzard_id=str(row["blizzard_id"]), column=column
    )
