"""Players found by name, as clients see them."""

from typing import Annotated

import strawberry

import models.paging
import models.players
import resolvers.player_search
from models.players import Privacy
from resolvers.player_search import PlayerSearchOrder
from schema.info import Info
from schema.paging import After, Before, Connection, Edge, First, Last
from schema.players import PlayerResult
from schema.scalars import DateTime, PlayerId


@strawberry.type(description="A player as Blizzard's search shows it.")
class FoundPlayer:
    model = resolvers.player_search.FoundPlayer

    player_id: PlayerId = strawberry.field(
        description=(
            "The BattleTag that was searched for, when this is the one public player of its name; else Blizzard's id."
        )
    )
    blizzard_id: str = strawberry.field(description="Blizzard's own id, as it stands in addresses.")
    name: str = strawberry.field(description="The displayed name, without the number.")
    avatar: str | None = strawberry.field(description="Address of the player's picture.")
    namecard: str | None = strawberry.field(description="Address of the player's banner.")
    title: str | None = strawberry.field(description="The title worn, in English.")
    privacy: Privacy = strawberry.field(description="Whether Blizzard shows the player's statistics.")
    last_updated_at: DateTime | None = strawberry.field(description="When Blizzard last changed the profile.")

    @strawberry.field(
        graphql_type=PlayerResult,
        description="The whole profile. All found players of a query are read together.",
    )
    @staticmethod
    async def player(
        parent: strawberry.Parent[resolvers.player_search.FoundPlayer], info: Info
    ) -> models.players.PlayerRecord:
        return await resolvers.player_search.player(info.context, parent)


@strawberry.type(description="A found player and its place in the list.")
class PlayerSearchEdge(Edge[FoundPlayer]):
    pass


@strawberry.type(description="A page of the players that were found.")
class PlayerSearchConnection(Connection[PlayerSearchEdge, FoundPlayer]):
    pass


@strawberry.type
class PlayerSearchQuery:
    @strawberry.field(
        graphql_type=PlayerSearchConnection | None,
        metadata={"size": 20, "sized_by": ("first", "last")},
        description="Players of exactly this name (case counts), public and private.",
    )
    @staticmethod
    async def search_players(
        info: Info,
        name: Annotated[
            str,
            strawberry.argument(description="A name, or a BattleTag, whose number a search cannot check."),
        ],
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        order_by: Annotated[
            PlayerSearchOrder | None, strawberry.argument(description="The order; by name when not given.")
        ] = None,
    ) -> models.paging.Connection[resolvers.player_search.FoundPlayer]:
        return await resolvers.player_search.search_players(
            info.context,
            name,
            order_by or PlayerSearchOrder.NAME_ASC,
            models.paging.PageArguments(first, after, last, before),
        )
