"""`python app.py jobs`: background work as an operator sees it, and another try for what has failed."""

import argparse
import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any

from clock import SystemClock
from commands.store_target import add_url_to, opened, running
from errors import StartRefused
from models.jobs import Job, JobKind, JobState
from refresh.table_queue import TableQueue
from settings import Settings
from storage import JobRecords, Storage

_PAGE = 500
_LISTED = 50


def add_to(commands: Any) -> None:
    """Make the three actions known to the command line."""
    parser = commands.add_parser("jobs", help="look at background work, and try again what has failed")
    actions = parser.add_subparsers(title="actions", required=True, metavar="ACTION")

    parser = actions.add_parser("status", help="count jobs by kind and state; works while a server runs")
    add_url_to(parser)
    parser.set_defaults(run=running(_status))

    parser = actions.add_parser("list", help="list jobs, the last asked for first; works while a server runs")
    states = [state.value for state in JobState]
    parser.add_argument("--state", choices=states, default="failed", help="which (failed: dead letters)")
    parser.add_argument("--limit", type=int, default=_LISTED, help=f"how many at most ({_LISTED})")
    parser.add_argument("--json", action="store_true", help="for machines: a JSON object a line")
    add_url_to(parser)
    parser.set_defaults(run=running(_list))

    parser = actions.add_parser("retry", help="queue failed jobs again")
    parser.add_argument("ids", nargs="*", metavar="ID", help="which, as `jobs list` writes them")
    parser.add_argument("--all", action="store_true", help="all that have failed")
    add_url_to(parser)
    parser.set_defaults(run=running(_retry))


async def _status(options: argparse.Namespace, settings: Settings) -> int:
    async with opened(options.url, settings, read_only=True) as storage:
        counts = await storage.jobs.counts()
    print(_table(counts))
    return 0


async def _list(options: argparse.Namespace, settings: Settings) -> int:
    if options.limit < 1:
        raise StartRefused("--limit: must be 1 or more.")
    left = options.limit
    async with opened(options.url, settings, read_only=True) as storage:
        async for job in _jobs(storage.jobs, JobState(options.state)):
            print(_as_json(job) if options.json else _as_text(job))
            left -= 1
            if not left:
                break
    return 0


async def _retry(options: argparse.Namespace, settings: Settings) -> int:
    if bool(options.ids) == options.all:
        raise StartRefused("Give the ids of the jobs to try again, or --all.")
    async with opened(options.url, settings) as storage:
        # Listed first: one that fails again at once is not tried for ever.
        ids = options.ids or [job.id async for job in _jobs(storage.jobs, JobState.FAILED)]
        count = await _requeue(storage, ids)
    print(f"Queued {count:,} of {len(ids):,} jobs again.")
    return 0 if count == len(ids) else 1


async def _requeue(storage: Storage, ids: list[str]) -> int:
    """How many of these had failed, and are to be tried again."""
    queue = TableQueue(storage.jobs, asyncio.Event(), SystemClock(), bus=storage.bus)
    count = 0
    for start in range(0, len(ids), _PAGE):
        count += len(await queue.requeue(ids[start : start + _PAGE]))
    return count


async def _jobs(records: JobRecords, state: JobState) -> AsyncIterator[Job]:
    """All jobs in a state, some at a time."""
    page = await records.list(state, after=None, limit=_PAGE)
    while page:
        for job in page:
            yield job
        page = await records.list(state, after=page[-1].place, limit=_PAGE)


def _table(counts: Mapping[tuple[JobKind, JobState], int]) -> str:
    states = list(JobState)
    lines = [f"{'kind':<22}" + "".join(f"{state.value:>12}" for state in states)]
    for kind in sorted({kind for kind, _ in counts}, key=lambda kind: kind.value):
        figures = "".join(f"{counts.get((kind, state), 0):>12,}" for state in states)
        lines.append(f"{kind.value:<22}{figures}")
    return "\n".join(lines)


def _as_text(job: Job) -> str:
    why = f"  {job.error.code.value}: {job.error.message}" if job.error else ""
    return f"{job.id}  {_time(job.queued_at)}  {job.kind.value} {job.key}  {job.attempts} tries{why}"


def _as_json(job: Job) -> str:
    error = job.error and {"code": job.error.code.value, "message": job.error.message}
    return json.dumps(
        {
            "id": job.id,
            "kind": job.kind.value,
            "key": job.key,
            "state": job.state.value,
            "attempts": job.attempts,
            "queued_at": _time(job.queued_at),
            "not_before": _time(job.not_before),
            "started_at": None if job.started_at is None else _time(job.started_at),
            "finished_at": None if job.finished_at is None else _time(job.finished_at),
            "error": error,
        }
    )


def _time(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
