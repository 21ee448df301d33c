"""Global ids: opaque to clients, made of the type's name and the thing's own key (Relay's object identification).

A hero or role in another language than English is another object, since its texts are others.
"""

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Mapping
from typing import Any

from errors import BadUserInput
from models.gamemodes import Gamemode
from models.heroes import Hero
from models.jobs import Job
from models.locales import Locale
from models.maps import Map
from models.players import PlayerRecord
from models.roles import Role

_MAX_LENGTH = 1_000


def _localised(key: str, locale: Locale) -> str:
    return key if locale is Locale.EN_US else f"{key}:{locale.value}"


# For each model that is a node: the name of its GraphQL type, and its key.
_KEYS: Mapping[type, tuple[str, Callable[[Any], str]]] = {
    Hero: ("Hero", lambda hero: _localised(hero.key, hero.locale)),
    Role: ("Role", lambda role: _localised(role.key.value, role.locale)),
    Map: ("Map", lambda map_: map_.key),
    Gamemode: ("Gamemode", lambda gamemode: gamemode.key),
    PlayerRecord: ("Player", lambda player: player.blizzard_id),
    Job: ("RefreshJob", lambda job: job.id),
}


def global_id(parent: object) -> str:
    """The id of a node, the same for ever for the same thing."""
    type_name, key = _KEYS[type(parent)]
    return b64encode(f"{type_name}:{key(parent)}".encode()).decode("ascii")


def read_global_id(text: str) -> tuple[str, str]:
    """The type's name and the key of a global id; BadUserInput when it is none."""
    try:
        decoded = b64decode(text, validate=True).decode() if len(text) <= _MAX_LENGTH else ""
    except (NotBase64, ValueError):
        decoded = ""
    type_name, colon, key = decoded.partition(":")
    if not colon or not key or not decoded.isprintable():
        raise BadUserInput("id: this is no id of ours.")
    return type_name, key


def read_localised(key: str) -> tuple[str, Locale]:
    """The key and the language of a localised key; BadUserInput for a language there is not."""
    plain, _, locale = key.partition(":")
    try:
        return plain, Locale(locale) if locale else Locale.EN_US
    except ValueError:
        raise BadUserInput("id: this is no id of ours.") from None
