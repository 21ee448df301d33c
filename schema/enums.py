"""The enums of the models as GraphQL enums: registered once, each value described."""

from enum import Enum

import strawberry

from errors import ErrorCode
from models.conversations import MessageRole
from models.freshness import FreshnessState
from models.hero_usage import CompetitiveDivision, Region
from models.heroes import StoryMediaType
from models.jobs import JobState
from models.locales import Locale
from models.players import Platform, PlayerGamemode, Privacy
from models.roles import RoleKey
from models.storage import StorageHealth
from resolvers.hero_usage import HeroUsageOrder
from resolvers.player_search import PlayerSearchOrder


def _register(
    enum: type[Enum], description: str, graphql_name: str | None = None, **values: str
) -> type[Enum]:
    """Make `enum` a GraphQL enum; every member must be described, by its name."""
    strawberry.enum(enum, name=graphql_name, description=description)
    for value in enum.__strawberry_definition__.values:  # type: ignore[attr-defined]
        value.description = values[value.name]
    return enum


ENUMS = (
    _register(
        ErrorCode,
        "What went wrong, for programs to branch on. Messages may change, codes do not.",
        PLAYER_NOT_FOUND="Blizzard has no such player.",
        UPSTREAM_UNAVAILABLE="Blizzard did not give a usable answer.",
        UPSTREAM_RATE_LIMITED="Blizzard, or our politeness towards it, asks us to wait.",
        RATE_LIMITED="A limit of this server was reached; ask again later.",
        STORAGE_UNAVAILABLE="The database is out of reach; ask again later.",
        NOT_FOUND="There is no such thing, or not for you.",
        FORBIDDEN="You may not do this.",
        UNAUTHENTICATED="Say who you are first.",
        BAD_USER_INPUT="An argument has to be changed; the same request can never work.",
        VERSION_CONFLICT="Somebody else changed it first; read it again and retry.",
        RULE_VIOLATION="The rules of the thing do not allow it.",
        LIMIT_EXCEEDED="A quota is used up, or an answer would be too long.",
        INTERNAL_SERVER_ERROR="A fault of this server; the reference in the message is in its log.",
    ),
    _register(
        FreshnessState,
        "How old an answer is.",
        FRESH="Confirmed by Blizzard recently.",
        STALE="Due to be fetched again.",
        EXPIRED="Overdue: served because Blizzard did not answer.",
        BUNDLED="Ships with this software; not fetched.",
    ),
    _register(
        Privacy,
        "Whether Blizzard shows the statistics of a profile.",
        PUBLIC="Everything is shown.",
        PRIVATE="Only the name, the picture and the like are shown.",
    ),
    _register(
        Platform,
        "The two input worlds that Blizzard keeps apart.",
        PC="Mouse and keyboard.",
        CONSOLE="Controller.",
    ),
    _register(
        PlayerGamemode,
        "The two kinds of play a profile tells of.",
        QUICKPLAY="Unranked matches.",
        COMPETITIVE="Ranked matches of the latest season played.",
    ),
    _register(
        RoleKey,
        "The part a hero plays in a team.",
        TANK="Makes space and takes the hits.",
        DAMAGE="Takes opponents out.",
        SUPPORT="Heals and strengthens the team.",
    ),
    _register(
        Locale,
        "The languages in which Blizzard publishes its pages.",
        EN_US="English (United States).",
        DE_DE="German.",
        EN_GB="English (United Kingdom).",
        ES_ES="Spanish (Spain).",
        ES_MX="Spanish (Mexico).",
        FR_FR="French.",
        IT_IT="Italian.",
        JA_JP="Japanese.",
        KO_KR="Korean.",
        PL_PL="Polish.",
        PT_BR="Portuguese (Brazil).",
        RU_RU="Russian.",
        ZH_TW="Chinese (Taiwan).",
    ),
    _register(
        StoryMediaType,
        "What a story's link leads to.",
        VIDEO="A film.",
        SHORT_STORY="A short story.",
        COMIC="A comic.",
    ),
    _register(
        Region,
        "Where matches are played.",
        AMERICAS="North and South America.",
        ASIA="Asia and Oceania.",
        EUROPE="Europe, the Middle East and Africa.",
    ),
    _register(
        CompetitiveDivision,
        "The divisions that usage can be asked for.",
        BRONZE="Bronze.",
        SILVER="Silver.",
        GOLD="Gold.",
        PLATINUM="Platinum.",
        DIAMOND="Diamond.",
        MASTER="Master.",
        GRANDMASTER="Grandmaster and above.",
    ),
    _register(
        HeroUsageOrder,
        "What a list of usage is sorted by.",
        HERO_ASC="By the hero's key, a to z.",
        HERO_DESC="By the hero's key, z to a.",
        PICKRATE_ASC="Least picked first.",
        PICKRATE_DESC="Most picked first.",
        WINRATE_ASC="Least won first.",
        WINRATE_DESC="Most won first.",
    ),
    _register(
        PlayerSearchOrder,
        "What found players are sorted by.",
        NAME_ASC="By name, a to z.",
        NAME_DESC="By name, z to a.",
        PLAYER_ID_ASC="By id, a to z.",
        PLAYER_ID_DESC="By id, z to a.",
        LAST_UPDATED_AT_ASC="Longest unchanged first.",
        LAST_UPDATED_AT_DESC="Latest changed first.",
    ),
    _register(
        JobState,
        "How far a refresh has come.",
        graphql_name="RefreshJobState",
        QUEUED="It waits for its turn, or for another try.",
        RUNNING="It is under way.",
        SUCCEEDED="It has ended, and Blizzard has answered.",
        FAILED="It has ended without an answer, after all its tries.",
    ),
    _register(
        MessageRole,
        "Who said it.",
        USER="The person.",
        ASSISTANT="The bot.",
    ),
    _register(
        StorageHealth,
        "Whether storage does its work.",
        HEALTHY="It does.",
        DEGRADED="All facts are served; something that speeds it up is missing.",
        DOWN="The database is out of reach.",
    ),
)
