"""What is said in a conversation that somebody follows."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from dataclasses import dataclass

from errors import BadUserInput, NotFound, StorageUnavailable
from models.conversations import Conversation, Message, MessageRange
from models.events import conversation_topic
from resolvers.context import RequestContext
from resolvers.ids import read_uuid
from resolvers.ownership import owner
from resolvers.streams import follow

# Few: while their reader is slow, they are held in memory.
_AT_ONCE = 20


async def message_added(
    context: RequestContext, conversation_id: str, after: int | None
) -> AsyncGenerator[Message, None]:
    """Each message whose sequence is above `after` (None: each one added from now on), once and in order, until the
    conversation is gone.

    Raises NotFound when it is not there at the beginning, and StorageUnavailable when nothing can be read then; later
    it waits for storage to come back.
    """
    caller, key = owner(context), read_uuid(conversation_id, "Conversation", "conversationId")
    if after is not None and after < 0:
        raise BadUserInput(f"after: {after} given, and sequences begin with 1; 0 is before the first.")
    topics = {conversation_topic(key)}
    async with aclosing(follow(context.following, lambda: topics)) as turns:
        await anext(turns)
        followed = _Followed(context, caller, key)
        found = await followed.look()
        if found is None:
            raise NotFound("There is no such conversation.")
        followed.seen = found.message_count if after is None else after
        while found is not None:
            with suppress(StorageUnavailable):
                async for message in followed.unseen(found):
                    yield message
            await anext(turns)
            with suppress(StorageUnavailable):
                found = await followed.look()


@dataclass(slots=True)
class _Followed:
    """A conversation of one subscriber, who has seen its messages up to the sequence `seen`."""

    context: RequestContext
    caller: str
    key: str
    seen: int = 0

    async def look(self) -> Conversation | None:
        """The conversation as it is; None when it is gone, or somebody else's."""
        now = self.context.clock.now()
        found = (await self.context.conversations.get_many([self.key], now=now)).get(self.key)
        return found if found is not None and found.caller == self.caller else None

    async def unseen(self, found: Conversation) -> AsyncIterator[Message]:
        """What was said since, some at a time: a backlog may be long, and its reader slow."""
        while self.seen < found.message_count:
            last = min(self.seen + _AT_ONCE, found.message_count)
            wanted = MessageRange(self.key, self.seen + 1, last)
            read = await self.context.conversations.get_ranges([wanted], now=self.context.clock.now())
            for message in read[wanted]:
                self.seen = message.sequence
                yield message
            if self.seen < last:
                # It is gone, which the next look tells.
                return
