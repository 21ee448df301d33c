"""Clients of redis-py by the form of the URL: one server, a Cluster, or a primary that Sentinels know."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from redis.asyncio import Connection, Redis, RedisCluster, Sentinel
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import SentinelConnectionPool
from redis.backoff import NoBackoff
from redis.connection import HiredisRespSerializer
from redis.exceptions import RedisError
from redis.maint_notifications import MaintNotificationsConfig
from redis.utils import HIREDIS_AVAILABLE

from errors import StartRefused

Client = Redis | RedisCluster

_DEFAULT_PORT = 6379
_DEFAULT_SENTINEL_PORT = 26379
_FORMS = "redis://, rediss://, unix://, redis+cluster:// or redis+sentinel://"


def make_client(url: str, *, connect_seconds: float, max_connections: int) -> Client:
    """A client that is not connected yet. It speaks RESP3, gives bytes, and repeats nothing by itself.

    Raises `StartRefused` for a URL of another form.
    """
    settings: dict[str, Any] = {
        "protocol": 3,
        "socket_connect_timeout": connect_seconds,
        # Each call has one deadline of its own (`RedisServer`), which is cheaper than one for each read.
        "socket_timeout": None,
        "max_connections": max_connections,
        # A write that was answered by silence may have happened: only the caller knows whether it may run twice.
        "retry": Retry(NoBackoff(), 0),
        # With these a connection that holds an unread answer would be used again as if it were clean.
        "maint_notifications_config": MaintNotificationsConfig(enabled=False),
    }
    parts = _parts_of(url)
    try:
        match parts.scheme:
            case "redis" | "rediss" | "unix":
                # The other two schemes name a class of their own, which wins.
                return _tried(Redis.from_url(url, connection_class=_connection_class(), **settings))
            case "redis+cluster":
                return _cluster(parts, settings)
            case "redis+sentinel":
                return _sentinel(parts, settings)
    except ValueError:
        raise _unreadable() from None
    except (TypeError, RedisError):
        raise StartRefused("REDIS_URL has an option that the driver does not know, or cannot use.") from None
    raise StartRefused(f"REDIS_URL begins with {parts.scheme!r}; what it can begin with is: {_FORMS}.")


async def close_client(client: Client) -> None:
    """Close its connections, and those to the Sentinels that it asked."""
    await client.aclose()
    pool = getattr(client, "connection_pool", None)
    if isinstance(pool, SentinelConnectionPool):
        for sentinel in pool.sentinel_manager.sentinels:
            await sentinel.aclose()


def place_of(url: str) -> str:
    """Host and port, or path, that a URL names: fit for messages, as passwords are not in it."""
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2] or parts.path


class _QuickConnection(Connection):
    """Packs commands in C, as the driver's client without asyncio does: of a call with fifty keys a quarter."""

    _packer = HiredisRespSerializer()

    def pack_command(self, *args: Any) -> list[bytes]:
        packed: list[bytes] = self._packer.pack(*args)
        return packed


def _connection_class() -> type[Connection]:
    return _QuickConnection if HIREDIS_AVAILABLE else Connection


def _parts_of(url: str) -> SplitResult:
    """The URL taken apart. Raises `StartRefused`, repeating nothing of it: any part may be one of the password."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise _unreadable() from None
    # A password with one of `/ ? #` in it seems to end there, and its first signs look like a host or port.
    behind = ("" if parts.scheme == "unix" else parts.path) + parts.query.partition("=")[0] + parts.fragment
    if "@" in behind:
        raise _unreadable()
    return parts


def _unreadable() -> StartRefused:
    return StartRefused(
        "REDIS_URL cannot be read. Write it as redis://user:password@host:6379/0, with signs like / ? # @ : in the "
        "password written as %2F %3F %23 %40 %3A."
    )


def _tried(client: Redis) -> Redis:
    """The client, whose options make a connection; otherwise the first call would find that they do not."""
    pool = client.connection_pool
    pool.connection_class(**pool.connection_kwargs)
    return client


def _cluster(parts: SplitResult, settings: Mapping[str, Any]) -> RedisCluster:
    nodes = [ClusterNode(host, port) for host, port in _places(parts, _DEFAULT_PORT)]
    # Keys of one kind lie on one node. The other nodes may be down without harm to it.
    return RedisCluster(
        startup_nodes=nodes,
        require_full_coverage=False,
        **{**settings, **_credentials(parts), **_query(parts)},
    )


def _sentinel(parts: SplitResult, settings: Mapping[str, Any]) -> Redis:
    service, _, database = parts.path.strip("/").partition("/")
    if not service:
        raise StartRefused(
            "REDIS_URL names no service for the Sentinels: redis+sentinel://host:26379/SERVICE."
        )
    query = _query(parts)
    password = query.pop("sentinel_password", None)
    sentinel = Sentinel(  # type: ignore[no-untyped-call]
        _places(parts, _DEFAULT_SENTINEL_PORT),
        sentinel_kwargs={
            "password": password,
            "socket_connect_timeout": settings["socket_connect_timeout"],
            "socket_timeout": settings["socket_connect_timeout"],
            "retry": Retry(NoBackoff(), 0),
        },
        **{**settings, **_credentials(parts), **query, "db": int(database or 0)},
    )
    primary: Redis = sentinel.master_for(service)
    return primary


def _places(parts: SplitResult, default_port: int) -> list[tuple[str, int]]:
    places = []
    for place in parts.netloc.rpartition("@")[2].split(","):
        # An address of IPv6 is in brackets, and the colons in it part nothing.
        one = urlsplit(f"//{place}")
        if not one.hostname:
            raise StartRefused("REDIS_URL names no host.")
        places.append((one.hostname, one.port or default_port))
    return places


def _credentials(parts: SplitResult) -> dict[str, str]:
    before = parts.netloc.rpartition("@")[0]
    username, _, password = before.partition(":")
    named = {"username": unquote(username), "password": unquote(password)}
    return {name: value for name, value in named.items() if value}


def _query(parts: SplitResult) -> dict[str, Any]:
    query: dict[str, Any] = dict(parse_qsl(parts.query))
    if "ssl" in query:
        query["ssl"] = query["ssl"].lower() in {"1", "true", "yes"}
    return query
