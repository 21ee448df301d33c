"""Refreshes that somebody asks for, and the events of players that somebody follows."""

from collections.abc import AsyncGenerator
from typing import Annotated

import strawberry

import models.jobs
import models.refreshes
import resolvers.player_events
import resolvers.refreshes
from models.jobs import JobState
from schema import faults
from schema.errors import (
    Error,
    Forbidden,
    PlayerNotFound,
    RateLimited,
    StorageUnavailable,
    UpstreamUnavailable,
)
from schema.info import Info
from schema.nodes import Node
from schema.players import Player
from schema.scalars import DateTime, PlayerId

JobParent = strawberry.Parent[models.jobs.Job]


@strawberry.type(
    description=(
        "A refresh of a player. It can be read again by its id for a day after its end, by callers with the scope "
        "`refresh`."
    )
)
class RefreshJob(Node):
    model = models.jobs.Job

    state: JobState = strawberry.field(description="How far it has come.")
    queued_at: DateTime = strawberry.field(description="When it was first asked for.")
    started_at: DateTime | None = strawberry.field(
        description="When its last run began; null before the first one."
    )
    finished_at: DateTime | None = strawberry.field(description="When it ended; null until then.")
    attempts: int = strawberry.field(description="How many runs there were, one under way included.")

    @strawberry.field(description="The id under which the refresh was asked for.")
    @staticmethod
    def player_id(parent: JobParent) -> PlayerId:
        return PlayerId(parent.key)

    @strawberry.field(
        graphql_type=Error | None,
        description=(
            "Why the last run brought nothing. A QUEUED job with an error waits for another try; a SUCCEEDED one "
            "learned that Blizzard has no such player."
        ),
    )
    @staticmethod
    async def error(parent: JobParent, info: Info) -> object:
        return faults.as_member(await resolvers.refreshes.job_error(info.context, parent))


@strawberry.type(description="A refresh was asked for; it is done in the background.")
class RefreshQueued:
    job: RefreshJob = strawberry.field(description="What does it.")
    already_queued: bool = strawberry.field(
        description="True when such a refresh was under way or waiting, and this request joined it."
    )

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Served by its model."""
        return isinstance(value, models.refreshes.RefreshQueued)


RefreshPlayerResult = Annotated[
    RefreshQueued | PlayerNotFound | RateLimited | UpstreamUnavailable | StorageUnavailable | Forbidden,
    strawberry.union("RefreshPlayerResult", description="The refresh, or why there is none."),
]


@strawberry.input(description="Whom to fetch again.")
class RefreshPlayerInput:
    player_id: PlayerId = strawberry.field(description="The player's id.")


@strawberry.type
class RefreshMutation:
    @strawberry.mutation(
        graphql_type=RefreshPlayerResult,
        description=(
            "Have a player fetched from Blizzard again, however fresh. Answers at once; the job tells how it goes, and "
            "`playerRefreshed` what came of it. Needs the scope `refresh`."
        ),
    )
    @staticmethod
    async def refresh_player(
        info: Info,
        input: Annotated[RefreshPlayerInput, strawberry.argument(description="Whom.")],  # noqa: A002
    ) -> models.refreshes.RefreshQueued:
        return await resolvers.refreshes.refresh_player(info.context, input.player_id)


@strawberry.type(description="A player's profile changed.")
class PlayerRefreshed:
    player: Player = strawberry.field(description="The player as it is now.")

    @strawberry.field(description="When Blizzard confirmed what is shown.")
    @staticmethod
    def refreshed_at(parent: strawberry.Parent[models.refreshes.PlayerRefreshed]) -> DateTime:
        return DateTime(parent.player.fetched_at)

    @strawberry.field(
        description=(
            "Names of the fields of `Player` whose values differ from those of this subscription's last event about "
            "the player; all names for a player seen for the first time, none in a snapshot. `version`, `freshness` "
            "and `history`, which change each time, are left out."
        )
    )
    @staticmethod
    def changed(parent: strawberry.Parent[models.refreshes.PlayerRefreshed]) -> list[str]:
        return resolvers.player_events.changed(parent)

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Served by its model."""
        return isinstance(value, models.refreshes.PlayerRefreshed)


@strawberry.type(description="A try to fetch a player again failed; what was known of the player stays.")
class PlayerRefreshFailed:
    player_id: PlayerId = strawberry.field(description="The id under which the player is followed.")

    @strawberry.field(graphql_type=Error, description="Why, and where waiting helps: how long.")
    @staticmethod
    def error(parent: strawberry.Parent[models.refreshes.PlayerRefreshFailed]) -> object:
        return faults.as_member(parent.error)

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Served by its model."""
        return isinstance(value, models.refreshes.PlayerRefreshFailed)


PlayerRefreshEvent = Annotated[
    PlayerRefreshed | PlayerRefreshFailed,
    strawberry.union("PlayerRefreshEvent", description="What happened to a player that somebody follows."),
]


@strawberry.type
class RefreshSubscription:
    @strawberry.subscription(
        graphql_type=PlayerRefreshEvent,
        metadata={"coalesced_by": resolvers.player_events.subject},
        description=(
            "One event at each visible change of any of these players, and at each refresh of one that failed. "
            "Versions of a player grow, and the last one always arrives; those in between may be skipped."
        ),
    )
    @staticmethod
    def player_refreshed(
        info: Info,
        player_ids: Annotated[
            list[PlayerId],
            strawberry.argument(description="At most 100 ids; a player named twice is followed once."),
        ],
        snapshot: Annotated[
            bool, strawberry.argument(description="Whether the present state comes first.")
        ] = False,
    ) -> AsyncGenerator[object, None]:
        return resolvers.player_events.player_refreshed(info.context, player_ids, snapshot=snapshot)
