"""Global ids: opaque to clients, made of the type's name and the thing's own key (Relay's object identification)."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any

from models.gamemodes import Gamemode
from models.heroes import Hero
from models.maps import Map
from models.players import PlayerRecord
from models.roles import Role

# For each model that is a node: the name of its GraphQL type, and its key.
_KEYS: Mapping[type, tuple[str, Callable[[Any], str]]] = {
    Hero: ("Hero", lambda hero: hero.key),
    Role: ("Role", lambda role: role.key.value),
    Map: ("Map", lambda map_: map_.key),
    Gamemode: ("Gamemode", lambda gamemode: gamemode.key),
    PlayerRecord: ("Player", lambda player: player.blizzard_id),
}


def global_id(parent: object) -> str:
    """The id of a node, the same for ever for the same thing."""
    type_name, key = _KEYS[type(parent)]
    return b64encode(f"{type_name}:{key(parent)}".encode()).decode("ascii")
