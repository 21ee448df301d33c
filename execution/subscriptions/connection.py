"""One WebSocket that speaks graphql-transport-ws, from its handshake to its close."""

import asyncio
from dataclasses import dataclass, replace

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect

from execution.operations import Result
from execution.refusals import RefusalCode, RefusedError, refusal, unexpected
from execution.requests import GraphQLRequest, refuse_nul
from execution.subscriptions.closings import (
    FAILED,
    FORBIDDEN,
    GOING_AWAY,
    GONE,
    INIT_TIMEOUT,
    REPEATED_INIT,
    TOKEN_EXPIRED,
    TOO_SLOW,
    UNAUTHORIZED,
    UNREAD,
    Closing,
    EndedError,
    bad_message,
    repeated_id,
)
from execution.subscriptions.mailbox import TooSlowError
from execution.subscriptions.messages import (
    BadMessageError,
    Complete,
    ConnectionInit,
    Message,
    Ping,
    Subscribe,
    read_message,
)
from execution.subscriptions.open_streams import cut
from execution.subscriptions.running import Runner
from execution.visitors import Identified, Visitor


@dataclass(eq=False, slots=True)
class _Running:
    """An operation under its id. Once it is not `open`, nothing more is said of it."""

    id: str
    open: bool = True


class Connection:
    """The protocol's rules for one accepted socket.

    Each operation runs in a task of its own. One message is written at a time, so a client that reads slowly slows
    its own operations and nobody else's.
    """

    def __init__(self, socket: WebSocket, runner: Runner, visitor: Visitor) -> None:
        self._socket = socket
        self._runner = runner
        self._options = runner.options
        self._visitor = visitor
        self._identified: Identified | None = None
        self._watching: list[asyncio.Task[None]] = []
        self._running: dict[str, tuple[_Running, asyncio.Task[None]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._writing = asyncio.Lock()
        self._ended: asyncio.Future[Closing] = asyncio.get_running_loop().create_future()

    def end(self, closing: Closing) -> None:
        """Begin to end; the first reason counts."""
        if not self._ended.done():
            self._ended.set_result(closing)

    def cut(self) -> None:
        """Drop the connection."""
        cut(self._socket.scope)

    async def run(self) -> Closing:
        """Serve the socket until either side ends it; says how it ended. All its operations have ended by then."""
        reading = asyncio.create_task(self._read())
        try:
            closing = await self._ended
            await self._say_farewell(closing)
            return closing
        finally:
            around = [reading, *self._watching]
            for task in around:
                task.cancel()
            self._cancel_operations()
            await asyncio.gather(*around, *self._tasks, return_exceptions=True)

    # ------------------------------------------------------------------------------------------- reading

    async def _read(self) -> None:
        try:
            await self._read_messages()
        except EndedError as ended:
            self.end(ended.closing)
        except Exception as error:
            unexpected(error)
            self.end(FAILED)

    async def _read_messages(self) -> None:
        try:
            async with asyncio.timeout(self._options.init_seconds):
                while self._identified is None:
                    await self._obey(await self._receive())
        except TimeoutError:
            raise EndedError(INIT_TIMEOUT) from None
        while True:
            await self._obey(await self._receive())
            # Messages that came together are received without a pause; what the last one changed has its turn first.
            await asyncio.sleep(0)

    async def _receive(self) -> Message:
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise EndedError(GONE)
        text = message.get("text")
        if text is None:
            raise EndedError(bad_message("Message is expected to be text, but got binary"))
        try:
            return read_message(text)
        except BadMessageError as error:
            raise EndedError(bad_message(str(error))) from None

    async def _obey(self, message: Message) -> None:
        match message:
            case ConnectionInit():
                await self._initialise(message)
            case Ping(payload):
                await self._send({"type": "pong"} | ({"payload": payload} if payload is not None else {}))
            case Subscribe():
                await self._subscribe(message)
            case Complete(operation_id):
                self._complete(operation_id)

    async def _initialise(self, message: ConnectionInit) -> None:
        if self._identified is not None:
            raise EndedError(REPEATED_INIT)
        try:
            self._identified = await self._runner.admission.admit(
                replace(self._visitor, init=message.payload)
            )
        except RefusedError:
            raise EndedError(FORBIDDEN) from None
        if self._identified.expires_at is not None:
            self._watching.append(asyncio.create_task(self._expire(self._identified)))
        await self._send({"type": "connection_ack"})

    async def _expire(self, identified: Identified) -> None:
        await self._runner.admission.until_over(identified)
        self.end(TOKEN_EXPIRED)

    async def _subscribe(self, message: Subscribe) -> None:
        if self._identified is None:
            raise EndedError(UNAUTHORIZED)
        if self._runner.admission.is_over(self._identified):
            raise EndedError(TOKEN_EXPIRED)
        if message.id in self._running:
            raise EndedError(repeated_id(message.id))
        most = self._options.operations
        # Operations that were completed still count until they have cleaned up, but not against the usual limit.
        if len(self._running) >= most or len(self._tasks) >= 2 * most:
            text = f"A connection runs at most {most} operations at a time."
            errors = self._runner.errors(RefusedError(refusal(RefusalCode.LIMIT_EXCEEDED, text)))
            await self._send({"id": message.id, "type": "error", "payload": errors})
            return
        running = _Running(message.id)
        task = asyncio.create_task(self._run(running, message.request, self._identified))
        self._running[message.id] = running, task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _complete(self, operation_id: str) -> None:
        if found := self._running.pop(operation_id, None):
            running, task = found
            running.open = False
            task.cancel()

    # ---------------------------------------------------------------------------------------- operations

    async def _run(self, running: _Running, request: GraphQLRequest, identified: Identified) -> None:
        async def send_next(result: Result) -> None:
            await self._send({"id": running.id, "type": "next", "payload": result.content}, running)

        last: dict[str, object] = {"id": running.id, "type": "complete"}
        try:
            refuse_nul([request.query, request.variables, request.extensions])
            await self._runner.run(self._runner.read(request), identified, send_next)
        except TooSlowError:
            self.end(TOO_SLOW)
            return
        except Exception as error:
            last = {"id": running.id, "type": "error", "payload": self._runner.errors(error)}
        await self._send(last, running)
        if running.open:
            # No other task ran since the last message was written, so the client may use the id again at once.
            running.open = False
            del self._running[running.id]

    def _cancel_operations(self) -> None:
        for running, task in self._running.values():
            running.open = False
            task.cancel()

    # ------------------------------------------------------------------------------------------- writing

    async def _send(self, message: dict[str, object], running: _Running | None = None) -> None:
        """Write a message, unless it is of an operation that is over. A client that does not read is cut."""
        text = orjson.dumps(message).decode()
        async with self._writing:
            if running is not None and not running.open:
                return
            try:
                async with asyncio.timeout(self._options.send_seconds):
                    await self._socket.send_text(text)
            except TimeoutError:
                self.end(UNREAD)
            except (WebSocketDisconnect, RuntimeError):
                # Closed from the other side, or by the server under us, between two of our steps.
                self.end(GONE)

    async def _say_farewell(self, closing: Closing) -> None:
        ids = tuple(self._running)
        self._cancel_operations()
        if closing is UNREAD:
            self.cut()
        if not closing.code:
            return
        try:
            async with asyncio.timeout(self._options.close_seconds):
                for operation_id in ids if closing is GOING_AWAY else ():
                    await self._send({"id": operation_id, "type": "complete"})
                async with self._writing:
                    await self._socket.close(closing.code, closing.reason)
        except TimeoutError:
            self.cut()
        except (WebSocketDisconnect, RuntimeError):
            return
