"""The bus that joins processes over a server, whatever the server. The contract is on `storage.protocols.EventBus`.

One task listens and one speaks. The server keeps nothing: what was said while a process was not listening is lost, so
each time it begins to listen its subscribers are told to look.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from itertools import islice
from typing import Protocol

import msgspec
import structlog

from metrics import Metrics
from models.events import Pointer
from storage.bus.local import LocalBus, joined_version
from storage.bus.messages import messages, read_message
from storage.bus.patience import Patience, Pauses
from storage.protocols import Subscription

_TOPICS_AT_ONCE = 500

_log = structlog.get_logger()


class Ears(Protocol):
    """What a medium tells while it listens."""

    def begin(self) -> None:
        """From here on everything is heard; before it something may have been missed."""
        ...

    def hear(self, text: str | bytes) -> None:
        """Somebody said this, perhaps we ourselves."""
        ...


class Medium(Protocol):
    """What differs from server to server: how one hears, and how something is said.

    `channel` is its name in the log; `most_bytes` how many of pointers fit into one text.
    """

    @property
    def channel(self) -> str: ...

    @property
    def most_bytes(self) -> int: ...

    async def listen(self, ears: Ears) -> None:
        """Hear over one connection, for as long as it lasts; then raise what broke it. A connection that was cut
        without a word (a firewall, a lost machine) looks like silence, so silence is asked about."""
        ...

    async def say(self, texts: Sequence[str]) -> None:
        """Tell these to all that listen, or raise."""
        ...


@asynccontextmanager
async def open_remote_bus(medium: Medium, metrics: Metrics, patience: Patience) -> AsyncIterator["RemoteBus"]:
    """A bus over the server until the end of the block. It listens already if the server answers in time; else it goes
    on without, and joins the others when the server is there."""
    bus = RemoteBus(medium, metrics, patience)
    tasks = [
        asyncio.create_task(bus.listen(), name="bus listens"),
        asyncio.create_task(bus.speak(), name="bus speaks"),
    ]
    try:
        await bus.wait_until_listening()
        yield bus
        await bus.wait_until_said()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class RemoteBus:
    """The bus of one process; made by `open_remote_bus`, which runs `listen` and `speak`."""

    def __init__(self, medium: Medium, metrics: Metrics, patience: Patience) -> None:
        self._medium = medium
        self._spoken = metrics.storage_writes.labels("bus")
        self._errors = metrics.storage_errors.labels("bus")
        self._patience = patience
        self._local = LocalBus()
        self._origin = uuid.uuid4().hex
        self._pauses = Pauses(patience)
        self._unsent: dict[str, int] = {}
        self._has_dropped = False
        self._is_listening = asyncio.Event()
        self._has_work = asyncio.Event()
        self._is_idle = asyncio.Event()
        self._is_idle.set()

    async def publish(self, pointers: Collection[Pointer]) -> None:
        # Nothing is awaited: whoever publishes waits neither for the server nor for its time-outs. What is published
        # while something is being said goes together in the next: each NOTIFY takes a lock of the whole server.
        self._local.deliver(pointers)
        for pointer in pointers:
            self._unsent[pointer.topic] = joined_version(self._unsent.get(pointer.topic), pointer.version)
        if len(self._unsent) > self._patience.unsent:
            self._unsent.clear()
            self._has_dropped = True
        if pointers:
            self._is_idle.clear()
            self._has_work.set()

    def subscribe(self, topics: Collection[str]) -> AbstractAsyncContextManager[Subscription]:
        return self._local.subscribe(topics)

    async def wait_until_listening(self) -> None:
        """Return when others are heard, or when the server took too long."""
        await self._patiently(self._is_listening)

    async def wait_until_said(self) -> None:
        """Return when nothing is left to say, or when the server took too long."""
        await self._patiently(self._is_idle)

    async def listen(self) -> None:
        """Hear the others, for ever, over one connection after the other."""
        while True:
            try:
                await self._medium.listen(self)
            except Exception as error:
                # Whatever a driver raises over a broken connection must not end the listening.
                self._errors.inc()
                if self._is_listening.is_set():
                    _log.warning("bus stopped listening", channel=self._medium.channel, error=repr(error))
            self._is_listening.clear()
            await self._pauses.wait()

    async def speak(self) -> None:
        """Tell the others what was published, for ever; while the server is away, the newest of each topic waits."""
        pauses = Pauses(self._patience)
        while True:
            await self._has_work.wait()
            said = dict(islice(self._unsent.items(), 0 if self._has_dropped else _TOPICS_AT_ONCE))
            try:
                await self._medium.say(list(messages(self._origin, said.items(), self._medium.most_bytes)))
            except Exception as error:
                self._errors.inc()
                if pauses.are_over:
                    _log.warning("bus cannot speak", channel=self._medium.channel, error=repr(error))
                await pauses.wait()
            else:
                pauses.reset()
                self._was_said(said)

    def begin(self) -> None:
        self._pauses.reset()
        self._is_listening.set()
        _log.info("bus listens", channel=self._medium.channel)
        self._local.deliver_gap()

    def hear(self, text: str | bytes) -> None:
        try:
            message = read_message(text)
        except msgspec.MsgspecError as error:
            # Said by other code than this. It meant something, so everybody looks.
            _log.warning("bus heard something unreadable", channel=self._medium.channel, error=str(error))
            self._errors.inc()
            self._local.deliver_gap()
            return
        if message.origin == self._origin:
            return
        if message.pointers:
            self._local.deliver(Pointer(topic, version) for topic, version in message.pointers)
        else:
            self._local.deliver_gap()

    def _was_said(self, pointers: Mapping[str, int]) -> None:
        self._spoken.inc()
        if not pointers:
            self._has_dropped = False
        for topic, version in pointers.items():
            # What was published meanwhile is still to be said.
            if self._unsent.get(topic) == version:
                del self._unsent[topic]
        if not self._unsent and not self._has_dropped:
            self._has_work.clear()
            self._is_idle.set()

    async def _patiently(self, event: asyncio.Event) -> None:
        try:
            async with asyncio.timeout(self._patience.answer):
                await event.wait()
        except TimeoutError:
            _log.warning("bus goes on without its server", channel=self._medium.channel)
