"""A bus that loses signals, as networks and restarts of servers do."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from random import Random

from models.events import Pointer
from storage import EventBus, Subscription


class LossyBus:
    """The bus `inner`, of which `share` (0 to 1) of what it tells subscribers is lost. `lost` counts it."""

    def __init__(self, inner: EventBus, share: float, seed: int = 1) -> None:
        self._inner = inner
        self._share = share
        self._chance = Random(seed)
        self.lost = 0

    async def publish(self, pointers: Collection[Pointer]) -> None:
        await self._inner.publish(pointers)

    def subscribe(self, topics: Collection[str]) -> AbstractAsyncContextManager[Subscription]:
        return self._subscribed(topics)

    @asynccontextmanager
    async def _subscribed(self, topics: Collection[str]) -> AsyncIterator["_Lossy"]:
        async with self._inner.subscribe(topics) as subscription:
            yield _Lossy(self, subscription)

    def loses(self) -> bool:
        """Whether this signal is lost."""
        is_lost = self._chance.random() < self._share
        self.lost += is_lost
        return is_lost


class _Lossy:
    def __init__(self, bus: LossyBus, inner: Subscription) -> None:
        self._bus = bus
        self._inner = inner

    async def wait(self) -> Sequence[Pointer]:
        while True:
            heard = [pointer for pointer in await self._inner.wait() if not self._bus.loses()]
            if heard:
                return heard
