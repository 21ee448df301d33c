"""How conversations and messages lie in the tables of Redis, item by item: for copies, backups and restores."""

from collections.abc import Iterator, Sequence
from contextlib import suppress

from storage.items import CONVERSATIONS, MESSAGES, ConversationItem, MessageItem, split_message_item_key
from storage.redis.connection import Value
from storage.redis.conversation_values import (
    conversation_item,
    conversation_text,
    message_head,
    message_item,
    place_of,
)
from storage.redis.item_values import Columns, Shape, reading
from storage.redis.script import read_script

_TAG = "conversations"


def _conversation_values(item: ConversationItem) -> Sequence[Value]:
    return item.key, conversation_text(item)


def _conversations(columns: Columns) -> Iterator[ConversationItem]:
    for key, text in zip(*columns, strict=True):
        if text is not None:
            with suppress(ValueError):
                yield conversation_item(key.decode(), text)


def _message_values(item: MessageItem) -> Sequence[Value]:
    return *split_message_item_key(item.key), message_head(item), item.content


def _messages(columns: Columns) -> Iterator[MessageItem]:
    for place, head, content in zip(*columns, strict=True):
        if head is not None and content is not None:
            with suppress(ValueError):
                yield message_item(place, head, content)


CONVERSATION_SHAPE = Shape(
    kind=CONVERSATIONS,
    tag=_TAG,
    tables=lambda keys, part: keys.conversations(part).all(),
    statistics=lambda keys: (keys.conversations().ids, None, keys.conversations().sizes),
    put=read_script("put_conversations", "parts", "conversations"),
    values=_conversation_values,
    items=_conversations,
    **reading("conversation_items", "conversations"),
)
MESSAGE_SHAPE = Shape(
    kind=MESSAGES,
    tag=_TAG,
    tables=lambda keys, part: keys.conversations(part).all(),
    statistics=lambda keys: (keys.conversations().timeline, None, keys.conversations().sizes),
    put=read_script("put_messages", "parts", "conversations"),
    values=_message_values,
    items=_messages,
    place=lambda key: place_of(*split_message_item_key(key)),
    **reading("message_items", "conversations"),
)
