"""A deadline that does not take a busy process for a slow server."""

import asyncio
from types import TracebackType

_SLICES = 8


class Deadline:
    """As `asyncio.timeout(seconds)`, but a turn of the event loop counts for an eighth of the time at most.

    While a thousand requests come in at once, a turn can take longer than a server may: its answer lies there, and the
    clock says that it is late. Each slice is begun only when the one before it was noticed to be over.
    """

    __slots__ = ("_handle", "_left", "_loop", "_slice", "_timeout")

    def __init__(self, seconds: float) -> None:
        self._slice = seconds / _SLICES
        self._left = _SLICES

    async def __aenter__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._timeout = asyncio.timeout(None)
        await self._timeout.__aenter__()
        self._handle = self._loop.call_later(self._slice, self._count)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._handle.cancel()
        await self._timeout.__aexit__(kind, error, trace)

    def _count(self) -> None:
        self._left -= 1
        if self._left:
            self._handle = self._loop.call_later(self._slice, self._count)
        else:
            self._timeout.reschedule(self._loop.time())
