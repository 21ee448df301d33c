"""An operation answered as a stream over plain HTTP: results as they come, signs of life between, an orderly end."""

import asyncio

from starlette.types import Receive, Scope, Send

from execution.admission import expired
from execution.operations import Operation, Result, SubscriptionFailedError
from execution.refusals import RefusalCode, RefusedError, refusal
from execution.subscriptions.closings import (
    FINISHED,
    GONE,
    TOKEN_EXPIRED,
    TOO_SLOW,
    UNREAD,
    Closing,
)
from execution.subscriptions.framing import Framing
from execution.subscriptions.mailbox import TooSlowError
from execution.subscriptions.open_streams import OpenStreams, cut
from execution.subscriptions.running import Runner
from execution.visitors import Identified

_HEADERS = [
    (b"vary", b"Accept"),
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    # nginx would keep events back until it has a buffer full of them.
    (b"x-accel-buffering", b"no"),
]


class HttpStreams:
    """Answers operations as streams; `asked` is one, or why there is none to run, which is told inside the stream."""

    def __init__(self, runner: Runner, streams: OpenStreams) -> None:
        self._runner = runner
        self._streams = streams

    async def answer(
        self,
        asked: Operation | RefusedError,
        framing: Framing,
        identified: Identified,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        """Serve one stream until either side ends it. Raises RefusedError when it is one too many."""
        stream = _Stream(self._runner, framing, scope, receive, send)
        with self._streams.entered(stream, identified.transport):
            closing = await stream.run(asked, identified)
        self._runner.metrics.stream_closes.labels(identified.transport.value, closing.label).inc()


class _Stream:
    """One answer under way."""

    def __init__(self, runner: Runner, framing: Framing, scope: Scope, receive: Receive, send: Send) -> None:
        self._runner = runner
        self._options = runner.options
        self._framing = framing
        self._scope = scope
        self._receive = receive
        self._send = send
        self._writing = asyncio.Lock()
        self._ended: asyncio.Future[Closing] = asyncio.get_running_loop().create_future()

    def end(self, closing: Closing) -> None:
        """Begin to end; the first reason counts."""
        if not self._ended.done():
            self._ended.set_result(closing)

    def cut(self) -> None:
        """Drop the connection."""
        cut(self._scope)

    async def run(self, asked: Operation | RefusedError, identified: Identified) -> Closing:
        """Serve until either side ends it; says how it ended. The operation has ended by then."""
        headers = [(b"content-type", self._framing.content_type.encode()), *_HEADERS]
        await self._send({"type": "http.response.start", "status": 200, "headers": headers})
        await self._write(self._framing.opening)
        leaving = asyncio.create_task(self._wait_until_gone())
        try:
            closing = await self._serve(asked, identified)
            await self._say_farewell(closing, leaving)
            return closing
        finally:
            await _end(leaving)

    async def _serve(self, asked: Operation | RefusedError, identified: Identified) -> Closing:
        doings = [self._deliver(asked, identified), self._beat(), self._expire(identified)]
        tasks = [asyncio.create_task(each) for each in doings]
        try:
            return await self._ended
        finally:
            await _end(*tasks)

    async def _deliver(self, asked: Operation | RefusedError, identified: Identified) -> None:
        """Run the operation and write what it gives, its last errors included."""

        async def send_result(result: Result) -> None:
            await self._write(self._framing.result(result.content))

        try:
            if isinstance(asked, RefusedError):
                raise asked
            await self._runner.run(asked, identified, send_result)
        except TooSlowError:
            self.end(TOO_SLOW)
        except Exception as error:
            began = isinstance(error, SubscriptionFailedError)
            await self._write(self._framing.failure(self._runner.errors(error), began=began))
        self.end(FINISHED)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._options.heartbeat_seconds)
            await self._write(self._framing.heartbeat)

    async def _expire(self, identified: Identified) -> None:
        if identified.expires_at is not None:
            await self._runner.admission.until_over(identified)
            self.end(TOKEN_EXPIRED)

    async def _wait_until_gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.end(GONE)

    async def _write(self, part: bytes) -> None:
        """Write one part whole. A client that does not read is cut."""
        async with self._writing:
            try:
                async with asyncio.timeout(self._options.send_seconds):
                    await self._send({"type": "http.response.body", "body": part, "more_body": True})
            except TimeoutError:
                self.end(UNREAD)
            except OSError:
                self.end(GONE)

    async def _say_farewell(self, closing: Closing, leaving: asyncio.Task[None]) -> None:
        if closing is GONE:
            return
        try:
            async with asyncio.timeout(0 if closing is UNREAD else self._options.close_seconds):
                last = self._last_words(closing) + self._framing.closing
                async with self._writing:
                    await self._send({"type": "http.response.body", "body": last, "more_body": False})
        except TimeoutError:
            self.cut()
            # The server shall see that the connection is cut, lest it take the answer for an unfinished one.
            await asyncio.wait([leaving], timeout=self._options.close_seconds)
        except OSError:
            return

    def _last_words(self, closing: Closing) -> bytes:
        if closing not in (TOO_SLOW, TOKEN_EXPIRED):
            return b""
        too_slow = RefusedError(refusal(RefusalCode.LIMIT_EXCEEDED, closing.reason))
        refused = too_slow if closing is TOO_SLOW else expired()
        return self._framing.failure(self._runner.errors(refused), began=True)


async def _end(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
