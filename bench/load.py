"""Asks a server as fast as it answers, over a number of raw connections: `python -m bench.load` takes orders as lines.

A process of its own, so that it costs the server nothing: each line on standard input is an `Order` in JSON, each
line on standard output the `Load` it led to.
"""

import asyncio
import sys
from collections.abc import Sequence
from time import perf_counter
from typing import cast

import msgspec
import uvloop

LONGEST_SECONDS = 180.0


class Order(msgspec.Struct, frozen=True):
    """What to ask: POST each of `bodies` in turn to `path`, until `seconds` are over or `count` are asked.

    `size` is the length each answer must have, None for any.
    """

    port: int
    path: str
    bodies: tuple[str, ...]
    connections: int
    seconds: float | None = None
    count: int | None = None
    size: int | None = None


class Load(msgspec.Struct, frozen=True):
    """What came of it. `seconds` end with the last answer; latencies are in milliseconds.

    `failed` counts answers without status 200 or of another length than ordered; `broken` lost connections.
    """

    requests: int
    seconds: float
    failed: int
    broken: int
    p50: float
    p99: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.requests / self.seconds


class _Run:
    """One order while it runs."""

    def __init__(self, order: Order) -> None:
        self.requests = [_request(order.path, body) for body in order.bodies]
        self.size = order.size
        self.latencies: list[float] = []
        self.asked = self.failed = self.broken = 0
        self.open_connections = order.connections
        self.done = asyncio.get_running_loop().create_future()
        self._count = order.count
        self._ends_at = None if order.seconds is None else perf_counter() + order.seconds

    def next_request(self) -> bytes | None:
        """The next request; None when no more are to be sent."""
        if self._count is not None and self.asked >= self._count:
            return None
        if self._ends_at is not None and perf_counter() >= self._ends_at:
            return None
        self.asked += 1
        return self.requests[(self.asked - 1) % len(self.requests)]

    def note(self, seconds: float, *, is_good: bool) -> None:
        self.latencies.append(seconds)
        self.failed += not is_good

    def closed(self) -> None:
        self.open_connections -= 1
        if not self.open_connections:
            self.done.set_result(None)


class _Connection(asyncio.Protocol):
    """Sends a request, waits for its answer, sends the next one."""

    def __init__(self, run: _Run) -> None:
        self._run = run
        self._received = bytearray()
        self._length = 0
        self._asked_at: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclass of asyncio's, so there is nothing to test for.
        self._transport = cast("asyncio.Transport", transport)
        self._ask()

    def data_received(self, received: bytes) -> None:
        self._received += received
        if not self._length:
            self._length = _answer_length(self._received)
        if self._length and len(self._received) >= self._length:
            self._answered()

    def connection_lost(self, _: Exception | None) -> None:
        self._run.broken += self._asked_at is not None
        self._run.closed()

    def _ask(self) -> None:
        request = self._run.next_request()
        if request is None:
            self._transport.close()
            return
        self._asked_at = perf_counter()
        self._transport.write(request)

    def _answered(self) -> None:
        assert self._asked_at is not None
        seconds = perf_counter() - self._asked_at
        body = self._length - self._received.find(b"\r\n\r\n") - 4
        is_good = self._received.startswith(b"HTTP/1.1 200") and self._run.size in (None, body)
        self._run.note(seconds, is_good=is_good)
        self._received.clear()
        self._length = 0
        self._asked_at = None
        self._ask()


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of the values do not exceed; 0 without values."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def _request(path: str, body: str) -> bytes:
    content = body.encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Accept: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


def _answer_length(received: bytearray) -> int:
    """Length of head and body together; 0 while the head is not whole. An answer must announce its length."""
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return 0
    head = bytes(received[:end]).lower()
    return end + 4 + int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])


async def _carry_out(order: Order) -> Load:
    run = _Run(order)
    loop = asyncio.get_running_loop()
    started = perf_counter()
    for _ in range(order.connections):
        await loop.create_connection(lambda: _Connection(run), "127.0.0.1", order.port)
    async with asyncio.timeout(LONGEST_SECONDS):
        await run.done
    seconds = perf_counter() - started
    p50, p99 = (percentile(run.latencies, share) * 1000 for share in (0.50, 0.99))
    return Load(len(run.latencies), seconds, run.failed, run.broken, p50, p99)


def main() -> None:
    """Carry out the orders on standard input until it ends."""
    for line in sys.stdin:
        order = msgspec.json.decode(line, type=Order)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            print(msgspec.json.encode(runner.run(_carry_out(order))).decode(), flush=True)


if __name__ == "__main__":
    main()
