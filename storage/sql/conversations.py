"""Conversations in an SQL database. The contract is on `storage.protocols.Conversations`."""

from collections.abc import Sequence

from models.conversations import (
    Appended,
    Conversation,
    ConversationDraft,
    Message,
    MessageDraft,
    Removed,
    Started,
)
from storage import refusals
from storage.sql.conversation_reads import SqlConversationReads
from storage.sql.conversation_rows import (
    CONVERSATION_COLUMNS,
    MESSAGE_COLUMNS,
    alive,
    conversation_columns,
    conversation_of,
    message_columns,
    message_of,
)
from storage.sql.database import Row, Transaction, batches, placeholders

# Messages that go in one transaction, if not all are of one conversation: so it does not take long.
_REMOVED_AT_ONCE = 20_000

_MOVE = """expires_at = CASE WHEN last_activity_at <= $3 THEN CAST($4 AS BIGINT) ELSE expires_at END,
    last_activity_at = CASE WHEN last_activity_at <= $3 THEN CAST($3 AS BIGINT) ELSE last_activity_at END"""

_OWN = f"id = $1 AND caller = $2 AND {alive('conversations', '$3')}"

_RESUME = f"""
UPDATE conversations SET {_MOVE}
WHERE {_OWN} AND user_id = $5 AND channel_id = $6
RETURNING {CONVERSATION_COLUMNS}
"""  # noqa: S608 (here and below: the columns are constants, the rest are placeholders)

_START = f"""
INSERT INTO conversations ({CONVERSATION_COLUMNS})
SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($5 AS TEXT), CAST($6 AS TEXT), CAST($3 AS BIGINT),
    CAST($3 AS BIGINT), CAST($4 AS BIGINT), 0
WHERE (SELECT COUNT(*) FROM conversations c WHERE c.caller = $2 AND {alive("c", "$3")}) < CAST($7 AS BIGINT)
RETURNING {CONVERSATION_COLUMNS}
"""  # noqa: S608

# Locks the row until the end of the transaction: so the number is this message's own.
_RAISE = f"""
UPDATE conversations SET message_count = message_count + 1, {_MOVE}
WHERE {_OWN} AND message_count < $5
RETURNING {CONVERSATION_COLUMNS}
"""  # noqa: S608

_ADD = f"""
INSERT INTO messages (id, conversation_id, sequence, role, content, created_at, parent_id, client_key,
    content_size)
SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS BIGINT), CAST($4 AS TEXT), CAST($5 AS TEXT),
    CAST($6 AS BIGINT), CAST($7 AS TEXT), CAST($8 AS TEXT), CAST($9 AS BIGINT)
WHERE CAST($7 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM messages p WHERE p.conversation_id = $2 AND p.id = $7)
ON CONFLICT DO NOTHING
RETURNING {MESSAGE_COLUMNS}
"""  # noqa: S608

_WHY_NOT = f"""
SELECT {conversation_columns("conversations")}, {message_columns("m", "message_")}, p.id AS parent
FROM conversations
LEFT JOIN messages m ON m.conversation_id = conversations.id AND (m.client_key = $4 OR m.id = $5)
LEFT JOIN messages p ON p.conversation_id = conversations.id AND p.id = $6
WHERE conversations.{_OWN}
"""  # noqa: S608

_DELETE = f"DELETE FROM conversations WHERE {_OWN} RETURNING message_count"  # noqa: S608

_GONE = """
SELECT id, message_count FROM conversations WHERE expires_at <= $1 ORDER BY expires_at, id LIMIT $2
"""

_OF_CALLER = "SELECT id, message_count FROM conversations WHERE caller = $1 ORDER BY id LIMIT $2"

_REMOVE = "DELETE FROM conversations WHERE id IN ({keys}) RETURNING message_count"


class _NothingAdded(Exception):
    """A message was not added, and the transaction undid what it had done for it."""


class SqlConversations(SqlConversationReads):
    """The conversations of one database."""

    async def start(
        self,
        draft: ConversationDraft,
        *,
        resume_id: str | None,
        now: int,
        expires_at: int | None,
        limit: int,
    ) -> Started:
        owner, place = (draft.caller, now, expires_at), (draft.user_id, draft.channel_id)

        async def work(tx: Transaction) -> Started:
            resumed = await tx.fetch(_RESUME, resume_id, *owner, *place) if resume_id else ()
            if resumed:
                return Started(conversation_of(resumed[0]), resumed=True)
            # What is not there yet cannot be locked, and all of it counts.
            await tx.lock([f"conversations of {draft.caller}"])
            made = await tx.fetch(_START, draft.id, *owner, *place, limit)
            if not made:
                raise refusals.too_many_conversations(limit)
            return Started(conversation_of(made[0]), resumed=False)

        return await self._database.write(work)

    async def append(
        self,
        conversation_id: str,
        draft: MessageDraft,
        *,
        caller: str,
        now: int,
        expires_at: int | None,
        limit: int,
    ) -> Appended:
        async def work(tx: Transaction) -> Appended:
            raised = await tx.fetch(_RAISE, conversation_id, caller, now, expires_at, limit)
            conversation = conversation_of(raised[0]) if raised else None
            added = await _add(tx, conversation, draft, now) if conversation else None
            if conversation is None or added is None:
                # Undoes the raising. Why nothing was added is read then, so that the usual way asks nothing more.
                raise _NothingAdded
            return Appended(added, conversation, repeated=False)

        try:
            return await self._database.write(work)
        except _NothingAdded:
            sought = (draft.client_key, draft.id, draft.parent_id)
            rows = await self._database.fetch(_WHY_NOT, conversation_id, caller, now, *sought)
            return _kept(rows, draft, limit)

    async def delete(self, conversation_id: str, *, caller: str, now: int) -> int:
        removed = await self._database.write(lambda tx: tx.fetch(_DELETE, conversation_id, caller, now))
        if not removed:
            raise refusals.no_conversation()
        return int(removed[0]["message_count"])

    async def sweep(self, now: int, limit: int) -> int:
        sql = _GONE + self._database.skip_locked

        async def work(tx: Transaction) -> int:
            return (await _remove(tx, await tx.fetch(sql, now, limit))).conversations

        return await self._database.write(work)

    async def erase(self, caller: str, limit: int) -> Removed:
        async def work(tx: Transaction) -> Removed:
            # Two at once would choose the same ones, and the second would report that nothing is left.
            await tx.lock([f"erasure of {caller}"])
            removed = Removed()
            while not removed.conversations and (rows := await tx.fetch(_OF_CALLER, caller, limit)):
                # None of them when others removed the same ones meanwhile, and more may be left.
                removed = await _remove(tx, rows)
            return removed

        return await self._database.write(work)


async def _add(tx: Transaction, conversation: Conversation, draft: MessageDraft, now: int) -> Message | None:
    """The message, in the place that its conversation has for it; None when it may not be there or is already."""
    rows = await tx.fetch(
        _ADD,
        draft.id,
        conversation.id,
        conversation.message_count,
        draft.role.value,
        draft.content,
        now,
        draft.parent_id,
        draft.client_key,
        len(draft.content.encode()),
    )
    return message_of(rows[0]) if rows else None


def _kept(rows: Sequence[Row], draft: MessageDraft, limit: int) -> Appended:
    """The message that stands for a draft that was not added. Raises the reason when there is none."""
    if not rows:
        raise refusals.no_conversation()
    conversation = conversation_of(rows[0])
    if rows[0]["message_id"] is not None:
        message = message_of(rows[0], "message_")
        return Appended(message, conversation, repeated=message.id != draft.id)
    if draft.parent_id is not None and rows[0]["parent"] is None:
        raise refusals.no_parent()
    if conversation.message_count >= limit:
        raise refusals.too_many_messages(limit)
    raise refusals.message_id_taken()


async def _remove(tx: Transaction, rows: Sequence[Row]) -> Removed:
    """Remove the first of these conversations, at least one, and not many more messages than may go at once."""
    chosen: list[str] = []
    messages = 0
    for row in rows:
        if chosen and messages + int(row["message_count"]) > _REMOVED_AT_ONCE:
            break
        chosen.append(str(row["id"]))
        messages += int(row["message_count"])
    removed: list[Row] = []
    for keys in batches(chosen):
        removed += await tx.fetch(_REMOVE.format(keys=placeholders(len(keys))), *keys)
    return Removed(len(removed), sum(int(row["message_count"]) for row in removed))
