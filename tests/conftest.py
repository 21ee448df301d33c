"""What every test may ask for, and an environment without anybody's own settings."""

from collections.abc import AsyncIterator

import pytest

from settings import Settings
from tests.clock import FrozenClock
from tests.replay import Replay


@pytest.fixture(autouse=True)
def no_ambient_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
async def replay() -> AsyncIterator[Replay]:
    """A stand-in for upstream on a socket of its own."""
    async with Replay() as replay:
        yield replay
