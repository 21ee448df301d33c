"""How Blizzard is asked for pick and win rates, and what it turned out to call each kind of play."""

from models.hero_usage import ALL_MAPS, UsageFilter
from models.players import Platform, PlayerGamemode

_INPUTS = {Platform.PC: "PC", Platform.CONSOLE: "Console"}
_QUEUES = {PlayerGamemode.QUICKPLAY: ("0",), PlayerGamemode.COMPETITIVE: ("1", "2")}


class UsageMemory:
    """The number under which upstream last knew a kind of play; it changes now and then. One for each process."""

    def __init__(self) -> None:
        self._queues: dict[PlayerGamemode, str] = {}

    def queues(self, gamemode: PlayerGamemode) -> tuple[str, ...]:
        """The numbers to try, the one that was right last time first."""
        known = _QUEUES[gamemode]
        last = self._queues.get(gamemode, known[0])
        return (last, *(queue for queue in known if queue != last))

    def remember(self, gamemode: PlayerGamemode, queue: str) -> None:
        """Upstream answered `queue` with the kind of play that was meant."""
        self._queues[gamemode] = queue


def usage_params(asked: UsageFilter, queue: str) -> dict[str, str]:
    """The query of a request for rates. Only competitive play has tiers."""
    params = {
        "input": _INPUTS[asked.platform],
        "rq": queue,
        "region": asked.region.value.capitalize(),
        "map": asked.map_key or ALL_MAPS,
    }
    if asked.gamemode is PlayerGamemode.COMPETITIVE:
        params["tier"] = "All" if asked.division is None else asked.division.value.capitalize()
    return params
