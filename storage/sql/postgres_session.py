"""How a connection to PostgreSQL is made, and how a transaction on it begins."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from storage.options import PostgresOptions
from storage.sql.postgres_url import PostgresUrl, read_url

UNHURRIED_SECONDS = 3600.0
"""What a migration, a backup's pause or a check of indexes may take."""

_TABLE_LOCK_SECONDS = 2.0

# The server ends a slow statement first, and says so; only a server that says nothing makes the client give up.
_CLIENT_MORE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Session:
    """What every connection of one server is told.

    Without a pooler the time limits are settings of the connection. pgbouncer in transaction mode refuses those, and
    gives each transaction another connection: there every transaction, the reading ones too, begins by setting them.
    """

    url: PostgresUrl
    options: PostgresOptions

    @property
    def is_pooled(self) -> bool:
        return self.options.pgbouncer

    @property
    def driver_arguments(self) -> dict[str, Any]:
        """What `asyncpg.connect` is called with."""
        arguments: dict[str, Any] = {
            "dsn": self.url.driver_url,
            "timeout": self.options.connect_seconds,
            "command_timeout": self.options.statement_seconds + _CLIENT_MORE_SECONDS,
            "server_settings": self._connection_settings(),
        }
        if self.is_pooled:
            arguments["statement_cache_size"] = 0
        return arguments

    def begin(self, mode: str = "") -> str:
        """The text that begins a transaction, in one message. READ COMMITTED, unless `mode` says otherwise.

        Each statement sees what was committed before it, and waits at a row that another transaction is writing;
        then it looks at the row again. With stricter levels one of two writers of a row fails instead of waiting:
        of twenty at once nineteen, in each round. What a row cannot guard, a transaction guards by
        `Transaction.lock`.
        """
        return self._beginning(mode, self._transaction_settings() if self.is_pooled else {})

    def begin_snapshot(self) -> str:
        """For reading what was there at one moment, with pauses between."""
        # The first statement that reads is the moment, and that is none of SET.
        settings = self._transaction_settings() | {"idle_in_transaction_session_timeout": UNHURRIED_SECONDS}
        return f"{self._beginning('ISOLATION LEVEL REPEATABLE READ READ ONLY', settings)}; SELECT 1"

    def begin_unhurried(self) -> str:
        """For one statement that reads whole tables."""
        settings = self._transaction_settings() | {"statement_timeout": UNHURRIED_SECONDS}
        return self._beginning("READ ONLY", settings)

    def begin_exclusive(self, key: int) -> str:
        """For changing tables: waits for others that do the same, then for nobody's table lock for long.

        Whoever waits for a table makes all that come after it wait too, so it gives up soon and tries again.
        """
        settings = self._transaction_settings() | {"statement_timeout": UNHURRIED_SECONDS}
        lock = f"SELECT pg_advisory_xact_lock({key}); {_set('lock_timeout', _TABLE_LOCK_SECONDS)}"
        return f"{self._beginning('', settings)}; {lock}"

    def _connection_settings(self) -> dict[str, str]:
        settings = {} if self.url.has_application_name else {"application_name": "playgraph"}
        if self.is_pooled:
            return settings
        # Our statements are short; compiling them would take longer than running them.
        limits = {name: _milliseconds(seconds) for name, seconds in self._limits().items()}
        return {**settings, **limits, "jit": "off"}

    def _limits(self) -> dict[str, float]:
        # A process that stands still in the middle of a transaction must not hold its locks for ever.
        seconds = self.options.statement_seconds
        return {"statement_timeout": seconds, "idle_in_transaction_session_timeout": seconds}

    def _transaction_settings(self) -> dict[str, float | str]:
        path = self.url.search_path
        return {**self._limits(), **({} if path is None else {"search_path": path})}

    def _beginning(self, mode: str, settings: Mapping[str, float | str]) -> str:
        return "; ".join([f"BEGIN {mode}".rstrip(), *(_set(name, settings[name]) for name in settings)])


def session_of(options: PostgresOptions) -> Session:
    """The session of `options.url`. Raises `StartRefused`."""
    return Session(read_url(options.url, pooled=options.pgbouncer), options)


def _milliseconds(seconds: float) -> str:
    return str(max(1, round(seconds * 1000)))


def _set(name: str, value: float | str) -> str:
    """A statement that sets something until the end of the transaction."""
    if isinstance(value, str):
        quoted = value.replace("'", "''")
        return f"SELECT set_config('{name}', '{quoted}', true)"
    return f"SET LOCAL {name} = {_milliseconds(value)}"
