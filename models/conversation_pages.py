"""Pages of a caller's conversations, last active first."""

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64

from errors import BadUserInput
from models.conversations import Conversation, ConversationPage, ConversationPlace, ConversationRequest
from models.paging import Connection, Edge, PageArguments, PageInfo, requested_size

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
    edges = tuple(Edge(_written_cursor(each), each) for each in page.conversations)
    return Connection(
        edges=edges,
        nodes=page.conversations,
        page_info=PageInfo(
            has_next_page=page.has_older,
            has_previous_page=page.has_newer,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        ),
        total_count=page.total,
    )


def place_of(conversation: Conversation) -> ConversationPlace:
    """Where a conversation stands in lists."""
    return ConversationPlace(conversation.last_activity_at, conversation.id)


def _written_cursor(conversation: Conversation) -> str:
    text = f"active:{conversation.last_activity_at}:{conversation.id}"
    return b64encode(text.encode()).decode("ascii")


def _read_cursor(cursor: str, name: str) -> ConversationPlace:
    try:
        parts = _CURSOR.fullmatch(b64decode(cursor, validate=True).decode("ascii"))
    except (NotBase64, ValueError):
        parts = None
    if parts is None:
        raise BadUserInput(f"{name}: this is no cursor of ours.")
    return ConversationPlace(int(parts[1]), parts[2])
