"""Roles, as clients see them."""

from typing import TYPE_CHECKING, Annotated

import strawberry

import models.freshness
import models.heroes
import models.roles
import resolvers.roles
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

    @strawberry.field(
        graphql_type=list[Annotated["Hero", strawberry.lazy("schema.heroes")]],
        description="The heroes that play this role.",
    )
    @staticmethod
    def heroes(parent: strawberry.Parent[models.roles.Role], info: Info) -> list[models.heroes.Hero]:
        return resolvers.roles.heroes(info.context, parent)

    @strawberry.field(graphql_type=Freshness, description="How old these facts are.")
    @staticmethod
    def freshness() -> models.freshness.Freshness:
        return models.freshness.BUNDLED


@strawberry.type
class RoleQuery:
    @strawberry.field(graphql_type=list[Role] | None, description="All roles: tank, damage, support.")
    @staticmethod
    async def roles(info: Info) -> list[models.roles.Role]:
        return await resolvers.roles.roles(info.context)
