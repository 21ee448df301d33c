"""Global ids: opaque to clients, made of the type's name and the thing's own key (Relay's object identification).

A hero or role in another language than English is another object, since its texts are others.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Mapping
from typing import Any

from errors import BadUserInput
from models.conversations import Conversation, Message
from models.gamemodes import Gamemode
from models.heroes import Hero
from models.jobs import Job
from models.locales import Locale
from models.maps import Map
from models.players import PlayerRecord
from models.roles import Role

_MAX_LENGTH = 1_000
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


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
    Conversation: ("Conversation", lambda conversation: conversation.id),
    Message: ("Message", lambda message: message.id),
}


def global_id(parent: object) -> str:
    """The id of a node, the same for ever for the same thing."""
    type_name, key = _KEYS[type(parent)]
    return written_global_id(type_name, key(parent))


def written_global_id(type_name: str, key: str) -> str:
    """The id of the node of that type and key."""
    return b64encode(f"{type_name}:{key}".encode()).decode("ascii")


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


def read_uuid(text: str, type_name: str, argument: str) -> str:
    """The UUID, in lower case, that an argument names: bare, or as the global id of a node of that type. BadUserInput
    for everything else."""
    if _UUID.fullmatch(text):
        return text.lower()
    found_type, key = read_global_id(text)
    if found_type != type_name:
        raise BadUserInput(f"{argument}: this is no id of a {type_name}.")
    return read_uuid_key(key)


def read_uuid_key(key: str) -> str:
    """The UUID that is the key of a global id, in lower case; BadUserInput when it is none."""
    if not _UUID.fullmatch(key):
        raise BadUserInput("id: this is no id of ours.")
    return key.lower()


def read_localised(key: str) -> tuple[str, Locale]:
    """The key and the language of a localised key; BadUserInput for a language there is not."""
    plain, _, locale = key.partition(":")
    try:
        return plain, Locale(locale) if locale else Locale.EN_US
    except ValueError:
        raise BadUserInput("id: this is no id of ours.") from None
