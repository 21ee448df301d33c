"""What an error of PostgreSQL or its driver means for the call: a mistake, a conflict, a lost connection, a refusal."""

import asyncpg

DRIVER_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
"""All that the driver raises. A time-out is an OSError."""


class Conflict(Exception):
    """Another transaction was in the way, or a plan was out of date. Nothing is kept; trying again helps."""


class Lost(Exception):
    """This connection is of no use: it broke, or leads to a server that only reads. Nothing is kept; another may do."""


class Refused(Exception):
    """The server did not do it now, and asking at once again would not help."""


class Busy(Refused):
    """Somebody else held a lock for longer than this statement wanted to wait."""


class Undecided(Refused):
    """The connection broke during COMMIT: whether the transaction is kept, nobody can tell."""


# SQLSTATE, its first letters where a whole class means the same; the longer entry wins.
_MEANINGS: dict[str, type[Exception]] = {
    "40001": Conflict,  # serialization failure
    "40P01": Conflict,  # deadlock
    "08": Lost,
    "25006": Lost,  # read-only: the primary is elsewhere now
    "25P03": Lost,  # idle in transaction for too long: the server ended the session
    "57P01": Lost,  # ended by an administrator
    "57P02": Lost,  # another process of the server crashed
    "57P05": Lost,  # idle for too long
    "42501": Refused,  # no right to it any more
    "42P01": Refused,  # a table is gone: removed by hand, or not restored yet
    "53": Refused,  # too many connections, no memory, disk full
    "55P03": Busy,  # lock_timeout
    "57": Refused,  # statement_timeout, shutting down, starting up
    "58": Refused,  # the server's disk
    "XX001": Refused,  # damaged table
    "XX002": Refused,  # damaged index
}


def judged(error: Exception, *, is_lost: bool) -> Exception:
    """What to raise for an error: one of the classes above, or the error itself when it is the caller's mistake.

    `is_lost`: the connection is closed, which makes a complaint of the driver a lost connection.
    """
    meaning = _meaning(error, is_lost)
    return error if meaning is None else meaning(str(error) or type(error).__name__)


def _meaning(error: Exception, is_lost: bool) -> type[Exception] | None:
    match error:
        case asyncpg.InvalidCachedStatementError() | asyncpg.OutdatedSchemaCacheError():
            return Conflict
        case asyncpg.PostgresError():
            state = str(error.sqlstate)
            return _MEANINGS.get(state) or _MEANINGS.get(state[:2])
        case TimeoutError():
            return Refused
        case OSError():
            return Lost
        case asyncpg.InterfaceError() | asyncpg.InternalClientError():
            return Lost if is_lost else None
    return None
