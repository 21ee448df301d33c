"""Which store a command is about: that of the settings, or one named by an address."""

import argparse
import asyncio
import re
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from clock import SystemClock
from commands.log_output import configure_logging
from commands.serve import end_in_order_when_told
from errors import StartRefused
from metrics import Metrics
from options import storage_options
from settings import Settings, load_settings
from storage import PostgresOptions, RedisOptions, Storage, StorageOptions, open_storage

INTERRUPTED = 130
_REDIS = ("redis://", "rediss://", "unix://", "redis+cluster://", "redis+sentinel://")
_POSTGRES = ("postgresql://", "postgres://")
_ADDRESSES = (
    "sqlite:///relative.db, sqlite:////absolute.db, postgresql://..., redis://... "
    "or hybrid:postgresql://...,redis://..."
)

Work = Callable[[argparse.Namespace, Settings], Coroutine[Any, Any, int]]


def add_url_to(parser: argparse.ArgumentParser) -> None:
    """Let a command be told which store it is about."""
    parser.add_argument("--url", help=f"the store, instead of that of the settings: {_ADDRESSES}")


def running(work: Work) -> Callable[[argparse.Namespace], int]:
    """A command that does `work` and gives its exit status. Ctrl-C and SIGTERM end it in order."""

    def run(options: argparse.Namespace) -> int:
        settings = load_settings()
        # What goes wrong is told by the command itself, in one line.
        configure_logging("CRITICAL", settings.log_format)
        end_in_order_when_told()
        try:
            return asyncio.run(work(options, settings))
        except KeyboardInterrupt:
            print("playgraph: interrupted; run the same command again to complete it.", file=sys.stderr)
            return INTERRUPTED

    return run


@asynccontextmanager
async def opened(url: str | None, settings: Settings, *, read_only: bool = False) -> AsyncIterator[Storage]:
    """The store at an address, or that of the settings. `read_only` opens a SQLite file that a server may hold.

    Raises `StartRefused`.
    """
    options = storage_options(settings) if url is None else _options_of(url, settings)
    options = replace(options, sqlite=replace(options.sqlite, read_only=read_only))
    async with open_storage(options, clock=SystemClock(), metrics=Metrics()) as storage:
        yield storage


def _options_of(url: str, settings: Settings) -> StorageOptions:
    """What an address says to open. Everything it does not say is as in the settings."""
    options = storage_options(settings)
    if url.startswith("sqlite:///") and len(url) > len("sqlite:///"):
        path = Path(url.removeprefix("sqlite:///"))
        return replace(options, backend="sqlite", sqlite=replace(options.sqlite, path=path))
    if url.startswith(_POSTGRES):
        return replace(options, backend="postgres", postgres=_postgres(url, options))
    if url.startswith(_REDIS):
        return replace(options, backend="redis", redis=_redis(url, options))
    # The addresses of sentinels have commas of their own.
    parts = re.fullmatch(r"hybrid:(.+?),((?:redis|unix).+)", url)
    if parts and parts[1].startswith(_POSTGRES) and parts[2].startswith(_REDIS):
        postgres, redis = _postgres(parts[1], options), _redis(parts[2], options)
        return replace(options, backend="hybrid", postgres=postgres, redis=redis)
    # The address itself may hold a password, so it is not repeated.
    raise StartRefused(f"This is no address of a store. It is one of {_ADDRESSES}.")


def _postgres(url: str, options: StorageOptions) -> PostgresOptions:
    known = options.postgres or PostgresOptions(url)
    # Whether there is a pooler, and what is behind it, is said of the address in the settings alone.
    return known if url == known.url else replace(known, url=url, direct_url=None, pgbouncer=False)


def _redis(url: str, options: StorageOptions) -> RedisOptions:
    return replace(options.redis or RedisOptions(url), url=url)
