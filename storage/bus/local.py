"""Signals inside one process: who waits for which topic, and what each has still to look at."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from models.events import Pointer

READ_THE_LOG = 0
"""The version that says: signals may have been lost, so look for yourself."""


class LocalBus:
    """The whole bus where one process is all there is; where a server joins several, the part in each of them.

    A subscriber is told one pointer for a topic: the highest since its last look, or version 0 if one of them had it.
    Reading the log finds what the higher ones pointed at too, while a higher one would not say that others are missing.
    """

    def __init__(self) -> None:
        self._subscribers: defaultdict[str, set[_Subscription]] = defaultdict(set)

    async def publish(self, pointers: Collection[Pointer]) -> None:
        self.deliver(pointers)

    def subscribe(self, topics: Collection[str]) -> AbstractAsyncContextManager["_Subscription"]:
        return self._subscribed(frozenset(topics))

    def deliver(self, pointers: Iterable[Pointer]) -> None:
        """Wake the subscribers of these topics, at once and without waiting."""
        for pointer in pointers:
            for subscription in self._subscribers.get(pointer.topic, ()):
                subscription.notice(pointer)

    def deliver_gap(self) -> None:
        """Wake every subscriber for each of its topics with version 0: signals of the server may have been lost."""
        for topic, subscriptions in self._subscribers.items():
            for subscription in subscriptions:
                subscription.notice(Pointer(topic, READ_THE_LOG))

    @property
    def topics(self) -> frozenset[str]:
        """The topics that somebody waits for."""
        return frozenset(self._subscribers)

    @asynccontextmanager
    async def _subscribed(self, topics: frozenset[str]) -> AsyncIterator["_Subscription"]:
        subscription = _Subscription()
        for topic in topics:
            self._subscribers[topic].add(subscription)
        try:
            yield subscription
        finally:
            for topic in topics:
                self._leave(topic, subscription)

    def _leave(self, topic: str, subscription: "_Subscription") -> None:
        others = self._subscribers[topic]
        others.discard(subscription)
        if not others:
            del self._subscribers[topic]


class _Subscription:
    """What one subscriber has still to look at: one version for each topic that was spoken of, never more."""

    def __init__(self) -> None:
        self._pending: dict[str, int] = {}
        self._woken = asyncio.Event()

    async def wait(self) -> Sequence[Pointer]:
        # Taken without waiting once the event is set: a wait that is cancelled loses nothing.
        while not self._pending:
            await self._woken.wait()
        pending, self._pending = self._pending, {}
        self._woken.clear()
        return [Pointer(topic, version) for topic, version in pending.items()]

    def notice(self, pointer: Pointer) -> None:
        self._pending[pointer.topic] = joined_version(self._pending.get(pointer.topic), pointer.version)
        self._woken.set()


def joined_version(known: int | None, version: int) -> int:
    """The version that stands for both of a topic: the higher one, or 0 if one of them is 0."""
    if known is None:
        return version
    return READ_THE_LOG if READ_THE_LOG in (known, version) else max(known, version)
