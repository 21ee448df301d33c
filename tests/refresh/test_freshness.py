"""Fresh, stale, expired: at both sides of each limit."""

import pytest

from models.freshness import FreshnessState
from refresh.freshness import Windows

WINDOWS = Windows(stale_seconds=1800, expired_seconds=3600)
FETCHED_AT = 1_800_000_000_000


@pytest.mark.parametrize(
    ("age_milliseconds", "state"),
    [
        (0, FreshnessState.FRESH),
        (1_799_999, FreshnessState.FRESH),
        (1_800_000, FreshnessState.STALE),
        (3_599_999, FreshnessState.STALE),
        (3_600_000, FreshnessState.EXPIRED),
        (10**12, FreshnessState.EXPIRED),
        (-5_000, FreshnessState.FRESH),
    ],
)
def test_the_state_follows_from_the_age(age_milliseconds: int, state: FreshnessState) -> None:
    assert WINDOWS.state(FETCHED_AT, FETCHED_AT + age_milliseconds) is state


def test_stale_at_is_the_first_moment_that_is_stale() -> None:
    assert WINDOWS.stale_at(FETCHED_AT) == FETCHED_AT + 1_800_000
