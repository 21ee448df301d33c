"""How often heroes are picked and how often they win, among the matches a filter lets through."""

from dataclasses import dataclass
from enum import Enum

from models.players import Platform, PlayerGamemode

ALL_MAPS = "all-maps"
"""How upstream calls no map in particular."""


class Region(Enum):
    """Where matches are played."""

    AMERICAS = "americas"
    ASIA = "asia"
    EUROPE = "europe"


class CompetitiveDivision(Enum):
    """Divisions that usage can be asked for; grandmaster includes those above it."""

    BRONZE = "bronze"
    SILVER = "silver"
    GOLD = "gold"
    PLATINUM = "platinum"
    DIAMOND = "diamond"
    MASTER = "master"
    GRANDMASTER = "grandmaster"


@dataclass(frozen=True, slots=True)
class UsageFilter:
    """What upstream is asked for. `map_key` None means all maps, `division` None all divisions."""

    platform: Platform
    gamemode: PlayerGamemode
    region: Region
    map_key: str | None = None
    division: CompetitiveDivision | None = None


@dataclass(frozen=True, slots=True)
class HeroUsage:
    """One hero's rates in per cent, 0 to 100; upstream's "no data" is 0. `role` is upstream's key, lower case."""

    hero_key: str
    role: str | None
    pickrate: float
    winrate: float
