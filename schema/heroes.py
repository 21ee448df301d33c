"""Heroes, as clients see them."""

from typing import TYPE_CHECKING, Annotated

import strawberry

import models.freshness
import models.gamemodes
import models.hero_usage
import models.heroes
import models.roles
import resolvers.hero_usage
import resolvers.heroes
from models.locales import Locale
from models.roles import RoleKey
from schema.freshness import Freshness
from schema.hero_pages import Ability, HeroBackground, Perk, Perks, Story
from schema.info import Info
from schema.nodes import Node
from schema.usage_arguments import InDivision, InGamemode, InRegion, OnMap, OnPlatform

if TYPE_CHECKING:
    from schema.gamemodes import Gamemode
    from schema.hero_usage import HeroUsage
    from schema.roles import Role

HeroParent = strawberry.Parent[models.heroes.Hero]
InLocale = Annotated[
    Locale | None, strawberry.argument(description="The language of texts; facts are the same in all.")
]


@strawberry.type(description="Hit points at the start of a fight.")
class HitPoints:
    health: int = strawberry.field(description="Plain health, regained by healing.")
    armor: int = strawberry.field(description="Armor, which softens each hit.")
    shields: int = strawberry.field(description="Shields, which come back by themselves.")
    total: int = strawberry.field(description="Health, armor and shields together.")


@strawberry.type(
    description=(
        "A playable character. What only the hero's own page tells (description to story) is null or empty until that "
        "page is kept: `hero` waits for it, lists and relations do not but have it fetched for the next asker."
    )
)
class Hero(Node):
    model = models.heroes.Hero

    key: str = strawberry.field(description="The hero's key in addresses and statistics, like `soldier-76`.")
    name: str = strawberry.field(description="The hero's name, like `Soldier: 76`.")
    portrait: str | None = strawberry.field(
        description="Address of the hero's picture; null while the list page was never fetched."
    )
    subrole: str | None = strawberry.field(
        description="The finer class within the role, like `flanker`; null when not known."
    )
    hitpoints: HitPoints | None = strawberry.field(description="Hit points; null when not known.")

    @strawberry.field(
        graphql_type=Annotated["Role", strawberry.lazy("schema.roles")],
        description="The role the hero plays.",
    )
    @staticmethod
    async def role(parent: HeroParent, info: Info) -> models.roles.Role:
        return await resolvers.heroes.role(info.context, parent)

    @strawberry.field(
        graphql_type=list[Annotated["Gamemode", strawberry.lazy("schema.gamemodes")]],
        metadata={"size": 2},
        description="The gamemodes the hero can be played in: quickplay and, for some, stadium.",
    )
    @staticmethod
    def gamemodes(parent: HeroParent, info: Info) -> list[models.gamemodes.Gamemode]:
        return resolvers.heroes.gamemodes(info.context, parent)

    @strawberry.field(description="Who the hero is, in a sentence or two.")
    @staticmethod
    async def description(parent: HeroParent, info: Info) -> str | None:
        return await resolvers.heroes.of_page(info.context, parent, lambda page: page.description)

    @strawberry.field(description="Where the hero comes from or is based.")
    @staticmethod
    async def location(parent: HeroParent, info: Info) -> str | None:
        return await resolvers.heroes.of_page(info.context, parent, lambda page: page.location)

    @strawberry.field(description="Age in years; null when nobody knows.")
    @staticmethod
    async def age(parent: HeroParent, info: Info) -> int | None:
        return await resolvers.heroes.of_page(info.context, parent, lambda page: page.age)

    @strawberry.field(description="Day of birth as the page writes it; null when nobody knows.")
    @staticmethod
    async def birthday(parent: HeroParent, info: Info) -> str | None:
        return await resolvers.heroes.of_page(info.context, parent, lambda page: page.birthday)

    @strawberry.field(
        graphql_type=list[HeroBackground],
        metadata={"size": 3},
        description="Wide pictures for different screens.",
    )
    @staticmethod
    async def backgrounds(parent: HeroParent, info: Info) -> tuple[models.heroes.HeroBackground, ...]:
        return await resolvers.heroes.of_page(info.context, parent, lambda page: page.backgrounds) or ()

    @strawberry.field(graphql_type=list[Ability], metadata={"size": 6}, description="What the hero can do.")
    @staticmethod
    async def abilities(parent: HeroParent, info: Info) -> tuple[models.heroes.Ability, ...]:
        return await resolvers.heroes.of_page(info.context, parent, lambda page: page.abilities) or ()

    @strawberry.field(graphql_type=Perks | None, description="The perks to choose from in a match.")
    @staticmethod
    async def perks(parent: HeroParent, info: Info) -> models.heroes.Perks | None:
        return await resolvers.heroes.of_page(info.context, parent, lambda page: page.perks)

    @strawberry.field(
        graphql_type=list[Perk] | None,
        metadata={"size": 12},
        description="Powers to buy in Stadium; null for heroes who do not take part in it.",
    )
    @staticmethod
    async def stadium_powers(parent: HeroParent, info: Info) -> tuple[models.heroes.Perk, ...] | None:
        return await resolvers.heroes.of_page(info.context, parent, lambda page: page.stadium_powers)

    @strawberry.field(graphql_type=Story | None, description="Where the hero comes from.")
    @staticmethod
    async def story(parent: HeroParent, info: Info) -> models.heroes.Story | None:
        return await resolvers.heroes.of_page(info.context, parent, lambda page: page.story)

    @strawberry.field(graphql_type=Freshness, description="How old the list is that this hero is from.")
    @staticmethod
    def freshness(parent: HeroParent, info: Info) -> models.freshness.Freshness:
        return resolvers.heroes.freshness(info.context, parent)

    @strawberry.field(
        graphql_type=Annotated["HeroUsage", strawberry.lazy("schema.hero_usage")] | None,
        description="How often the hero is picked and wins; null when Blizzard has no figures.",
    )
    @staticmethod
    async def usage(
        parent: HeroParent,
        info: Info,
        platform: OnPlatform,
        gamemode: InGamemode,
        region: InRegion,
        map: OnMap = None,  # noqa: A002 - the argument's name in the schema
        competitive_division: InDivision = None,
    ) -> resolvers.hero_usage.ServedUsage | None:
        return await resolvers.hero_usage.of_hero(
            info.context,
            parent,
            models.hero_usage.UsageFilter(platform, gamemode, region, map, competitive_division),
        )


@strawberry.type
class HeroQuery:
    @strawberry.field(
        graphql_type=list[Hero] | None,
        metadata={"size": 60, "sized_by": ("keys",)},
        description="The heroes, by key. With several arguments: those that meet all of them.",
    )
    @staticmethod
    async def heroes(
        info: Info,
        role: Annotated[RoleKey | None, strawberry.argument(description="Only heroes of this role.")] = None,
        subrole: Annotated[
            str | None, strawberry.argument(description="Only heroes of this sub-role, like `flanker`.")
        ] = None,
        gamemode: Annotated[
            str | None,
            strawberry.argument(description="Only heroes of this gamemode: `quickplay` or `stadium`."),
        ] = None,
        keys: Annotated[
            list[str] | None, strawberry.argument(description="Only heroes with these keys, at most 100.")
        ] = None,
        locale: InLocale = Locale.EN_US,
    ) -> list[models.heroes.Hero]:
        return await resolvers.heroes.heroes(
            info.context, role, subrole, gamemode, keys, locale or Locale.EN_US
        )

    @strawberry.field(
        graphql_type=Hero | None, description="One hero; null when there is none with that key."
    )
    @staticmethod
    async def hero(
        info: Info,
        key: Annotated[str, strawberry.argument(description="The hero's key, like `ana`.")],
        locale: InLocale = Locale.EN_US,
    ) -> models.heroes.Hero | None:
        return await resolvers.heroes.hero(info.context, key, locale or Locale.EN_US)
