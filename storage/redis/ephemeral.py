"""What copies, counts and leases on Redis have in common: they are swept, and looked at by operators.

Both walk over all keys, a thousand in a round trip or two, and read no value whole: they are not for requests.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from models.storage import KindStatistics
from storage.redis.connection import RedisServer, Value
from storage.redis.copy_format import HEAD_SIZE, encode_time, is_live
from storage.redis.endings import in_steps
from storage.redis.keys import starts_with
from storage.redis.script import read_script

_DROP = read_script("drop_ended").text


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of what may go. `key` makes the key of a name; `end` and `size` begin the commands that ask for when one
    ends, and for the bytes of what it holds. A copy says its end in its head, the others in a field."""

    name: str
    key: Callable[[str], str]
    end: Sequence[Value]
    size: Sequence[Value]
    is_copy: bool = False


@dataclass(frozen=True, slots=True)
class _Seen:
    """A key that was walked over. `size` is bytes of its name and of what it holds."""

    key: bytes
    is_live: bool
    size: int


async def sweep(server: RedisServer, now: int, limit: int) -> int:
    """Remove at most `limit` of what ended. Returns how many went."""
    count = 0
    for kind in _kinds(server):
        async for page in _walk(server, kind, now):
            ended = [seen.key for seen in page if not seen.is_live][: limit - count]
            count += await _drop(server, ended, now)
            if count >= limit:
                return count
    return count


async def ephemeral_statistics(server: RedisServer, now: int) -> Sequence[KindStatistics]:
    """How many there are that have not ended, and the bytes of keys and values."""
    return [await _statistics(server, kind, now) for kind in _kinds(server)]


async def _statistics(server: RedisServer, kind: _Kind, now: int) -> KindStatistics:
    # By name, since a walk may come by a key twice.
    sizes: dict[bytes, int] = {}
    async for page in _walk(server, kind, now):
        sizes |= {seen.key: seen.size for seen in page if seen.is_live}
    return KindStatistics(kind.name, len(sizes), sum(sizes.values()))


async def _drop(server: RedisServer, names: Sequence[bytes], now: int) -> int:
    commands = [("EVAL", _DROP, 1, name, encode_time(now), now) for name in names]
    return sum(await server.call_many(commands)) if commands else 0


async def _walk(server: RedisServer, kind: _Kind, now: int) -> AsyncIterator[Sequence[_Seen]]:
    without = len(kind.key("").encode()) + (HEAD_SIZE if kind.is_copy else 0)
    async for page in server.scan(starts_with(kind.key(""))):
        for keys in in_steps(page):
            asked = [(begin[0], key, *begin[1:]) for key in keys for begin in (kind.end, kind.size)]
            answers = await server.call_many(asked)
            yield [
                _Seen(key, _has_time(kind, end, now), len(key) - without + size)
                for key, end, size in zip(keys, answers[::2], answers[1::2], strict=True)
            ]


def _has_time(kind: _Kind, end: bytes | None, now: int) -> bool:
    """Whether this end has not come. What is gone has none."""
    if kind.is_copy:
        return is_live(end or b"", now)
    return end is not None and int(end) > now


def _kinds(server: RedisServer) -> Sequence[_Kind]:
    keys = server.keys
    return (
        _Kind("cache", keys.cache, ("GETRANGE", 0, HEAD_SIZE - 1), ("STRLEN",), is_copy=True),
        _Kind("counters", keys.counter, ("HGET", "ends"), ("HSTRLEN", "sum")),
        _Kind("leases", keys.lease, ("HGET", "ends"), ("HSTRLEN", "token")),
    )
