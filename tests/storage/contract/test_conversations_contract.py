"""What `storage.protocols.Conversations` promises of changes, sentence by sentence, on every backend."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from errors import LimitExceeded, NotFound, RuleViolation
from metrics import Metrics
from models.conversations import (
    Appended,
    ConversationRequest,
    MessageDraft,
    MessageRole,
    Removed,
    Started,
)
from storage import Storage
from tests.storage.made import NOW
from tests.storage.made_conversations import (
    CALLER,
    CHANNEL,
    END,
    FIRST,
    LIFE,
    OTHER_CALLER,
    SECOND,
    THIRD,
    USER,
    append,
    conversation_in,
    made_conversation,
    made_conversation_draft,
    made_conversation_item,
    made_id,
    made_message,
    made_message_draft,
    messages_in,
    page_of,
    say,
    start,
)
from tests.storage.made_items import every_item
from tests.storage.probes import ODD_NAMES, ODD_TEXTS, counted, take_turns

HELLO = made_message_draft(11, "Hello")
AGAIN = made_message_draft(12, "Hello again")
Write = Callable[[Storage, str, int], Awaitable[object]]


async def kept_counts(storage: Storage) -> tuple[int, int]:
    """How many conversations and messages there are, living or not."""
    archives = storage.archives
    return await archives["conversations"].count(), await archives["messages"].count()


async def test_a_new_conversation_is_kept_under_the_id_of_its_draft(storage: Storage) -> None:
    started = await start(storage)

    assert started == Started(made_conversation(), resumed=False)
    assert await storage.conversations.get_many([FIRST, SECOND], now=NOW) == {FIRST: made_conversation()}
    assert await messages_in(storage) == []


async def test_a_conversation_may_have_no_end(storage: Storage) -> None:
    await start(storage, expires_at=None)

    kept = await conversation_in(storage, now=NOW + 10**12)

    assert kept == made_conversation(expires_at=None)
    assert await storage.conversations.sweep(NOW + 10**12, 10) == 0


async def test_a_living_conversation_is_resumed_and_lives_longer(storage: Storage) -> None:
    await start(storage)

    resumed = await start(
        storage, made_conversation_draft(SECOND), resume_id=FIRST, now=NOW + 9, expires_at=END + 9
    )

    expected = replace(made_conversation(), last_activity_at=NOW + 9, expires_at=END + 9)
    assert resumed == Started(expected, resumed=True)
    assert await storage.conversations.get_many([FIRST, SECOND], now=NOW) == {FIRST: expected}


async def test_resuming_late_moves_nothing_back(storage: Storage) -> None:
    await start(storage, now=NOW + 9, expires_at=None)

    resumed = await start(storage, resume_id=FIRST, now=NOW + 8, expires_at=END)
    same_time = await start(storage, resume_id=FIRST, now=NOW + 9, expires_at=END + 1)

    assert resumed.conversation == made_conversation(at=NOW + 9, expires_at=None)
    assert same_time.conversation == made_conversation(at=NOW + 9, expires_at=END + 1)


@pytest.mark.parametrize(
    ("draft", "resume_id", "now"),
    [
        (made_conversation_draft(SECOND, user_id="bob"), FIRST, NOW),
        (made_conversation_draft(SECOND, channel_id="random"), FIRST, NOW),
        (made_conversation_draft(SECOND, caller=OTHER_CALLER), FIRST, NOW),
        (made_conversation_draft(SECOND), FIRST, END),
        (made_conversation_draft(SECOND), THIRD, NOW),
        (made_conversation_draft(SECOND), None, NOW),
    ],
    ids=["other user", "other channel", "other caller", "expired", "never was", "not asked"],
)
async def test_what_cannot_be_resumed_is_started_anew(
    storage: Storage, draft: object, resume_id: str | None, now: int
) -> None:
    await start(storage)

    started = await start(storage, draft, resume_id=resume_id, now=now, expires_at=now + 5)  # type: ignore[arg-type]

    kept = await storage.conversations.get_many([FIRST, SECOND], now=NOW)
    assert (started.resumed, started.conversation.id) == (False, SECOND)
    assert kept == {FIRST: made_conversation(), SECOND: started.conversation}


async def test_a_conversation_is_resumed_until_its_end(storage: Storage) -> None:
    await start(storage)

    resumed = await start(storage, resume_id=FIRST, now=END - 1, expires_at=END + 5)

    assert resumed.resumed
    assert await conversation_in(storage, now=END + 4) == resumed.conversation
    assert await conversation_in(storage, now=END + 5) is None


async def test_a_caller_has_as_many_conversations_as_the_limit_and_no_more(storage: Storage) -> None:
    await start(storage, made_conversation_draft(FIRST), limit=2)
    await start(storage, made_conversation_draft(SECOND), limit=2)

    with pytest.raises(LimitExceeded, match=r"^A caller has at most 2 conversations at a time\.$") as refusal:
        await start(storage, made_conversation_draft(THIRD), now=NOW + 1, limit=2)

    assert refusal.value.limit == 2
    assert await kept_counts(storage) == (2, 0)
    assert await storage.conversations.get_many([FIRST, SECOND, THIRD], now=NOW) == {
        FIRST: made_conversation(FIRST),
        SECOND: made_conversation(SECOND),
    }


async def test_what_is_resumed_ended_or_anothers_does_not_count(storage: Storage) -> None:
    await start(storage, made_conversation_draft(FIRST), limit=1)

    resumed = await start(storage, resume_id=FIRST, limit=1)
    foreign = await start(storage, made_conversation_draft(SECOND, caller=OTHER_CALLER), limit=1)
    with pytest.raises(LimitExceeded):
        await start(storage, made_conversation_draft(THIRD), now=END - 1, limit=1)
    after = await start(storage, made_conversation_draft(THIRD), now=END, expires_at=None, limit=1)

    assert (resumed.resumed, foreign.resumed, after.resumed) == (True, False, False)


async def test_the_limit_of_conversations_holds_however_many_start_at_once(storage: Storage) -> None:
    drafts = [made_conversation_draft(made_id(number)) for number in range(20)]

    outcomes = await asyncio.gather(
        *(start(storage, draft, limit=5) for draft in drafts), return_exceptions=True
    )

    page = await page_of(storage, ConversationRequest(CALLER, 100))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["LimitExceeded"] * 15 + ["Started"] * 5
    assert page.total == len(page.conversations) == 5
    assert await kept_counts(storage) == (5, 0)


async def test_messages_are_numbered_from_one(storage: Storage) -> None:
    await start(storage)

    first = await append(storage, HELLO)
    reply = replace(AGAIN, role=MessageRole.ASSISTANT, parent_id=HELLO.id)
    second = await append(storage, reply, now=NOW + 5, expires_at=END + 5)

    assert first == Appended(made_message(HELLO, 1), made_conversation(message_count=1), repeated=False)
    assert second == Appended(
        made_message(reply, 2, at=NOW + 5),
        replace(made_conversation(message_count=2), last_activity_at=NOW + 5, expires_at=END + 5),
        repeated=False,
    )
    assert await messages_in(storage) == [first.message, second.message]
    assert await conversation_in(storage) == second.conversation


async def test_a_late_message_is_added_and_moves_nothing_back(storage: Storage) -> None:
    await start(storage, now=NOW + 9, expires_at=END + 9)

    appended = await append(storage, HELLO, now=NOW)

    assert appended.message == made_message(HELLO, 1)
    assert appended.conversation == made_conversation(at=NOW + 9, expires_at=END + 9, message_count=1)


async def test_twenty_writers_at_once_leave_no_gap(storage: Storage) -> None:
    await start(storage)
    await start(storage, made_conversation_draft(SECOND))
    drafts = {number: made_message_draft(number, f"message {number}") for number in range(11, 51)}

    appended = await asyncio.gather(
        *(append(storage, drafts[number], FIRST if number % 2 else SECOND) for number in drafts)
    )

    for conversation_id in (FIRST, SECOND):
        messages = await messages_in(storage, conversation_id)
        answers = [each.message for each in appended if each.message.conversation_id == conversation_id]
        assert [message.sequence for message in messages] == list(range(1, 21))
        assert sorted(answers, key=lambda message: message.sequence) == messages
    assert await kept_counts(storage) == (2, 40)


async def test_a_repeated_client_key_gives_the_first_message(storage: Storage) -> None:
    await start(storage)
    first = await append(storage, replace(HELLO, client_key="k"))
    other = replace(AGAIN, role=MessageRole.ASSISTANT, client_key="k", parent_id=made_id(99))

    repeated = await append(storage, other, now=NOW + 9, expires_at=END + 9, limit=1)

    assert repeated == replace(first, repeated=True)
    assert await messages_in(storage) == [first.message]
    assert await conversation_in(storage) == made_conversation(message_count=1)


async def test_a_client_key_counts_in_its_own_conversation(storage: Storage) -> None:
    await start(storage)
    await start(storage, made_conversation_draft(SECOND))
    await append(storage, replace(HELLO, client_key="k"))

    other = await append(storage, replace(AGAIN, client_key="k"), SECOND)
    longer = await append(storage, made_message_draft(13, client_key="k1"))

    assert (other.repeated, other.message.sequence) == (False, 1)
    assert (longer.repeated, longer.message.sequence) == (False, 2)


async def test_concurrent_repeats_of_a_client_key_give_one_message(storage: Storage) -> None:
    await start(storage)
    drafts = [made_message_draft(number, f"try {number}", client_key="k") for number in range(11, 31)]

    appended = await asyncio.gather(*(append(storage, draft) for draft in drafts))

    messages = await messages_in(storage)
    assert len(messages) == 1
    assert [each.message for each in appended] == [*messages] * 20
    assert sorted(each.repeated for each in appended) == [False] + [True] * 19
    assert {each.conversation.message_count for each in appended} == {1}


async def test_the_same_draft_twice_is_one_message(storage: Storage) -> None:
    await start(storage)
    first = await append(storage, HELLO)

    again = await append(storage, HELLO)

    assert again == first
    assert await kept_counts(storage) == (1, 1)


async def test_a_message_id_of_another_conversation_is_refused(storage: Storage) -> None:
    await start(storage)
    await start(storage, made_conversation_draft(SECOND))
    await append(storage, HELLO)

    with pytest.raises(RuleViolation, match=r"^There is a message of this id already\.$"):
        await append(storage, HELLO, SECOND)

    assert await conversation_in(storage, SECOND) == made_conversation(SECOND)
    assert await kept_counts(storage) == (2, 1)


@pytest.mark.parametrize("parent_id", [made_id(11), made_id(99)], ids=["of another conversation", "absent"])
async def test_a_parent_that_is_not_in_the_conversation_is_refused(storage: Storage, parent_id: str) -> None:
    await start(storage)
    await start(storage, made_conversation_draft(SECOND))
    await append(storage, HELLO)

    with pytest.raises(RuleViolation, match=r"^The parent is no message of this conversation\.$"):
        await append(storage, replace(AGAIN, parent_id=parent_id), SECOND, now=NOW + 9, limit=0)

    assert await conversation_in(storage, SECOND) == made_conversation(SECOND)
    assert await storage.conversations.get_replies([made_id(11)], limit=9, now=NOW) == {}
    assert await kept_counts(storage) == (2, 1)


async def test_a_conversation_has_as_many_messages_as_the_limit_and_no_more(storage: Storage) -> None:
    await start(storage)
    await append(storage, HELLO, limit=2)
    await append(storage, AGAIN, limit=2)

    with pytest.raises(LimitExceeded, match=r"^A conversation has at most 2 messages\.$") as refusal:
        await append(storage, made_message_draft(13), now=NOW + 9, limit=2)

    assert refusal.value.limit == 2
    assert await conversation_in(storage) == made_conversation(message_count=2)
    assert await messages_in(storage) == [made_message(HELLO, 1), made_message(AGAIN, 2)]


async def test_the_limit_of_messages_holds_however_many_append_at_once(storage: Storage) -> None:
    await start(storage)
    drafts = [made_message_draft(number) for number in range(11, 31)]

    outcomes = await asyncio.gather(
        *(append(storage, draft, limit=5) for draft in drafts), return_exceptions=True
    )

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Appended"] * 5 + ["LimitExceeded"] * 15
    assert [message.sequence for message in await messages_in(storage)] == [1, 2, 3, 4, 5]


async def _append(storage: Storage, caller: str, now: int) -> object:
    return await append(storage, replace(AGAIN, client_key="k"), caller=caller, now=now)


async def _delete(storage: Storage, caller: str, now: int) -> object:
    return await storage.conversations.delete(FIRST, caller=caller, now=now)


WRITES: dict[str, Write] = {"append": _append, "delete": _delete}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
@pytest.mark.parametrize(
    ("caller", "now"),
    [(OTHER_CALLER, NOW), (CALLER, END), (CALLER, END + 1)],
    ids=["foreign", "end", "later"],
)
async def test_what_is_foreign_or_gone_cannot_be_changed(
    storage: Storage, write: Write, caller: str, now: int
) -> None:
    await start(storage)
    first = await append(storage, replace(HELLO, client_key="k"))

    with pytest.raises(NotFound, match=r"^There is no such conversation\.$"):
        await write(storage, caller, now)

    assert await conversation_in(storage) == made_conversation(message_count=1)
    assert await messages_in(storage) == [first.message]


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
async def test_what_never_was_is_refused_in_the_same_words(storage: Storage, write: Write) -> None:
    with pytest.raises(NotFound, match=r"^There is no such conversation\.$"):
        await write(storage, CALLER, NOW)

    assert await kept_counts(storage) == (0, 0)


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
async def test_a_conversation_can_be_changed_until_its_end(storage: Storage, write: Write) -> None:
    await start(storage)

    await write(storage, CALLER, END - 1)

    assert await conversation_in(storage) != made_conversation()


@pytest.mark.parametrize("text", ODD_TEXTS, ids=ODD_NAMES)
async def test_odd_text_is_kept_as_it_is(storage: Storage, text: str) -> None:
    name = text[:400]
    draft = made_conversation_draft(FIRST, caller=name, user_id=name, channel_id=name)
    started = await start(storage, draft)
    message = MessageDraft(made_id(11), MessageRole.USER, text, client_key=name)

    appended = await append(storage, message, caller=name)
    repeated = await append(storage, replace(message, id=made_id(12)), caller=name)
    page = await page_of(storage, ConversationRequest(name, 5, user_id=name, channel_id=name))

    assert (started.conversation.caller, started.conversation.user_id) == (name, name)
    assert page.conversations == (replace(started.conversation, message_count=1),)
    assert await messages_in(storage) == [appended.message] == [made_message(message, 1)]
    assert repeated.message == appended.message
    assert await storage.conversations.delete(FIRST, caller=name, now=NOW) == 1


def made_name(first: int) -> str:
    """The longest name there may be, of four bytes a character, that no compression makes much shorter."""
    return "".join(chr(0x20000 + (first + number) * 7919 % 0xA6D0) for number in range(255))


async def test_the_longest_names_are_kept_and_found(storage: Storage) -> None:
    caller, user, channel, key = (made_name(first) for first in (0, 1_000, 2_000, 3_000))
    draft = made_conversation_draft(FIRST, caller=caller, user_id=user, channel_id=channel)

    started = await start(storage, draft)
    appended = await append(storage, made_message_draft(11, client_key=key), caller=caller)
    repeated = await append(storage, made_message_draft(12, client_key=key), caller=caller)
    page = await page_of(storage, ConversationRequest(caller, 5, user_id=user, channel_id=channel))

    assert page.conversations == (replace(started.conversation, message_count=1),)
    assert (repeated.message, repeated.repeated) == (appended.message, True)


async def test_a_message_of_32_kib_is_kept_whole(storage: Storage) -> None:
    await start(storage)
    long = made_message_draft(11, "🦊" * 8 * 1024)

    await append(storage, long)

    assert await messages_in(storage) == [made_message(long, 1)]
    assert (await storage.archives["messages"].statistics(NOW)).size == 32 * 1024


async def test_a_deleted_conversation_takes_its_messages_along(storage: Storage) -> None:
    await start(storage)
    await start(storage, made_conversation_draft(SECOND))
    await append(storage, replace(HELLO, client_key="k"))
    await append(storage, replace(AGAIN, parent_id=HELLO.id))
    (left,) = await say(storage, 1, SECOND)

    removed = await storage.conversations.delete(FIRST, caller=CALLER, now=NOW)

    assert removed == 2
    assert await kept_counts(storage) == (1, 1)
    assert await storage.conversations.get_messages([HELLO.id, AGAIN.id, left.id], now=NOW) == {left.id: left}
    assert await storage.conversations.get_replies([HELLO.id], limit=9, now=NOW) == {}
    assert (await page_of(storage, ConversationRequest(CALLER, 9))).total == 1


async def test_an_id_that_was_deleted_begins_anew(storage: Storage) -> None:
    await start(storage)
    await append(storage, replace(HELLO, client_key="k"))
    await storage.conversations.delete(FIRST, caller=CALLER, now=NOW)

    await start(storage, now=NOW + 1)
    appended = await append(storage, replace(AGAIN, client_key="k"), now=NOW + 1)

    assert (appended.repeated, appended.message.sequence) == (False, 1)
    assert await kept_counts(storage) == (1, 1)


async def test_a_conversation_deleted_under_its_writers_leaves_no_message(storage: Storage) -> None:
    await start(storage)
    drafts = [made_message_draft(number) for number in range(11, 31)]

    outcomes = await asyncio.gather(
        *(append(storage, draft) for draft in drafts[:10]),
        storage.conversations.delete(FIRST, caller=CALLER, now=NOW),
        *(append(storage, draft) for draft in drafts[10:]),
        return_exceptions=True,
    )

    refused = [outcome for outcome in outcomes if isinstance(outcome, NotFound)]
    added = [outcome for outcome in outcomes if isinstance(outcome, Appended)]
    assert outcomes[10] == len(added)
    assert len(added) + len(refused) == 20
    assert await kept_counts(storage) == (0, 0)


async def test_a_sweep_removes_what_is_gone_and_nothing_else(storage: Storage) -> None:
    await start(storage, made_conversation_draft(FIRST), expires_at=END)
    await start(storage, made_conversation_draft(SECOND), expires_at=END + 1)
    await start(storage, made_conversation_draft(THIRD), expires_at=None)
    await say(storage, 2, FIRST, first=11)
    await append(storage, made_message_draft(21), SECOND, expires_at=END + 1)

    swept = [await storage.conversations.sweep(now, 10) for now in (END - 1, END, END)]

    assert swept == [0, 1, 0]
    assert await kept_counts(storage) == (2, 1)
    assert await storage.conversations.get_many([FIRST, SECOND, THIRD], now=NOW) == {
        SECOND: made_conversation(SECOND, expires_at=END + 1, message_count=1),
        THIRD: made_conversation(THIRD, expires_at=None),
    }


async def test_a_sweep_removes_no_more_than_asked_for(storage: Storage) -> None:
    for number in range(7):
        await start(storage, made_conversation_draft(made_id(number)), expires_at=NOW + number)
        await say(storage, 1, made_id(number), first=11 + number) if number else None

    swept = [await storage.conversations.sweep(END, 3) for _ in range(4)]

    assert swept == [3, 3, 1, 0]
    assert await kept_counts(storage) == (0, 0)


async def test_sweeps_at_once_remove_each_conversation_once(storage: Storage) -> None:
    for number in range(20):
        await start(storage, made_conversation_draft(made_id(number)), expires_at=NOW + 1)

    swept = await asyncio.gather(*(storage.conversations.sweep(END, 5) for _ in range(4)))
    left = [await storage.conversations.sweep(END, 20), await storage.conversations.sweep(END, 20)]

    assert sum(swept) + left[0] == 20
    assert left[1] == 0


async def test_an_erased_caller_leaves_nothing_and_others_stay(storage: Storage) -> None:
    await start(storage, made_conversation_draft(FIRST))
    await start(storage, made_conversation_draft(SECOND), now=NOW - LIFE, expires_at=NOW)
    await start(storage, made_conversation_draft(THIRD, caller=OTHER_CALLER))
    await say(storage, 2, FIRST, first=11)
    await append(storage, made_message_draft(21), THIRD, caller=OTHER_CALLER)

    erased = [await storage.conversations.erase(CALLER, 10) for _ in range(2)]

    assert erased == [Removed(2, 2), Removed(0, 0)]
    assert await kept_counts(storage) == (1, 1)
    assert list(await storage.conversations.get_many([FIRST, SECOND, THIRD], now=NOW)) == [THIRD]


async def test_erasing_removes_no_more_than_asked_for(storage: Storage) -> None:
    for number in range(5):
        await start(storage, made_conversation_draft(made_id(number)))
        await say(storage, 1, made_id(number), first=11 + number)

    erased = [await storage.conversations.erase(CALLER, 2) for _ in range(4)]

    assert erased == [Removed(2, 2), Removed(2, 2), Removed(1, 1), Removed(0, 0)]


async def test_erasing_at_once_stops_only_when_nothing_is_left(storage: Storage) -> None:
    for number in range(20):
        await start(storage, made_conversation_draft(made_id(number)))

    async def erase() -> int:
        count = 0
        while gone := (await storage.conversations.erase(CALLER, 2)).conversations:
            count += gone
        return count

    erased = await asyncio.gather(*(erase() for _ in range(4)))

    assert sum(erased) == 20
    assert await kept_counts(storage) == (0, 0)


async def test_long_conversations_are_removed_one_at_a_time(storage: Storage) -> None:
    items = [replace(made_conversation_item(made_id(number)), message_count=30_000) for number in range(4)]
    await storage.archives["conversations"].put_many(items)

    swept = [await storage.conversations.sweep(END, 10) for _ in range(2)]
    erased = [await storage.conversations.erase(CALLER, 10) for _ in range(3)]

    assert swept == [1, 1]
    assert [removed.conversations for removed in erased] == [1, 1, 0]


@pytest.mark.parametrize("turns", range(12))
async def test_a_cancelled_message_is_there_whole_or_not_at_all(storage: Storage, turns: int) -> None:
    await start(storage)
    await append(storage, HELLO)

    appending = asyncio.create_task(append(storage, replace(AGAIN, parent_id=HELLO.id, client_key="k")))
    await take_turns(turns)
    appending.cancel()
    await asyncio.wait([appending])
    appended = await append(storage, made_message_draft(13))

    messages = await messages_in(storage)
    assert [message.sequence for message in messages] == list(range(1, len(messages) + 1))
    assert appended.conversation.message_count == len(messages) == appended.message.sequence
    assert len(await storage.conversations.get_replies([HELLO.id], limit=9, now=NOW)) == len(messages) - 2
    assert await storage.check() == []


async def test_every_method_is_counted_under_the_name_of_the_repository(
    storage: Storage, metrics: Metrics
) -> None:
    await start(storage)
    await append(storage, HELLO)
    await messages_in(storage)

    figures = [counted(metrics, figure, "conversations") for figure in ("reads", "writes", "errors")]

    assert figures == [1, 2, 0]


async def test_a_caller_and_one_whose_name_begins_the_same_are_two(storage: Storage) -> None:
    await start(storage, made_conversation_draft(FIRST, caller="bot"))
    await start(storage, made_conversation_draft(SECOND, caller="bot 2", user_id=USER, channel_id=CHANNEL))

    assert await storage.conversations.erase("bot", 10) == Removed(1, 0)
    assert await kept_counts(storage) == (1, 0)


async def test_what_was_put_goes_on_as_it_was(storage: Storage) -> None:
    await start(storage)
    await append(storage, replace(HELLO, client_key="k"))
    await append(storage, replace(AGAIN, parent_id=HELLO.id))
    before = await every_item(storage.archives)
    await storage.archives["conversations"].clear(10)
    for kind in ("conversations", "messages"):
        await storage.archives[kind].put_many([*before[kind].values()])

    repeated = await append(storage, replace(made_message_draft(14), client_key="k"))
    replies = await storage.conversations.get_replies([HELLO.id], limit=9, now=NOW)
    appended = await append(storage, made_message_draft(15))

    assert (repeated.repeated, repeated.message) == (True, made_message(HELLO, 1))
    assert [reply.id for reply in replies[HELLO.id]] == [AGAIN.id]
    assert appended.message.sequence == 3
    assert await storage.check() == []
