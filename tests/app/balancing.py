"""A small balancer before the servers of a fleet, and a load that remembers every request that failed."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

import httpx2

from tests.app.fleet import DEADLINE, Member

PLAYER = '{ player(playerId: "Somebody-1234") { ... on Player { username } } }'
_PROBE_SECONDS = 0.05


@dataclass
class Balancer:
    """Passes bytes on, each new connection to the next member that says it is ready. It tries none again."""

    members: list[Member] = field(default_factory=list)
    port: int = 0
    _ready: set[str] = field(default_factory=set)
    _turns: "count[int]" = field(default_factory=count)
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set)

    async def probe(self) -> None:
        """Ask the members whether they are ready, again and again."""
        async with httpx2.AsyncClient(trust_env=False, timeout=5) as client:
            while True:
                for member in list(self.members):
                    is_ready = await _is_ready(client, member)
                    (self._ready.add if is_ready else self._ready.discard)(member.url)
                await asyncio.sleep(_PROBE_SECONDS)

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        ready = [member for member in self.members if member.url in self._ready]
        member = ready[next(self._turns) % len(ready)]
        port = int(member.url.rpartition(":")[2])
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(_pass(reader, there_writer), _pass(there_reader, writer))

    async def until_ready(self) -> None:
        """Return when some member is."""
        async with asyncio.timeout(DEADLINE):
            while not self._ready:  # noqa: ASYNC110 - another process tells nobody
                await asyncio.sleep(_PROBE_SECONDS)


async def _is_ready(client: httpx2.AsyncClient, member: Member) -> bool:
    with contextlib.suppress(httpx2.HTTPError):
        return (await client.get(f"{member.url}/health/ready")).status_code == 200
    return False


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while part := await reader.read(65_536):
            writer.write(part)
            await writer.drain()
    with contextlib.suppress(ConnectionError):
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def balancer() -> AsyncIterator[Balancer]:
    """A balancer on a free port."""
    front = Balancer()
    server = await asyncio.start_server(front.accept, "127.0.0.1", 0)
    front.port = server.sockets[0].getsockname()[1]
    probing = asyncio.create_task(front.probe())
    try:
        yield front
    finally:
        probing.cancel()
        await asyncio.gather(probing, return_exceptions=True)
        server.close()
        await server.wait_closed()


@dataclass
class Load:
    """Clients that ask one after the other on connections that they keep, and try nothing again."""

    url: str
    answers: int = 0
    failures: list[str] = field(default_factory=list)
    _counted: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def answered(self, more: int) -> None:
        """Return when so many more requests were answered."""
        goal = self.answers + more
        async with asyncio.timeout(DEADLINE), self._counted:
            await self._counted.wait_for(lambda: self.answers >= goal or bool(self.failures))

    @asynccontextmanager
    async def running(self, clients: int) -> AsyncIterator[None]:
        """So many clients, until the end of the block."""
        is_over = asyncio.Event()
        tasks = [asyncio.create_task(self._ask_always(is_over)) for _ in range(clients)]
        try:
            yield
        finally:
            is_over.set()
            await asyncio.gather(*tasks)

    async def _ask_always(self, is_over: asyncio.Event) -> None:
        async with httpx2.AsyncClient(trust_env=False, timeout=DEADLINE) as client:
            while not is_over.is_set():
                await self._ask(client)

    async def _ask(self, client: httpx2.AsyncClient) -> None:
        try:
            answer = await client.post(f"{self.url}/graphql", json={"query": PLAYER})
            found = answer.json() if answer.status_code == 200 else answer.status_code
            if found != {"data": {"player": {"username": "Somebody"}}}:
                self.failures.append(str(found))
        except httpx2.HTTPError as error:
            self.failures.append(repr(error))
        async with self._counted:
            self.answers += 1
            self._counted.notify_all()
