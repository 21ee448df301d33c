"""Conversations as JSON lines: one conversation with all its messages on each."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import orjson

from models.conversation_pages import place_of
from models.conversations import Conversation, ConversationRequest, Message, MessageRange
from schema.scalars import written_time
from storage import Conversations

_CONVERSATIONS = 100
_MESSAGES = 500


@dataclass(frozen=True, slots=True)
class Exported:
    """How much was written."""

    conversations: int = 0
    messages: int = 0


async def write_lines(kept: Conversations, caller: str, now: int, file: BinaryIO) -> Exported:
    """Write the conversations of a caller that are alive at `now`, the longest unused first.

    What is removed meanwhile may be left out; everything else is written once.
    """
    count = Exported()
    async for conversation in _walk(kept, caller, now):
        messages = await _messages(kept, conversation, now)
        if len(messages) == conversation.message_count:
            file.write(_line(conversation, messages))
            count = Exported(count.conversations + 1, count.messages + len(messages))
    return count


async def _walk(kept: Conversations, caller: str, now: int) -> AsyncIterator[Conversation]:
    """Each conversation once. One that is used meanwhile moves ahead of the walk, never behind it."""
    seen: set[str] = set()
    request = ConversationRequest(caller, _CONVERSATIONS, from_oldest=True)
    while True:
        page = (await kept.list([request], now=now))[request]
        for conversation in reversed(page.conversations):
            if conversation.id not in seen:
                seen.add(conversation.id)
                yield conversation
        if not page.has_newer or not page.conversations:
            return
        newest = place_of(page.conversations[0])
        request = ConversationRequest(caller, _CONVERSATIONS, newer_than=newest, from_oldest=True)


async def _messages(kept: Conversations, conversation: Conversation, now: int) -> Sequence[Message]:
    messages: list[Message] = []
    for first in range(1, conversation.message_count + 1, _MESSAGES):
        last = min(first + _MESSAGES - 1, conversation.message_count)
        wanted = MessageRange(conversation.id, first, last)
        messages += (await kept.get_ranges([wanted], now=now))[wanted]
    return messages


def _line(conversation: Conversation, messages: Sequence[Message]) -> bytes:
    expires_at = conversation.expires_at
    line = {
        "id": conversation.id,
        "userId": conversation.user_id,
        "channelId": conversation.channel_id,
        "createdAt": written_time(conversation.created_at),
        "lastActivityAt": written_time(conversation.last_activity_at),
        "expiresAt": None if expires_at is None else written_time(expires_at),
        "messages": [
            {
                "id": message.id,
                "sequence": message.sequence,
                "role": message.role.value,
                "content": message.content,
                "createdAt": written_time(message.created_at),
                "parentId": message.parent_id,
            }
            for message in messages
        ],
    }
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
