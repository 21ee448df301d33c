"""Answers about maps."""

from collections.abc import Sequence

from models.gamemodes import Gamemode
from models.maps import Map
from resolvers.context import RequestContext
from resolvers.keys import checked_keys


async def maps(
    context: RequestContext, gamemode: str | None = None, keys: Sequence[str] | None = None
) -> list[Map]:
    """The maps that meet every condition given. Keys no map has are left out."""
    wanted = checked_keys(keys)
    return [
        map_
        for map_ in context.reference.maps
        if (gamemode is None or gamemode in map_.gamemode_keys) and (wanted is None or map_.key in wanted)
    ]


async def map_by_key(context: RequestContext, key: str) -> Map | None:
    """The map with that key, None when there is none."""
    return context.reference.map_by_key.get(key)


def gamemodes(context: RequestContext, parent: Map) -> list[Gamemode]:
    """The gamemodes played on a map."""
    return list(context.reference.gamemodes_by_map[parent.key])
