"""Loaders of conversations and messages, built for each request.

Ownership is not looked at here: a caller's answers are made of what `resolvers/conversations.py` lets through.
"""

from collections.abc import Sequence

from aiodataloader import DataLoader

from clock import Clock
from models.conversations import (
    Appended,
    Conversation,
    ConversationPage,
    ConversationRequest,
    Message,
    MessageRange,
)
from storage import Conversations


class ConversationLoaders:
    """Conversations by id and by page, messages by place, by id, and by what they answer.

    A key of `replies` is a message's id and how many of its replies are wanted.
    """

    def __init__(self, conversations: Conversations, clock: Clock) -> None:
        self._conversations = conversations
        self._clock = clock
        self.by_id: DataLoader[str, Conversation | None] = DataLoader(self._by_id)
        self.pages: DataLoader[ConversationRequest, ConversationPage] = DataLoader(self._pages)
        self.ranges: DataLoader[MessageRange, Sequence[Message]] = DataLoader(self._ranges)
        self.messages: DataLoader[str, Message | None] = DataLoader(self._messages)
        self.replies: DataLoader[tuple[str, int], Sequence[Message]] = DataLoader(self._replies)

    def changed(self, conversation: Conversation) -> None:
        """A mutation has changed it: who asks in the same request sees it as it is now."""
        self.pages.clear_all()
        self.by_id.clear(conversation.id).prime(conversation.id, conversation)

    def appended(self, appended: Appended) -> None:
        """A mutation has added a message, which may be a reply to one whose replies were read before."""
        self.changed(appended.conversation)
        self.messages.clear(appended.message.id).prime(appended.message.id, appended.message)
        self.replies.clear_all()

    def deleted(self) -> None:
        """A mutation has removed a conversation with its messages."""
        for loader in (self.by_id, self.pages, self.ranges, self.messages, self.replies):
            loader.clear_all()

    async def _by_id(self, conversation_ids: list[str]) -> list[Conversation | None]:
        found = await self._conversations.get_many(conversation_ids, now=self._clock.now())
        return [found.get(conversation_id) for conversation_id in conversation_ids]

    async def _pages(self, requests: list[ConversationRequest]) -> list[ConversationPage]:
        found = await self._conversations.list(requests, now=self._clock.now())
        return [found[request] for request in requests]

    async def _ranges(self, ranges: list[MessageRange]) -> list[Sequence[Message]]:
        found = await self._conversations.get_ranges(ranges, now=self._clock.now())
        return [self._seen(found[each]) for each in ranges]

    async def _messages(self, message_ids: list[str]) -> list[Message | None]:
        found = await self._conversations.get_messages(message_ids, now=self._clock.now())
        return [found.get(message_id) for message_id in message_ids]

    async def _replies(self, keys: list[tuple[str, int]]) -> list[Sequence[Message]]:
        # One read for all, however many different numbers are wanted.
        most = max(limit for _, limit in keys)
        ids = list(dict.fromkeys(message_id for message_id, _ in keys))
        found = await self._conversations.get_replies(ids, limit=most, now=self._clock.now())
        return [self._seen(found.get(message_id, ())[:limit]) for message_id, limit in keys]

    def _seen(self, messages: Sequence[Message]) -> Sequence[Message]:
        # Most messages answer one that stands near them, which then need not be read again.
        for message in messages:
            self.messages.prime(message.id, message)
        return messages
