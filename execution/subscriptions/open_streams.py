"""Every WebSocket and streamed answer that is open, and their orderly end when the server stops."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import structlog
from starlette.types import Scope

from execution.refusals import RefusalCode, RefusedError, refusal
from execution.subscriptions.closings import GOING_AWAY, Closing
from execution.visitors import Transport
from metrics import Metrics

_log = structlog.get_logger("playgraph.execution")

CUT = "playgraph.cut"
"""Name of an ASGI extension: `{"now": callable}` drops the connection with what it has not sent yet. ASGI itself has no
way to be rid of a client that reads nothing; a server without this one keeps its socket until the system gives up."""


class Stream(Protocol):
    """Something open that can be told to end."""

    def end(self, closing: Closing) -> None:
        """Begin to end; the first reason counts. Returns at once."""
        ...

    def cut(self) -> None:
        """Drop the connection."""
        ...


class OpenStreams:
    """What is open, of one server. Told to `stop`, it ends all of it and lets nothing new in."""

    def __init__(self, metrics: Metrics, limit: int = 10_000) -> None:
        self._metrics = metrics
        self._limit = limit
        self._open: set[Stream] = set()
        self._emptied = asyncio.Event()
        self.stopping = False

    def __len__(self) -> int:
        return len(self._open)

    @contextmanager
    def entered(self, stream: Stream, transport: Transport) -> Iterator[None]:
        """Count a stream among the open ones for the length of the block; when stopping, it is told to end at once.

        Raises RefusedError, 503, when there are too many.
        """
        if len(self._open) >= self._limit:
            text = f"This server has {self._limit} streams open, which is all it takes. Try again later."
            raise RefusedError(refusal(RefusalCode.LIMIT_EXCEEDED, text, status=503))
        gauge = self._metrics.stream_connections.labels(transport.value)
        gauge.inc()
        self._open.add(stream)
        if self.stopping:
            stream.end(GOING_AWAY)
        try:
            yield
        finally:
            gauge.dec()
            self._open.discard(stream)
            if not self._open:
                self._emptied.set()

    async def stop(self, seconds: float = 5.0) -> None:
        """End everything: operations are completed, sockets closed with 1001, streams ended whole.

        Returns when all have ended; what has not after `seconds` is cut. Safe to call again.
        """
        self.stopping = True
        for stream in tuple(self._open):
            stream.end(GOING_AWAY)
        if not self._open:
            return
        self._emptied.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._emptied.wait()
        except TimeoutError:
            _log.warning("streams_cut", count=len(self._open))
            for stream in tuple(self._open):
                stream.cut()


def cut(scope: Scope) -> None:
    """Drop a connection, where the server can."""
    extension = scope.get("extensions", {}).get(CUT)
    if extension:
        extension["now"]()
