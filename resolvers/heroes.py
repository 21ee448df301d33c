"""Answers about heroes."""

from collections.abc import Sequence

from models.gamemodes import Gamemode
from models.heroes import Hero
from models.roles import Role, RoleKey
from resolvers.context import RequestContext
from resolvers.keys import checked_keys


async def heroes(
    context: RequestContext,
    role: RoleKey | None = None,
    subrole: str | None = None,
    gamemode: str | None = None,
    keys: Sequence[str] | None = None,
) -> list[Hero]:
    """The heroes that meet every condition given, by key. Keys nobody has are left out."""
    wanted = checked_keys(keys)
    return sorted(
        (
            hero
            for hero in context.reference.heroes
            if (role in (None, hero.role_key))
            and (subrole in (None, hero.subrole))
            and (gamemode is None or gamemode in hero.gamemode_keys)
            and (wanted is None or hero.key in wanted)
        ),
        key=lambda hero: hero.key,
    )


async def hero(context: RequestContext, key: str) -> Hero | None:
    """The hero with that key, None when there is none."""
    return context.reference.hero_by_key.get(key)


def role(context: RequestContext, parent: Hero) -> Role:
    """The role a hero plays."""
    return context.reference.role_by_key[parent.role_key.value]


def gamemodes(context: RequestContext, parent: Hero) -> list[Gamemode]:
    """The gamemodes a hero can be played in."""
    return list(context.reference.gamemodes_by_hero[parent.key])
