"""One run of the refresh soak: a store full of stale players, everybody queued, and one worker that does it all."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import msgspec
from tqdm import tqdm

from bench import fleet
from bench.draining import Sample, drained
from bench.drifted import COUNTS, Counts
from bench.places import PLACES
from bench.stale import AFTER, everybody, has_changed, stale_items
from blizzard.simulator import SimulatedPlayer
from clock import SystemClock
from metrics import Metrics
from models.jobs import JobKind, JobPriority, JobRequest
from models.players import KeptPlayer
from refresh.table_queue import TableQueue
from storage import Storage, StorageOptions, open_storage
from storage.items import PLAYERS

_CLOCK = SystemClock()
_STALE_MILLISECONDS = 45 * 60_000
_AT_ONCE = 500
_ITEMS_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of `players` players, of whom upstream showed `changed` otherwise than they were kept.

    `failed` are jobs that were given up, `wrong` players that are not kept as they must be afterwards. `asked` is what
    upstream was asked, `exit_code` the worker's when it was told to stop, `said` what it had printed. `samples` are
    looks at the worker, the first before it began.
    """

    players: int
    changed: int
    failed: int
    wrong: int
    asked: Counts
    exit_code: int
    said: str
    samples: Sequence[Sample]
    server_version: str


async def refreshed(players: int, folder: Path) -> Outcome:
    """Make the run on servers that are there; `folder` is for logs. Raises Failure when it does not come to its end."""
    with fleet.drifted(folder, players) as upstream:
        async with PLACES["hybrid"](folder) as options, _opened(options) as storage:
            await _fill(storage, players)
            began_at = _CLOCK.now()
            await _enqueue(storage, players)
            with fleet.worker(folder, upstream.port, options) as worker:
                samples = await drained(storage.jobs, worker, players)
                exit_code, said = worker.stop(), worker.said()
            wrong = await _wrong(options, players, began_at)
        asked = msgspec.json.decode(upstream.post(COUNTS, ""), type=Counts)
    changed = sum(map(has_changed, everybody(players)))
    return Outcome(
        players,
        changed,
        samples[-1].failed,
        wrong,
        asked,
        exit_code,
        said,
        samples,
        storage.server_version,
    )


def _opened(options: StorageOptions) -> AbstractAsyncContextManager[Storage]:
    return open_storage(options, clock=_CLOCK, metrics=Metrics())


async def _fill(storage: Storage, players: int) -> None:
    made = stale_items(players, _CLOCK.now() - _STALE_MILLISECONDS)
    with tqdm(total=players, desc="inventing", disable=None) as bar:
        while items := list(islice(made, _ITEMS_AT_ONCE)):
            await storage.archives[PLAYERS.name].put_many(items)
            bar.update(len(items))


async def _enqueue(storage: Storage, players: int) -> None:
    """Ask for everybody, as readers of stale records do."""
    queue = TableQueue(storage.jobs, asyncio.Event(), _CLOCK, bus=storage.bus)
    for batch in _batches(players):
        tags = [player.battletag for player in batch]
        await queue.enqueue([JobRequest(JobKind.PLAYER, tag, JobPriority.STALE) for tag in tags])


async def _wrong(options: StorageOptions, players: int, began_at: int) -> int:
    """How many are not kept as they must be, read from the database itself and from no copy."""
    wrong = 0
    async with _opened(replace(options, backend="postgres")) as storage:
        for batch in _batches(players):
            kept = await storage.players.get_many([player.battletag for player in batch])
            wrong += sum(
                not _is_refreshed(player, kept.get(player.battletag, KeptPlayer()), began_at)
                for player in batch
            )
    return wrong


def _is_refreshed(player: SimulatedPlayer, kept: KeptPlayer, began_at: int) -> bool:
    record = kept.record
    if record is None or kept.unknown is not None or record.fetched_at < began_at:
        return False
    facts = (record.blizzard_id, record.version, record.last_updated_at)
    return facts == (player.blizzard_id, 1 + has_changed(player), AFTER.last_updated(player) * 1_000)


def _batches(players: int) -> Iterator[Sequence[SimulatedPlayer]]:
    all_players = everybody(players)
    return (all_players[first : first + _AT_ONCE] for first in range(0, players, _AT_ONCE))
