"""The memory of a chatbot: conversations and their messages.

All times are milliseconds since 1970. Ids are UUIDs in their usual text form, in lower case.
"""

from dataclasses import dataclass
from enum import Enum


class MessageRole(Enum):
    """Who said it."""

    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class Conversation:
    """What was said in one place between a person and a bot.

    It belongs to `caller` alone; `user_id` and `channel_id` are the caller's own names. It is gone when now >=
    `expires_at`; None: never. Its messages are numbered 1 to `message_count`, without a gap.
    """

    id: str
    caller: str
    user_id: str
    channel_id: str
    created_at: int
    last_activity_at: int
    expires_at: int | None
    message_count: int

    def is_alive(self, now: int) -> bool:
        """Whether readers may still see it."""
        return self.expires_at is None or now < self.expires_at


@dataclass(frozen=True, slots=True)
class Message:
    """One thing that was said. `parent_id` is a message of the same conversation that this one answers."""

    id: str
    conversation_id: str
    sequence: int
    role: MessageRole
    content: str
    created_at: int
    parent_id: str | None


@dataclass(frozen=True, slots=True)
class ConversationDraft:
    """A conversation to be started; `id` is for a new one, made by whoever asks."""

    id: str
    caller: str
    user_id: str
    channel_id: str


@dataclass(frozen=True, slots=True)
class Started:
    """The conversation, and whether it was there before."""

    conversation: Conversation
    resumed: bool


@dataclass(frozen=True, slots=True)
class MessageDraft:
    """A message to be added. A `client_key` that the conversation has seen already makes this the same message."""

    id: str
    role: MessageRole
    content: str
    parent_id: str | None = None
    client_key: str | None = None


@dataclass(frozen=True, slots=True)
class Appended:
    """The message as it is kept, and its conversation after it. `repeated`: it was there before; nothing changed."""

    message: Message
    conversation: Conversation
    repeated: bool


@dataclass(frozen=True, slots=True)
class MessageRange:
    """The messages of a conversation with the sequences `first` to `last`, both included. Empty when last < first."""

    conversation_id: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class ConversationPlace:
    """The place of a conversation in a list: the last active comes first, of two at the same time the greater id."""

    last_activity_at: int
    id: str


@dataclass(frozen=True, slots=True)
class ConversationRequest:
    """A page of a caller's living conversations: those with this user and channel (None: any), between two places
    (both excluded; None: the end of the list), at most `limit`, counted from the newest, or from the oldest."""

    caller: str
    limit: int
    user_id: str | None = None
    channel_id: str | None = None
    newer_than: ConversationPlace | None = None
    older_than: ConversationPlace | None = None
    from_oldest: bool = False


@dataclass(frozen=True, slots=True)
class ConversationPage:
    """Conversations, last active first; how many the whole list has, and whether some are before or behind."""

    conversations: tuple[Conversation, ...] = ()
    total: int = 0
    has_newer: bool = False
    has_older: bool = False


@dataclass(frozen=True, slots=True)
class Removed:
    """How much was removed for good."""

    conversations: int = 0
    messages: int = 0


def page_from(
    request: ConversationRequest, conversations: tuple[Conversation, ...], total: int, ahead: int, inside: int
) -> ConversationPage:
    """The page of a list of `total`, of which `ahead` are not older than where the request begins and `inside` lie
    between its places."""
    start, size = page_bounds(request, ahead, inside)
    return ConversationPage(conversations, total, has_newer=start > 0, has_older=start + size < total)


def page_bounds(request: ConversationRequest, ahead: int, inside: int) -> tuple[int, int]:
    """How many of the list come before the page, and how many are on it."""
    size = max(0, min(request.limit, inside))
    return ahead + inside - size if request.from_oldest else ahead, size
