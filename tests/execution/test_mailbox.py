"""What waits for a client: order, the limit at both sides, and what replaces what."""

import asyncio

import pytest

from execution.subscriptions.mailbox import Mailbox, TooSlowError


async def emptied(mailbox: Mailbox) -> list[object]:
    mailbox.end()
    return [event async for event in mailbox]


async def test_events_leave_in_the_order_in_which_they_came() -> None:
    mailbox = Mailbox(3)
    for event in ("a", "a", "b"):
        await mailbox.put(event, patience=0)

    assert await emptied(mailbox) == ["a", "a", "b"]


async def test_one_more_than_the_size_is_too_many_when_nobody_takes_any() -> None:
    mailbox = Mailbox(2)
    await mailbox.put(1, patience=0)
    await mailbox.put(2, patience=0)

    with pytest.raises(TooSlowError):
        await mailbox.put(3, patience=0.01)

    assert await emptied(mailbox) == [1, 2]


async def test_a_full_mailbox_waits_for_room() -> None:
    mailbox = Mailbox(1)
    await mailbox.put(1, patience=0)
    putting = asyncio.create_task(mailbox.put(2, patience=5))
    await asyncio.sleep(0)
    assert not putting.done()

    taken = await anext(mailbox)
    await putting

    assert (taken, await emptied(mailbox)) == (1, [2])


async def test_a_later_event_takes_the_place_of_a_waiting_one_about_the_same() -> None:
    mailbox = Mailbox(2, coalesced_by=lambda event: event[0])
    for event in ("a1", "b1", "a2", "a3", "b2"):
        await mailbox.put(event, patience=0)

    assert len(mailbox) == 2
    assert await emptied(mailbox) == ["a3", "b2"]


async def test_what_has_left_is_not_replaced() -> None:
    mailbox = Mailbox(1, coalesced_by=lambda event: event[0])
    await mailbox.put("a1", patience=0)

    first = await anext(mailbox)
    await mailbox.put("a2", patience=0)

    assert (first, await emptied(mailbox)) == ("a1", ["a2"])


async def test_a_taker_waits_for_the_next_event_and_for_the_end() -> None:
    mailbox = Mailbox(1)
    taking = asyncio.create_task(anext(mailbox, "nothing"))
    await asyncio.sleep(0)
    await mailbox.put(1, patience=0)
    ending = asyncio.create_task(anext(mailbox, "nothing"))

    taken = await taking
    mailbox.end()

    assert {taken, await ending} == {1, "nothing"}
