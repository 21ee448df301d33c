"""What to open: everything the four backends can be told."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class PostgresOptions:
    """A PostgreSQL server. Times are seconds.

    `direct_url` is where LISTEN connects, for `url` may be a pooler that gives no session; None = the same.
    `pgbouncer` switches prepared statements off, which a pooler in transaction mode cannot keep.
    `start_seconds` is how long opening goes on trying while the server does not answer.
    """

    url: str
    direct_url: str | None = None
    pool_min: int = 1
    pool_max: int = 10
    pgbouncer: bool = False
    connect_seconds: float = 5.0
    acquire_seconds: float = 5.0
    statement_seconds: float = 10.0
    start_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class RedisOptions:
    """A Redis or Valkey server. `url` begins with `redis://`, `rediss://`, `unix://`, `redis+cluster://` or
    `redis+sentinel://`. Every key begins with `key_prefix`. Times are seconds."""

    url: str
    key_prefix: str = "playgraph:"
    pool_max: int = 50
    timeout_seconds: float = 2.0
    start_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class SqliteOptions:
    """A SQLite file with so many reading connections. `acquire_seconds` is how long a read waits for one.
    `read_only` takes no lock and changes nothing, not even old tables.

    Each connection is a thread. With more than two, short reads get slower: Python runs one thread at a time, and the
    driver lets another run at every row.
    """

    path: Path
    readers: int = 2
    acquire_seconds: float = 5.0
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class StorageOptions:
    """What to open. `backend` is sqlite, postgres, redis or hybrid; the parts it does not use are not looked at.

    `cache_seconds` is how long hybrid keeps a copy of a record in Redis.
    """

    backend: str
    sqlite: SqliteOptions = field(default_factory=lambda: SqliteOptions(Path("data/playgraph.db")))
    postgres: PostgresOptions | None = None
    redis: RedisOptions | None = None
    cache_seconds: float = 300.0

    @property
    def connection_limit(self) -> int:
        """Most connections that calls may hold at a time."""
        postgres = self.postgres.pool_max if self.postgres else 0
        redis = self.redis.pool_max if self.redis else 0
        limits = {
            "sqlite": self.sqlite.readers + 1,
            "postgres": postgres,
            "redis": redis,
            "hybrid": postgres + redis,
        }
        return limits[self.backend]
