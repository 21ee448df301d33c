"""A wire that counts: between a client and its server it carries everything, and counts how often the client asks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit


@dataclass
class Wire:
    """What went over it. A round trip begins when the client speaks after the server did, or for the first time."""

    url: str
    round_trips: int = 0
    is_asking: bool = False

    def carried(self, *, to_server: bool) -> None:
        """Note that bytes went by."""
        self.round_trips += to_server and not self.is_asking
        self.is_asking = to_server


@asynccontextmanager
async def counting_wire(url: str) -> AsyncIterator[Wire]:
    """A wire to the server of a URL, on a port of its own. One client at a time speaks over it, or the counts mix."""
    parts = urlsplit(url)
    wire = Wire(url)
    open_ends: set[asyncio.StreamWriter] = set()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, to_server: bool) -> None:
        try:
            while piece := await reader.read(2**16):
                wire.carried(to_server=to_server)
                writer.write(piece)
                await writer.drain()
        except ConnectionError:
            return
        finally:
            writer.close()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(parts.hostname, parts.port)
        open_ends.update((writer, back))
        await asyncio.gather(carry(reader, back, to_server=True), carry(there, writer, to_server=False))

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    before = parts.netloc.rpartition("@")[0]
    place = f"{before}@127.0.0.1:{port}" if before else f"127.0.0.1:{port}"
    wire.url = urlunsplit(parts._replace(netloc=place))
    try:
        yield wire
    finally:
        server.close()
        for end in open_ends:
            end.close()
        await asyncio.gather(*(end.wait_closed() for end in open_ends), return_exceptions=True)
        await server.wait_closed()
