"""Answers about how often heroes are picked and win."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from errors import BadUserInput
from models.hero_usage import HeroUsage, UsageFilter
from models.heroes import Hero
from models.locales import Locale
from models.players import PlayerGamemode
from models.roles import RoleKey
from resolvers.context import RequestContext


class HeroUsageOrder(Enum):
    """What a list of usage is sorted by."""

    HERO_ASC = "hero:asc"
    HERO_DESC = "hero:desc"
    PICKRATE_ASC = "pickrate:asc"
    PICKRATE_DESC = "pickrate:desc"
    WINRATE_ASC = "winrate:asc"
    WINRATE_DESC = "winrate:desc"


@dataclass(frozen=True, slots=True)
class ServedUsage:
    """A hero with its rates."""

    hero: Hero
    pickrate: float
    winrate: float


_SORTED_BY: Mapping[str, Callable[[ServedUsage], str | float]] = {
    "hero": lambda usage: usage.hero.key,
    "pickrate": lambda usage: usage.pickrate,
    "winrate": lambda usage: usage.winrate,
}


async def hero_usage(
    context: RequestContext,
    usage_filter: UsageFilter,
    role: RoleKey | None = None,
    order_by: HeroUsageOrder = HeroUsageOrder.HERO_ASC,
) -> list[ServedUsage]:
    """The rates of all heroes, or of those of a role, in the order asked for; equal ones as upstream has them."""
    rows = await context.loaders.reference.usage.load(_checked(context, usage_filter))
    served = [usage for row in rows if (usage := await _serve(context, row))]
    chosen = (usage for usage in served if role in (None, usage.hero.role_key))
    field, _, direction = order_by.value.partition(":")
    return sorted(chosen, key=_SORTED_BY[field], reverse=direction == "desc")


async def of_hero(context: RequestContext, parent: Hero, usage_filter: UsageFilter) -> ServedUsage | None:
    """The rates of one hero; None when upstream has none."""
    rows = await context.loaders.reference.usage.load(_checked(context, usage_filter))
    row = next((row for row in rows if row.hero_key == parent.key), None)
    return ServedUsage(parent, row.pickrate, row.winrate) if row else None


def _checked(context: RequestContext, usage_filter: UsageFilter) -> UsageFilter:
    if usage_filter.division is not None and usage_filter.gamemode is not PlayerGamemode.COMPETITIVE:
        raise BadUserInput("competitiveDivision: only competitive play has divisions.")
    if usage_filter.map_key is not None and usage_filter.map_key not in context.reference.map_by_key:
        raise BadUserInput("map: there is no map with this key; they are written like kings-row.")
    return usage_filter


async def _serve(context: RequestContext, row: HeroUsage) -> ServedUsage | None:
    """A row with its hero; a hero not known yet has what the row tells, and without a role it is left out."""
    table = await context.loaders.reference.heroes.load((Locale.EN_US, False))
    hero = table.by_key.get(row.hero_key) or _newcomer(row)
    return ServedUsage(hero, row.pickrate, row.winrate) if hero else None


def _newcomer(row: HeroUsage) -> Hero | None:
    role = next((role for role in RoleKey if role.value == row.role), None)
    name = row.hero_key.replace("-", " ").title()
    return Hero(row.hero_key, name, role, None, ("quickplay",), None) if role else None
