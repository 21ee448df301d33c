"""`python app.py worker`: does background work beside the servers, on any number of machines, until told to stop."""

import argparse
import asyncio
import signal
from typing import Any

import structlog

from app import Playgraph
from clock import SystemClock
from commands.log_output import configure_logging
from errors import StartRefused
from settings import Settings, load_settings

_log = structlog.get_logger("playgraph")


def add_to(commands: Any) -> None:
    """Make the command known to the command line."""
    parser = commands.add_parser("worker", help="do background work for servers on PostgreSQL or Redis")
    parser.set_defaults(run=_run)


def _run(_: argparse.Namespace) -> None:
    settings = load_settings()
    _refuse_what_cannot_work(settings)
    configure_logging(settings.log_level, settings.log_format)
    asyncio.run(_work(settings))


def _refuse_what_cannot_work(settings: Settings) -> None:
    if settings.storage_type == "sqlite":
        raise StartRefused(
            "a worker of its own needs STORAGE_TYPE=postgres, redis or hybrid; with sqlite the server does this work."
        )
    if settings.job_concurrency == 0:
        raise StartRefused("JOB_CONCURRENCY is 0: a worker that does nothing. Set it to 1 or more.")


async def _work(settings: Settings) -> None:
    """Work until SIGTERM or Ctrl-C. Then no job is begun, and those that run have JOB_STOP_TIMEOUT to end."""
    told_to_stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told_to_stop.set)
    async with Playgraph(settings, SystemClock()).opened():
        _log.info("working", storage=settings.storage_type, at_a_time=settings.job_concurrency)
        await told_to_stop.wait()
        _log.info("stopping")
