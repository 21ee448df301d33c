"""Conversations and messages as Redis keeps them: texts of parts that scripts can reckon with and people can read."""

from collections.abc import Iterable, Iterator, Sequence

from models.conversations import Conversation, Message, MessageRole
from storage.items import ConversationItem, MessageItem, message_item_key, split_message_item_key
from storage.redis.records import signed

_NUL = "\0"


def conversation_of(conversation_id: str, text: bytes) -> Conversation:
    """The conversation of a text whose parts `scripts/conversations.lua` names."""
    item = conversation_item(conversation_id, text)
    return Conversation(
        id=item.key,
        caller=item.caller,
        user_id=item.user_id,
        channel_id=item.channel_id,
        created_at=item.created_at,
        last_activity_at=item.last_activity_at,
        expires_at=item.expires_at,
        message_count=item.message_count,
    )


def conversation_item(conversation_id: str, text: bytes) -> ConversationItem:
    """The same as an item. ValueError for what is none."""
    caller, user_id, channel_id, created_at, active_at, expires_at, count = text.decode().split(_NUL)
    return ConversationItem(
        key=conversation_id,
        caller=caller,
        user_id=user_id,
        channel_id=channel_id,
        created_at=int(created_at),
        last_activity_at=int(active_at),
        expires_at=int(expires_at) if expires_at else None,
        message_count=int(count),
    )


def conversation_text(item: ConversationItem) -> str:
    """What `conversation_item` reads."""
    times = (item.created_at, item.last_activity_at)
    ends = "" if item.expires_at is None else str(item.expires_at)
    return _NUL.join(
        (item.caller, item.user_id, item.channel_id, *map(str, times), ends, str(item.message_count))
    )


def message_of(place: bytes, head: bytes, content: bytes) -> Message:
    """The message of a place, of a head whose parts `scripts/conversations.lua` names, and of its content."""
    item = message_item(place, head, content)
    conversation_id, sequence = split_message_item_key(item.key)
    return Message(
        id=item.id,
        conversation_id=conversation_id,
        sequence=sequence,
        role=MessageRole(item.role),
        content=item.content,
        created_at=item.created_at,
        parent_id=item.parent_id,
    )


def message_item(place: bytes, head: bytes, content: bytes) -> MessageItem:
    """The same as an item. ValueError for what is none."""
    message_id, role, created_at, parent_id, client_key = head.decode().split(_NUL)
    return MessageItem(
        key=message_item_key(*split_place(place)),
        id=message_id,
        role=role,
        content=content.decode(),
        created_at=int(created_at),
        parent_id=_unsigned(parent_id),
        client_key=_unsigned(client_key),
    )


def message_head(item: MessageItem) -> str:
    """What `message_item` reads."""
    keys = (signed(item.parent_id), signed(item.client_key))
    return _NUL.join((item.id, item.role, str(item.created_at), *keys))


def messages_of(answers: Iterable[Sequence[bytes | None]]) -> Iterator[Message]:
    """The messages of places, heads and contents, without those that lack a part."""
    for place, head, content in answers:
        if place is not None and head is not None and content is not None:
            yield message_of(place, head, content)


def place_of(conversation_id: str, sequence: int) -> str:
    """Where a message is kept: places of one conversation, sorted by their signs, are in the order of sequences."""
    return f"{conversation_id}{_NUL}{sequence:016d}"


def split_place(place: bytes) -> tuple[str, int]:
    """What `place_of` made."""
    conversation_id, _, sequence = place.rpartition(b"\0")
    return conversation_id.decode(), int(sequence)


def _unsigned(text: str) -> str | None:
    return text[1:] if text else None
