"""What the tables of conversations do beyond the contract: what is read by index, and what they do not let in."""

import sqlite3
from collections.abc import Sequence

import pytest

from metrics import Metrics
from models.conversations import ConversationRequest
from storage.sql.archives import sql_archives
from storage.sql.conversation_reads import (
    _GET_MESSAGES,
    _GET_RANGES,
    _GET_REPLIES,
    _RANGE_TYPES,
    _list_statement,
    _list_values,
)
from storage.sql.conversation_rows import values_rows
from storage.sql.conversations import _GONE, _OF_CALLER
from storage.sql.database import Value
from storage.sql.sqlite import SqliteDatabase
from tests.storage.made import NOW
from tests.storage.made_conversations import CALLER, made_conversation_item, made_message_item

WHOLE = {f"SCAN {name}" for name in ("c", "m", "p", "r", "conversations", "messages")}


async def plan(tables: SqliteDatabase, sql: str, *values: Value) -> list[str]:
    """How SQLite would run the statement, in its own words."""
    rows = await tables.fetch(f"EXPLAIN QUERY PLAN {sql}", *values)
    return [str(row["detail"]) for row in rows]


def looked_at(steps: Sequence[str]) -> list[str]:
    """The indexes by which tables are read, and the tables that are read whole."""
    tables = [step for step in steps if "INDEX " in step or step in WHOLE]
    return [step.split("INDEX ")[-1].split(" (")[0] for step in tables]


@pytest.mark.parametrize(
    ("user_id", "channel_id", "index"),
    [
        (None, None, "conversations_by_channel"),
        ("ana", None, "conversations_by_user"),
        (None, "general", "conversations_by_channel"),
        ("ana", "general", "conversations_by_channel"),
    ],
)
async def test_a_list_is_found_by_index_whatever_its_filter(
    tables: SqliteDatabase, user_id: str | None, channel_id: str | None, index: str
) -> None:
    request = ConversationRequest(CALLER, 5, user_id, channel_id)

    steps = await plan(tables, _list_statement([request]), NOW, *_list_values(0, request))

    assert looked_at(steps) == [index]


async def test_messages_are_found_by_index(tables: SqliteDatabase) -> None:
    ranges = ", ".join(values_rows(1, _RANGE_TYPES, start=2))

    by_range = await plan(tables, _GET_RANGES.format(ranges=ranges), NOW, 0, "c", 1, 2)
    by_id = await plan(tables, _GET_MESSAGES.format(keys="$2"), NOW, "m")
    by_parent = await plan(tables, _GET_REPLIES.format(keys="$3"), NOW, 3, "m")

    assert looked_at(by_range) == ["sqlite_autoindex_conversations_1", "sqlite_autoindex_messages_2"]
    assert looked_at(by_id) == ["sqlite_autoindex_messages_1", "sqlite_autoindex_conversations_1"]
    assert looked_at(by_parent) == [
        "sqlite_autoindex_messages_1",
        "sqlite_autoindex_conversations_1",
        "messages_by_parent",
        "messages_by_parent",
    ]
    # Of thousands of replies, no more than are wanted.
    assert by_parent[-2].endswith("messages_by_parent (conversation_id=? AND parent_id=? AND sequence<?)")


async def test_what_goes_is_found_by_index(tables: SqliteDatabase) -> None:
    gone = await plan(tables, _GONE, NOW, 10)
    erased = await plan(tables, _OF_CALLER, CALLER, 10)

    assert looked_at(gone) == ["conversations_by_expires_at"]
    assert looked_at(erased) == ["conversations_by_channel"]


INSERT = (
    "INSERT INTO messages (id, conversation_id, sequence, role, content, content_size, created_at, parent_id, "
    "client_key) VALUES ($1, $2, $3, 'user', '', 0, 0, $4, $5)"
)


@pytest.mark.parametrize(
    "values",
    [
        ("m", "nowhere", 1, None, None),
        ("m", "one", 2, "two message 1", None),
        ("m", "one", 1, None, None),
        ("m", "one", 2, None, "key 1"),
        ("two message 1", "one", 2, None, None),
    ],
    ids=["no conversation", "foreign parent", "same sequence", "same key", "same id"],
)
async def test_the_tables_keep_no_message_that_does_not_fit(
    tables: SqliteDatabase, metrics: Metrics, values: Sequence[Value]
) -> None:
    archives = sql_archives(tables, metrics)
    for conversation_id in ("one", "two"):
        await archives["conversations"].put_many([made_conversation_item(conversation_id, message_count=2)])
        await archives["messages"].put_many([made_message_item(conversation_id)])

    with pytest.raises(sqlite3.IntegrityError):
        await tables.transaction(lambda tx: tx.execute(INSERT, *values))

    assert await archives["messages"].count() == 2
