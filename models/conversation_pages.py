"""Pages of a caller's conversations, last active first."""

import re

from errors import BadUserInput
from models import paging
from models.conversations import Conversation, ConversationPage, ConversationPlace, ConversationRequest
from models.paging import Connection, Edge, PageArguments, requested_size

_CURSOR = re.compile(r"active:([0-9]{1,15}):([0-9a-f-]{36})")


def conversation_request(
    caller: str, user_id: str | None, channel_id: str | None, page: PageArguments
) -> ConversationRequest:
    """What to ask for a page that a client wants. BadUserInput as of `requested_size`, and for what is no cursor."""
    size, is_last = requested_size(page)
    return ConversationRequest(
        caller,
        size,
        user_id,
        channel_id,
        newer_than=None if page.before is None else _read_cursor(page.before, "before"),
        older_than=None if page.after is None else _read_cursor(page.after, "after"),
        from_oldest=is_last,
    )


def connection_of(page: ConversationPage) -> Connection[Conversation]:
    """A page as Relay has it; a cursor is the place at which a conversation was, and stays when that one moves on."""
    return paging.connection_of(
        (Edge(_written_cursor(each), each) for each in page.conversations),
        total=page.total,
        has_next=page.has_older,
        has_previous=page.has_newer,
    )


def place_of(conversation: Conversation) -> ConversationPlace:
    """Where a conversation stands in lists."""
    return ConversationPlace(conversation.last_activity_at, conversation.id)


def _written_cursor(conversation: Conversation) -> str:
    return paging.packed_cursor(f"active:{conversation.last_activity_at}:{conversation.id}")


def _read_cursor(cursor: str, name: str) -> ConversationPlace:
    parts = _CURSOR.fullmatch(paging.unpacked_cursor(cursor))
    if parts is None:
        raise BadUserInput(f"{name}: this is no cursor of ours.")
    return ConversationPlace(int(parts[1]), parts[2])
