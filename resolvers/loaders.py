"""One DataLoader per keyed thing, built for each request: all look-ups of a query become one read per kind."""

from aiodataloader import DataLoader

from models.players import Career, KeptPlayer
from refresh.refresher import Refresher
from storage import Players

_NOTHING = KeptPlayer()


class Loaders:
    """Batch functions keep length and order; what is not kept is an empty entry in its place."""

    def __init__(self, players: Players, refresher: Refresher) -> None:
        self._players = players
        self._refresher = refresher
        self.player_by_id: DataLoader[str, KeptPlayer] = DataLoader(self._players_by_id)
        self.career_by_blizzard_id: DataLoader[str, Career] = DataLoader(self._careers_by_blizzard_id)

    async def _players_by_id(self, player_ids: list[str]) -> list[KeptPlayer]:
        kept = await self._refresher.read_many(player_ids)
        return [kept.get(player_id, _NOTHING) for player_id in player_ids]

    async def _careers_by_blizzard_id(self, blizzard_ids: list[str]) -> list[Career]:
        careers = await self._players.get_careers(blizzard_ids)
        return [careers.get(blizzard_id, Career()) for blizzard_id in blizzard_ids]
