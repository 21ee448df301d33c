"""What the bus says and hears over PostgreSQL: LISTEN and NOTIFY.

A process has one connection that listens, past any pooler, and speaks through the pool.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, replace

import asyncpg

from metrics import Metrics
from storage.bus.patience import Patience
from storage.bus.remote import Ears, RemoteBus, open_remote_bus
from storage.options import PostgresOptions
from storage.sql.postgres import PostgresDatabase
from storage.sql.postgres_session import Session, session_of

MOST_BYTES = 7_800
"""NOTIFY takes less than 8,000 bytes; the frame round the pointers has its part of them."""


def open_postgres_bus(
    options: PostgresOptions, database: PostgresDatabase, metrics: Metrics, patience: Patience | None = None
) -> AbstractAsyncContextManager[RemoteBus]:
    """The bus of those who use one schema of the server."""
    patience = patience or Patience()
    direct = session_of(replace(options, url=options.direct_url or options.url, pgbouncer=False))
    return open_remote_bus(_Notifications(direct, database, patience), metrics, patience)


@dataclass(frozen=True, slots=True)
class _Notifications:
    """A channel of NOTIFY. `direct` leads past any pooler, which would lose what is said."""

    direct: Session
    database: PostgresDatabase
    patience: Patience

    @property
    def channel(self) -> str:
        return channel_of(self.database.server.schema)

    @property
    def most_bytes(self) -> int:
        return MOST_BYTES

    async def listen(self, ears: Ears) -> None:
        async with self._connection() as connection:
            is_broken = asyncio.Event()
            connection.add_termination_listener(lambda _: is_broken.set())
            async with asyncio.timeout(self.patience.answer):
                await connection.add_listener(self.channel, lambda *heard: ears.hear(str(heard[-1])))
            ears.begin()
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self.patience.silence):
                        await is_broken.wait()
                # Raises when the connection is broken.
                await connection.execute("SELECT 1", timeout=self.patience.answer)

    async def say(self, texts: Sequence[str]) -> None:
        await self.database.notify(self.channel, texts)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
        arguments = {**self.direct.driver_arguments, "timeout": self.patience.answer}
        # So that an operator can tell it from the connections of calls.
        arguments["server_settings"] = {**arguments["server_settings"], "application_name": self.channel}
        connection = await asyncpg.connect(**arguments)
        try:
            yield connection
        finally:
            # Nobody waits for a farewell of a server that may be gone.
            connection.terminate()


def channel_of(schema: str) -> str:
    """The channel of a schema, so that two schemas of one database do not hear each other."""
    return f"playgraph_{hashlib.blake2b(schema.encode(), digest_size=8).hexdigest()}"
