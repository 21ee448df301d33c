"""A Redis or Valkey server: scripts and commands, each with a deadline, and what their failures mean."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import structlog
from redis import exceptions as driver
from redis.asyncio import RedisCluster
from redis.asyncio.cluster import ClusterNode

from clock import Clock
from errors import StartRefused, StorageUnavailable
from storage.options import RedisOptions
from storage.redis.clients import Client, close_client, make_client, place_of
from storage.redis.deadline import Deadline
from storage.redis.keys import Keys
from storage.redis.script import Script, read_script

Value = str | bytes | int
"""What a script may be given; it arrives as bytes."""

MAX_KEYS = 5_000
"""Ids in one call: Lua unpacks fewer than 8,000 values at once."""

_RETRY_MILLISECONDS = 5_000
_SCAN_COUNT = 1_000
_MARGIN = 10  # connections beside those of calls: subscriptions
_PATIENT_SECONDS = 60.0
_LONGEST_PAUSE = 2.0
_CONNECT_TIMES = 5

_UNREACHABLE = (
    driver.ConnectionError,
    driver.TimeoutError,
    driver.OutOfMemoryError,
    driver.ReadOnlyError,
    driver.NoPermissionError,
    driver.ClusterError,
    driver.AskError,
    driver.TryAgainError,
    driver.RedisClusterException,
    OSError,
    TimeoutError,
)
# What the driver has no class for; and before Redis 7 the code of an error in a script is in the middle of its text.
_REFUSALS = re.compile(
    r"(?:^|-)(?:OOM|READONLY|MISCONF|BUSY|LOADING|NOREPLICAS|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|UNKILLABLE) "
)

_ASK_SERVER = read_script("ask_server")

_log = structlog.get_logger()


class RedisServer:
    """An open server; made by `open_redis`, whose block it lives in.

    Every method raises `errors.StorageUnavailable` when the server is out of reach, too slow, or refuses.
    """

    def __init__(self, client: Client, options: RedisOptions, clock: Clock) -> None:
        self.client = client
        self.keys = Keys(options.key_prefix)
        self.server_version = "Redis"
        self._clock = clock
        self._timeout_seconds = options.timeout_seconds
        self._turns = asyncio.Semaphore(options.pool_max)
        self._in_use = 0

    @property
    def connections_in_use(self) -> int:
        """Calls under way; each holds a connection."""
        return self._in_use

    async def run(
        self, script: Script, keys: Sequence[str], args: Sequence[Value] = (), *, patient: bool = False
    ) -> Any:
        """Run a script: it happens whole or not at all, also when the caller is cancelled. All its keys are in
        `keys` and share one pair of braces.

        `patient` is for work on whole tables, which may take longer than a request waits.
        """
        seconds = _PATIENT_SECONDS if patient else self._timeout_seconds
        return await self._in_turn(seconds, partial(self._run, script, (len(keys), *keys, *args)))

    async def call(self, *command: Value) -> Any:
        """Run one command."""
        return await self._in_turn(self._timeout_seconds, partial(self.client.execute_command, *command))

    async def call_many(self, commands: Sequence[Sequence[Value]]) -> list[Any]:
        """Run commands in one round trip (in a Cluster one for each node), each for itself, and give their answers."""
        answers: list[Any] = await self._in_turn(self._timeout_seconds, partial(self._run_many, commands))
        return answers

    async def get_values(self, keys: Sequence[str]) -> list[bytes | None]:
        """The texts under keys, in one round trip (in a Cluster one for each node)."""
        if isinstance(self.client, RedisCluster):
            return await self.call_many([("GET", key) for key in keys])
        values: list[bytes | None] = await self.call("MGET", *keys)
        return values

    async def scan(self, pattern: str) -> AsyncIterator[list[bytes]]:
        """All keys that match, on every node, in pages of a call each. A key may come twice."""
        nodes = self.client.get_primaries() if isinstance(self.client, RedisCluster) else [None]
        for node in nodes:
            cursor, page = await self._scan_page(node, 0, pattern)
            yield page
            while cursor:
                cursor, page = await self._scan_page(node, cursor, pattern)
                yield page

    async def _scan_page(
        self, node: ClusterNode | None, cursor: int, pattern: str
    ) -> tuple[int, list[bytes]]:
        client: Any = self.client
        words = (cursor, pattern, _SCAN_COUNT)
        if node is None:
            after, page = await self._in_turn(self._timeout_seconds, partial(client.scan, *words))
            return after, page
        on_node = partial(client.scan, *words, target_nodes=node)
        after, page = await self._in_turn(self._timeout_seconds, on_node)
        return after[node.name], page

    async def ping(self) -> None:
        """Ask for nothing of the node that holds the players."""
        await self.call("EXISTS", self.keys.players().records)

    async def greet(self) -> None:
        """Learn the server's version, which is its first answer."""
        facts = await self.facts("server")
        name, version = "Redis", facts.get("redis_version", "")
        if "valkey_version" in facts:
            name, version = "Valkey", facts["valkey_version"]
        self.server_version = f"{name} {version}".strip()

    async def facts(self, section: str) -> dict[str, str]:
        """A section of what the server that holds the players says of itself; nothing where this user may not ask."""
        # In a script, since in a Cluster the bare command goes to any node.
        try:
            answer = await self.run(_ASK_SERVER, [self.keys.players().records], [section])
        except driver.ResponseError:
            # This user may not ask.
            return {}
        lines = bytes(answer).decode(errors="replace").splitlines()
        return dict(line.split(":", 1) for line in lines if ":" in line)

    def unavailable(
        self, reason: str, message: str = "The database does not answer at the moment."
    ) -> StorageUnavailable:
        """The error that clients get. The reason is for the log."""
        now = self._clock.now()
        _log.warning("redis unavailable", reason=reason)
        return StorageUnavailable(message, now=now, next_check_at=now + _RETRY_MILLISECONDS)

    async def _run(self, script: Script, rest: Sequence[Value]) -> Any:
        try:
            return await self.client.execute_command("EVALSHA", script.digest, *rest)
        except driver.NoScriptError:
            # A server that was started anew, or flushed of its scripts. This tells it the text again.
            return await self.client.execute_command("EVAL", script.text, *rest)

    async def _run_many(self, commands: Sequence[Sequence[Value]]) -> list[Any]:
        async with self.client.pipeline(transaction=False) as pipeline:
            for command in commands:
                pipeline.execute_command(*command)
            # The driver would put its own words, and the values, before the code of an error.
            answers = await pipeline.execute(raise_on_error=False)
            for answer in answers:
                if isinstance(answer, Exception):
                    raise answer
            return list(answers)

    async def _in_turn(self, seconds: float, send: Callable[[], Awaitable[Any]]) -> Any:
        """What `send` gives, when there is room for one more call; one deadline for waiting, connecting and the
        answer."""
        # No context manager made by a generator: every read comes by here, and each of those costs microseconds.
        try:
            async with Deadline(seconds), self._turns:
                self._in_use += 1
                try:
                    return await send()
                finally:
                    self._in_use -= 1
        except _UNREACHABLE as error:
            raise self.unavailable(str(error) or type(error).__name__) from error
        except driver.ResponseError as error:
            if not _REFUSALS.search(str(error)):
                raise
            raise self.unavailable(str(error)) from error


@asynccontextmanager
async def open_redis(
    options: RedisOptions, clock: Clock, *, is_required: bool = True
) -> AsyncIterator[RedisServer]:
    """The server, which has answered, until the end of the block. One that is not required is asked once, and may be
    away.

    Raises `StartRefused` when it does not answer within `start_seconds`, or refuses the password.
    """
    client = make_client(
        options.url,
        # The deadline of the call ends it earlier; this one is by a clock that does not know how busy the process is.
        connect_seconds=_CONNECT_TIMES * options.timeout_seconds,
        max_connections=options.pool_max + _MARGIN,
    )
    server = RedisServer(client, options, clock)
    try:
        await (_reach(server, options) if is_required else _look(server, options))
        yield server
    finally:
        await close_client(client)


async def _reach(server: RedisServer, options: RedisOptions) -> None:
    """Wait until the server answers, asking less and less often."""
    reason, pause = "it is not there", 0.1
    try:
        async with asyncio.timeout(options.start_seconds):
            while True:
                try:
                    return await server.greet()
                except StorageUnavailable as error:
                    reason = _start_reason(error, options)
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
    except TimeoutError:
        raise StartRefused(
            f"Redis at {place_of(options.url)} did not answer within {options.start_seconds:g} seconds: {reason}. "
            "Start it, or set REDIS_URL."
        ) from None


async def _look(server: RedisServer, options: RedisOptions) -> None:
    """Ask the server once."""
    try:
        await server.greet()
    except StorageUnavailable as error:
        reason = _start_reason(error, options)
        _log.warning("redis is away, started without", server=place_of(options.url), reason=reason)


def _start_reason(error: StorageUnavailable, options: RedisOptions) -> str:
    """What failed. Waiting mends no wrong password, so that one is refused at once."""
    cause = error.__cause__
    if isinstance(cause, driver.NoPermissionError):
        raise StartRefused(
            f"Redis at {place_of(options.url)} gives this user too few rights: {cause}."
        ) from None
    if isinstance(cause, driver.AuthenticationError):
        raise StartRefused(
            f"Redis at {place_of(options.url)} refuses this user or password. Set them in REDIS_URL."
        ) from None
    return str(cause).rstrip(".") or type(cause).__name__
