"""Who plays in a game of baseball: cards, rosters, and lineups with those who came in and those who left."""

from collections.abc import Iterable
from dataclasses import dataclass

from errors import RuleViolation


@dataclass(frozen=True, slots=True)
class CardRef:
    """A card, in a card league."""

    card_id: int


@dataclass(frozen=True, slots=True)
class PlayerRef:
    """A player, in a player league."""

    player_id: int


Card = CardRef | PlayerRef
"""What an entry stands for: one of the two, never both, never neither."""


def card_of(card_id: int | None, player_id: int | None) -> Card:
    """The one that is given. RuleViolation when both are, or neither."""
    if card_id is not None and player_id is None:
        return CardRef(card_id)
    if player_id is not None and card_id is None:
        return PlayerRef(player_id)
    raise RuleViolation(
        "An entry stands for a card or for a player: give exactly one of cardId and playerId."
    )


@dataclass(frozen=True, slots=True)
class RosterEntry:
    """One whom a team may send into a game."""

    id: str
    game_id: str
    team_id: int
    card: Card


@dataclass(frozen=True, slots=True)
class RosterEntryDraft:
    """A roster entry to be added; `id` is made by whoever asks."""

    id: str
    team_id: int
    card: Card


@dataclass(frozen=True, slots=True)
class LineupEntry:
    """A part in a game, from the moment somebody takes it until he leaves; who comes back does so in a new entry.

    `sequence` is the version of the game that brought him in. `entered_at_play` and `left_at_play` are how many plays
    stood when he came and went: he takes part in those after the one, up to and including the other. `replaces_id` is
    the entry that left for him. `undone_by` is the version of the rollback that took his coming back.
    """

    id: str
    game_id: str
    sequence: int
    team_id: int
    card: Card
    position: str
    batting_order: int | None
    is_starter: bool
    entered_at_play: int
    left_at_play: int | None = None
    replaces_id: str | None = None
    undone_by: int | None = None

    @property
    def is_active(self) -> bool:
        """Whether he plays now."""
        return self.left_at_play is None and self.undone_by is None


@dataclass(frozen=True, slots=True)
class LineupEntryDraft:
    """Somebody to come in; `id` is made by whoever asks. `replaces_id` is the active entry that leaves for him."""

    id: str
    team_id: int
    card: Card
    position: str
    batting_order: int | None = None
    is_starter: bool = True
    replaces_id: str | None = None


Lineup = tuple[LineupEntry, ...]
"""All entries of both teams that were not undone, in the order in which they came in."""


def active_lineup(lineup: Iterable[LineupEntry], team_id: int) -> Lineup:
    """Who plays for a team now, in batting order; those who do not bat come last, in the order they came in."""
    active = [entry for entry in lineup if entry.is_active and entry.team_id == team_id]
    return tuple(sorted(active, key=lambda entry: (entry.batting_order is None, entry.batting_order or 0)))


def plays_for(lineup: Iterable[LineupEntry], entry_id: str, team_id: int) -> bool:
    """Whether this is an active entry of that team."""
    return any(entry.id == entry_id and entry.team_id == team_id and entry.is_active for entry in lineup)
