"""Answers to a global id: the object it names."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from errors import BadUserInput
from models.player_ids import normalize_player_id
from models.roles import RoleKey
from resolvers import conversations, gamemodes, heroes, maps, players, refreshes, roles
from resolvers.context import RequestContext
from resolvers.ids import read_global_id, read_localised, read_uuid_key

MAX_NODES = 100


async def node(context: RequestContext, global_id: str) -> object:
    """The object with that id; None when there is none. BadUserInput for what is no id."""
    type_name, key = read_global_id(global_id)
    if type_name not in _READERS:
        raise BadUserInput(f"id: there is no type {type_name[:40]} that has ids.")
    return await _READERS[type_name](context, key)


async def nodes(context: RequestContext, global_ids: Sequence[str]) -> list[object]:
    """The objects in the order asked; at most 100."""
    if len(global_ids) > MAX_NODES:
        raise BadUserInput(f"ids: {len(global_ids)} given, at most {MAX_NODES} are allowed.")
    found = await asyncio.gather(*(node(context, each) for each in global_ids), return_exceptions=True)
    for each in found:
        if isinstance(each, BadUserInput):
            raise each
    return list(found)


async def _hero(context: RequestContext, key: str) -> object:
    return await heroes.hero(context, *read_localised(key))


async def _role(context: RequestContext, key: str) -> object:
    plain, locale = read_localised(key)
    known = {role.value: role for role in RoleKey}
    if plain not in known:
        return None
    found = await roles.roles(context, locale)
    return next(role for role in found if role.key is known[plain])


async def _player(context: RequestContext, key: str) -> object:
    return await players.player(context, normalize_player_id(key))


async def _conversation(context: RequestContext, key: str) -> object:
    return await conversations.conversation_node(context, read_uuid_key(key))


async def _message(context: RequestContext, key: str) -> object:
    return await conversations.message_node(context, read_uuid_key(key))


_READERS: Mapping[str, Callable[[RequestContext, str], Awaitable[object]]] = {
    "Hero": _hero,
    "Role": _role,
    "Map": maps.map_by_key,
    "Gamemode": gamemodes.gamemode,
    "Player": _player,
    "RefreshJob": refreshes.refresh_job,
    "Conversation": _conversation,
    "Message": _message,
}
