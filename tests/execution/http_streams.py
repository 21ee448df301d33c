"""A client of streamed answers that sees their bytes as they come."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx2

from tests.execution.streaming import Served


@dataclass
class Heard:
    """One streamed answer under way."""

    answer: httpx2.Response
    _bytes: AsyncIterator[bytes]
    _rest: bytes = b""

    async def until(self, end: bytes) -> bytes:
        """What comes up to `end`, which it includes."""
        async with asyncio.timeout(5):
            while end not in self._rest:
                self._rest += await anext(self._bytes)
        found, _, self._rest = self._rest.partition(end)
        return found + end

    async def rest(self) -> bytes:
        """All that comes until the answer ends, whole."""
        async with asyncio.timeout(5):
            async for part in self._bytes:
                self._rest += part
        found, self._rest = self._rest, b""
        return found


@asynccontextmanager
async def asking(
    served: Served,
    query: str,
    accept: str,
    *,
    method: str = "POST",
    authorization: str = "",
    **members: object,
) -> AsyncIterator[Heard]:
    """Ask for a stream; the connection is dropped at the end of the block."""
    asked = {"query": query, **members}
    headers = {"Accept": accept, "Authorization": authorization}
    async with httpx2.AsyncClient(trust_env=False, timeout=5) as client:
        options = {"json": asked} if method == "POST" else {"params": asked}
        async with client.stream(method, served.url, headers=headers, **options) as answer:  # type: ignore[arg-type]
            yield Heard(answer, answer.aiter_raw())
