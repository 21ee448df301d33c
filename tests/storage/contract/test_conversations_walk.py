"""Random walks through the conversations, compared after each step with a model of plain dictionaries."""

import random
from collections.abc import Awaitable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from errors import LimitExceeded, NotFound, PlaygraphError, RuleViolation
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
    MessageRole,
    Removed,
    Started,
)
from storage import Storage
from tests.storage.made import NOW
from tests.storage.made_conversations import made_id
from tests.storage.probes import walk_differences

CALLERS = ["bot", "bot 2"]
USERS = ["ana", "bob"]
CHANNELS = ["general", "random"]
CONVERSATIONS = 3
MESSAGES = 6
LIFE = 40
STEPS = 200


@dataclass
class Model:
    """What the contract says: conversations by id, their messages, and the client keys of these."""

    conversations: dict[str, Conversation] = field(default_factory=dict)
    messages: dict[str, list[Message]] = field(default_factory=dict)
    keys: dict[tuple[str, str], Message] = field(default_factory=dict)

    def start(self, draft: ConversationDraft, resume_id: str, now: int, expires_at: int | None) -> Started:
        kept = self.alive(now).get(resume_id)
        owner = (draft.caller, draft.user_id, draft.channel_id)
        if kept and (kept.caller, kept.user_id, kept.channel_id) == owner:
            return Started(self._moved(kept, now, expires_at), resumed=True)
        if sum(each.caller == draft.caller for each in self.alive(now).values()) >= CONVERSATIONS:
            raise LimitExceeded("", limit=CONVERSATIONS)
        made = Conversation(draft.id, *owner, now, now, expires_at, 0)
        self.conversations[draft.id], self.messages[draft.id] = made, []
        return Started(made, resumed=False)

    def append(
        self, conversation_id: str, draft: MessageDraft, caller: str, now: int, expires_at: int | None
    ) -> Appended:
        kept = self._own(conversation_id, caller, now)
        messages = self.messages[conversation_id]
        before = self.keys.get((conversation_id, draft.client_key or ""))
        if before:
            return Appended(before, kept, repeated=True)
        if draft.parent_id and draft.parent_id not in [message.id for message in messages]:
            raise RuleViolation("")
        if len(messages) >= MESSAGES:
            raise LimitExceeded("", limit=MESSAGES)
        place = (conversation_id, len(messages) + 1)
        message = Message(draft.id, *place, draft.role, draft.content, now, draft.parent_id)
        messages.append(message)
        if draft.client_key:
            self.keys[conversation_id, draft.client_key] = message
        counted = replace(kept, message_count=len(messages))
        return Appended(message, self._moved(counted, now, expires_at), repeated=False)

    def delete(self, conversation_id: str, caller: str, now: int) -> int:
        self._own(conversation_id, caller, now)
        return self._remove([conversation_id]).messages

    def sweep(self, now: int) -> int:
        return self._remove(
            [each for each in self.conversations if each not in self.alive(now)]
        ).conversations

    def erase(self, caller: str) -> Removed:
        return self._remove([each.id for each in self.conversations.values() if each.caller == caller])

    def alive(self, now: int) -> dict[str, Conversation]:
        return {key: each for key, each in self.conversations.items() if each.is_alive(now)}

    def page(self, request: ConversationRequest, now: int) -> ConversationPage:
        kept = sorted(
            (each for each in self.alive(now).values() if _is_asked_for(each, request)),
            key=_place,
            reverse=True,
        )
        older, newer = request.older_than, request.newer_than
        inside = [
            each
            for each in kept
            if (older is None or _place(each) < (older.last_activity_at, older.id))
            and (newer is None or _place(each) > (newer.last_activity_at, newer.id))
        ]
        ahead = sum(older is not None and _place(each) >= (older.last_activity_at, older.id) for each in kept)
        size = min(request.limit, len(inside))
        start = len(inside) - size if request.from_oldest else 0
        found = tuple(inside[start : start + size])
        return ConversationPage(found, len(kept), ahead + start > 0, ahead + start + size < len(kept))

    def replies(self, now: int) -> dict[str, list[Message]]:
        found: dict[str, list[Message]] = {}
        for message in self.living_messages(now):
            if message.parent_id:
                found.setdefault(message.parent_id, []).append(message)
        return {parent_id: replies[:2] for parent_id, replies in found.items()}

    def living_messages(self, now: int) -> list[Message]:
        return [message for key in self.alive(now) for message in self.messages[key]]

    def _own(self, conversation_id: str, caller: str, now: int) -> Conversation:
        kept = self.alive(now).get(conversation_id)
        if kept is None or kept.caller != caller:
            raise NotFound("")
        return kept

    def _moved(self, kept: Conversation, now: int, expires_at: int | None) -> Conversation:
        moved = kept
        if kept.last_activity_at <= now:
            moved = replace(kept, last_activity_at=now, expires_at=expires_at)
        self.conversations[kept.id] = moved
        return moved

    def _remove(self, conversation_ids: list[str]) -> Removed:
        count = sum(len(self.messages.pop(each)) for each in conversation_ids)
        for each in conversation_ids:
            del self.conversations[each]
        self.keys = {key: each for key, each in self.keys.items() if key[0] in self.conversations}
        return Removed(len(conversation_ids), count)


def _place(conversation: Conversation) -> tuple[int, str]:
    return conversation.last_activity_at, conversation.id


def _is_asked_for(conversation: Conversation, request: ConversationRequest) -> bool:
    return (
        conversation.caller == request.caller
        and request.user_id in (None, conversation.user_id)
        and request.channel_id in (None, conversation.channel_id)
    )


@dataclass
class Walk:
    """One walk; the seed decides every step."""

    storage: Storage
    draw: random.Random
    model: Model = field(default_factory=Model)
    now: int = NOW
    made: int = 0

    async def differences(self) -> list[str]:
        """Take all steps; what storage answered otherwise than the model."""
        return await walk_differences(STEPS, self._step, self._is_equal)

    async def _step(self) -> tuple[str, object, object]:
        self.now += self.draw.choice([-3, 0, 1, 2, LIFE // 4])
        steps = [self._start] * 4 + [self._append] * 8 + [self._delete, self._sweep, self._erase]
        return await self.draw.choice(steps)()

    async def _start(self) -> tuple[str, object, object]:
        draw = self.draw
        owner = (draw.choice(CALLERS), draw.choice(USERS), draw.choice(CHANNELS))
        draft, resume_id, end = ConversationDraft(self._new_id(), *owner), self._kept_id(), self._end()
        actual = self.storage.conversations.start(
            draft, resume_id=resume_id, now=self.now, expires_at=end, limit=CONVERSATIONS
        )
        return "start", _told(self.model.start, draft, resume_id, self.now, end), await _outcome(actual)

    async def _append(self) -> tuple[str, object, object]:
        conversation_id, draft, end = self._kept_id(), self._message_draft(), self._end()
        caller = self._caller_of(conversation_id)
        actual = self.storage.conversations.append(
            conversation_id, draft, caller=caller, now=self.now, expires_at=end, limit=MESSAGES
        )
        expected = _told(self.model.append, conversation_id, draft, caller, self.now, end)
        return "append", expected, await _outcome(actual)

    async def _delete(self) -> tuple[str, object, object]:
        conversation_id = self._kept_id()
        caller = self._caller_of(conversation_id)
        actual = self.storage.conversations.delete(conversation_id, caller=caller, now=self.now)
        expected = _told(self.model.delete, conversation_id, caller, self.now)
        return "delete", expected, await _outcome(actual)

    async def _sweep(self) -> tuple[str, object, object]:
        return "sweep", self.model.sweep(self.now), await self.storage.conversations.sweep(self.now, 100)

    async def _erase(self) -> tuple[str, object, object]:
        caller = self.draw.choice(CALLERS)
        return "erase", self.model.erase(caller), await self.storage.conversations.erase(caller, 100)

    def _message_draft(self) -> MessageDraft:
        every = [message.id for messages in self.model.messages.values() for message in messages]
        parent_id = self.draw.choice([None, None, *every])
        key = self.draw.choice([None, None, "k", "kk"])
        return MessageDraft(self._new_id(), self.draw.choice(list(MessageRole)), "🦊", parent_id, key)

    def _caller_of(self, conversation_id: str) -> str:
        kept = self.model.conversations.get(conversation_id)
        return kept.caller if kept and self.draw.random() < 0.9 else self.draw.choice(CALLERS)

    def _end(self) -> int | None:
        return self.draw.choice([None, self.now + LIFE, self.now + LIFE])

    def _new_id(self) -> str:
        self.made += 1
        return made_id(self.draw.randrange(100) * 10_000 + self.made)

    def _kept_id(self) -> str:
        return self.draw.choice([made_id(0), *self.model.conversations])

    def _request(self) -> ConversationRequest:
        draw = self.draw
        kept = [
            ConversationPlace(each.last_activity_at, each.id) for each in self.model.conversations.values()
        ]
        return ConversationRequest(
            draw.choice(CALLERS),
            draw.randrange(4),
            draw.choice([None, *USERS]),
            draw.choice([None, *CHANNELS]),
            draw.choice([None, *kept]),
            draw.choice([None, *kept]),
            draw.random() < 0.5,
        )

    async def _is_equal(self) -> bool:
        repository, model, now = self.storage.conversations, self.model, self.now
        requests = [self._request() for _ in range(3)]
        ranges = [MessageRange(each, 2, 4) for each in model.conversations]
        every = [message for messages in model.messages.values() for message in messages]
        ids = [message.id for message in every]
        alive = model.alive(now)
        return (
            await repository.get_many(list(model.conversations), now=now) == alive
            and await repository.list(requests, now=now)
            == {request: model.page(request, now) for request in requests}
            and await repository.get_ranges(ranges, now=now)
            == {
                each: model.messages[each.conversation_id][1:4] if each.conversation_id in alive else []
                for each in ranges
            }
            and await repository.get_messages(ids, now=now)
            == {message.id: message for message in model.living_messages(now)}
            and await repository.get_replies(ids, limit=2, now=now) == model.replies(now)
            and await self.storage.archives["messages"].count() == len(every)
        )


def _told(method: Any, *arguments: object) -> object:
    """What the model answers, or the kind of its refusal."""
    try:
        return method(*arguments)
    except PlaygraphError as error:
        return type(error)


async def _outcome(call: Awaitable[object]) -> object:
    """The same of storage."""
    try:
        return await call
    except PlaygraphError as error:
        return type(error)


@pytest.mark.parametrize("seed", range(6))
async def test_a_random_walk_through_the_conversations_agrees_with_plain_dictionaries(
    storage: Storage, seed: int
) -> None:
    walk = Walk(storage, random.Random(seed))

    differences = await walk.differences()

    assert differences == []
    assert await storage.check() == []
    assert walk.made > STEPS / 2
