"""What the tests of Redis share: a server with a prefix of its own, and what is sent to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from clock import Clock
from storage.redis.connection import RedisServer, open_redis
from tests.storage.real_redis import own_redis


@asynccontextmanager
async def own_server(clock: Clock) -> AsyncIterator[RedisServer]:
    """The shared Redis, opened under a prefix that nobody else has."""
    async with own_redis() as options, open_redis(options, clock) as server:
        yield server
        assert server.connections_in_use == 0


def sent_commands(server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the commands that the client sends from now on, each a round trip."""
    sent: list[str] = []
    execute = server.client.execute_command

    async def note(*command: Any, **options: Any) -> Any:
        sent.append(str(command[0]))
        return await execute(*command, **options)

    monkeypatch.setattr(server.client, "execute_command", note)
    return sent
