"""What is said on the bus: where to look, never what is there."""

from dataclasses import dataclass

JOBS_TOPIC = "jobs"
"""Somebody asked for background work. Versions are moments, in milliseconds since 1970."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """Something of a topic changed, up to this version (or sequence). Version 0: signals may have been lost."""

    topic: str
    version: int


def player_topic(player_id: str) -> str:
    """The topic of a player's kept record, under Blizzard's id, and under an id that a fetch found it by."""
    return f"player:{player_id}"


def catalog_topic(kind: str, key: str) -> str:
    """The topic of an entry of the catalog."""
    return f"catalog:{kind}:{key}"


def job_topic(kind: str, key: str) -> str:
    """The topic of runs that ended, of jobs of this kind and key; versions are moments."""
    return f"job:{kind}:{key}"


def lease_topic(name: str) -> str:
    """The topic of a lease that was given back; versions are moments."""
    return f"lease:{name}"


def conversation_topic(conversation_id: str) -> str:
    """The topic of a conversation; versions are the sequences of its messages."""
    return f"conversation:{conversation_id}"


def game_topic(game_id: str) -> str:
    """The topic of a game; versions are those of the game."""
    return f"game:{game_id}"
