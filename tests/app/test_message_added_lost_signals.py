"""Signals that are lost, doubled or late cost a delay and never a message, on every backend."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from errors import NotFound, StorageUnavailable
from identity.callers import LOCAL
from models.conversations import Conversation
from models.events import Pointer, conversation_topic
from resolvers.message_events import message_added
from storage import EventBus
from tests.app.backends import SERVERS, served_on
from tests.app.server import DEADLINE, Server, served
from tests.app.talking import keep, said
from tests.app.test_storage_trouble import damage, mend
from tests.lossy_bus import LossyBus
from tests.replay import Replay

TICK = 15
MESSAGES = 60


@dataclass
class Subscriber:
    """Somebody who follows a conversation. `sequences` are those heard of."""

    sequences: list[int]
    woken: asyncio.Condition
    listening: asyncio.Task[None]

    async def has_heard(self, sequence: int) -> None:
        """Return once a message has arrived."""
        async with asyncio.timeout(DEADLINE), self.woken:
            await self.woken.wait_for(lambda: sequence in self.sequences)


@asynccontextmanager
async def subscriber(
    server: Server, conversation: Conversation, bus: EventBus | None = None
) -> AsyncIterator[Subscriber]:
    """Follows all messages, over this bus when one is given."""
    context = server.app.state.playgraph.make_context(LOCAL)
    following = replace(context.following, bus=bus or context.following.bus)
    events = message_added(replace(context, following=following), conversation.id, 0)
    sequences: list[int] = []
    woken = asyncio.Condition()

    async def listen() -> None:
        async with aclosing(events):
            async for message in events:
                async with woken:
                    sequences.append(message.sequence)
                    woken.notify_all()

    listening = asyncio.create_task(listen())
    try:
        yield Subscriber(sequences, woken, listening)
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


def bus_of(server: Server) -> EventBus:
    return server.storage.bus


@pytest.fixture(params=SERVERS)
async def server(request: pytest.FixtureRequest, replay: Replay, tmp_path: Path) -> AsyncIterator[Server]:
    async with served_on(request.param, replay.url, tmp_path / "kept.db") as server:
        yield server


@pytest.mark.parametrize("share", [0.5, 1.0])
async def test_whatever_is_lost_each_message_arrives_once_and_in_order(server: Server, share: float) -> None:
    conversation = await keep(server, "local", 3)
    bus = LossyBus(bus_of(server), share)
    async with subscriber(server, conversation, bus) as heard:
        await heard.has_heard(3)
        for number in range(4, MESSAGES + 1):
            await said(server, conversation.id, f"message {number}")
        await server.clock.until_sleeping(TICK)
        server.clock.advance(TICK)
        await heard.has_heard(MESSAGES)

    assert heard.sequences == list(range(1, MESSAGES + 1))


async def test_signals_that_come_twice_late_or_wrong_add_nothing(server: Server) -> None:
    conversation = await keep(server, "local", 3)
    topic = conversation_topic(conversation.id)
    async with subscriber(server, conversation) as heard:
        await heard.has_heard(3)
        for version in (3, 1, 1, 0, 99):
            await bus_of(server).publish([Pointer(topic, version)])
        await said(server, conversation.id, "message 4")
        await heard.has_heard(4)
        await bus_of(server).publish([Pointer(topic, 2)])
        await said(server, conversation.id, "message 5")
        await heard.has_heard(5)

    assert heard.sequences == [1, 2, 3, 4, 5]


async def test_many_writers_at_once_are_heard_in_order(server: Server) -> None:
    conversation = await keep(server, "local", 0)
    async with subscriber(server, conversation) as heard:
        async with asyncio.TaskGroup() as writers:
            for number in range(20):
                writers.create_task(said(server, conversation.id, f"{number} a", f"{number} b"))
        await server.clock.until_sleeping(TICK)
        server.clock.advance(TICK)
        await heard.has_heard(40)

    assert heard.sequences == list(range(1, 41))


async def test_who_begins_while_others_write_misses_nothing(server: Server) -> None:
    conversation = await keep(server, "local", 0)
    async with asyncio.TaskGroup() as writers:
        writers.create_task(said(server, conversation.id, *(f"{number}" for number in range(30))))
        async with subscriber(server, conversation) as heard:
            await heard.has_heard(30)

    assert heard.sequences == list(range(1, 31))


async def test_the_end_of_a_conversation_ends_the_events_though_nobody_says_so(server: Server) -> None:
    conversation = await keep(server, "local", 2)
    async with subscriber(server, conversation) as heard:
        await heard.has_heard(2)
        await server.clock.until_sleeping(TICK)
        await server.storage.conversations.delete(conversation.id, caller="local", now=server.clock.now())
        server.clock.advance(TICK)
        async with asyncio.timeout(DEADLINE):
            await heard.listening

    assert heard.sequences == [1, 2]


async def test_what_is_not_there_at_the_beginning_is_not_found(server: Server) -> None:
    foreign = await keep(server, "somebody")
    context = server.app.state.playgraph.make_context(LOCAL)

    async with aclosing(message_added(context, foreign.id, 0)) as events:
        with pytest.raises(NotFound):
            await anext(events)


async def test_storage_that_is_away_for_a_while_ends_no_subscription(replay: Replay, tmp_path: Path) -> None:
    path = tmp_path / "kept.db"
    async with served(replay.url, storage_path=path) as server:
        conversation = await keep(server, "local", 1)
        async with subscriber(server, conversation, LossyBus(bus_of(server), 1.0)) as heard:
            await heard.has_heard(1)
            await server.clock.until_sleeping(TICK)
            await said(server, conversation.id, "message 2")
            await damage(path)
            server.clock.advance(TICK)
            await reads_failed(server)
            before = list(heard.sequences)
            await mend(path)
            await server.clock.until_sleeping(TICK)
            server.clock.advance(TICK)
            await heard.has_heard(2)

    assert (before, heard.sequences) == ([1], [1, 2])


async def test_a_subscription_that_cannot_begin_says_why(replay: Replay, tmp_path: Path) -> None:
    path = tmp_path / "kept.db"
    async with served(replay.url, storage_path=path) as server:
        conversation = await keep(server, "local", 1)
        await damage(path)
        context = server.app.state.playgraph.make_context(LOCAL)
        async with aclosing(message_added(context, conversation.id, 0)) as events:
            with pytest.raises(StorageUnavailable):
                await anext(events)


async def reads_failed(server: Server) -> None:
    """Return when a read of conversations has failed."""
    name = 'playgraph_storage_errors_total{repository="conversations"}'
    async with asyncio.timeout(DEADLINE):
        while not await server.figure(name):  # noqa: ASYNC110 - figures tell nobody
            await asyncio.sleep(0.01)
