"""From a subscription's source to its client: one task reads events as they come, one answers and sends them."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any, cast

from execution.operations import Events, Result, SubscriptionFailedError
from execution.subscriptions.mailbox import Mailbox
from execution.subscriptions.options import StreamOptions


async def deliver(events: Events, send: Callable[[Result], Awaitable[None]], options: StreamOptions) -> None:
    """Send the result of each event, in order, until the source ends; its generator is closed whatever happens.

    An event is answered when its turn to be sent has come, so that what a later one replaces costs nothing.
    Raises SubscriptionFailedError when the source fails, after what it gave before; TooSlowError at once when the
    client does not keep up.
    """
    most = options.waiting_events
    mailbox = Mailbox(min(most, events.most_waiting or most), events.coalesced_by)
    try:
        async with asyncio.TaskGroup() as tasks:
            reading = tasks.create_task(_read(events, mailbox, options.slow_seconds))
            tasks.create_task(_send(events, mailbox, send))
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None
    if failure := reading.result():
        raise failure


async def _read(events: Events, mailbox: Mailbox, patience: float) -> SubscriptionFailedError | None:
    """Read the source to its end, and say why where it failed: what came before is still sent."""
    try:
        async with aclosing(cast("Any", events.source())) as source:
            async for event in source:
                await mailbox.put(event, patience)
                # A source that always has more must not keep the others from their turn.
                await asyncio.sleep(0)
    except SubscriptionFailedError as failure:
        return failure
    finally:
        mailbox.end()
    return None


async def _send(events: Events, mailbox: Mailbox, send: Callable[[Result], Awaitable[None]]) -> None:
    async for event in mailbox:
        await send(await events.result(event))
