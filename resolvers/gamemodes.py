"""Answers about gamemodes."""

from collections.abc import Sequence

from models.gamemodes import Gamemode
from models.heroes import Hero
from models.locales import Locale
from models.maps import Map
from resolvers.context import RequestContext
from resolvers.keys import checked_keys


async def gamemodes(context: RequestContext, keys: Sequence[str] | None = None) -> list[Gamemode]:
    """The gamemodes that maps have. Keys no such gamemode has are left out."""
    wanted = checked_keys(keys)
    return [
        gamemode
        for gamemode in context.reference.gamemodes
        if gamemode.is_listed and (wanted is None or gamemode.key in wanted)
    ]


async def gamemode(context: RequestContext, key: str) -> Gamemode | None:
    """The gamemode with that key, quickplay and stadium included; None when there is none."""
    return context.reference.gamemode_by_key.get(key)


def maps(context: RequestContext, parent: Gamemode) -> list[Map]:
    """The maps a gamemode is played on."""
    return list(context.reference.maps_by_gamemode[parent.key])


async def heroes(context: RequestContext, parent: Gamemode) -> list[Hero]:
    """The heroes that can be played in a gamemode."""
    table = await context.loaders.reference.heroes.load((Locale.EN_US, False))
    return table.of_gamemode(parent.key)
