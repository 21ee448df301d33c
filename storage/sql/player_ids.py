"""The ids under which a player is found, for those who keep copies under each of them."""

from collections.abc import Sequence

from storage.sql.database import Reads

_IDS_OF = "SELECT player_id FROM player_ids WHERE blizzard_id = $1"


async def ids_of(database: Reads, blizzard_id: str) -> Sequence[str]:
    """Every id that leads to the player, in no order; its own is one of them. None for a player that is not kept."""
    return [str(row["player_id"]) for row in await database.fetch(_IDS_OF, blizzard_id)]
