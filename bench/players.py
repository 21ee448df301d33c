"""The invented players and pages of a run."""

from functools import cache
from itertools import count, islice

from blizzard.simulator import Moment, PlayerKind, SimulatedPlayer, Site

SEED = 2217
PLAYERS = 2_000
"""More than a run asks for, and few enough that a search finds dozens of a name, as upstream's does, not thousands."""
MOMENT = Moment(1_800_000_000_000, 1_800_000_000_000)
"""The time pages tell of; it stands still, so that a player's page is the same throughout a run."""

_FULL = (
    PlayerKind.RANKED,
    PlayerKind.CONSOLE,
    PlayerKind.BOTH,
    PlayerKind.NEVER_RANKED,
    PlayerKind.OPEN_QUEUE,
)


@cache
def site() -> Site:
    """The pages, without a network."""
    return Site("http://pictures.invalid", seed=SEED, players=PLAYERS)


def full_players(amount: int) -> list[SimulatedPlayer]:
    """The first players with a whole career; the others (private, never played) have next to no page."""
    everybody = (site().players.numbered(number) for number in count())
    return list(islice((player for player in everybody if player.kind in _FULL), amount))


def player_ids(amount: int) -> list[str]:
    """Their BattleTags."""
    return [player.battletag for player in full_players(amount)]


def career_pages(amount: int) -> list[str]:
    """Their pages."""
    return [site().career_text(player, MOMENT) for player in full_players(amount)]
