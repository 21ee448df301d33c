"""Servers that crash and come back under load: workers go on by themselves, and nothing that was taken is lost."""

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import pytest

from clock import SystemClock
from errors import StorageUnavailable
from metrics import Metrics
from models.jobs import Job, JobKind, JobState
from refresh.table_queue import TableQueue
from refresh.worker import Worker
from storage import PostgresOptions, RedisOptions, Storage, StorageOptions, open_storage
from tests.refresh.work import ANA, OPTIONS
from tests.servers.missing import require
from tests.servers.postgres import complaint_about_programs, postgres_server
from tests.servers.redis import redis_server
from tests.storage.load import eventually
from tests.storage.own_hybrid import own_servers
from tests.storage.real_cluster import complaint_about_redis_server

CRASHES = 3
WORKERS = 2
ASKERS = 4
JOBS = 40  # taken and done between two crashes
DURABLE = {"appendonly": "yes", "appendfsync": "always"}
QUICK = replace(
    OPTIONS,
    lease_seconds=1.5,
    tick_seconds=0.05,
    retry=replace(OPTIONS.retry, max_attempts=20),
)


class Server(Protocol):
    """What is crashed."""

    def kill(self) -> None: ...

    def start(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where jobs are kept, and what crashes. `is_needed`: without it no job can be asked for."""

    options: StorageOptions
    server: Server
    is_needed: bool = True


@contextmanager
def postgres_place(folder: Path) -> Iterator[Place]:
    require(complaint_about_programs())
    with postgres_server({"max_connections": "20"}) as server:
        options = PostgresOptions(server.url, pool_max=6, connect_seconds=1.0, acquire_seconds=1.0)
        yield Place(StorageOptions("postgres", postgres=options), server)


@contextmanager
def redis_place(folder: Path) -> Iterator[Place]:
    require(complaint_about_redis_server())
    with redis_server(folder, DURABLE) as server:
        yield Place(StorageOptions("redis", redis=RedisOptions(server.url, timeout_seconds=0.5)), server)


@contextmanager
def hybrid_place_whose_postgres_crashes(folder: Path) -> Iterator[Place]:
    with own_servers(folder) as servers:
        yield Place(servers.options, servers.postgres)


@contextmanager
def hybrid_place_whose_redis_crashes(folder: Path) -> Iterator[Place]:
    with own_servers(folder) as servers:
        yield Place(servers.options, servers.redis, is_needed=False)


PLACES: Mapping[str, Callable[[Path], AbstractContextManager[Place]]] = {
    "postgres": postgres_place,
    "redis": redis_place,
    "hybrid, postgres crashes": hybrid_place_whose_postgres_crashes,
    "hybrid, redis crashes": hybrid_place_whose_redis_crashes,
}


@dataclass
class Load:
    """Askers that go on whatever happens, what they were promised, and what the workers ran."""

    storage: Storage
    taken: dict[str, str] = field(default_factory=dict)
    refused: int = 0
    is_down: bool = False
    runs: Counter[str] = field(default_factory=Counter)

    async def ask_always(self, queue: TableQueue, name: int) -> None:
        """Ask for one piece of work after the other; note the job of each that was taken."""
        for number in itertools.count():
            key = f"player {name} {number}"
            try:
                (job,) = await queue.enqueue([replace(ANA, key=key)])
                self.taken[job.id] = key
            except StorageUnavailable:
                self.refused += 1
                # A caller that is refused goes away for a moment.
                await asyncio.sleep(0.01)
            # No faster than the workers, while they can work.
            await eventually(lambda: self.is_down or len(self.taken) - len(self.runs) < 4 * ASKERS)

    async def run(self, job: Job) -> None:
        """The work: it only leaves a trace."""
        self.runs[job.key] += 1

    async def crash(self, place: Place) -> None:
        """Crash the server under load, bring it back, and wait until jobs are asked for and done again."""
        refused, done = self.refused, len(self.runs)
        await asyncio.to_thread(place.server.kill)
        self.is_down = place.is_needed
        if place.is_needed:
            await eventually(lambda: self.refused >= refused + ASKERS)
        else:
            await eventually(lambda: len(self.runs) > done)
        await asyncio.to_thread(place.server.start)
        self.is_down = False
        taken, done = len(self.taken), len(self.runs)
        await eventually(lambda: len(self.taken) > taken + JOBS and len(self.runs) > done + JOBS)

    async def finish(self) -> None:
        """Wait until all that was taken has succeeded. A job that was lost is a KeyError."""
        async with asyncio.timeout(20):
            while True:
                jobs = await self.storage.jobs.get_many(self.taken)
                if {jobs[job_id].state for job_id in self.taken} == {JobState.SUCCEEDED}:
                    return
                await asyncio.sleep(0.01)


@asynccontextmanager
async def working(load: Load) -> AsyncIterator[None]:
    """The workers, each with a connection to nothing but the storage; nobody starts them again."""
    async with AsyncExitStack() as stack:
        for number in range(WORKERS):
            options = replace(QUICK, token=f"worker-{number}")
            worker = Worker(
                load.storage.job_claims,
                {JobKind.PLAYER: load.run},
                options,
                SystemClock(),
                Metrics(),
                asyncio.Event(),
            )
            await stack.enter_async_context(worker.serving())
        yield


@asynccontextmanager
async def asking(load: Load) -> AsyncIterator[None]:
    """The askers, until the end of the block."""
    queue = TableQueue(load.storage.jobs, asyncio.Event(), SystemClock())
    askers = [asyncio.create_task(load.ask_always(queue, name)) for name in range(ASKERS)]
    try:
        yield
    finally:
        for asker in askers:
            asker.cancel()
        ends = await asyncio.gather(*askers, return_exceptions=True)
    assert [end for end in ends if not isinstance(end, asyncio.CancelledError)] == []


@pytest.mark.parametrize("name", PLACES)
async def test_workers_outlive_the_crashes_of_their_server_and_nothing_taken_is_lost(
    tmp_path: Path, name: str
) -> None:
    with PLACES[name](tmp_path) as place:
        async with open_storage(place.options, clock=SystemClock(), metrics=Metrics()) as storage:
            load = Load(storage)
            async with working(load):
                async with asking(load):
                    for _ in range(CRASHES):
                        await load.crash(place)
                await load.finish()
            counts = await storage.jobs.counts()

    assert counts.keys() == {(JobKind.PLAYER, JobState.SUCCEEDED)}
    assert counts[JobKind.PLAYER, JobState.SUCCEEDED] >= len(load.taken) > CRASHES * JOBS
    assert load.runs.keys() >= set(load.taken.values())
    assert (load.refused > 0) is place.is_needed
