"""Invented conversations and messages for the tests of storage, and how they are started and added in one word."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from models.conversations import (
    Appended,
    Conversation,
    ConversationDraft,
    ConversationPage,
    ConversationRequest,
    Message,
    MessageDraft,
    MessageRange,
    MessageRole,
    Started,
)
from storage import Storage
from storage.items import ConversationItem, MessageItem, message_item_key
from tests.storage.made import NOW

CALLER = "bot"
OTHER_CALLER = "another bot"
USER = "ana"
CHANNEL = "general"
LIFE = 60_000
END = NOW + LIFE
LIMIT = 100


def made_id(number: int) -> str:
    """An id that sorts as its number does."""
    return str(UUID(int=number))


FIRST, SECOND, THIRD = made_id(1), made_id(2), made_id(3)


def made_conversation_draft(
    conversation_id: str = FIRST, *, caller: str = CALLER, user_id: str = USER, channel_id: str = CHANNEL
) -> ConversationDraft:
    return ConversationDraft(conversation_id, caller, user_id, channel_id)


def made_conversation(
    conversation_id: str = FIRST, *, at: int = NOW, expires_at: int | None = END, message_count: int = 0
) -> Conversation:
    """What a draft becomes."""
    return Conversation(conversation_id, CALLER, USER, CHANNEL, at, at, expires_at, message_count)


def made_message_draft(
    number: int, content: str = "Hello", *, parent_id: str | None = None, client_key: str | None = None
) -> MessageDraft:
    return MessageDraft(made_id(number), MessageRole.USER, content, parent_id, client_key)


def made_message(
    draft: MessageDraft, sequence: int, conversation_id: str = FIRST, *, at: int = NOW
) -> Message:
    """What a draft becomes."""
    return Message(draft.id, conversation_id, sequence, draft.role, draft.content, at, draft.parent_id)


async def start(
    storage: Storage,
    draft: ConversationDraft | None = None,
    *,
    resume_id: str | None = None,
    now: int = NOW,
    expires_at: int | None = END,
    limit: int = LIMIT,
) -> Started:
    """Start a conversation, or resume one."""
    return await storage.conversations.start(
        draft or made_conversation_draft(), resume_id=resume_id, now=now, expires_at=expires_at, limit=limit
    )


async def append(
    storage: Storage,
    draft: MessageDraft,
    conversation_id: str = FIRST,
    *,
    caller: str = CALLER,
    now: int = NOW,
    expires_at: int | None = END,
    limit: int = LIMIT,
) -> Appended:
    """Add a message."""
    return await storage.conversations.append(
        conversation_id, draft, caller=caller, now=now, expires_at=expires_at, limit=limit
    )


async def say(
    storage: Storage, count: int, conversation_id: str = FIRST, *, first: int = 100
) -> list[Message]:
    """Add so many messages, whose ids have the numbers from `first` on; what is kept of them."""
    drafts = [made_message_draft(number, f"message {number}") for number in range(first, first + count)]
    return [(await append(storage, draft, conversation_id, limit=10_000)).message for draft in drafts]


async def messages_in(storage: Storage, conversation_id: str = FIRST, *, now: int = NOW) -> Sequence[Message]:
    """All messages of a conversation."""
    every = MessageRange(conversation_id, 1, 10_000)
    return (await storage.conversations.get_ranges([every], now=now))[every]


async def conversation_in(
    storage: Storage, conversation_id: str = FIRST, *, now: int = NOW
) -> Conversation | None:
    """A conversation as it is kept."""
    return (await storage.conversations.get_many([conversation_id], now=now)).get(conversation_id)


async def page_of(storage: Storage, request: ConversationRequest, *, now: int = NOW) -> ConversationPage:
    """One page of a list."""
    return (await storage.conversations.list([request], now=now))[request]


def made_conversation_item(key: str = FIRST, *, message_count: int = 1) -> ConversationItem:
    return ConversationItem(key, CALLER, USER, CHANNEL, NOW - 5_000, NOW, END, message_count)


def made_message_item(conversation_id: str = FIRST, sequence: int = 1, content: str = "Hello") -> MessageItem:
    """What is kept of an invented message; each answers the one before it."""
    own_id = f"{conversation_id[:200]} message {sequence}"
    before = f"{conversation_id[:200]} message {sequence - 1}" if sequence > 1 else None
    return MessageItem(
        key=message_item_key(conversation_id, sequence),
        id=own_id,
        role="user",
        content=content,
        created_at=NOW,
        parent_id=before,
        client_key=f"key {sequence}",
    )


async def fill_conversations(storage: Storage, count: int) -> None:
    """Keep so many conversations, every second without an end, with three messages each, of which one has a client
    key and one is a reply. Done twice it is done once."""
    for number in range(count):
        draft = made_conversation_draft(made_id(number), user_id=f"user {number % 3} 🦊")
        expires_at = END + number if number % 2 else None
        await start(storage, draft, resume_id=draft.id, now=NOW + number, expires_at=expires_at)
        first, second, third = (made_message_draft(1_000 * (number + 1) + each) for each in range(3))
        drafts = (
            replace(first, content="🦊 " * 20),
            replace(second, parent_id=first.id),
            replace(third, client_key=f"key {number}"),
        )
        for each in drafts:
            await append(storage, each, draft.id, now=NOW + number, expires_at=expires_at)
