"""A stand-in for Blizzard's site: a real HTTP server on a free port that answers from what a test gives it."""

import asyncio
import contextlib
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, unquote

from tests.synthetic import NOT_FOUND_PAGE

CAREER = "/en-us/career/"
SEARCH = "/en-us/search/account-by-name/"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. With `sent` fewer bytes of the body are sent than announced, then the connection closes.

    Status 0 closes the connection without an answer.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    sent: int | None = None

    def head(self) -> bytes:
        named = {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(self.body))}
        lines = [f"{name}: {value}" for name, value in {**named, **self.headers}.items()]
        return "\r\n".join([f"HTTP/1.1 {self.status} Replayed", *lines, "", ""]).encode("latin-1")


class Hold:
    """Keeps back the answers to one path. `arrived` is set once a request for it is there."""

    def __init__(self) -> None:
        self.arrived = asyncio.Event()
        self._released = asyncio.Event()

    def release(self) -> None:
        """Answer what waits, and all that comes later."""
        self._released.set()

    async def wait(self) -> None:
        self.arrived.set()
        await self._released.wait()


class Replay:
    """Use as an async context manager; `url` is where it listens.

    careers    page by player id (Blizzard's id with `|`, or a BattleTag)
    redirects  BattleTag -> id whose career page it leads to; a target with a `/` is sent as it is
    search     name (case does not count) -> rows, or the text to send; other names find nobody
    pages      text by path, for all other pages
    status     path -> status to answer with instead, until removed
    answers    path -> answers to give first, one for each request
    requests   path and query of every request, in order; `headers` are theirs, names in lower case
    """

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        self.careers: dict[str, str] = {}
        self.redirects: dict[str, str] = {}
        self.search: dict[str, list[Any] | str] = {}
        self.pages: dict[str, str] = {}
        self.status: dict[str, int] = {}
        self.answers: dict[str, list[Answer]] = {}
        self.requests: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.connections = 0
        self.url = ""
        self._tls = tls
        self._holds: dict[str, Hold] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    def hold(self, path: str) -> Hold:
        """Keep back answers to `path` (without the query) from now on."""
        return self._holds.setdefault(path, Hold())

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._tls)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"{'https' if self._tls else 'http'}://127.0.0.1:{port}"
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
        self.connections += 1
        try:
            await self._serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            # The other side left, or the test is over; a cancelled connection is a closed one.
            pass
        finally:
            self._tasks.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        is_open = True
        while is_open:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            target = head[0].split(" ")[1]
            self.requests.append(target)
            pairs = (line.partition(":") for line in head[1:] if line)
            self.headers.append({name.lower(): value.strip() for name, _, value in pairs})
            path = target.partition("?")[0]
            if path in self._holds:
                await self._holds[path].wait()
            is_open = await _send(writer, self._answer(path))

    def _answer(self, path: str) -> Answer:
        queued = self.answers.get(path)
        if queued:
            return queued.pop(0)
        if path in self.status:
            return Answer(self.status[path], b"<html>a status</html>")
        if path in self.pages:
            return Answer(200, self.pages[path].encode())
        if path.startswith(SEARCH):
            return self._search(_segment(path, SEARCH))
        if path.startswith(CAREER):
            return self._career(_segment(path, CAREER))
        return Answer(404, NOT_FOUND_PAGE.encode())

    def _search(self, name: str) -> Answer:
        found = next((rows for key, rows in self.search.items() if key.casefold() == name.casefold()), [])
        text = found if isinstance(found, str) else json.dumps(found)
        return Answer(200, text.encode(), {"Content-Type": "application/json"})

    def _career(self, player_id: str) -> Answer:
        if player_id in self.redirects:
            target = self.redirects[player_id]
            location = target if "/" in target else f"{CAREER}{quote(target, safe='')}/"
            return Answer(302, b"", {"Location": location})
        if player_id in self.careers:
            return Answer(200, self.careers[player_id].encode())
        return Answer(404, NOT_FOUND_PAGE.encode())


async def _send(writer: asyncio.StreamWriter, answer: Answer) -> bool:
    """Send an answer; False when the connection is to be closed after it."""
    if answer.status == 0:
        return False
    writer.write(answer.head() + answer.body[: answer.sent])
    await writer.drain()
    return answer.sent is None


def _segment(path: str, start: str) -> str:
    return unquote(path.removeprefix(start).rstrip("/"))
