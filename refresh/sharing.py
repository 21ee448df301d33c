"""One fetch for all processes: who has the lease does the work, the others wait for what it brings.

A lease saves double work and no more. Who works looks first at what is kept, so a lease that was forgotten costs a
fetch, and nothing else.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TypeVar
from uuid import uuid4

from clock import Clock
from errors import StorageUnavailable
from models.events import Pointer, lease_topic
from refresh.waking import woken
from storage import EventBus, Leases

T = TypeVar("T")

_RENEWALS_PER_LEASE = 3


@dataclass(frozen=True, slots=True)
class SharingOptions:
    """Spans in seconds: of a lease, which is renewed while the work goes on and so blocks nobody for longer after its
    holder died; and between two looks of who waits and hears nothing."""

    lease_seconds: float
    tick_seconds: float


class SharedWork:
    """Work of a name is done by one process at a time. Without `leases` there is one process, and nothing to share."""

    def __init__(self, leases: Leases | None, bus: EventBus, options: SharingOptions, clock: Clock) -> None:
        self._leases = leases
        self._bus = bus
        self._options = options
        self._clock = clock

    async def run(
        self, name: str, find: Callable[[], Awaitable[T | None]], work: Callable[[], Awaitable[T]]
    ) -> T:
        """What `work` gives, done here; or what `find` gives (None: nothing yet) once another process has done it.

        Ends that bring nothing hand the work on to the next who waits. Raises what `find` and `work` raise, and
        StorageUnavailable when the lease cannot be asked for.
        """
        if self._leases is None:
            return await work()
        token = uuid4().hex
        if not await self._take(self._leases, name, token):
            found = await self._found_elsewhere(self._leases, name, token, find)
            if found is not None:
                return found
        async with self._held(self._leases, name, token):
            return await work()

    async def _found_elsewhere(
        self, leases: Leases, name: str, token: str, find: Callable[[], Awaitable[T | None]]
    ) -> T | None:
        """What another process brought; None when the lease is ours by now."""
        async with self._bus.subscribe([lease_topic(name)]) as wakes:
            while True:
                found = await find()
                if found is not None or await self._take(leases, name, token):
                    return found
                await woken(wakes, self._clock, self._options.tick_seconds)

    async def _take(self, leases: Leases, name: str, token: str) -> bool:
        now = self._clock.now()
        expires_at = now + round(1000 * self._options.lease_seconds)
        return await leases.acquire(name, token, now=now, expires_at=expires_at)

    @asynccontextmanager
    async def _held(self, leases: Leases, name: str, token: str) -> AsyncIterator[None]:
        renewing = asyncio.create_task(self._renew_always(leases, name, token), name="lease of a fetch")
        try:
            yield
        finally:
            renewing.cancel()
            await asyncio.wait([renewing])
            with suppress(StorageUnavailable):
                await leases.release(name, token)
            await self._bus.publish([Pointer(lease_topic(name), self._clock.now())])

    async def _renew_always(self, leases: Leases, name: str, token: str) -> None:
        while True:
            await self._clock.sleep(self._options.lease_seconds / _RENEWALS_PER_LEASE)
            with suppress(StorageUnavailable):
                # Taken again and not only renewed: a store that was emptied has forgotten it.
                await self._take(leases, name, token)
