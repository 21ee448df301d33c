"""All kinds of items of an SQL database: as they are, as they were at one moment, and whether they fit together."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from errors import StorageUnavailable
from metrics import Metrics
from storage.items import message_item_key
from storage.protocols import Archive, Snapshot
from storage.sql.archive import SqlArchive, SqlArchiveReader, Tables
from storage.sql.catalog_archive import CATALOG_TABLES
from storage.sql.conversation_archive import CONVERSATION_TABLES, MESSAGE_TABLES
from storage.sql.counted import CountedDatabase
from storage.sql.database import Database
from storage.sql.history_archive import HISTORY_TABLES
from storage.sql.player_archive import PLAYER_TABLES, UNKNOWN_PLAYER_TABLES

# Parents before children.
_TABLES: Sequence[Tables[Any]] = (
    PLAYER_TABLES,
    HISTORY_TABLES,
    UNKNOWN_PLAYER_TABLES,
    CATALOG_TABLES,
    CONVERSATION_TABLES,
    MESSAGE_TABLES,
)

# What no constraint of the tables forbids, and no code of ours does: (what is wrong, kind, statement giving keys).
_CHECKS = (
    (
        "has no career",
        "players",
        """SELECT blizzard_id AS key FROM players p
        WHERE NOT EXISTS (SELECT 1 FROM player_careers c WHERE c.blizzard_id = p.blizzard_id)""",
    ),
    (
        "is not found under its own id",
        "players",
        """SELECT blizzard_id AS key FROM players p
        WHERE NOT EXISTS (SELECT 1 FROM player_ids i
            WHERE i.player_id = p.blizzard_id AND i.blizzard_id = p.blizzard_id)""",
    ),
    (
        "is a career without a player",
        "players",
        """SELECT blizzard_id AS key FROM player_careers c
        WHERE NOT EXISTS (SELECT 1 FROM players p WHERE p.blizzard_id = c.blizzard_id)""",
    ),
    (
        "is an id that leads to no player",
        "players",
        """SELECT player_id AS key FROM player_ids i
        WHERE NOT EXISTS (SELECT 1 FROM players p WHERE p.blizzard_id = i.blizzard_id)""",
    ),
    (
        "is the history of no player",
        "player_history",
        """SELECT DISTINCT blizzard_id AS key FROM player_history h
        WHERE NOT EXISTS (SELECT 1 FROM players p WHERE p.blizzard_id = h.blizzard_id)""",
    ),
    (
        "has no source",
        "catalog",
        """SELECT kind, key FROM catalog c
        WHERE NOT EXISTS (SELECT 1 FROM catalog_sources s WHERE s.kind = c.kind AND s.key = c.key)""",
    ),
    (
        "is a source without facts",
        "catalog",
        """SELECT kind, key FROM catalog_sources s
        WHERE NOT EXISTS (SELECT 1 FROM catalog c WHERE c.kind = s.kind AND c.key = s.key)""",
    ),
    (
        "has not as many messages as it counts",
        "conversations",
        """SELECT id AS key FROM conversations c
        WHERE c.message_count <> (SELECT COUNT(*) FROM messages m WHERE m.conversation_id = c.id)""",
    ),
    (
        "has a sequence that its conversation does not count",
        "messages",
        """SELECT m.conversation_id AS key, m.sequence AS sequence FROM messages m
        JOIN conversations c ON c.id = m.conversation_id
        WHERE m.sequence < 1 OR m.sequence > c.message_count""",
    ),
    (
        "is a message of no conversation",
        "messages",
        """SELECT conversation_id AS key, sequence FROM messages m
        WHERE NOT EXISTS (SELECT 1 FROM conversations c WHERE c.id = m.conversation_id)""",
    ),
    (
        "is a reply to no message of its conversation",
        "messages",
        """SELECT conversation_id AS key, sequence FROM messages m
        WHERE m.parent_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM messages p WHERE p.conversation_id = m.conversation_id AND p.id = m.parent_id)""",
    ),
)


def sql_archives(database: Database, metrics: Metrics) -> dict[str, Archive[Any]]:
    """The archives of a database, by the name of their kind."""
    counted = CountedDatabase(database, metrics, "archives")
    return {tables.kind.name: SqlArchive(tables, counted) for tables in _TABLES}


@asynccontextmanager
async def sql_snapshot(database: Database) -> AsyncIterator[Snapshot]:
    """The archives as they are when the block is entered, until its end."""
    async with database.snapshot() as reads:
        yield {tables.kind.name: SqlArchiveReader(tables, reads) for tables in _TABLES}


async def check_sql(database: Database) -> Sequence[str]:
    """What is wrong with the database's own files, then what does not fit together in the tables, a line each."""
    problems = list(await database.check())
    for wrong, kind, sql in _CHECKS:
        try:
            rows = await database.fetch(sql)
        except StorageUnavailable:
            # Told already, unless the server went away in between.
            problems = problems or ["the tables cannot be read"]
            break
        problems += [f"{kind} {_key(row, kind)} {wrong}" for row in rows]
    return problems


def _key(row: Any, kind: str) -> str:
    if kind == "messages":
        return message_item_key(str(row["key"]), int(row["sequence"]))
    return f"{row['kind']}/{row['key']}" if kind == "catalog" else str(row["key"])
