"""Whether a server keeps what it is given: what may make it forget, asked once at start."""

import re
from collections.abc import Sequence

from redis import exceptions as driver

from errors import StartRefused, StorageUnavailable
from storage.redis.connection import RedisServer

OLDEST = (6, 2)
"""The first version that can copy a key, which snapshots do."""


def refuse_old(server: RedisServer) -> None:
    """Raise `StartRefused` when the server lacks what the scripts use. One that does not tell its version passes."""
    numbers = re.findall(r"\d+", server.server_version)[:2]
    if numbers and tuple(map(int, numbers)) < OLDEST:
        raise StartRefused(
            f"{server.server_version} is too old; Redis {OLDEST[0]}.{OLDEST[1]} is the oldest that works."
        )


async def refuse_eviction(server: RedisServer) -> None:
    """Raise `StartRefused` when a full server would delete keys of ours to make room.

    With `noeviction` it refuses writes instead; `volatile-*` deletes keys with an end alone, which no fact has.
    """
    policy = (await server.facts("memory")).get("maxmemory_policy", "")
    if policy.startswith("allkeys-"):
        raise StartRefused(
            f"Redis has maxmemory-policy {policy}, which deletes players when memory runs short. Set "
            "`maxmemory-policy noeviction`, or STORAGE_TYPE=hybrid, where Redis holds nothing that may not go."
        )


async def doubts(server: RedisServer) -> Sequence[str]:
    """What an operator should know of how safely the server keeps things, a sentence each."""
    return [*await _doubts_of_memory(server), *await _doubts_of_disk(server)]


async def _doubts_of_memory(server: RedisServer) -> Sequence[str]:
    if (await server.facts("memory")).get("maxmemory_policy"):
        return []
    return ["Redis does not tell this user its maxmemory-policy. Make sure that it is `noeviction`."]


async def _doubts_of_disk(server: RedisServer) -> Sequence[str]:
    if (await server.facts("persistence")).get("aof_enabled") == "1":
        return []
    if await _saves_by_itself(server):
        return [
            "Redis keeps no append-only log: a crash loses what was written since its last save. "
            "Set `appendonly yes`."
        ]
    return [
        "Redis writes nothing to its disk: a restart loses everything that is kept there. Set `appendonly yes`."
    ]


async def _saves_by_itself(server: RedisServer) -> bool:
    """Whether it writes its file of everything now and then. Those who may not ask are taken to know."""
    try:
        answer = await server.call("CONFIG", "GET", "save")
    except (StorageUnavailable, driver.ResponseError):
        return True
    return bool(answer.get(b"save"))
