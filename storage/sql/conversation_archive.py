"""How conversations and messages lie in tables, item by item: for copies, backups and restores."""

from collections.abc import Iterator, Sequence

from storage.items import (
    CONVERSATIONS,
    MESSAGES,
    ConversationItem,
    MessageItem,
    message_item_key,
    split_message_item_key,
)
from storage.sql.archive import Tables, insert
from storage.sql.conversation_rows import CONVERSATION_COLUMNS, values_rows
from storage.sql.database import Row, Transaction, Value, batches, placeholders

_PUT = f"""
INSERT INTO conversations ({CONVERSATION_COLUMNS})
VALUES {{rows}}
ON CONFLICT (id) DO UPDATE SET
    caller = excluded.caller, user_id = excluded.user_id, channel_id = excluded.channel_id,
    created_at = excluded.created_at, last_activity_at = excluded.last_activity_at,
    expires_at = excluded.expires_at, message_count = excluded.message_count
"""  # noqa: S608 (here and below: the columns are constants, the rest are placeholders)

# Messages that a conversation does not count are of another past of it.
_DROP_UNCOUNTED = """
DELETE FROM messages
WHERE conversation_id IN ({keys}) AND sequence > (
    SELECT c.message_count FROM conversations c WHERE c.id = messages.conversation_id)
"""

# Changes nothing and holds the conversations, so that they do not go before their messages are there.
_HOLD = """
UPDATE conversations SET message_count = message_count WHERE id IN ({keys}) RETURNING id, message_count
"""

# Where another message stands in a message's place, it and what follows it are of another past.
_OTHERS = """
SELECT m.conversation_id AS conversation_id, m.sequence AS sequence
FROM (VALUES {rows}) AS put
JOIN messages m ON m.conversation_id = put.column1 AND m.sequence = put.column2
WHERE m.id <> put.column3
"""

_DROP_FROM = "DELETE FROM messages WHERE conversation_id = $1 AND sequence >= $2"

_KEPT = "SELECT conversation_id, id FROM messages WHERE id IN ({keys})"

_MESSAGE = "id, conversation_id, sequence, role, content, content_size, created_at, parent_id, client_key"

_PUT_MESSAGES = f"""
INSERT INTO messages ({_MESSAGE})
VALUES {{rows}}
ON CONFLICT (id) DO UPDATE SET
    role = excluded.role, content = excluded.content, content_size = excluded.content_size,
    created_at = excluded.created_at, parent_id = excluded.parent_id, client_key = excluded.client_key
WHERE messages.conversation_id = excluded.conversation_id AND messages.sequence = excluded.sequence
"""  # noqa: S608


def _conversations(rows: Sequence[Row]) -> Sequence[ConversationItem]:
    return [
        ConversationItem(
            key=str(row["id"]),
            caller=str(row["caller"]),
            user_id=str(row["user_id"]),
            channel_id=str(row["channel_id"]),
            created_at=int(row["created_at"]),
            last_activity_at=int(row["last_activity_at"]),
            expires_at=None if row["expires_at"] is None else int(row["expires_at"]),
            message_count=int(row["message_count"]),
        )
        for row in rows
    ]


async def _put_conversations(tx: Transaction, items: Sequence[ConversationItem]) -> None:
    await insert(tx, _PUT, (_conversation_values(item) for item in items))
    for keys in batches(item.key for item in items):
        await tx.execute(_DROP_UNCOUNTED.format(keys=placeholders(len(keys))), *keys)


def _conversation_values(item: ConversationItem) -> Sequence[Value]:
    return (
        item.key,
        item.caller,
        item.user_id,
        item.channel_id,
        item.created_at,
        item.last_activity_at,
        item.expires_at,
        item.message_count,
    )


def _messages(rows: Sequence[Row]) -> Sequence[MessageItem]:
    return [
        MessageItem(
            key=message_item_key(str(row["conversation_id"]), int(row["sequence"])),
            id=str(row["id"]),
            role=str(row["role"]),
            content=str(row["content"]),
            created_at=int(row["created_at"]),
            parent_id=None if row["parent_id"] is None else str(row["parent_id"]),
            client_key=None if row["client_key"] is None else str(row["client_key"]),
        )
        for row in rows
    ]


async def _put_messages(tx: Transaction, items: Sequence[MessageItem]) -> None:
    # A message comes before its replies.
    ordered = sorted(items, key=lambda item: split_message_item_key(item.key))
    counts: dict[str, int] = {}
    for keys in batches(split_message_item_key(item.key)[0] for item in ordered):
        rows = await tx.fetch(_HOLD.format(keys=placeholders(len(keys))), *keys)
        counts |= {str(row["id"]): int(row["message_count"]) for row in rows}
    counted = [item for item in ordered if _is_counted(item, counts)]
    await _drop_others(tx, counted)
    kept = await _kept(tx, counted)
    await insert(tx, _PUT_MESSAGES, (_message_values(item) for item in _welcome(counted, kept)))


def _is_counted(item: MessageItem, counts: dict[str, int]) -> bool:
    conversation_id, sequence = split_message_item_key(item.key)
    return sequence <= counts.get(conversation_id, 0)


async def _drop_others(tx: Transaction, items: Sequence[MessageItem]) -> None:
    ids = {item.id: item.key for item in items}
    for some in batches(ids, 1_000):
        rows = ", ".join(values_rows(len(some), ("TEXT", "BIGINT", "TEXT"), start=1))
        values = (value for each in some for value in (*split_message_item_key(ids[each]), each))
        for other in await tx.fetch(_OTHERS.format(rows=rows), *values):
            await tx.execute(_DROP_FROM, str(other["conversation_id"]), int(other["sequence"]))


async def _kept(tx: Transaction, items: Sequence[MessageItem]) -> set[tuple[str, str]]:
    """Conversation and id of those messages that are kept of the ones that items answer."""
    kept: set[tuple[str, str]] = set()
    for keys in batches(item.parent_id for item in items if item.parent_id is not None):
        rows = await tx.fetch(_KEPT.format(keys=placeholders(len(keys))), *keys)
        kept |= {(str(row["conversation_id"]), str(row["id"])) for row in rows}
    return kept


def _welcome(items: Sequence[MessageItem], kept: set[tuple[str, str]]) -> Iterator[MessageItem]:
    """The items whose parents are kept, or come before them."""
    for item in items:
        conversation_id, _ = split_message_item_key(item.key)
        if item.parent_id is None or (conversation_id, item.parent_id) in kept:
            kept.add((conversation_id, item.id))
            yield item


def _message_values(item: MessageItem) -> Sequence[Value]:
    conversation_id, sequence = split_message_item_key(item.key)
    return (
        item.id,
        conversation_id,
        sequence,
        item.role,
        item.content,
        len(item.content.encode()),
        item.created_at,
        item.parent_id,
        item.client_key,
    )


CONVERSATION_TABLES = Tables(
    kind=CONVERSATIONS,
    count="SELECT COUNT(*) AS count FROM conversations",
    page=f"SELECT {CONVERSATION_COLUMNS} FROM conversations {{after}} ORDER BY id LIMIT {{limit}}",  # noqa: S608
    after="WHERE id > $1",
    by_keys=f"SELECT {CONVERSATION_COLUMNS} FROM conversations WHERE id IN ({{keys}})",  # noqa: S608
    key_types=("TEXT",),
    clear="""
        DELETE FROM conversations WHERE id IN (SELECT id FROM conversations ORDER BY id LIMIT $1) RETURNING id
    """,
    statistics="SELECT COUNT(*) AS count, 0 AS size FROM conversations",
    has_ages=False,
    key_values=lambda key: (key,),
    items=_conversations,
    put=_put_conversations,
)

MESSAGE_TABLES = Tables(
    kind=MESSAGES,
    count="SELECT COUNT(*) AS count FROM messages",
    page=f"""
        SELECT {_MESSAGE} FROM messages {{after}} ORDER BY conversation_id, sequence LIMIT {{limit}}
    """,  # noqa: S608
    after="WHERE (conversation_id, sequence) > ($1, $2)",
    by_keys=f"SELECT {_MESSAGE} FROM messages WHERE (conversation_id, sequence) IN ({{keys}})",  # noqa: S608
    key_types=("TEXT", "BIGINT"),
    # The last ones first: what others answer cannot go before them.
    clear="""
        DELETE FROM messages
        WHERE (conversation_id, sequence) IN (
            SELECT conversation_id, sequence FROM messages
            ORDER BY conversation_id DESC, sequence DESC LIMIT $1)
        RETURNING sequence
    """,
    statistics="SELECT COUNT(*) AS count, COALESCE(SUM(content_size), 0) AS size FROM messages",
    has_ages=False,
    key_values=split_message_item_key,
    items=_messages,
    put=_put_messages,
)
