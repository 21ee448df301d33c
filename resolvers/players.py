"""Answers about players."""

import asyncio
from collections.abc import Mapping, Sequence

from errors import BadUserInput, RetryableError
from models.freshness import Freshness
from models.heroes import Hero
from models.locales import Locale
from models.players import (
    Career,
    GamemodeCareer,
    HeroCareerStats,
    HeroComparison,
    KeptPlayer,
    Platform,
    PlayerGamemode,
    PlayerRecord,
)
from models.stats_summary import StatsSummary, summarize
from resolvers.context import RequestContext

MAX_PLAYERS = 100


async def player(context: RequestContext, player_id: str) -> PlayerRecord:
    """The player; PlayerNotFound, UpstreamUnavailable or StorageUnavailable when there is none to give."""
    kept = await context.loaders.players.by_id.load(player_id)
    return await context.refresher.settle(player_id, kept)


async def players(context: RequestContext, player_ids: Sequence[str]) -> list[PlayerRecord | RetryableError]:
    """The players in the order asked, repeated ones too; what cannot be given is its error in its place.

    More than 100 ids are BadUserInput.
    """
    if len(player_ids) > MAX_PLAYERS:
        raise BadUserInput(f"playerIds: {len(player_ids)} given, at most {MAX_PLAYERS} are allowed.")
    kept = await asyncio.gather(
        *(context.loaders.players.by_id.load(player_id) for player_id in player_ids), return_exceptions=True
    )
    return await _settle_all(context, player_ids, kept)


async def settle_many(
    context: RequestContext, player_ids: Sequence[str], kept: Mapping[str, KeptPlayer]
) -> list[PlayerRecord | RetryableError]:
    """The same for what was read already."""
    return await _settle_all(context, player_ids, [kept.get(each, KeptPlayer()) for each in player_ids])


async def _settle_all(
    context: RequestContext, player_ids: Sequence[str], kept: Sequence[KeptPlayer | BaseException]
) -> list[PlayerRecord | RetryableError]:
    return list(
        await asyncio.gather(
            *(_settled(context, player_id, found) for player_id, found in zip(player_ids, kept, strict=True))
        )
    )


async def _settled(
    context: RequestContext, player_id: str, found: KeptPlayer | BaseException
) -> PlayerRecord | RetryableError:
    try:
        if isinstance(found, BaseException):
            raise found
        return await context.refresher.settle(player_id, found)
    except RetryableError as error:
        return error


def public_id(parent: PlayerRecord) -> str:
    """The id to show and share: the BattleTag where it is known, else Blizzard's own id."""
    return parent.battletag or parent.blizzard_id


def battletag(parent: PlayerRecord) -> str | None:
    """The BattleTag as players write it, `Name#1234`."""
    return parent.battletag and "#".join(parent.battletag.rsplit("-", 1))


def blizzard_id(parent: PlayerRecord) -> str:
    """Blizzard's id as it stands in addresses, `%7C` for the bar."""
    return parent.blizzard_id.replace("|", "%7C")


def freshness(context: RequestContext, parent: PlayerRecord) -> Freshness:
    """How old the record is at this moment, and whether it is being fetched again."""
    return context.refresher.freshness(parent)


def stats_summary(
    context: RequestContext,
    parent: PlayerRecord,
    gamemode: PlayerGamemode | None,
    platform: Platform | None,
) -> StatsSummary | None:
    """Headline figures over the chosen gamemode and platform, None when nothing was played there."""
    return summarize(parent.hero_totals, context.reference.hero_by_key, gamemode, platform)


async def career_stats(
    context: RequestContext,
    parent: PlayerRecord,
    gamemode: PlayerGamemode,
    platform: Platform | None,
    hero: str | None,
) -> list[HeroCareerStats]:
    """All statistics of one gamemode, by hero.

    Without a platform: the first of PC and console that has the gamemode.
    """
    career = await context.loaders.players.career_by_blizzard_id.load(parent.blizzard_id)
    found = _gamemode_career(career, gamemode, platform)
    return [stats for stats in found.career_stats if hero in (None, stats.hero_key)]


async def hero_comparisons(
    context: RequestContext, parent: PlayerRecord, gamemode: PlayerGamemode, platform: Platform
) -> list[HeroComparison]:
    """Heroes side by side in one gamemode of one platform."""
    career = await context.loaders.players.career_by_blizzard_id.load(parent.blizzard_id)
    return list(_gamemode_career(career, gamemode, platform).hero_comparisons)


async def hero_by_key(context: RequestContext, hero_key: str) -> Hero | None:
    """The hero a statistic is about; None for `all-heroes` and for heroes not known yet."""
    table = await context.loaders.reference.heroes.load((Locale.EN_US, False))
    return table.by_key.get(hero_key)


def _gamemode_career(career: Career, gamemode: PlayerGamemode, platform: Platform | None) -> GamemodeCareer:
    platforms = (platform,) if platform else (Platform.PC, Platform.CONSOLE)
    for each in platforms:
        on_platform = career.pc if each is Platform.PC else career.console
        played = on_platform and (
            on_platform.quickplay if gamemode is PlayerGamemode.QUICKPLAY else on_platform.competitive
        )
        if played:
            return played
    return GamemodeCareer()
