"""Conversations and messages as rows: the columns that make one, and when a conversation is there."""

from collections.abc import Sequence

from models.conversations import Conversation, Message, MessageRole
from storage.sql.database import Row

_CONVERSATION = (
    "id",
    "caller",
    "user_id",
    "channel_id",
    "created_at",
    "last_activity_at",
    "expires_at",
    "message_count",
)
_MESSAGE = ("id", "conversation_id", "sequence", "role", "content", "created_at", "parent_id")

CONVERSATION_COLUMNS = ", ".join(_CONVERSATION)
MESSAGE_COLUMNS = ", ".join(_MESSAGE)


def conversation_columns(table: str) -> str:
    """The columns of a conversation from a table of that alias."""
    return ", ".join(f"{table}.{name} AS {name}" for name in _CONVERSATION)


def message_columns(table: str, prefix: str = "") -> str:
    """The columns of a message from a table of that alias; a prefix parts them from those of a conversation."""
    return ", ".join(f"{table}.{name} AS {prefix}{name}" for name in _MESSAGE)


def alive(table: str, now: str) -> str:
    """The condition that a conversation is there at the moment of a placeholder."""
    return f"({table}.expires_at IS NULL OR {table}.expires_at > {now})"


def conversation_of(row: Row) -> Conversation:
    """The conversation of a row."""
    return Conversation(
        id=str(row["id"]),
        caller=str(row["caller"]),
        user_id=str(row["user_id"]),
        channel_id=str(row["channel_id"]),
        created_at=int(row["created_at"]),
        last_activity_at=int(row["last_activity_at"]),
        expires_at=None if row["expires_at"] is None else int(row["expires_at"]),
        message_count=int(row["message_count"]),
    )


def message_of(row: Row, prefix: str = "") -> Message:
    """The message of a row whose columns have this prefix."""
    parent_id = row[f"{prefix}parent_id"]
    return Message(
        id=str(row[f"{prefix}id"]),
        conversation_id=str(row[f"{prefix}conversation_id"]),
        sequence=int(row[f"{prefix}sequence"]),
        role=MessageRole(str(row[f"{prefix}role"])),
        content=str(row[f"{prefix}content"]),
        created_at=int(row[f"{prefix}created_at"]),
        parent_id=None if parent_id is None else str(parent_id),
    )


def values_rows(rows: int, types: Sequence[str], *, start: int) -> list[str]:
    """The placeholders of so many rows of VALUES, from a number on. Such rows have no columns to take types from."""
    return [
        f"({', '.join(f'CAST(${number} AS {kind})' for number, kind in enumerate(types, first))})"
        for first in range(start, start + rows * len(types), len(types))
    ]
