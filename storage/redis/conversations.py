"""Conversations on Redis. The contract is on `storage.protocols.Conversations`.

Each method is one script, so nothing happens between what it sees and what it does.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from errors import PlaygraphError
from metrics import Metrics
from models.conversations import (
    Appended,
    Conversation,
    ConversationDraft,
    ConversationPage,
    ConversationPlace,
    ConversationRequest,
    Message,
    MessageDraft,
    MessageRange,
    Removed,
    Started,
    page_from,
)
from storage import refusals
from storage.redis.connection import RedisServer, Value
from storage.redis.conversation_values import conversation_of, message_of, messages_of, place_of
from storage.redis.counted import CountedServer
from storage.redis.records import batches, signed
from storage.redis.script import Script, read_script


def _script(name: str, *also: str) -> Script:
    return read_script(name, "parts", "conversations", *also)


_READ_TABLES = read_script("read_tables")
_START = _script("start_conversation")
_APPEND = _script("append_message")
_LIST = _script("list_conversations")
_GET_RANGES = _script("get_message_ranges", "items")
_GET_MESSAGES = _script("get_messages")
_GET_REPLIES = _script("get_replies")
_DELETE = _script("delete_conversation")
_SWEEP = _script("sweep_conversations")
_ERASE = _script("erase_conversations")

# Requests in one script.
_REQUESTS = 1_000
# While a script removes conversations, the server does nothing else: 20 ms for this many messages. One conversation
# goes as a whole, however many it has.
_REMOVED_AT_ONCE = 1_000
_MESSAGES_REMOVED_AT_ONCE = 1_000


class RedisConversations:
    """The conversations of one server."""

    def __init__(self, server: RedisServer, metrics: Metrics) -> None:
        self._server = CountedServer(server, metrics, "conversations")
        self._records = server.keys.conversations().records
        self._tables = server.keys.conversations().all()

    async def start(
        self,
        draft: ConversationDraft,
        *,
        resume_id: str | None,
        now: int,
        expires_at: int | None,
        limit: int,
    ) -> Started:
        owner = (draft.caller, draft.user_id, draft.channel_id)
        values = (draft.id, *owner, signed(resume_id), now, _end(expires_at), limit)
        answer = await self._server.write(_START, self._tables, values)
        if answer is None:
            raise refusals.too_many_conversations(limit)
        resumed, conversation_id, text = answer
        return Started(conversation_of(conversation_id.decode(), text), resumed=bool(resumed))

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
        values = (
            conversation_id,
            caller,
            now,
            _end(expires_at),
            limit,
            draft.id,
            draft.role.value,
            signed(draft.parent_id),
            signed(draft.client_key),
            draft.content,
        )
        outcome, *kept = await self._server.write(_APPEND, self._tables, values)
        if not kept:
            raise _refusal(outcome.decode(), limit)
        *parts, text = kept
        message = message_of(*parts)
        return Appended(message, conversation_of(conversation_id, text), repeated=message.id != draft.id)

    async def get_many(self, conversation_ids: Collection[str], *, now: int) -> Mapping[str, Conversation]:
        kept: dict[str, Conversation] = {}
        for asked in batches(conversation_ids):
            (texts,) = await self._server.read(_READ_TABLES, [self._records], asked)
            kept |= {
                each: conversation_of(each, text) for each, text in zip(asked, texts, strict=True) if text
            }
        return {each: conversation for each, conversation in kept.items() if conversation.is_alive(now)}

    async def list(
        self, requests: Collection[ConversationRequest], *, now: int
    ) -> Mapping[ConversationRequest, ConversationPage]:
        pages: dict[ConversationRequest, ConversationPage] = {}
        for asked in batches(requests, _REQUESTS):
            values = [value for request in asked for value in _list_values(request)]
            answers = await self._server.read(_LIST, self._tables, [now, *values])
            pages |= {request: _page(request, answer) for request, answer in zip(asked, answers, strict=True)}
        return pages

    async def get_ranges(
        self, ranges: Collection[MessageRange], *, now: int
    ) -> Mapping[MessageRange, Sequence[Message]]:
        found: dict[MessageRange, Sequence[Message]] = {}
        for asked in batches(ranges, _REQUESTS):
            values = [value for each in asked for value in (each.conversation_id, each.first, each.last)]
            answers = await self._server.read(_GET_RANGES, self._tables, [now, *values])
            found |= {each: _range(each, answer) for each, answer in zip(asked, answers, strict=True)}
        return found

    async def get_messages(self, message_ids: Collection[str], *, now: int) -> Mapping[str, Message]:
        found: dict[str, Message] = {}
        for asked in batches(message_ids):
            answers = await self._server.read(_GET_MESSAGES, self._tables, [now, *asked])
            found |= {message.id: message for message in messages_of(answers)}
        return found

    async def get_replies(
        self, message_ids: Collection[str], *, limit: int, now: int
    ) -> Mapping[str, Sequence[Message]]:
        found: dict[str, Sequence[Message]] = {}
        for asked in batches(message_ids):
            answers = await self._server.read(_GET_REPLIES, self._tables, [now, limit, *asked])
            found |= {
                each: list(messages_of(answer)) for each, answer in zip(asked, answers, strict=True) if answer
            }
        return found

    async def delete(self, conversation_id: str, *, caller: str, now: int) -> int:
        answer = await self._server.write(_DELETE, self._tables, (conversation_id, caller, now))
        if answer is None:
            raise refusals.no_conversation()
        return int(answer)

    async def sweep(self, now: int, limit: int) -> int:
        return (await self._remove(_SWEEP, now, limit)).conversations

    async def erase(self, caller: str, limit: int) -> Removed:
        return await self._remove(_ERASE, caller, limit)

    async def _remove(self, script: Script, which: Value, limit: int) -> Removed:
        values = (which, min(limit, _REMOVED_AT_ONCE), _MESSAGES_REMOVED_AT_ONCE)
        return Removed(*map(int, await self._server.write(script, self._tables, values, patient=True)))


def _end(expires_at: int | None) -> Value:
    return "" if expires_at is None else expires_at


def _refusal(outcome: str, limit: int) -> PlaygraphError:
    """What `scripts/append_message.lua` says instead of a message."""
    reasons = {
        "no conversation": refusals.no_conversation(),
        "no parent": refusals.no_parent(),
        "too many": refusals.too_many_messages(limit),
        "taken": refusals.message_id_taken(),
    }
    return reasons[outcome]


def _list_values(request: ConversationRequest) -> Sequence[Value]:
    return (
        request.caller,
        signed(request.user_id),
        signed(request.channel_id),
        *_bound(request.newer_than),
        *_bound(request.older_than),
        request.limit,
        int(request.from_oldest),
    )


def _bound(place: ConversationPlace | None) -> tuple[Value, Value]:
    return ("", "") if place is None else (place.last_activity_at, place.id)


def _page(request: ConversationRequest, answer: Sequence[Any]) -> ConversationPage:
    total, ahead, inside, ids, texts = answer
    found = zip(ids, texts, strict=True)
    conversations = tuple(conversation_of(each.decode(), text) for each, text in found if text)
    return page_from(request, conversations, int(total), int(ahead), int(inside))


def _range(asked: MessageRange, answer: Sequence[Any]) -> Sequence[Message]:
    first, heads, contents = answer
    places = (
        place_of(asked.conversation_id, sequence).encode()
        for sequence in range(int(first), int(first) + len(heads))
    )
    return list(messages_of(zip(places, heads, contents, strict=True)))
