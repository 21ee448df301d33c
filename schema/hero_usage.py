"""How often heroes are picked and win, as clients see it."""

from typing import Annotated

import strawberry

import models.hero_usage
import resolvers.hero_usage
from models.roles import RoleKey
from resolvers.hero_usage import HeroUsageOrder
from schema.heroes import Hero
from schema.info import Info
from schema.usage_arguments import InDivision, InGamemode, InRegion, OnMap, OnPlatform


@strawberry.type(description="How often a hero is picked and wins.")
class HeroUsage:
    hero: Hero = strawberry.field(description="The hero.")
    pickrate: float = strawberry.field(description="In how many of a hundred matches the hero is picked.")
    winrate: float = strawberry.field(description="How many of a hundred of those matches are won.")


@strawberry.type
class HeroUsageQuery:
    @strawberry.field(
        graphql_type=list[HeroUsage] | None,
        metadata={"size": 60},
        description="How often heroes are picked and win, among the matches that the arguments let through.",
    )
    @staticmethod
    async def hero_usage(
        info: Info,
        platform: OnPlatform,
        gamemode: InGamemode,
        region: InRegion,
        role: Annotated[RoleKey | None, strawberry.argument(description="Only heroes of this role.")] = None,
        map: OnMap = None,  # noqa: A002 - the argument's name in the schema
        competitive_division: InDivision = None,
        order_by: Annotated[
            HeroUsageOrder | None, strawberry.argument(description="The order; by hero when not given.")
        ] = None,
    ) -> list[resolvers.hero_usage.ServedUsage]:
        return await resolvers.hero_usage.hero_usage(
            info.context,
            models.hero_usage.UsageFilter(platform, gamemode, region, map, competitive_division),
            role,
            order_by or HeroUsageOrder.HERO_ASC,
        )
