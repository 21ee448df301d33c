"""Opens the connections to PostgreSQL: tries on while the server may still be starting, and says what is wrong."""

import random
from collections.abc import Callable

import asyncpg
import structlog

from clock import Clock
from errors import StartRefused
from storage.sql.postgres_errors import DRIVER_ERRORS
from storage.sql.postgres_session import Session

_FIRST_PAUSE = 0.25
_LONGEST_PAUSE = 5.0

# What a server, or a pooler in front of it, answers while it starts or is short of something.
_PASSING = ("08", "53", "57", "58", "XX")
_POOLER_SAYS = "unsupported startup parameter"

_log = structlog.get_logger()


async def open_pool(
    session: Session, clock: Clock, jitter: Callable[[], float] = random.random
) -> "asyncpg.Pool[asyncpg.Record]":
    """A pool with its first connections made. Tries until `start_seconds` are over, with growing pauses.

    Raises `StartRefused`, naming host, port and database and never the password.
    """
    deadline = clock.now() + session.options.start_seconds * 1000
    pause = _FIRST_PAUSE
    while True:
        try:
            return await _connected(session)
        except (*DRIVER_ERRORS, ValueError) as error:
            _refuse_what_stays(session, error)
            if clock.now() + pause * 1000 > deadline:
                raise StartRefused(
                    f"PostgreSQL at {session.url.place} does not answer: {_said(error)}. Start it, or correct "
                    "DATABASE_URL."
                ) from error
            _log.info("waiting for PostgreSQL", place=session.url.place, reason=_said(error))
        # Between a half and all of it: servers that start together do not knock together.
        await clock.sleep(pause * (0.5 + jitter() / 2))
        pause = min(pause * 2, _LONGEST_PAUSE)


async def _connected(session: Session) -> "asyncpg.Pool[asyncpg.Record]":
    options = session.options
    pool = await asyncpg.create_pool(
        min_size=options.pool_min,
        max_size=options.pool_max,
        # One at least, so that a wrong address shows at the start.
        init_size=max(1, options.pool_min),
        reset=_nothing_to_reset,
        **session.driver_arguments,
    )
    assert pool is not None
    return pool


async def _nothing_to_reset(_connection: object) -> None:
    """Calls leave no setting, lock or cursor of the session behind: what would be reset costs a round trip for
    nothing. An open transaction is rolled back all the same."""


def _refuse_what_stays(session: Session, error: Exception) -> None:
    """Raise `StartRefused` for what waiting does not help."""
    place = session.url.place
    if isinstance(error, ValueError | asyncpg.ClientConfigurationError):
        # What the driver says of a URL may repeat its password.
        raise StartRefused(f"The driver cannot use the address of PostgreSQL at {place}.") from None
    if not isinstance(error, asyncpg.PostgresError):
        return
    if _POOLER_SAYS in str(error):
        raise StartRefused(
            f"What answers at {place} is a pgbouncer ({error}). Set POSTGRES_PGBOUNCER=true, and DATABASE_DIRECT_URL "
            "to the server behind it."
        ) from error
    if not str(error.sqlstate).startswith(_PASSING):
        raise StartRefused(f"PostgreSQL at {place} refuses: {_said(error)}.") from error


def _said(error: Exception) -> str:
    return str(error).strip().rstrip(".") or type(error).__name__
