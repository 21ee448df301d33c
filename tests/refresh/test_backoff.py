"""How long an unknown player is left alone."""

import pytest

from models.players import UnknownPlayer
from refresh.backoff import Backoff

BACKOFF = Backoff(initial_seconds=600, multiplier=3, max_seconds=21_600)


@pytest.mark.parametrize(
    ("check_count", "seconds"),
    [(1, 600), (2, 1800), (3, 5400), (4, 16_200), (5, 21_600), (6, 21_600), (10_000_000, 21_600)],
)
def test_each_check_in_vain_trebles_the_wait_up_to_six_hours(check_count: int, seconds: float) -> None:
    assert BACKOFF.wait(check_count) == seconds


def test_a_first_wait_over_the_ceiling_is_the_ceiling() -> None:
    assert Backoff(initial_seconds=100, multiplier=2, max_seconds=50).wait(1) == 50


def test_a_multiplier_of_one_keeps_the_wait() -> None:
    assert Backoff(initial_seconds=100, multiplier=1, max_seconds=500).wait(10**9) == 100


def test_the_note_says_when_to_ask_again() -> None:
    note = BACKOFF.after_check("Nobody-1234", 2, checked_at=1_000)

    assert note == UnknownPlayer("Nobody-1234", check_count=2, checked_at=1_000, retry_at=1_801_000)
