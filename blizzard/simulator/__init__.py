"""A local stand-in for Blizzard's site: invented heroes and players on pages of the real structure."""

from blizzard.simulator.faults import RESERVED_NAMES, Fault, Faults
from blizzard.simulator.players import Moment, PlayerKind, Players, SimulatedPlayer
from blizzard.simulator.server import Simulator
from blizzard.simulator.site import Page, Site

__all__ = [
    "RESERVED_NAMES",
    "Fault",
    "Faults",
    "Moment",
    "Page",
    "PlayerKind",
    "Players",
    "SimulatedPlayer",
    "Simulator",
    "Site",
]
