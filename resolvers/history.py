"""Answers about how a player's figures changed."""

from models.history import ProfileSnapshot, connection_of, history_request
from models.paging import Connection, PageArguments
from models.players import PlayerRecord
from resolvers.context import RequestContext


async def history(
    context: RequestContext, parent: PlayerRecord, page: PageArguments, since: int | None, until: int | None
) -> Connection[ProfileSnapshot]:
    """A page of the player's snapshots taken at `since` or later and before `until`, newest first.

    BadUserInput as of `history_request`.
    """
    request = history_request(parent.blizzard_id, page, since, until)
    return connection_of(await context.loaders.players.history.load(request))
