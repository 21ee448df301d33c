"""A running server with a stand-in for upstream behind it."""

from collections.abc import AsyncIterator

import pytest

from tests.app.server import Server, served
from tests.refresh.held_clock import HeldClock
from tests.replay import Replay
from tests.synthetic import career_page


@pytest.fixture
def clock() -> HeldClock:
    """A clock on which background work stands still with the test, and does not make time run."""
    return HeldClock()


@pytest.fixture
async def server(replay: Replay) -> AsyncIterator[Server]:
    async with served(replay.url) as server:
        yield server


@pytest.fixture
def somebody(replay: Replay) -> Replay:
    """An upstream that knows one player."""
    replay.careers["Somebody-1234"] = career_page(name="Somebody", title="Scout")
    return replay


@pytest.fixture
async def idle(somebody: Replay) -> AsyncIterator[Server]:
    """A server that does no background work."""
    async with served(somebody.url) as server:
        yield server


@pytest.fixture
async def busy(somebody: Replay) -> AsyncIterator[Server]:
    """A server that does its background work."""
    async with served(somebody.url, job_concurrency=4) as server:
        yield server
