"""A player's headline figures, as clients see them."""

import strawberry

import models.heroes
import models.stats_summary
import resolvers.players
from models.roles import RoleKey
from schema.heroes import Hero
from schema.info import Info


@strawberry.type(description="Sums over everything counted.")
class StatTotals:
    eliminations: int = strawberry.field(description="Opponents taken out, alone or with others.")
    assists: int = strawberry.field(description="Offensive assists.")
    deaths: int = strawberry.field(description="Deaths.")
    damage: int = strawberry.field(description="All damage done, in hit points.")
    healing: int = strawberry.field(description="Healing done, in hit points.")


@strawberry.type(description="The same figures per ten minutes of play.")
class StatAverages:
    eliminations: float = strawberry.field(description="Eliminations per ten minutes.")
    assists: float = strawberry.field(description="Assists per ten minutes.")
    deaths: float = strawberry.field(description="Deaths per ten minutes.")
    damage: float = strawberry.field(description="Damage per ten minutes.")
    healing: float = strawberry.field(description="Healing per ten minutes.")


@strawberry.type(
    description="Figures over one hero, one role or everything. Ratios are computed from the sums."
)
class Stats:
    games_played: int = strawberry.field(description="Games played.")
    games_won: int = strawberry.field(description="Games played less games lost.")
    games_lost: int = strawberry.field(description="Games lost.")
    time_played: int = strawberry.field(description="Seconds played.")
    winrate: float = strawberry.field(description="Games won per hundred played, two decimals.")
    kda: float = strawberry.field(
        description="Eliminations and assists per death, two decimals; 0 without deaths."
    )
    total: StatTotals = strawberry.field(description="Sums.")
    average: StatAverages = strawberry.field(description="Per ten minutes of play.")


@strawberry.type(description="The figures of all heroes of one role.")
class RoleStats:
    role: RoleKey = strawberry.field(description="The role.")
    stats: Stats = strawberry.field(description="Its figures.")


@strawberry.type(description="The figures of one hero.")
class HeroStats:
    hero_key: str = strawberry.field(description="The hero's key.")
    stats: Stats = strawberry.field(description="The hero's figures.")

    @strawberry.field(
        graphql_type=Hero | None, description="The hero; null for one newer than this server's tables."
    )
    @staticmethod
    async def hero(
        parent: strawberry.Parent[models.stats_summary.HeroStats], info: Info
    ) -> models.heroes.Hero | None:
        return await resolvers.players.hero_by_key(info.context, parent.hero_key)


@strawberry.type(description="Headline figures of a player.")
class StatsSummary:
    general: Stats | None = strawberry.field(description="Over all heroes.")
    roles: list[RoleStats] = strawberry.field(
        metadata={"size": 3}, description="By role; roles not played are left out."
    )
    heroes: list[HeroStats] = strawberry.field(
        metadata={"size": 50}, description="By hero, most played first."
    )
