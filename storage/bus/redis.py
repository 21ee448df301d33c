"""What the bus says and hears over Redis: publish and subscribe, on one channel of the server."""

import asyncio
import random
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass

from redis.asyncio import RedisCluster
from redis.asyncio.client import PubSub
from redis.asyncio.cluster import ClusterNode

from metrics import Metrics
from storage.bus.patience import Patience
from storage.bus.remote import Ears, RemoteBus, open_remote_bus
from storage.redis.connection import RedisServer

_MOST_BYTES = 1_000_000
"""Redis takes more; this much is answered well within a time-out."""


def open_redis_bus(
    server: RedisServer, metrics: Metrics, patience: Patience | None = None
) -> AbstractAsyncContextManager[RemoteBus]:
    """The bus of those who use one key prefix of the server."""
    patience = patience or Patience()
    return open_remote_bus(_Channel(server, patience), metrics, patience)


@dataclass(frozen=True, slots=True)
class _Channel:
    """A channel of PUBLISH."""

    server: RedisServer
    patience: Patience

    @property
    def channel(self) -> str:
        return self.server.keys.channel

    @property
    def most_bytes(self) -> int:
        return _MOST_BYTES

    async def listen(self, ears: Ears) -> None:
        async with aclosing(await self._subscribed()) as pubsub:
            was_asked = False
            while True:
                message = await pubsub.get_message(timeout=self.patience.silence)
                if message is not None:
                    was_asked = False
                    _pass_on(message["type"], message["data"], ears)
                elif was_asked:
                    raise TimeoutError("the server neither speaks nor answers")
                else:
                    await pubsub.ping()
                    was_asked = True

    async def say(self, texts: Sequence[str]) -> None:
        # Not as a call among calls: nobody waits for it, so it takes nobody's turn.
        async with asyncio.timeout(self.patience.answer):
            client = self.server.client
            where = {"target_nodes": await _any_node(client)} if isinstance(client, RedisCluster) else {}
            for text in texts:
                await client.execute_command("PUBLISH", self.channel, text, **where)

    async def _subscribed(self) -> PubSub:
        async with asyncio.timeout(self.patience.answer):
            pubsub = await self._new_pubsub()
            try:
                await pubsub.subscribe(self.channel)
            except BaseException:
                await pubsub.aclose()  # type: ignore[no-untyped-call]
                raise
            return pubsub

    async def _new_pubsub(self) -> PubSub:
        client = self.server.client
        if isinstance(client, RedisCluster):
            return client.pubsub(node=await _any_node(client))
        return client.pubsub()


def _pass_on(kind: str, body: object, ears: Ears) -> None:
    if kind == "subscribe":
        # The driver may connect again by itself: each confirmation ends a time in which nothing was heard.
        ears.begin()
    elif kind == "message" and isinstance(body, bytes):
        ears.hear(body)


async def _any_node(client: RedisCluster) -> ClusterNode:
    """A node of the Cluster: what one hears, all say on. Another one each time, for the last may be gone; left to
    itself the driver would go on with the same one."""
    # Learns the nodes, if it does not know them or a call has just failed.
    await client.initialize()
    return random.choice(client.get_primaries())  # noqa: S311
