"""What `storage.protocols.Conversations` promises of reads, sentence by sentence, on every backend."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from metrics import Metrics
from models.conversations import (
    Conversation,
    ConversationPage,
    ConversationPlace,
    ConversationRequest,
    Message,
    MessageRange,
)
from storage import Storage
from tests.storage.made import NOW
from tests.storage.made_conversations import (
    CALLER,
    END,
    FIRST,
    OTHER_CALLER,
    SECOND,
    THIRD,
    append,
    made_conversation_draft,
    made_id,
    made_message_draft,
    page_of,
    say,
    start,
)
from tests.storage.probes import counted

MANY = 2_500


async def listed(storage: Storage, request: ConversationRequest) -> tuple[list[str], int, bool, bool]:
    """Ids on a page, and what the page says of its list."""
    page = await page_of(storage, request)
    return [each.id for each in page.conversations], page.total, page.has_newer, page.has_older


async def started(storage: Storage, count: int) -> list[Conversation]:
    """So many conversations, each active a millisecond after the one before it; the last active first."""
    made = [
        await start(storage, made_conversation_draft(made_id(number)), now=NOW + number)
        for number in range(1, count + 1)
    ]
    return [each.conversation for each in reversed(made)]


def place_of(conversation: Conversation) -> ConversationPlace:
    return ConversationPlace(conversation.last_activity_at, conversation.id)


def sequences(messages: Sequence[Message]) -> list[int]:
    return [message.sequence for message in messages]


async def test_there_is_nothing_at_first(storage: Storage) -> None:
    request, every = ConversationRequest(CALLER, 10), MessageRange(FIRST, 1, 10)

    assert await storage.conversations.get_many([FIRST], now=NOW) == {}
    assert await storage.conversations.list([request], now=NOW) == {request: ConversationPage()}
    assert await storage.conversations.get_ranges([every], now=NOW) == {every: []}
    assert await storage.conversations.get_messages([FIRST], now=NOW) == {}
    assert await storage.conversations.get_replies([FIRST], limit=10, now=NOW) == {}


async def test_nothing_asked_for_is_nothing_read(storage: Storage, metrics: Metrics) -> None:
    assert await storage.conversations.get_many([], now=NOW) == {}
    assert await storage.conversations.list([], now=NOW) == {}
    assert await storage.conversations.get_ranges([], now=NOW) == {}
    assert await storage.conversations.get_messages([], now=NOW) == {}
    assert await storage.conversations.get_replies([], limit=1, now=NOW) == {}
    assert counted(metrics, "reads", "conversations") == 0


@pytest.mark.parametrize(("now", "is_there"), [(END - 1, True), (END, False)])
async def test_a_conversation_is_gone_from_its_end_on(storage: Storage, now: int, is_there: bool) -> None:
    kept = (await start(storage)).conversation
    (first,) = await say(storage, 1)
    reply = (await append(storage, made_message_draft(11, parent_id=first.id))).message
    request, every = ConversationRequest(CALLER, 10), MessageRange(FIRST, 1, 2)
    repository = storage.conversations

    found = await repository.get_many([FIRST], now=now)
    page = (await repository.list([request], now=now))[request]
    messages = (await repository.get_ranges([every], now=now))[every]
    by_id = await repository.get_messages([first.id], now=now)
    replies = await repository.get_replies([first.id], limit=5, now=now)

    conversation = replace(kept, message_count=2)
    expected: tuple[object, ...] = ({}, ConversationPage(), [], {}, {})
    if is_there:
        page_with_it = ConversationPage((conversation,), 1)
        expected = (
            {FIRST: conversation},
            page_with_it,
            [first, reply],
            {first.id: first},
            {first.id: [reply]},
        )
    assert (found, page, messages, by_id, replies) == expected


async def test_a_list_has_the_last_active_first(storage: Storage) -> None:
    newest, middle, oldest = await started(storage, 3)

    page = await page_of(storage, ConversationRequest(CALLER, 10))

    assert page == ConversationPage((newest, middle, oldest), 3)


async def test_of_two_active_at_the_same_time_the_greater_id_comes_first(storage: Storage) -> None:
    for conversation_id in (SECOND, THIRD, FIRST):
        await start(storage, made_conversation_draft(conversation_id))

    forwards = await listed(storage, ConversationRequest(CALLER, 2))
    backwards = await listed(storage, ConversationRequest(CALLER, 2, from_oldest=True))
    behind = await listed(storage, ConversationRequest(CALLER, 2, older_than=ConversationPlace(NOW, SECOND)))
    before = await listed(storage, ConversationRequest(CALLER, 2, newer_than=ConversationPlace(NOW, SECOND)))

    assert forwards == ([THIRD, SECOND], 3, False, True)
    assert backwards == ([SECOND, FIRST], 3, True, False)
    assert behind == ([FIRST], 3, True, False)
    assert before == ([THIRD], 3, False, True)


@pytest.mark.parametrize(
    ("user_id", "channel_id", "expected"),
    [
        (None, None, [4, 3, 2, 1]),
        ("ana", None, [3, 1]),
        (None, "general", [2, 1]),
        ("ana", "random", [3]),
        ("ana", "nowhere", []),
        ("an", None, []),
    ],
)
async def test_a_list_has_what_its_filters_let_through(
    storage: Storage, user_id: str | None, channel_id: str | None, expected: list[int]
) -> None:
    places = [("ana", "general"), ("bob", "general"), ("ana", "random"), ("bob", "random")]
    for number, (user, channel) in enumerate(places, 1):
        draft = made_conversation_draft(made_id(number), user_id=user, channel_id=channel)
        await start(storage, draft, now=NOW + number)
    await start(storage, made_conversation_draft(made_id(9), caller=OTHER_CALLER))

    found = await listed(storage, ConversationRequest(CALLER, 10, user_id, channel_id))

    assert found == ([made_id(number) for number in expected], len(expected), False, False)


@pytest.mark.parametrize(
    ("newer", "older", "limit", "from_oldest", "expected"),
    [
        (None, None, 2, False, ([0, 1], False, True)),
        (None, None, 2, True, ([3, 4], True, False)),
        (None, 1, 2, False, ([2, 3], True, True)),
        (3, None, 2, True, ([1, 2], True, True)),
        (4, 0, 9, False, ([1, 2, 3], True, True)),
        (4, 0, 2, False, ([1, 2], True, True)),
        (4, 0, 2, True, ([2, 3], True, True)),
        (1, 3, 9, False, ([], True, True)),
        (None, 4, 9, False, ([], True, False)),
        (0, None, 9, True, ([], False, True)),
        (None, None, 0, False, ([], False, True)),
        (None, None, 0, True, ([], True, False)),
        (None, None, 5, False, ([0, 1, 2, 3, 4], False, False)),
    ],
)
async def test_a_page_lies_between_its_places(
    storage: Storage,
    newer: int | None,
    older: int | None,
    limit: int,
    from_oldest: bool,
    expected: tuple[list[int], bool, bool],
) -> None:
    kept = await started(storage, 5)
    request = ConversationRequest(
        CALLER,
        limit,
        newer_than=None if newer is None else place_of(kept[newer]),
        older_than=None if older is None else place_of(kept[older]),
        from_oldest=from_oldest,
    )

    page = await page_of(storage, request)

    places, has_newer, has_older = expected
    assert page == ConversationPage(tuple(kept[place] for place in places), 5, has_newer, has_older)


@pytest.mark.parametrize("time", [0, -1, 10**15, 2**62])
async def test_a_place_need_not_be_that_of_a_conversation(storage: Storage, time: int) -> None:
    await started(storage, 2)

    behind = await listed(storage, ConversationRequest(CALLER, 5, older_than=ConversationPlace(time, FIRST)))
    before = await listed(storage, ConversationRequest(CALLER, 5, newer_than=ConversationPlace(time, FIRST)))

    both = [made_id(2), made_id(1)]
    is_early = time < NOW
    assert behind == (([], 2, True, False) if is_early else (both, 2, False, False))
    assert before == ((both, 2, False, False) if is_early else ([], 2, False, True))


async def test_going_through_pages_misses_nothing_that_did_not_move(storage: Storage) -> None:
    kept = await started(storage, 9)
    met: list[str] = []
    older: ConversationPlace | None = None

    for moved in (8, 4, 0):
        page = await page_of(storage, ConversationRequest(CALLER, 3, older_than=older))
        met += [each.id for each in page.conversations]
        older = place_of(page.conversations[-1])
        await append(storage, made_message_draft(50 + moved), kept[moved].id, now=NOW + 100 + moved)

    # The last of all moved to the front before it was met.
    assert met == [each.id for each in kept[:8]]
    newest = await page_of(storage, ConversationRequest(CALLER, 3))
    assert [each.id for each in newest.conversations] == [kept[8].id, kept[4].id, kept[0].id]


async def test_many_pages_are_one_read(storage: Storage, metrics: Metrics) -> None:
    await started(storage, 3)
    requests = [
        ConversationRequest(CALLER, limit, user, channel)
        for limit in range(1, 251)
        for user in (None, "ana")
        for channel in (None, "general")
    ]
    before = counted(metrics, "reads", "conversations")

    pages = await storage.conversations.list([*requests, requests[0]], now=NOW)

    assert list(pages) == requests
    assert [len(page.conversations) for page in pages.values()] == [1] * 4 + [2] * 4 + [3] * 992
    assert counted(metrics, "reads", "conversations") == before + 1


async def test_a_range_has_what_is_there_of_it(storage: Storage) -> None:
    await start(storage)
    await start(storage, made_conversation_draft(SECOND))
    await say(storage, 5, FIRST, first=11)
    await say(storage, 2, SECOND, first=21)
    bounds = [(1, 5), (2, 4), (4, 99), (-3, 1), (6, 9), (3, 3), (4, 3), (-9, 0)]
    ranges = [MessageRange(FIRST, *each) for each in bounds]
    others = [MessageRange(SECOND, 2, 2), MessageRange(THIRD, 1, 9)]

    found = await storage.conversations.get_ranges([*ranges, *others, ranges[0]], now=NOW)

    assert list(found) == [*ranges, *others]
    assert [sequences(messages) for messages in found.values()] == [
        [1, 2, 3, 4, 5],
        [2, 3, 4],
        [4, 5],
        [1],
        [],
        [3],
        [],
        [],
        [2],
        [],
    ]
    assert [message.id for message in found[others[0]]] == [made_id(22)]


async def test_any_number_of_ranges_is_read(storage: Storage, metrics: Metrics) -> None:
    await start(storage)
    await say(storage, 3)
    ranges = [MessageRange(FIRST, 1, last) for last in range(MANY)]
    before = counted(metrics, "reads", "conversations")

    few = await storage.conversations.get_ranges(ranges[:1_000], now=NOW)
    at_once = counted(metrics, "reads", "conversations") - before
    found = await storage.conversations.get_ranges(ranges, now=NOW)

    assert (at_once, list(few), list(found)) == (1, ranges[:1_000], ranges)
    assert [len(messages) for messages in found.values()] == [0, 1, 2] + [3] * (MANY - 3)


async def test_messages_are_found_by_their_ids(storage: Storage) -> None:
    await start(storage)
    await start(storage, made_conversation_draft(SECOND), expires_at=NOW + 1)
    first, second = await say(storage, 2)
    await append(storage, made_message_draft(11), SECOND, expires_at=NOW + 1)

    found = await storage.conversations.get_messages([second.id, first.id, FIRST, made_id(11)], now=NOW + 1)

    assert found == {first.id: first, second.id: second}


async def test_thousands_of_ids_are_read_at_once(storage: Storage, metrics: Metrics) -> None:
    await start(storage)
    (message,) = await say(storage, 1)
    ids = [made_id(number) for number in range(100, 100 + MANY)]
    before = counted(metrics, "reads", "conversations")

    messages = await storage.conversations.get_messages(ids, now=NOW)
    replies = await storage.conversations.get_replies(ids, limit=1, now=NOW)
    conversations = await storage.conversations.get_many([FIRST, *ids], now=NOW)

    assert (messages, replies, list(conversations)) == ({message.id: message}, {}, [FIRST])
    assert counted(metrics, "reads", "conversations") == before + 3


async def test_replies_are_the_first_ones_of_each_message(storage: Storage) -> None:
    await start(storage)
    await start(storage, made_conversation_draft(SECOND))
    one, other, alone = await say(storage, 3)
    for number in range(11, 21):
        parent = one if number % 2 else other
        await append(storage, made_message_draft(number, parent_id=parent.id))
    repository = storage.conversations

    found = await repository.get_replies([one.id, other.id, alone.id, made_id(99)], limit=3, now=NOW)
    none = await repository.get_replies([one.id], limit=0, now=NOW)
    most = await repository.get_replies([one.id], limit=4, now=NOW)
    every = await repository.get_replies([one.id], limit=5, now=NOW)
    more = await repository.get_replies([one.id], limit=6, now=NOW)

    assert {key: sequences(replies) for key, replies in found.items()} == {
        one.id: [4, 6, 8],
        other.id: [5, 7, 9],
    }
    assert found[one.id][0].parent_id == one.id
    assert none == {}
    assert sequences(most[one.id]) == [4, 6, 8, 10]
    assert sequences(every[one.id]) == [4, 6, 8, 10, 12]
    assert more == every
