"""Gamemodes: the rules a match follows."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gamemode:
    """A gamemode.

    `is_listed` is False for quickplay and stadium, which heroes refer to but which are no mode of a map.
    `icon` and `screenshot` are URLs.
    """

    key: str
    name: str
    description: str
    icon: str | None
    screenshot: str | None
    is_listed: bool
