"""What tests of background work ask for."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.refresh.held_clock import HeldClock
from tests.refresh.work import Work, opened_work


@pytest.fixture
async def work(tmp_path: Path) -> AsyncIterator[Work]:
    async with opened_work(tmp_path / "work.db", HeldClock()) as work:
        yield work
