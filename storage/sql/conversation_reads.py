"""Conversations in an SQL database, read. The contract is on `storage.protocols.Conversations`."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from metrics import Metrics
from models.conversations import (
    Conversation,
    ConversationPage,
    ConversationPlace,
    ConversationRequest,
    Message,
    MessageRange,
    page_bounds,
    page_from,
)
from storage.sql.conversation_rows import (
    CONVERSATION_COLUMNS,
    alive,
    conversation_columns,
    conversation_of,
    message_columns,
    message_of,
    values_rows,
)
from storage.sql.counted import CountedDatabase
from storage.sql.database import MAX_KEYS, Database, Row, Value, batches, placeholders

# Requests in one statement; each binds ten values, or four.
_REQUESTS = 1_000

_BEFORE_ALL = ConversationPlace(2**63 - 1, "")
_BEHIND_ALL = ConversationPlace(-(2**63), "")

_GET_MANY = f"""
SELECT {CONVERSATION_COLUMNS} FROM conversations c WHERE {alive("c", "$1")} AND id IN ({{keys}})
"""  # noqa: S608 (here and below: the columns are constants, the rest are placeholders)

_GET_MESSAGES = f"""
SELECT {message_columns("m")} FROM messages m
JOIN conversations c ON c.id = m.conversation_id
WHERE {alive("c", "$1")} AND m.id IN ({{keys}})
"""  # noqa: S608

_RANGE_TYPES = ("BIGINT", "TEXT", "BIGINT", "BIGINT")
_GET_RANGES = f"""
SELECT asked.column1 AS place, {message_columns("m")}
FROM (VALUES {{ranges}}) AS asked
JOIN conversations c ON c.id = asked.column2
JOIN messages m ON m.conversation_id = c.id AND m.sequence >= asked.column3 AND m.sequence <= asked.column4
WHERE {alive("c", "$1")}
ORDER BY asked.column1, m.sequence
"""  # noqa: S608

# Of thousands of replies those past the limit are not looked at: `past` is the sequence of the first of them. LIMIT
# keeps PostgreSQL from looking for it again at each reply.
_GET_REPLIES = f"""
SELECT {message_columns("r")}
FROM (
    SELECT p.id AS id, p.conversation_id AS conversation_id, COALESCE((
        SELECT m.sequence FROM messages m WHERE m.conversation_id = p.conversation_id AND m.parent_id = p.id
        ORDER BY m.sequence LIMIT 1 OFFSET CAST($2 AS BIGINT)), c.message_count + 1) AS past
    FROM messages p
    JOIN conversations c ON c.id = p.conversation_id
    WHERE {alive("c", "$1")} AND p.id IN ({{keys}})
    LIMIT {MAX_KEYS}
) AS parents
JOIN messages r ON r.conversation_id = parents.conversation_id AND r.parent_id = parents.id
    AND r.sequence < parents.past
ORDER BY r.sequence
"""  # noqa: S608

# `listed` is every request with the list it asks for, and `counted` says where in it each conversation stands. The
# first of a list comes always, and tells how long it is.
_LIST_TYPES = ("BIGINT", "TEXT", "TEXT", "TEXT", "BIGINT", "TEXT", "BIGINT", "TEXT", "BIGINT", "BIGINT")
_LIST = f"""
SELECT place, turn, total, ahead, inside, {CONVERSATION_COLUMNS}
FROM (
    SELECT {conversation_columns("listed")}, listed.place AS place, listed.page_size AS page_size,
        listed.from_oldest AS from_oldest,
        COUNT(*) OVER (PARTITION BY listed.place) AS total,
        SUM(listed.is_ahead) OVER (PARTITION BY listed.place) AS ahead,
        SUM(listed.is_inside) OVER (PARTITION BY listed.place) AS inside,
        ROW_NUMBER() OVER (
            PARTITION BY listed.place ORDER BY listed.last_activity_at DESC, listed.id DESC) AS turn
    FROM ({{lists}}) AS listed
) AS counted
WHERE turn = 1 OR (
    turn > ahead AND turn <= ahead + inside
    AND CASE WHEN from_oldest = 1 THEN turn > ahead + inside - page_size ELSE turn <= ahead + page_size END)
ORDER BY place, turn
"""  # noqa: S608

# One for each kind of filter, so that each can be found by an index.
_LISTED = f"""
    SELECT {conversation_columns("c")}, asked.column1 AS place, asked.column9 AS page_size,
        asked.column10 AS from_oldest,
        CASE WHEN (c.last_activity_at, c.id) >= (asked.column7, asked.column8) THEN 1 ELSE 0 END AS is_ahead,
        CASE WHEN (c.last_activity_at, c.id) > (asked.column5, asked.column6)
            AND (c.last_activity_at, c.id) < (asked.column7, asked.column8) THEN 1 ELSE 0 END AS is_inside
    FROM (VALUES {{requests}}) AS asked
    JOIN conversations c ON c.caller = asked.column2{{filters}}
    WHERE {alive("c", "$1")}
"""  # noqa: S608


class SqlConversationReads:
    """What is read of the conversations of one database."""

    def __init__(self, database: Database, metrics: Metrics) -> None:
        self._database = CountedDatabase(database, metrics, "conversations")

    async def get_many(self, conversation_ids: Collection[str], *, now: int) -> Mapping[str, Conversation]:
        found: dict[str, Conversation] = {}
        for keys in batches(conversation_ids):
            sql = _GET_MANY.format(keys=placeholders(len(keys), start=2))
            rows = await self._database.fetch(sql, now, *keys)
            found |= {str(row["id"]): conversation_of(row) for row in rows}
        return found

    async def list(
        self, requests: Collection[ConversationRequest], *, now: int
    ) -> Mapping[ConversationRequest, ConversationPage]:
        pages: dict[ConversationRequest, ConversationPage] = {}
        for asked in batches(requests, _REQUESTS):
            values = [value for place, request in enumerate(asked) for value in _list_values(place, request)]
            pages |= _pages(asked, await self._database.fetch(_list_statement(asked), now, *values))
        return pages

    async def get_ranges(
        self, ranges: Collection[MessageRange], *, now: int
    ) -> Mapping[MessageRange, Sequence[Message]]:
        found: dict[MessageRange, list[Message]] = {each: [] for each in ranges}
        for asked in batches(ranges, _REQUESTS):
            sql = _GET_RANGES.format(ranges=", ".join(values_rows(len(asked), _RANGE_TYPES, start=2)))
            values = (
                value
                for place, each in enumerate(asked)
                for value in (place, each.conversation_id, each.first, each.last)
            )
            for row in await self._database.fetch(sql, now, *values):
                found[asked[int(row["place"])]].append(message_of(row))
        return found

    async def get_messages(self, message_ids: Collection[str], *, now: int) -> Mapping[str, Message]:
        found: dict[str, Message] = {}
        for keys in batches(message_ids):
            sql = _GET_MESSAGES.format(keys=placeholders(len(keys), start=2))
            rows = await self._database.fetch(sql, now, *keys)
            found |= {str(row["id"]): message_of(row) for row in rows}
        return found

    async def get_replies(
        self, message_ids: Collection[str], *, limit: int, now: int
    ) -> Mapping[str, Sequence[Message]]:
        replies: defaultdict[str, list[Message]] = defaultdict(list)
        for keys in batches(message_ids):
            sql = _GET_REPLIES.format(keys=placeholders(len(keys), start=3))
            for row in await self._database.fetch(sql, now, limit, *keys):
                replies[str(row["parent_id"])].append(message_of(row))
        return dict(replies)


def _list_statement(asked: Sequence[ConversationRequest]) -> str:
    lists: defaultdict[str, list[str]] = defaultdict(list)
    rows = values_rows(len(asked), _LIST_TYPES, start=2)
    for request, row in zip(asked, rows, strict=True):
        by_user = "" if request.user_id is None else " AND c.user_id = asked.column3"
        by_channel = "" if request.channel_id is None else " AND c.channel_id = asked.column4"
        lists[by_user + by_channel].append(row)
    listed = (
        _LISTED.format(requests=", ".join(each), filters=filters) for filters, each in sorted(lists.items())
    )
    return _LIST.format(lists="UNION ALL".join(listed))


def _list_values(place: int, request: ConversationRequest) -> Sequence[Value]:
    newer, older = request.newer_than or _BEHIND_ALL, request.older_than or _BEFORE_ALL
    return (
        place,
        request.caller,
        request.user_id,
        request.channel_id,
        newer.last_activity_at,
        newer.id,
        older.last_activity_at,
        older.id,
        request.limit,
        int(request.from_oldest),
    )


@dataclass(slots=True)
class _Found:
    """What the rows say of one request."""

    total: int = 0
    ahead: int = 0
    inside: int = 0
    conversations: list[Conversation] = field(default_factory=list)


def _pages(
    asked: Sequence[ConversationRequest], rows: Sequence[Row]
) -> dict[ConversationRequest, ConversationPage]:
    found: defaultdict[ConversationRequest, _Found] = defaultdict(_Found)
    for row in rows:
        request = asked[int(row["place"])]
        each = found[request]
        each.total, each.ahead, each.inside = int(row["total"]), int(row["ahead"]), int(row["inside"])
        start, size = page_bounds(request, each.ahead, each.inside)
        if start < int(row["turn"]) <= start + size:
            each.conversations.append(conversation_of(row))
    return {
        request: page_from(
            request,
            tuple(found[request].conversations),
            found[request].total,
            found[request].ahead,
            found[request].inside,
        )
        for request in asked
    }
