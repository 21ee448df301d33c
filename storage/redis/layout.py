"""Brings the tables on Redis up to this code: numbered steps, in order, never undone."""

from collections.abc import Awaitable, Callable, Sequence

from errors import StartRefused
from storage.redis.connection import RedisServer
from storage.redis.script import read_script

Step = Callable[[RedisServer], Awaitable[None]]
"""What turns one layout into the next. Several processes may take it at once, and one that died is taken again: so a
step changes what is of the old layout, leaves what is of the new one, and lets code of both serve meanwhile."""


async def _first(server: RedisServer) -> None:
    """Tables are made by the first entry, so an empty server has the first layout already."""


STEPS: Sequence[Step] = (_first,)

_ADVANCE = read_script("layout")


async def bring_up_to_date(server: RedisServer, steps: Sequence[Step] = STEPS) -> int:
    """Take the steps that are missing. Returns the version of the layout.

    Raises `StartRefused`, with nothing changed, when newer code wrote here.
    """
    version = await _advance(server, 0, 0)
    if version > len(steps):
        raise StartRefused(
            f"Redis was written by a newer version (its layout {version} is not known here, {len(steps)} is). "
            "Run that version or a later one, or another REDIS_KEY_PREFIX."
        )
    for number, step in enumerate(steps[version:], version):
        await step(server)
        await _advance(server, number, number + 1)
    return len(steps)


async def _advance(server: RedisServer, before: int, after: int) -> int:
    """The version, moved on if it is `before`."""
    if before == after:
        return int(await server.call("GET", server.keys.layout) or 0)
    return int(await server.run(_ADVANCE, [server.keys.layout], [before, after]))
