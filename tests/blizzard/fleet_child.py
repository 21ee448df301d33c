"""A process of a fleet that asks a simulated upstream all the time, until it is refused.

Run as `python -m tests.blizzard.fleet_child STORE UPSTREAM`. It prints `ready` when its store is open and waits for a
line. Once refused it prints how often it had asked, and how many seconds it was told to wait, and ends.
"""

import asyncio
import sys

import structlog

from blizzard.client import Upstream, UpstreamSettings
from blizzard.pace import ThrottleSettings
from blizzard.throttle import Throttle
from clock import SystemClock
from errors import UpstreamRateLimited
from metrics import Metrics
from refresh.pace import paces_of
from storage import open_storage
from tests.storage.targets import options_of

CALLERS = 4
SETTINGS = ThrottleSettings(start_delay=0.1, min_delay=0.1)


async def ask_until_refused(upstream: Upstream) -> tuple[int, int]:
    """How often it was answered, and how long to wait."""
    asked = 0
    while True:
        try:
            await upstream.get("/en-us/heroes/", page="heroes")
        except UpstreamRateLimited as refused:
            return asked, refused.retry_after
        asked += 1


async def main(target: str, url: str) -> None:
    clock, metrics = SystemClock(), Metrics()
    async with open_storage(options_of(target), clock=clock, metrics=metrics) as storage:
        throttle = Throttle(SETTINGS, clock, metrics, paces=paces_of(storage, SETTINGS, clock, metrics))
        async with Upstream(UpstreamSettings(base_url=url), throttle, clock, metrics) as upstream:
            print("ready", flush=True)
            sys.stdin.readline()
            ends = await asyncio.gather(*(ask_until_refused(upstream) for _ in range(CALLERS)))
    print(sum(asked for asked, _ in ends), max(wait for _, wait in ends), flush=True)


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # stdout is for the answers
    asyncio.run(main(*sys.argv[1:]))
