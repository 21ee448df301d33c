"""`python app.py worker`: does background work beside the servers, on any number of machines, until told to stop."""

import argparse
import asyncio
import contextlib
import signal
from typing import Any

import structlog

from app import Playgraph, create_worker_app
from clock import SystemClock
from commands.log_output import configure_logging
from commands.serve import check_address, end_in_order_when_told, given_address, serve_app
from errors import StartRefused
from settings import Settings, load_settings

_log = structlog.get_logger("playgraph")


def add_to(commands: Any) -> None:
    """Make the command known to the command line."""
    parser = commands.add_parser("worker", help="do background work for servers on PostgreSQL or Redis")
    parser.add_argument(
        "--port", help="port to tell on how it is (/health/ready, /metrics); none unless given"
    )
    parser.add_argument("--host", help="address to listen on with that port (HOST)")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> None:
    settings = load_settings(**given_address(options))
    _refuse_what_cannot_work(settings)
    configure_logging(settings.log_level, settings.log_format)
    if options.port is None:
        return asyncio.run(_work(settings))
    end_in_order_when_told()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_work_and_tell(settings))
    return None


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
        _announce(settings)
        await told_to_stop.wait()
        _log.info("stopping")


async def _work_and_tell(settings: Settings) -> None:
    """The same, telling how it is over HTTP all the while."""
    check_address(settings.host, settings.port)
    app = create_worker_app(settings)
    await serve_app(app, settings, lambda address: _announce(settings, address))


def _announce(settings: Settings, address: str | None = None) -> None:
    where = {} if address is None else {"metrics": f"{address}/metrics"}
    _log.info("working", storage=settings.storage_type, at_a_time=settings.job_concurrency, **where)
