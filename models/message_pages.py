"""Pages of a conversation's messages, oldest first.

Sequences have no gaps and their number is known, so where a page lies is arithmetic and costs no read.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from models import paging
from models.conversations import Conversation, Message, MessageRange
from models.paging import (
    Connection,
    Edge,
    PageArguments,
    read_cursor,
    requested_size,
    written_cursor,
)

_CURSOR = "sequence"


@dataclass(frozen=True, slots=True)
class MessagePage:
    """Where a page lies: its messages, which may be none, and how many the whole conversation has."""

    range: MessageRange
    total: int

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to read."""
        return self.range.last < self.range.first


def newest(conversation: Conversation, count: int) -> MessagePage:
    """The last `count` messages, or as many as there are."""
    total = conversation.message_count
    return MessagePage(MessageRange(conversation.id, max(1, total - count + 1), total), total)


def message_page(conversation: Conversation, page: PageArguments) -> MessagePage:
    """The page that a client wants. BadUserInput as of `requested_size` and `read_cursor`."""
    size, is_last = requested_size(page)
    total = conversation.message_count
    first = 1 if page.after is None else read_cursor(_CURSOR, page.after, "after") + 1
    last = total if page.before is None else min(read_cursor(_CURSOR, page.before, "before") - 1, total)
    if is_last:
        first = max(first, last - size + 1)
    else:
        last = min(last, first + size - 1)
    return MessagePage(MessageRange(conversation.id, first, last), total)


def connection_of(page: MessagePage, messages: Sequence[Message]) -> Connection[Message]:
    """A page as Relay has it; cursors are sequences, so that they stay right while messages are added."""
    return paging.connection_of(
        (Edge(written_cursor(_CURSOR, each.sequence), each) for each in messages),
        total=page.total,
        has_next=page.range.last < page.total,
        has_previous=page.range.first > 1 and page.total > 0,
    )
