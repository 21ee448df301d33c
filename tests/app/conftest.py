"""A running server with a stand-in for upstream behind it."""

from collections.abc import AsyncIterator

import pytest

from tests.app.server import Server, served
from tests.replay import Replay


@pytest.fixture
async def server(replay: Replay) -> AsyncIterator[Server]:
    async with served(replay.url) as server:
        yield server
