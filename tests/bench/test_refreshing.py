"""The short form of the refresh soak: counts, not times; and what makes it a failure."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bench.draining import Sample, growth, held_at, speed
from bench.drifted import Counts
from bench.reading import Reading
from bench.refreshed import Outcome, refreshed
from bench.refreshing import GROWTH_LIMIT_MIB, section_of

PLAYERS = 200
CHANGED = 112
READING = Reading(search=0.001, rows=250.0, career=0.01)


def steady(*held: float, players: int = 1_000) -> Sequence[Sample]:
    """Looks in equal steps, one for each memory held, at a worker that is done in ten seconds, five of them of CPU."""
    last = len(held) - 1
    return [
        Sample(10 * place / last, players * place // last, 0, 5 * place / last, mib)
        for place, mib in enumerate(held)
    ]


@pytest.fixture
def good() -> Outcome:
    """A run of a thousand players, half of them changed, that went as it must."""
    samples = steady(90, 100, 100, 100, 100, 100)
    return Outcome(1_000, 500, 0, 0, Counts(1_000, 500), 0, "", samples, "PostgreSQL 15, Redis 7")


async def test_every_stale_player_is_refreshed_with_no_request_too_many(tmp_path: Path) -> None:
    outcome = await refreshed(PLAYERS, tmp_path)

    assert (outcome.failed, outcome.wrong) == (0, 0)
    assert outcome.changed == CHANGED
    assert outcome.asked == Counts(
        searches=PLAYERS, careers=CHANGED, others=1
    )  # the other asks whether it is up
    assert (outcome.exit_code, outcome.said) == (0, "")
    assert outcome.samples[-1].ended == PLAYERS


def test_a_run_that_went_as_it_must_is_no_failure(good: Outcome) -> None:
    section = section_of(good, READING)

    assert section.failure is None
    assert ("refreshes a second", "100.0") in section.rows
    assert ("the limit, refreshes a second", "166.7") in section.rows
    assert ("of the limit", "60%") in section.rows
    assert ("career pages a second, and with nothing else to do", "50.0, 100.0") in section.rows
    assert ("CPU of the worker for one refresh, ms", "5.0") in section.rows
    assert ("CPU of the worker, of one core", "50%") in section.rows
    assert ("growth for each 1,000, from 200 to 600", "+0.00") in section.rows
    assert ("growth for each 1,000, from 600 to 1,000", "+0.00") in section.rows


def test_jobs_that_failed_and_players_not_refreshed_are_told(good: Outcome) -> None:
    section = section_of(replace(good, failed=2, wrong=3), READING)

    assert section.failure == "2 jobs failed, and 3 players are not kept as they must be"


@pytest.mark.parametrize(
    "asked", [Counts(1_001, 500), Counts(999, 500), Counts(1_000, 501), Counts(1_000, 499)]
)
def test_a_request_too_many_or_too_few_is_told(good: Outcome, asked: Counts) -> None:
    section = section_of(replace(good, asked=asked), READING)

    assert section.failure == f"upstream was asked {asked}, not 1000 searches and 500 careers"


def test_a_worker_that_ends_badly_is_told_with_what_it_said(good: Outcome) -> None:
    section = section_of(replace(good, exit_code=1, said="no storage"), READING)

    assert section.failure == "the worker ended with code 1: no storage"


def test_memory_may_grow_up_to_the_limit_and_no_further(good: Outcome) -> None:
    most = 0.4 * GROWTH_LIMIT_MIB
    at_limit = replace(good, samples=steady(90, 100, 100, 100, 100, 100 + most))
    beyond = replace(good, samples=steady(90, 100, 100, 100, 100, 100 + most + 0.05))

    assert section_of(at_limit, READING).failure is None
    assert section_of(beyond, READING).failure == "memory grows by 2.1 MiB for each 1,000 refreshes"


def test_memory_that_has_stopped_growing_is_no_failure(good: Outcome) -> None:
    settled = replace(good, samples=steady(90, 100, 200, 300, 300, 300))
    section = section_of(settled, READING)

    assert section.failure is None
    assert ("growth for each 1,000, from 200 to 600", "+500.00") in section.rows


def test_a_few_refreshes_do_not_say_whether_memory_grows(good: Outcome) -> None:
    few = replace(
        good, players=999, changed=500, asked=Counts(999, 500), samples=steady(90, 100, 300, players=999)
    )

    assert section_of(few, READING).failure is None


def test_memory_that_is_not_known_is_no_failure(good: Outcome) -> None:
    unknown = [replace(each, resident=None) for each in good.samples]
    section = section_of(replace(good, samples=unknown), READING)

    assert section.failure is None
    assert ("memory", "not known on this system") in section.rows


def test_memory_held_at_a_share_is_the_median_of_the_looks_about_then() -> None:
    samples = [
        Sample(float(ended), ended, 0, 0.0, mib)
        for ended, mib in [(0, 50), (198, 99), (200, 500), (202, 101)]
    ]
    samples.append(Sample(1_000.0, 1_000, 0, 0.0, 117))

    assert held_at(samples, 0.2) == 101
    assert growth(samples, 0.2, 1.0) == 20


def test_a_run_is_timed_from_the_first_look_that_found_anything_done() -> None:
    samples = [
        Sample(0.0, 0, 0, 0.0, None),
        Sample(7.0, 0, 0, 3.0, None),
        Sample(8.0, 10, 0, 4.0, None),
        Sample(10.0, 110, 0, 5.0, None),
    ]

    assert speed(samples) == (50.0, 0.01)
