"""Roles, as clients see them."""

from typing import TYPE_CHECKING, Annotated

import strawberry

import models.freshness
import models.heroes
import models.roles
import resolvers.roles
from models.locales import Locale
from models.roles import RoleKey
from schema.freshness import Freshness
from schema.info import Info
from schema.nodes import Node

if TYPE_CHECKING:
    from schema.heroes import Hero


@strawberry.type(description="The part a hero plays in a team.")
class Role(Node):
    model = models.roles.Role

    key: RoleKey = strawberry.field(description="The role's key.")
    name: str = strawberry.field(description="The role's name, like `Tank`.")
    description: str = strawberry.field(description="What is asked of whoever plays it.")
    icon: str | None = strawberry.field(
        description="Address of the role's icon; null while the page with it was never fetched."
    )

    @strawberry.field(
        graphql_type=list[Annotated["Hero", strawberry.lazy("schema.heroes")]],
        metadata={"size": 20},
        description="The heroes that play this role.",
    )
    @staticmethod
    async def heroes(parent: strawberry.Parent[models.roles.Role], info: Info) -> list[models.heroes.Hero]:
        return await resolvers.roles.heroes(info.context, parent)

    @strawberry.field(graphql_type=Freshness, description="How old these facts are.")
    @staticmethod
    def freshness(parent: strawberry.Parent[models.roles.Role], info: Info) -> models.freshness.Freshness:
        return resolvers.roles.freshness(info.context, parent)


@strawberry.type
class RoleQuery:
    @strawberry.field(
        graphql_type=list[Role] | None, metadata={"size": 3}, description="All roles: tank, damage, support."
    )
    @staticmethod
    async def roles(
        info: Info,
        locale: Annotated[
            Locale | None, strawberry.argument(description="The language of names and texts.")
        ] = Locale.EN_US,
    ) -> list[models.roles.Role]:
        return await resolvers.roles.roles(info.context, locale or Locale.EN_US)
