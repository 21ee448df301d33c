"""Answers about roles."""

from models.catalog import ROLES
from models.freshness import Freshness
from models.heroes import Hero
from models.locales import Locale
from models.roles import Role, RoleKey
from resolvers.context import RequestContext


async def roles(context: RequestContext, locale: Locale = Locale.EN_US) -> list[Role]:
    """All roles: tank, damage, support."""
    table = await context.loaders.reference.roles.load((locale, True))
    return [table.by_key[key] for key in RoleKey]


async def heroes(context: RequestContext, parent: Role) -> list[Hero]:
    """The heroes that play a role, in the role's language."""
    table = await context.loaders.reference.heroes.load((parent.locale, False))
    return list(table.by_role[parent.key])


def freshness(context: RequestContext, parent: Role) -> Freshness:
    """How old the page is that the role is from."""
    return context.pages.freshness(ROLES, parent.fetched_at, parent.locale.value)
