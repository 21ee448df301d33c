"""Answers about roles."""

from models.heroes import Hero
from models.roles import Role
from resolvers.context import RequestContext


async def roles(context: RequestContext) -> list[Role]:
    """All roles: tank, damage, support."""
    return list(context.reference.roles)


def heroes(context: RequestContext, parent: Role) -> list[Hero]:
    """The heroes that play a role."""
    return list(context.reference.heroes_by_role[parent.key.value])
