"""Players, as clients see them."""

from typing import Annotated

import strawberry

import models.freshness
import models.heroes
import models.history
import models.paging
import models.players
import models.stats_summary
import resolvers.history
import resolvers.players
from models.players import Platform, PlayerGamemode, Privacy
from schema import faults
from schema.career import HeroCareerStats, HeroComparison
from schema.errors import PlayerNotFound, RateLimited, StorageUnavailable, UpstreamUnavailable
from schema.freshness import Freshness
from schema.history import ProfileSnapshotConnection, Since, Until
from schema.info import Info
from schema.nodes import Node
from schema.paging import After, Before, First, Last
from schema.ranks import CompetitiveRanks
from schema.scalars import DateTime, PlayerId
from schema.stats_summary import StatsSummary

PlayerParent = strawberry.Parent[models.players.PlayerRecord]
OfGamemode = Annotated[PlayerGamemode, strawberry.argument(description="Quick play or competitive play.")]


@strawberry.type(description="How other players rate this one.")
class Endorsement:
    level: int = strawberry.field(description="0 to 5, higher is better.")
    frame: str = strawberry.field(description="Address of the picture of that level.")


@strawberry.type(description="A player's profile.")
class Player(Node):
    model = models.players.PlayerRecord

    username: str = strawberry.field(description="The displayed name, without the number.")
    avatar: str | None = strawberry.field(description="Address of the player's picture.")
    namecard: str | None = strawberry.field(
        description="Address of the player's banner; null unless Blizzard's search lists the player."
    )
    title: str | None = strawberry.field(description="The title worn, in English; null for none.")
    endorsement: Endorsement | None = strawberry.field(description="How other players rate this one.")
    privacy: Privacy = strawberry.field(
        description="PRIVATE when Blizzard hides the statistics; what is public is here all the same."
    )
    last_updated_at: DateTime | None = strawberry.field(
        description="When Blizzard last changed the profile; null unless its search lists the player."
    )
    version: int = strawberry.field(description="Grows by one at each visible change.")
    competitive: CompetitiveRanks | None = strawberry.field(
        description="Ranks per platform; null without any competitive record."
    )

    @strawberry.field(
        description="The id to show and share: the BattleTag, or Blizzard's id while no tag is known."
    )
    @staticmethod
    def player_id(parent: PlayerParent) -> PlayerId:
        return PlayerId(resolvers.players.public_id(parent))

    @strawberry.field(
        description="The BattleTag as players write it, `Name#1234`; null while it is not known."
    )
    @staticmethod
    def battletag(parent: PlayerParent) -> str | None:
        return resolvers.players.battletag(parent)

    @strawberry.field(description="Blizzard's own id, as it stands in addresses.")
    @staticmethod
    def blizzard_id(parent: PlayerParent) -> str:
        return resolvers.players.blizzard_id(parent)

    @strawberry.field(graphql_type=Freshness, description="How old this profile is.")
    @staticmethod
    def freshness(parent: PlayerParent, info: Info) -> models.freshness.Freshness:
        return resolvers.players.freshness(info.context, parent)

    @strawberry.field(
        graphql_type=StatsSummary | None,
        description=(
            "Headline figures, added up over everything that the arguments let through (without arguments: both "
            "gamemodes on both platforms). Null when nothing was played there or the profile is private."
        ),
    )
    @staticmethod
    def stats_summary(
        parent: PlayerParent,
        info: Info,
        gamemode: Annotated[
            PlayerGamemode | None, strawberry.argument(description="Only this gamemode; both when not given.")
        ] = None,
        platform: Annotated[
            Platform | None, strawberry.argument(description="Only this platform; both when not given.")
        ] = None,
    ) -> models.stats_summary.StatsSummary | None:
        return resolvers.players.stats_summary(info.context, parent, gamemode, platform)

    @strawberry.field(
        graphql_type=list[HeroCareerStats],
        metadata={"size": 50},
        description="Every statistic of one gamemode, hero by hero, first the sum over all heroes.",
    )
    @staticmethod
    async def career_stats(
        parent: PlayerParent,
        info: Info,
        gamemode: OfGamemode,
        platform: Annotated[
            Platform | None,
            strawberry.argument(
                description="The platform; when not given, the first of PC and CONSOLE that has the gamemode."
            ),
        ] = None,
        hero: Annotated[
            str | None,
            strawberry.argument(description="Only this hero's key, or `all-heroes` for the sum."),
        ] = None,
    ) -> list[models.players.HeroCareerStats]:
        return await resolvers.players.career_stats(info.context, parent, gamemode, platform, hero)

    @strawberry.field(
        graphql_type=list[HeroComparison],
        metadata={"size": 15},
        description="Heroes side by side, category by category.",
    )
    @staticmethod
    async def hero_comparisons(
        parent: PlayerParent,
        info: Info,
        gamemode: OfGamemode,
        platform: Annotated[Platform, strawberry.argument(description="The platform.")],
    ) -> list[models.players.HeroComparison]:
        return await resolvers.players.hero_comparisons(info.context, parent, gamemode, platform)

    @strawberry.field(
        graphql_type=ProfileSnapshotConnection,
        metadata={"size": 20, "sized_by": ("first", "last")},
        description="Ranks and headline figures as they were, one entry for each visible change. Newest first.",
    )
    @staticmethod
    async def history(
        parent: PlayerParent,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        since: Since = None,
        until: Until = None,
    ) -> models.paging.Connection[models.history.ProfileSnapshot]:
        return await resolvers.history.history(
            info.context, parent, models.paging.PageArguments(first, after, last, before), since, until
        )


PlayerResult = Annotated[
    Player | PlayerNotFound | UpstreamUnavailable | RateLimited | StorageUnavailable,
    strawberry.union("PlayerResult", description="A player, or why there is none to show."),
]


@strawberry.type
class PlayerQuery:
    @strawberry.field(
        graphql_type=PlayerResult,
        description="One player. Fetched from Blizzard when nothing fresh is kept.",
    )
    @staticmethod
    async def player(
        info: Info, player_id: Annotated[PlayerId, strawberry.argument(description="The player's id.")]
    ) -> models.players.PlayerRecord:
        return await resolvers.players.player(info.context, player_id)

    @strawberry.field(
        graphql_type=list[PlayerResult],
        metadata={"size": 100, "sized_by": ("playerIds",)},
        description="Many players in the order asked, each with its own result.",
    )
    @staticmethod
    async def players(
        info: Info,
        player_ids: Annotated[
            list[PlayerId],
            strawberry.argument(description="At most 100 ids; repeated ones are answered each time."),
        ],
    ) -> list[object]:
        return faults.as_members(await resolvers.players.players(info.context, player_ids))
