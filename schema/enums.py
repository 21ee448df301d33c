"""The enums of the models as GraphQL enums: registered once, each value described."""

from enum import Enum

import strawberry

from errors import ErrorCode
from models.freshness import FreshnessState
from models.players import Platform, PlayerGamemode, Privacy
from models.roles import RoleKey


def _register(enum: type[Enum], description: str, **values: str) -> type[Enum]:
    """Make `enum` a GraphQL enum; every member must be described, by its name."""
    strawberry.enum(enum, description=description)
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
        LIMIT_EXCEEDED="A quota is used up.",
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
)
