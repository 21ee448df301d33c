"""Heroes: who can be played, in which role and gamemodes, and with how many hit points."""

from dataclasses import dataclass

from models.roles import RoleKey


@dataclass(frozen=True, slots=True)
class HitPoints:
    """Health, armor and shields at the start of a fight; `total` is their sum."""

    health: int
    armor: int
    shields: int
    total: int


@dataclass(frozen=True, slots=True)
class Hero:
    """A hero. `gamemode_keys` are quickplay and, for some, stadium."""

    key: str
    name: str
    role_key: RoleKey
    subrole: str | None
    gamemode_keys: tuple[str, ...]
    hitpoints: HitPoints | None
