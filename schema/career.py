"""A player's statistics in full, as clients see them."""

import strawberry

import models.heroes
import models.players
import resolvers.players
from schema.heroes import Hero
from schema.info import Info


@strawberry.type(description="One statistic.")
class CareerStat:
    key: str = strawberry.field(description="Its key, like `eliminations_avg_per_10_min`.")
    label: str = strawberry.field(description="Its name as Blizzard writes it.")
    value: float | None = strawberry.field(
        description="A number; durations in seconds, percentages from 0 to 100. Null when it cannot be read."
    )


@strawberry.type(description="Statistics of one kind.")
class CareerStatCategory:
    category: str = strawberry.field(
        description="`assists`, `average`, `best`, `combat`, `game`, `hero_specific`, `match_awards`, ..."
    )
    label: str = strawberry.field(description="The category's name.")
    stats: list[CareerStat] = strawberry.field(
        metadata={"size": 15},
        description="In the page's order. Blizzard repeats some statistics; all of them are here.",
    )


@strawberry.type(description="Everything Blizzard tells of a player with one hero.")
class HeroCareerStats:
    hero_key: str = strawberry.field(description="The hero's key; `all-heroes` for the sum over all of them.")
    categories: list[CareerStatCategory] = strawberry.field(
        metadata={"size": 8}, description="Statistics by category."
    )

    @strawberry.field(
        graphql_type=Hero | None,
        description="The hero; null for the sum and for a hero newer than this server's tables.",
    )
    @staticmethod
    async def hero(
        parent: strawberry.Parent[models.players.HeroCareerStats], info: Info
    ) -> models.heroes.Hero | None:
        return await resolvers.players.hero_by_key(info.context, parent.hero_key)


@strawberry.type(description="One hero's figure in a comparison.")
class HeroComparisonValue:
    hero_key: str = strawberry.field(description="The hero's key.")
    value: float | None = strawberry.field(description="The figure; null when it cannot be read.")

    @strawberry.field(
        graphql_type=Hero | None, description="The hero; null for one newer than this server's tables."
    )
    @staticmethod
    async def hero(
        parent: strawberry.Parent[models.players.HeroComparisonValue], info: Info
    ) -> models.heroes.Hero | None:
        return await resolvers.players.hero_by_key(info.context, parent.hero_key)


@strawberry.type(description="Heroes side by side in one category.")
class HeroComparison:
    category: str = strawberry.field(description="The category's key, like `time_played`.")
    label: str = strawberry.field(description="The category's name.")
    values: list[HeroComparisonValue] = strawberry.field(metadata={"size": 50}, description="Highest first.")
