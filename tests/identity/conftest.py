"""A clock that stands still, and a provider of keys."""

from collections.abc import Iterator

import pytest

from tests.identity.provider import Provider, providing
from tests.refresh.held_clock import HeldClock


@pytest.fixture
def clock() -> HeldClock:
    return HeldClock()


@pytest.fixture
def provider() -> Iterator[Provider]:
    with providing() as provider:
        yield provider
