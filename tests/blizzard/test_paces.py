"""The pace as a value: what is believed of it, how it is written, what a process that is alone keeps of it."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from blizzard.learning import refused
from blizzard.pace import Pace, ThrottleSettings, first_pace
from blizzard.pace_text import decode_pace, encode_pace
from blizzard.paces import KeptPace, OwnPace
from blizzard.throttle import Throttle
from errors import StorageUnavailable, UpstreamRateLimited
from metrics import Metrics
from tests.clock import FrozenClock

SETTINGS = ThrottleSettings()
NOW = FrozenClock().now()
PACE = Pace(
    delay=0.10625,
    ssthresh=0.2,
    floor=0.1,
    hold=1_200.0,
    streak=7,
    is_lowered=False,
    proven=0.125,
    resting_until=None,
    changed_at=NOW - 5,
    penalty_until=NOW + 5,
    left_at=NOW / 1000 + 0.10625,
    turns=2**53,
    people_in_a_row=3,
    at=NOW - 1,
)


def test_a_pace_is_read_as_it_was_written() -> None:
    assert decode_pace(encode_pace(PACE)) == PACE
    assert decode_pace(encode_pace(first_pace(SETTINGS, NOW))) == first_pace(SETTINGS, NOW)


def test_what_a_newer_release_adds_is_left_out_and_what_it_lacks_has_its_default() -> None:
    parts = json.loads(encode_pace(PACE)) | {"mood": "good"}
    del parts["people_in_a_row"]

    assert decode_pace(json.dumps(parts).encode()) == replace(PACE, people_in_a_row=0)


@pytest.mark.parametrize(
    "text", [b"", b"\xff", b"null", b"[]", b"7", b"{}", b'{"delay": 1}', b"[" * 100_000, b'"delay"']
)
def test_what_is_no_pace_is_none(text: bytes) -> None:
    assert decode_pace(text) is None


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("delay", -1),
        ("delay", "1"),
        ("delay", None),
        ("delay", True),
        ("delay", float("nan")),
        ("delay", float("inf")),
        ("turns", 1.5),
        ("at", 2**53 + 1),
        ("penalty_until", None),
        ("is_lowered", 1),
        ("left_at", []),
    ],
)
def test_a_pace_with_a_part_that_cannot_be_is_none(part: str, value: Any) -> None:
    assert decode_pace(json.dumps(json.loads(encode_pace(PACE)) | {part: value}).encode()) is None


@pytest.mark.parametrize(("seconds", "is_believed"), [(3600.0, True), (3600.001, False)])
def test_a_penalty_longer_than_the_longest_is_not_believed(seconds: float, is_believed: bool) -> None:
    pace = replace(PACE, penalty_until=NOW + round(seconds * 1000))

    believed = pace.believed(SETTINGS, NOW)

    assert believed.penalty_until == (pace.penalty_until if is_believed else 0)
    assert believed.is_closed(NOW) is is_believed


@pytest.mark.parametrize(("seconds", "is_believed"), [(2.0, True), (2.002, False)])
def test_a_slot_further_ahead_than_can_be_counts_as_now(seconds: float, is_believed: bool) -> None:
    pace = replace(PACE, delay=1.0, left_at=NOW / 1000 + seconds)

    believed = pace.believed(SETTINGS, NOW)

    assert believed.left_at == (pace.left_at if is_believed else NOW / 1000)


@pytest.mark.parametrize(
    ("resting_until", "believed"),
    [(None, None), (NOW + 14_400_000, NOW + 14_400_000), (NOW + 14_400_001, NOW + 14_400_000)],
)
def test_a_rest_is_no_longer_than_the_longest(resting_until: int | None, believed: int | None) -> None:
    pace = replace(PACE, resting_until=resting_until, changed_at=NOW + 1)

    found = pace.believed(SETTINGS, NOW)

    assert (found.resting_until, found.changed_at) == (believed, NOW)


def test_the_same_refusal_told_twice_counts_once() -> None:
    once = refused(replace(PACE, penalty_until=0), SETTINGS, None, NOW)

    assert refused(once, SETTINGS, None, NOW) == once


class File:
    """A store of one process; counts what is asked of it, and is away when told."""

    def __init__(self) -> None:
        self.kept: KeptPace | None = None
        self.reads = 0
        self.writes = 0
        self.is_away = False

    async def read(self) -> KeptPace | None:
        self._answer()
        self.reads += 1
        return self.kept

    async def replace(self, kept: KeptPace | None, text: bytes) -> bool:
        self._answer()
        self.writes += 1
        self.kept = KeptPace(text, self.writes)
        return True

    def _answer(self) -> None:
        if self.is_away:
            raise StorageUnavailable("The file is away.", now=NOW, next_check_at=NOW + 1000)


def started(clock: FrozenClock, file: File) -> Throttle:
    """A process that starts on the file."""
    return Throttle(SETTINGS, clock, Metrics(), paces=OwnPace(SETTINGS, clock, file))


async def test_a_restart_forgets_no_penalty(clock: FrozenClock) -> None:
    file = File()
    before = started(clock, file)
    await before.turn()
    await before.refuse(120.0)
    clock.advance(20)

    after = started(clock, file)
    with pytest.raises(UpstreamRateLimited) as refused:
        await after.turn()

    assert refused.value.retry_after == 100
    assert after.pace.delay == 10.0


async def test_a_process_alone_writes_when_the_pace_changes_and_not_for_each_turn(clock: FrozenClock) -> None:
    file = File()
    throttle = started(clock, file)

    for _ in range(1_000):
        await throttle.turn()
        await throttle.record(200)

    # 2 -> 1 -> 0.5 -> 0.25 -> 0.125 -> 0.1
    assert (throttle.pace.delay, file.writes) == (0.1, 5)


async def test_without_the_file_the_pace_goes_on_and_is_written_when_it_is_back(clock: FrozenClock) -> None:
    file = File()
    file.is_away = True
    throttle = started(clock, file)
    await throttle.turn()
    await throttle.refuse()
    was = throttle.penalty_seconds
    clock.advance(60)

    file.is_away = False
    await throttle.turn()

    assert was == 60.0
    assert file.kept is not None
    kept = decode_pace(file.kept.text)
    assert kept is not None
    assert (kept.delay, kept.penalty_until) == (10.0, clock.now())


async def test_a_caller_that_leaves_takes_no_refusal_along(clock: FrozenClock) -> None:
    throttle = Throttle(SETTINGS, clock, Metrics())

    refusing = asyncio.create_task(throttle.refuse())
    await asyncio.sleep(0)
    refusing.cancel()
    await asyncio.wait([refusing])

    assert throttle.penalty_seconds == 60.0
