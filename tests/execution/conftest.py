"""The endpoint of the small schema, and a client that speaks to it without a socket."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from tests.execution.small_schema import Wired, wire


@pytest.fixture
def wired() -> Wired:
    return wire()


@pytest.fixture
async def client(wired: Wired) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(wired.endpoint)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test/graphql") as opened:
        yield opened
