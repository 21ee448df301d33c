"""What somebody hears of refreshes: of one they asked for, and of those of players they follow."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from errors import PlaygraphError
from models.jobs import Job
from models.players import PlayerRecord

Values = Mapping[str, int]
"""What a subscriber may have been told of a player: for each field a number that differs when the value does."""


@dataclass(frozen=True, slots=True)
class RefreshQueued:
    """The job that does it; `already_queued` says that the request joined one that was there."""

    job: Job
    already_queued: bool


@dataclass(slots=True)
class Told:
    """What one subscriber was last told of each player, by Blizzard's id."""

    _values: dict[str, Values] = field(default_factory=dict)
    _changed: dict[str, tuple[int, list[str]]] = field(default_factory=dict)

    def begin(self, blizzard_id: str, values: Values) -> None:
        """What was there when the subscriber came, who was not told of it."""
        self._values[blizzard_id] = values

    def changed(self, blizzard_id: str, version: int, values: Values) -> list[str]:
        """The fields whose values differ from what the subscriber was told before this version; all fields for a
        player never told of. Asked again about the same version, it answers the same."""
        known = self._changed.get(blizzard_id)
        if known is None or known[0] != version:
            before = self._values.get(blizzard_id, {})
            known = (version, [name for name, value in values.items() if before.get(name) != value])
            self._values[blizzard_id] = values
            self._changed[blizzard_id] = known
        return known[1]


@dataclass(frozen=True, slots=True)
class PlayerRefreshed:
    """A player as kept now. `values` are those of this version, `told` is the subscriber's. `is_snapshot` says that
    it is what was there when the subscriber came: nothing changed."""

    player: PlayerRecord
    values: Values
    told: Told
    is_snapshot: bool = False


@dataclass(frozen=True, slots=True)
class PlayerRefreshFailed:
    """A run of a refresh that did not bring a player."""

    player_id: str
    error: PlaygraphError
