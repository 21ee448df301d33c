"""The simulator: a local HTTP server that speaks Blizzard's addresses and pages, about invented heroes and players."""

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl

from blizzard.simulator.damage import damage
from blizzard.simulator.draws import draw
from blizzard.simulator.faults import RESERVED_NAMES, Fault, Faults, Pace
from blizzard.simulator.players import Moment, Players
from blizzard.simulator.site import IMAGES, Page, Site
from clock import Clock, SystemClock

_REASONS = {200: "OK", 302: "Found", 400: "Bad Request", 403: "Forbidden", 404: "Not Found"}
_PAGE_FAULTS = (Fault.TRUNCATED, Fault.OVERSIZED, Fault.MISSING, Fault.REORDERED, Fault.MISTYPED)
_REFUSED = Page(403, "Too many requests.", "text/plain")
_BROKEN = Page(500, "Something is broken.", "text/plain")
_UNREADABLE = Page(400, "This is no request for a page.", "text/plain")


@dataclass(frozen=True, slots=True)
class _Request:
    path: str
    query: Mapping[str, str]
    keeps_open: bool


class Simulator:
    """Use as an async context manager: `url` is where it listens, on this machine alone.

    The same `seed` gives the same heroes and players, and together with the clock the same pages. `players` is how
    many there are. Their profiles change with `clock`, counted from the moment the simulator opens. `requests`
    counts requests for pages, pictures left out.
    """

    def __init__(
        self,
        *,
        seed: int = 1,
        players: int = 1000,
        faults: Faults | None = None,
        clock: Clock | None = None,
        port: int = 0,
    ) -> None:
        self.faults = faults or Faults()
        self.requests = 0
        self.url = ""
        self._seed = seed
        self._count = players
        self._clock = clock or SystemClock()
        self._port = port
        self._pace = Pace(self.faults)
        self._started_at = 0
        self._site = Site("", seed=seed, players=players)
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def players(self) -> Players:
        """Who there is."""
        return self._site.players

    @property
    def site(self) -> Site:
        """The pages, without the network."""
        return self._site

    def moment(self) -> Moment:
        """Now, as pages count it."""
        return Moment(self._clock.now(), self._started_at)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self._port)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        self._site = Site(self.url, seed=self._seed, players=self._count)
        self._started_at = self._clock.now()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while await self._serve_one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            # The other side left, or the simulator closes; a cancelled connection is a closed one.
            pass
        finally:
            self._tasks.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; False when the connection is to be closed."""
        try:
            request = _read_request(await reader.readuntil(b"\r\n\r\n"))
        except (ValueError, asyncio.LimitOverrunError):
            writer.write(_head(_UNREADABLE, len(_UNREADABLE.text)) + _UNREADABLE.text.encode())
            return False
        if request.path.startswith(IMAGES + "/"):
            page, faults = self._site.answer(request.path, {}, self.moment()), frozenset[Fault]()
        else:
            self.requests += 1
            page, faults = self._page(request)
        if Fault.SLOW in faults:
            await self._clock.sleep(self.faults.slow_seconds)
        if Fault.DROPPED in faults:
            return False
        body = page.text.encode(errors="replace")
        writer.write(_head(page, len(body), self.faults.retry_after))
        if Fault.CUT in faults:
            writer.write(body[: len(body) // 2])
            return False
        writer.write(body)
        await writer.drain()
        return request.keeps_open

    def _page(self, request: _Request) -> tuple[Page, frozenset[Fault]]:
        """The page for a request, with its faults; those of the page itself are already in it."""
        moment = self.moment()
        if not self._pace.admits(moment.now):
            return _REFUSED, frozenset()
        chance = draw(self._seed, "request", self.requests)
        faults = self.faults.drawn(chance)
        page = self._site.answer(request.path, request.query, moment)
        if page.player is not None and page.player.name in RESERVED_NAMES:
            faults |= {RESERVED_NAMES[page.player.name]}
        if Fault.REFUSED in faults:
            return _REFUSED, faults
        if Fault.ERROR in faults:
            return _BROKEN, faults
        text = page.text
        for fault in _PAGE_FAULTS:
            if fault in faults and page.status == 200:
                text = damage(text, fault, chance)
        return Page(page.status, text, page.content_type, page.location), faults


def _read_request(head: bytes) -> _Request:
    """A request from its head. ValueError for anything but a GET without a body."""
    first, _, rest = head.decode("latin-1").partition("\r\n")
    method, target, version = first.split(" ")
    if method != "GET" or not target.startswith("/"):
        raise ValueError(first)
    path, _, query = target.partition("?")
    keeps_open = version == "HTTP/1.1" and "connection: close" not in rest.lower()
    return _Request(path, dict(parse_qsl(query)), keeps_open)


def _head(page: Page, length: int, retry_after: int | None = None) -> bytes:
    lines = [
        f"HTTP/1.1 {page.status} {_REASONS.get(page.status, 'Error')}",
        f"Content-Type: {page.content_type}",
        f"Content-Length: {length}",
    ]
    if page.location is not None:
        lines.append(f"Location: {page.location}")
    if page.status == 403 and retry_after is not None:
        lines.append(f"Retry-After: {retry_after}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1")
