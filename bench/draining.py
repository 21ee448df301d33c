"""Watching a worker do all that is queued: how far it has come, and what it holds in memory meanwhile."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter

from tqdm import tqdm

from bench.children import Failure, Program
from models.jobs import JobKind, JobState
from storage import JobRecords

_LOOK_SECONDS = 0.25
_PATIENCE_SECONDS = 120.0
_AROUND = 0.02


@dataclass(frozen=True, slots=True)
class Sample:
    """A look at the worker: when (seconds), how many players were done or given up by then, its CPU seconds, its
    memory in MiB (None: not known on this system)."""

    at: float
    ended: int
    failed: int
    cpu: float
    resident: float | None


async def drained(jobs: JobRecords, worker: Program, players: int) -> list[Sample]:
    """Samples until every player's refresh has ended. Raises Failure when the worker ends, or nothing happens."""
    samples = [await _sample(jobs, worker)]
    moved_at = perf_counter()
    with tqdm(total=players, desc="refreshing", disable=None) as bar:
        while samples[-1].ended < players:
            await asyncio.sleep(_LOOK_SECONDS)
            if not worker.is_running:
                raise Failure(f"the worker ended: {worker.said()}")
            sample = await _sample(jobs, worker)
            if sample.ended > samples[-1].ended:
                moved_at = sample.at
            elif sample.at - moved_at > _PATIENCE_SECONDS:
                raise Failure(f"nothing ended for {_PATIENCE_SECONDS:.0f} s: {sample}, {worker.said()}")
            bar.update(sample.ended - samples[-1].ended)
            samples.append(sample)
    return samples


async def _sample(jobs: JobRecords, worker: Program) -> Sample:
    counts = await jobs.counts()
    failed = counts.get((JobKind.PLAYER, JobState.FAILED), 0)
    ended = failed + counts.get((JobKind.PLAYER, JobState.SUCCEEDED), 0)
    return Sample(perf_counter(), ended, failed, worker.cpu_seconds(), worker.resident_mib())


def held_at(samples: Sequence[Sample], share: float) -> float | None:
    """MiB held when `share` of all were done: the median of the looks about then, since the pages that are just in
    work come and go. None where memory is not known."""
    total = samples[-1].ended
    nearest = min(samples, key=lambda each: abs(each.ended - share * total))
    about = [each for each in samples if abs(each.ended - nearest.ended) <= _AROUND * total]
    known = [each.resident for each in about if each.resident is not None]
    return median(known) if known else None


def most_held(samples: Sequence[Sample]) -> float:
    """The most MiB that any look found."""
    return max(each.resident or 0.0 for each in samples)


def growth(samples: Sequence[Sample], since: float, until: float) -> float | None:
    """MiB for each thousand refreshes between these two shares of all; None where memory is not known."""
    first, last = held_at(samples, since), held_at(samples, until)
    if first is None or last is None:
        return None
    return (last - first) / ((until - since) * samples[-1].ended) * 1_000


def speed(samples: Sequence[Sample]) -> tuple[float, float]:
    """Refreshes a second, and CPU seconds for one; from the first look that found any, so without the start."""
    first, last = next(each for each in samples if each.ended), samples[-1]
    # A run so short that one look saw all of it is timed from its start.
    first = samples[0] if first is last else first
    done = last.ended - first.ended
    return done / (last.at - first.at), (last.cpu - first.cpu) / done
