"""Invented players: who they are, what kind of player each is, and how far each has come at a moment."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from hashlib import blake2b

from blizzard.simulator.draws import draw
from blizzard.simulator.faults import RESERVED_NAMES
from blizzard.simulator.words import PLAYER_NAMES, TITLES

FIRST_NUMBER = 1042
"""The number in the BattleTags of the first players; it rises by one each time the names are through."""

RESERVED_NUMBER = 1000
"""The number in the BattleTags of players with a reserved name."""

MINUTE = 60
_RESERVED = 1 << 40
_DAY = 86_400


class PlayerKind(Enum):
    """What a career shows; kinds take turns in this order."""

    RANKED = "ranked on PC"
    PRIVATE = "private"
    CONSOLE = "console only"
    RESTLESS = "changes every minute"
    BOTH = "both platforms"
    NEVER_RANKED = "quick play only"
    UNRANKED = "played competitively, not ranked this season"
    EMPTY = "never played a match"
    OPEN_QUEUE = "ranked in open queue"


@dataclass(frozen=True, slots=True)
class SimulatedPlayer:
    """Player `number` of a seed.

    `blizzard_id` has `|` in it. `endorsement` 0 means none is shown, `title` None that none was chosen.
    `period` is how many seconds lie between two changes of the profile.
    """

    number: int
    name: str
    battletag: str
    blizzard_id: str
    kind: PlayerKind
    title: str | None
    endorsement: int
    period: int

    @property
    def is_public(self) -> bool:
        """Whether the player shows a career."""
        return self.kind is not PlayerKind.PRIVATE


@dataclass(frozen=True, slots=True)
class Moment:
    """A time, and the time when the simulation started, both in milliseconds since 1970."""

    now: int
    started_at: int

    def changes(self, player: SimulatedPlayer) -> int:
        """How often the player's profile has changed since the start."""
        return max(0, self.now - self.started_at) // (player.period * 1000)

    def last_updated(self, player: SimulatedPlayer) -> int:
        """When it last changed, in seconds since 1970."""
        head_start = player.number % player.period
        return self.started_at // 1000 - head_start + self.changes(player) * player.period


class Players:
    """The first `count` players of a seed, and those with reserved names. Costs no memory per player."""

    def __init__(self, seed: int, count: int) -> None:
        self.seed = seed
        self.count = count

    def numbered(self, number: int) -> SimulatedPlayer:
        """Player `number`, 0 to `count` - 1; the same for the same seed whatever `count` is."""
        return _player(self.seed, number)

    def first(self, kind: PlayerKind) -> SimulatedPlayer:
        """The first player of a kind."""
        return self.numbered(list(PlayerKind).index(kind))

    def by_battletag(self, text: str) -> SimulatedPlayer | None:
        """The player of a BattleTag, whatever its capitals; None when there is none."""
        name, _, digits = text.rpartition("-")
        number = int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 12 else -1
        index = _name_indexes().get(name.casefold())
        if index is None:
            return None
        if index >= _RESERVED:
            return self.numbered(index) if number == RESERVED_NUMBER else None
        return self._existing((number - FIRST_NUMBER) * len(PLAYER_NAMES) + index)

    def by_blizzard_id(self, text: str) -> SimulatedPlayer | None:
        """The player of one of Blizzard's ids, written with `|`; None when there is none."""
        first, _, second = text.partition("|")
        try:
            number = int(first, 16) ^ _mask(self.seed, second)
        except ValueError:
            return None
        is_reserved = _RESERVED <= number < _RESERVED + len(RESERVED_NAMES)
        player = self.numbered(number) if is_reserved else self._existing(number)
        return player if player is not None and player.blizzard_id == text else None

    def named(self, name: str) -> Iterator[SimulatedPlayer]:
        """All players of a name, whatever its capitals, in order of their numbers."""
        index = _name_indexes().get(name.casefold())
        if index is None:
            return iter(())
        if index >= _RESERVED:
            return iter((self.numbered(index),))
        return map(self.numbered, range(index, self.count, len(PLAYER_NAMES)))

    def _existing(self, number: int) -> SimulatedPlayer | None:
        return self.numbered(number) if 0 <= number < self.count else None


@lru_cache(maxsize=1)
def _name_indexes() -> dict[str, int]:
    """Where each name stands, by its small letters; reserved names stand far behind all others."""
    usual = {name.casefold(): index for index, name in enumerate(PLAYER_NAMES)}
    return usual | {name.casefold(): _RESERVED + index for index, name in enumerate(RESERVED_NAMES)}


@lru_cache(maxsize=4096)
def _player(seed: int, number: int) -> SimulatedPlayer:
    chance = draw(seed, "player", number)
    if number >= _RESERVED:
        name, suffix = tuple(RESERVED_NAMES)[number - _RESERVED], RESERVED_NUMBER
        kind = PlayerKind.RANKED
    else:
        name, suffix = PLAYER_NAMES[number % len(PLAYER_NAMES)], FIRST_NUMBER + number // len(PLAYER_NAMES)
        kind = tuple(PlayerKind)[number % len(PlayerKind)]
    return SimulatedPlayer(
        number=number,
        name=name,
        battletag=f"{name}-{suffix}",
        blizzard_id=_blizzard_id(seed, number),
        kind=kind,
        title=chance.choice((*TITLES, None)),
        endorsement=chance.randint(0, 5),
        period=MINUTE if kind is PlayerKind.RESTLESS else chance.randint(_DAY // 4, 2 * _DAY),
    )


def _blizzard_id(seed: int, number: int) -> str:
    """An id from which the number can be told again: no table of all players is needed."""
    second = blake2b(f"{seed}/{number}".encode(), digest_size=16).hexdigest()
    return f"{number ^ _mask(seed, second):018x}|{second}"


def _mask(seed: int, second: str) -> int:
    return int.from_bytes(blake2b(f"{seed}|{second}".encode(), digest_size=9).digest(), "big")
