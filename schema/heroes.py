"""Heroes, as clients see them."""

from typing import TYPE_CHECKING, Annotated

import strawberry

import models.freshness
import models.gamemodes
import models.heroes
import models.roles
import resolvers.heroes
from models.roles import RoleKey
from schema.freshness import Freshness
from schema.info import Info
from schema.nodes import Node

if TYPE_CHECKING:
    from schema.gamemodes import Gamemode
    from schema.roles import Role


@strawberry.type(description="Hit points at the start of a fight.")
class HitPoints:
    health: int = strawberry.field(description="Plain health, regained by healing.")
    armor: int = strawberry.field(description="Armor, which softens each hit.")
    shields: int = strawberry.field(description="Shields, which come back by themselves.")
    total: int = strawberry.field(description="Health, armor and shields together.")


@strawberry.type(description="A playable character.")
class Hero(Node):
    model = models.heroes.Hero

    key: str = strawberry.field(description="The hero's key in addresses and statistics, like `soldier-76`.")
    name: str = strawberry.field(description="The hero's name, like `Soldier: 76`.")
    subrole: str | None = strawberry.field(
        description="The finer class within the role, like `flanker`; null when not known."
    )
    hitpoints: HitPoints | None = strawberry.field(description="Hit points; null when not known.")

    @strawberry.field(
        graphql_type=Annotated["Role", strawberry.lazy("schema.roles")],
        description="The role the hero plays.",
    )
    @staticmethod
    def role(parent: strawberry.Parent[models.heroes.Hero], info: Info) -> models.roles.Role:
        return resolvers.heroes.role(info.context, parent)

    @strawberry.field(
        graphql_type=list[Annotated["Gamemode", strawberry.lazy("schema.gamemodes")]],
        description="The gamemodes the hero can be played in: quickplay and, for some, stadium.",
    )
    @staticmethod
    def gamemodes(
        parent: strawberry.Parent[models.heroes.Hero], info: Info
    ) -> list[models.gamemodes.Gamemode]:
        return resolvers.heroes.gamemodes(info.context, parent)

    @strawberry.field(graphql_type=Freshness, description="How old these facts are.")
    @staticmethod
    def freshness() -> models.freshness.Freshness:
        return models.freshness.BUNDLED


@strawberry.type
class HeroQuery:
    @strawberry.field(
        graphql_type=list[Hero] | None,
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
    ) -> list[models.heroes.Hero]:
        return await resolvers.heroes.heroes(info.context, role, subrole, gamemode, keys)

    @strawberry.field(
        graphql_type=Hero | None, description="One hero; null when there is none with that key."
    )
    @staticmethod
    async def hero(
        info: Info, key: Annotated[str, strawberry.argument(description="The hero's key, like `ana`.")]
    ) -> models.heroes.Hero | None:
        return await resolvers.heroes.hero(info.context, key)
