"""Answers about heroes."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from models.catalog import HEROES
from models.freshness import Freshness
from models.gamemodes import Gamemode
from models.heroes import Hero, HeroPage
from models.locales import Locale
from models.roles import Role, RoleKey
from resolvers.context import RequestContext
from resolvers.keys import checked_keys

Fact = TypeVar("Fact")


async def heroes(
    context: RequestContext,
    role: RoleKey | None = None,
    subrole: str | None = None,
    gamemode: str | None = None,
    keys: Sequence[str] | None = None,
    locale: Locale = Locale.EN_US,
) -> list[Hero]:
    """The heroes that meet every condition given, by key. Keys nobody has are left out."""
    wanted = checked_keys(keys)
    table = await context.loaders.reference.heroes.load((locale, True))
    return [
        hero
        for hero in table.heroes
        if (role in (None, hero.role_key))
        and (subrole in (None, hero.subrole))
        and (gamemode is None or gamemode in hero.gamemode_keys)
        and (wanted is None or hero.key in wanted)
    ]


async def hero(context: RequestContext, key: str, locale: Locale = Locale.EN_US) -> Hero | None:
    """The hero with that key, whose page is waited for when it is asked for; None when there is none."""
    table = await context.loaders.reference.heroes.load((locale, True))
    found = table.by_key.get(key)
    return found and replace(found, awaits_page=not table.was_late)


async def of_page(
    context: RequestContext, parent: Hero, read: Callable[[HeroPage], Fact | None]
) -> Fact | None:
    """What `read` takes from the hero's own page; None while the page is not there."""
    key = (parent.key, parent.locale, parent.awaits_page)
    page = await context.loaders.reference.hero_page.load(key)
    return None if page is None else read(page)


async def role(context: RequestContext, parent: Hero) -> Role:
    """The role a hero plays, in the hero's language."""
    table = await context.loaders.reference.roles.load((parent.locale, False))
    return table.by_key[parent.role_key]


def gamemodes(context: RequestContext, parent: Hero) -> list[Gamemode]:
    """The gamemodes a hero can be played in; those newer than the tables are left out."""
    known = context.reference.gamemode_by_key
    return [known[key] for key in parent.gamemode_keys if key in known]


def freshness(context: RequestContext, parent: Hero) -> Freshness:
    """How old the list page is that the hero is from."""
    return context.pages.freshness(HEROES, parent.fetched_at, parent.locale.value)
