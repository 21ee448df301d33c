"""How a player's figures changed, as clients see it."""

from typing import Annotated

import strawberry

import models.history
from schema.paging import Connection, Edge
from schema.ranks import CompetitiveRanks
from schema.scalars import DateTime

Since = Annotated[
    DateTime | None, strawberry.argument(description="Only what was taken at this moment or later.")
]
Until = Annotated[DateTime | None, strawberry.argument(description="Only what was taken before this moment.")]


@strawberry.type(
    description=(
        "Ranks and headline figures as they were from a moment on, until the next snapshot. What was not visible then, "
        "because the profile was private or nothing was played, is null."
    )
)
class ProfileSnapshot:
    model = models.history.ProfileSnapshot

    taken_at: DateTime = strawberry.field(
        description="When Blizzard first showed these figures to this server."
    )
    version: int = strawberry.field(
        description="The player's version at that moment. Versions that changed no figure have no snapshot."
    )
    competitive: CompetitiveRanks | None = strawberry.field(
        description="Ranks per platform; null without any competitive record."
    )
    games_played: int | None = strawberry.field(
        description="Games played, over both gamemodes on both platforms."
    )
    time_played: int | None = strawberry.field(description="Seconds played.")
    winrate: float | None = strawberry.field(description="Games won per hundred played, two decimals.")
    kda: float | None = strawberry.field(
        description="Eliminations and assists per death, two decimals; 0 without deaths."
    )
    endorsement: int | None = strawberry.field(description="Endorsement level, 0 to 5.")


@strawberry.type(description="A snapshot and its place in the list.")
class ProfileSnapshotEdge(Edge[ProfileSnapshot]):
    pass


@strawberry.type(description="A page of a player's history.")
class ProfileSnapshotConnection(Connection[ProfileSnapshotEdge, ProfileSnapshot]):
    pass
