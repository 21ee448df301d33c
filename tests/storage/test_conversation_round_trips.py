"""How often storage asks its server does not depend on how many conversations or messages are asked for.

Counted on the wire, not by our own figures.
"""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest

from models.conversations import ConversationRequest, MessageRange
from storage import Conversations, Storage
from tests.storage.made import NOW
from tests.storage.made_conversations import made_conversation_item, made_id, made_message_item
from tests.storage.wired_stores import OPENERS, WiredStore

COUNTS = (1, 50, 900)
IDS = [made_id(number) for number in range(max(COUNTS))]
MESSAGE_IDS = [f"{conversation_id} message 1" for conversation_id in IDS]

Read = Callable[[Conversations, int], Awaitable[object]]
READS: dict[str, Read] = {
    "conversations": lambda kept, count: kept.get_many(IDS[:count], now=NOW),
    "messages": lambda kept, count: kept.get_messages(MESSAGE_IDS[:count], now=NOW),
    "replies": lambda kept, count: kept.get_replies(MESSAGE_IDS[:count], limit=3, now=NOW),
    "ranges": lambda kept, count: kept.get_ranges(
        [MessageRange(each, 1, 2) for each in IDS[:count]], now=NOW
    ),
    "lists": lambda kept, count: kept.list(
        [ConversationRequest("bot", 1, user_id=each) for each in IDS[:count]], now=NOW
    ),
}


async def _fill(storage: Storage) -> None:
    conversations = [made_conversation_item(each, message_count=2) for each in IDS]
    await storage.archives["conversations"].put_many(conversations)
    messages = [made_message_item(each, sequence) for each in IDS for sequence in (1, 2)]
    await storage.archives["messages"].put_many(messages)


async def _taken(store: WiredStore, read: Read, count: int) -> int:
    """Round trips of a read that was done before."""
    await read(store.storage.conversations, count)
    before = store.round_trips()
    await read(store.storage.conversations, count)
    return store.round_trips() - before


BY_ID, BY_VALUES = ["conversations", "messages", "replies"], ["ranges", "lists"]


@pytest.mark.parametrize(
    ("backend", "names", "taken"),
    [
        ("sqlite", list(READS), [1, 1, 1]),
        ("redis", list(READS), [1, 1, 1]),
        ("postgres", BY_ID, [1, 1, 1]),
        ("postgres", BY_VALUES, [1, 1, 2]),  # the driver keeps no statement of such a length prepared
        ("hybrid", BY_ID, [1, 1, 1]),
        ("hybrid", BY_VALUES, [1, 1, 2]),
    ],
)
async def test_nine_hundred_are_read_as_one_is(
    backend: str, names: Sequence[str], taken: list[int], tmp_path: Path
) -> None:
    async with OPENERS[backend](tmp_path) as store:
        await _fill(store.storage)
        found = {name: [await _taken(store, READS[name], count) for count in COUNTS] for name in names}

    assert found == dict.fromkeys(names, taken)


async def test_on_redis_a_change_of_any_size_is_one_round_trip(tmp_path: Path) -> None:
    async with OPENERS["redis"](tmp_path) as store:
        await _fill(store.storage)
        kept = store.storage.conversations
        removed = [await kept.sweep(2 * NOW, 1), (await kept.erase("bot", 1)).conversations]
        before = store.round_trips()
        removed += [await kept.sweep(2 * NOW, 300), (await kept.erase("bot", 300)).conversations]
        taken = store.round_trips() - before

    assert (removed, taken) == ([1, 1, 300, 300], 2)
