"""What every backend promises of conversations and messages as items: whole ones in, the same whole ones out."""

from dataclasses import replace

import pytest

from models.conversations import ConversationRequest
from models.storage import KindStatistics
from storage import Storage
from storage.items import ConversationItem, MessageItem, message_item_key
from tests.storage.made import NOW
from tests.storage.made_conversations import (
    CALLER,
    CHANNEL,
    END,
    FIRST,
    SECOND,
    USER,
    append,
    fill_conversations,
    made_conversation_item,
    made_id,
    made_message_draft,
    made_message_item,
    page_of,
    start,
)
from tests.storage.made_items import items_of
from tests.storage.probes import ODD_NAMES, ODD_TEXTS


async def put(storage: Storage, count: int, *messages: MessageItem) -> None:
    """Keep the first conversation, which counts so many messages, and these messages."""
    await storage.archives["conversations"].put_many([made_conversation_item(message_count=count)])
    await storage.archives["messages"].put_many(messages)


async def kept_messages(storage: Storage) -> list[MessageItem]:
    return [
        item
        for item in (await items_of(storage.archives["messages"])).values()
        if isinstance(item, MessageItem)
    ]


async def test_what_was_said_comes_out_whole(storage: Storage) -> None:
    await start(storage)
    await append(storage, made_message_draft(11, "Hello 🦊", client_key="k"))
    await append(
        storage, made_message_draft(12, "Well?", parent_id=made_id(11)), now=NOW + 9, expires_at=None
    )

    conversations = await storage.archives["conversations"].list(after=None, limit=10)
    messages = await storage.archives["messages"].list(after=None, limit=10)

    assert list(conversations) == [ConversationItem(FIRST, CALLER, USER, CHANNEL, NOW, NOW + 9, None, 2)]
    assert list(messages) == [
        MessageItem(f"{FIRST}/1", made_id(11), "user", "Hello 🦊", NOW, None, "k"),
        MessageItem(f"{FIRST}/2", made_id(12), "user", "Well?", NOW + 9, made_id(11), None),
    ]


@pytest.mark.parametrize("text", ODD_TEXTS, ids=ODD_NAMES)
async def test_odd_text_in_a_message_is_kept_as_it_is(storage: Storage, text: str) -> None:
    odd = replace(made_message_item(), content=text, client_key=text[:400])

    await put(storage, 1, odd)

    assert await kept_messages(storage) == [odd]


async def test_messages_are_listed_by_conversation_and_sequence(storage: Storage) -> None:
    items = [made_message_item(FIRST, sequence) for sequence in range(1, 13)]

    # The tenth sorts before its parent as text does.
    await put(storage, 12, *reversed(items))

    assert await kept_messages(storage) == items
    assert list(await storage.archives["messages"].list(after=f"{FIRST}/9", limit=9)) == items[9:]


async def test_a_message_of_a_conversation_that_is_not_kept_is_left_out(storage: Storage) -> None:
    await put(storage, 1, made_message_item(SECOND, 1), made_message_item(FIRST, 1))

    assert await kept_messages(storage) == [made_message_item(FIRST, 1)]


async def test_a_message_that_its_conversation_does_not_count_is_left_out(storage: Storage) -> None:
    await put(storage, 1, made_message_item(FIRST, 1), made_message_item(FIRST, 2))

    assert await kept_messages(storage) == [made_message_item(FIRST, 1)]


async def test_a_reply_to_what_is_not_kept_is_left_out(storage: Storage) -> None:
    await put(storage, 3, made_message_item(FIRST, 1), made_message_item(FIRST, 3))

    assert await kept_messages(storage) == [made_message_item(FIRST, 1)]


async def test_a_message_whose_id_another_one_has_is_left_out(storage: Storage) -> None:
    taken = replace(made_message_item(FIRST, 1), key=message_item_key(FIRST, 2))
    await put(storage, 2, made_message_item(FIRST, 1))

    await storage.archives["messages"].put_many([taken])

    assert await kept_messages(storage) == [made_message_item(FIRST, 1)]


async def test_putting_replaces_a_message(storage: Storage) -> None:
    other = replace(made_message_item(content="Bye"), role="assistant", client_key="other")
    await put(storage, 2, made_message_item(FIRST, 1), made_message_item(FIRST, 2))

    await storage.archives["messages"].put_many([other])

    assert await kept_messages(storage) == [other, made_message_item(FIRST, 2)]
    assert (await storage.archives["messages"].statistics(NOW)).size == len("Bye") + len("Hello")
    repeated = await append(storage, made_message_draft(11, client_key="other"))
    assert (repeated.repeated, repeated.message.content) == (True, "Bye")
    assert await storage.check() == []


async def test_another_message_in_its_place_ends_another_past(storage: Storage) -> None:
    other = replace(made_message_item(FIRST, 2), id="another", client_key=None)
    await put(storage, 3, *(made_message_item(FIRST, sequence) for sequence in (1, 2, 3)))

    await storage.archives["messages"].put_many([other])

    assert await kept_messages(storage) == [made_message_item(FIRST, 1), other]


async def test_putting_a_conversation_drops_what_it_does_not_count(storage: Storage) -> None:
    await put(storage, 3, *(made_message_item(FIRST, sequence) for sequence in (1, 2, 3)))

    await storage.archives["conversations"].put_many([made_conversation_item(message_count=1)])

    assert await kept_messages(storage) == [made_message_item(FIRST, 1)]
    assert await storage.check() == []


async def test_a_put_conversation_is_listed_where_it_is_now(storage: Storage) -> None:
    await storage.archives["conversations"].put_many([made_conversation_item(message_count=0)])
    moved = replace(
        made_conversation_item(message_count=0), user_id="bob", last_activity_at=NOW + 9, expires_at=None
    )

    await storage.archives["conversations"].put_many([moved])

    before = await page_of(storage, ConversationRequest(CALLER, 9, user_id=USER))
    after = await page_of(storage, ConversationRequest(CALLER, 9, user_id="bob"), now=END)
    assert (before.total, after.total, after.conversations[0].last_activity_at) == (0, 1, NOW + 9)
    assert await storage.conversations.sweep(END, 10) == 0
    assert await storage.check() == []


async def test_statistics_count_the_bytes_of_what_was_said(storage: Storage) -> None:
    await fill_conversations(storage, 3)
    await storage.conversations.delete(made_id(0), caller=CALLER, now=NOW)

    found = [await storage.archives[kind].statistics(NOW) for kind in ("conversations", "messages")]

    size = 2 * (len("🦊 ".encode()) * 20 + 2 * len("Hello"))
    assert found == [KindStatistics("conversations", 2, 0), KindStatistics("messages", 6, size)]


async def test_a_message_that_is_missing_is_told(storage: Storage) -> None:
    await put(storage, 2, made_message_item(FIRST, 1))

    assert list(await storage.check()) == [
        f"conversations {FIRST} has not as many messages as it counts",
    ]
