"""The roots of the schema: one line per domain."""

import strawberry
from strawberry.schema.config import StrawberryConfig

from schema.access import guarded
from schema.conversations import ConversationMutation, ConversationQuery, ConversationSubscription
from schema.enums import ENUMS
from schema.erasure import ErasureMutation, ErasureQuery
from schema.faults import MEMBER_HANDLERS
from schema.gamemodes import GamemodeQuery
from schema.hero_usage import HeroUsageQuery
from schema.heroes import HeroQuery
from schema.maps import MapQuery
from schema.nodes import NodeQuery
from schema.player_search import PlayerSearchQuery
from schema.players import PlayerQuery
from schema.refreshes import RefreshMutation, RefreshSubscription
from schema.roles import RoleQuery
from schema.scalars import SCALARS
from schema.storage import StorageQuery


@guarded
@strawberry.type(description="Everything that can be read.")
class Query(
    NodeQuery,
    HeroQuery,
    RoleQuery,
    MapQuery,
    GamemodeQuery,
    HeroUsageQuery,
    PlayerQuery,
    PlayerSearchQuery,
    ConversationQuery,
    ErasureQuery,
    StorageQuery,
):
    pass


@guarded
@strawberry.type(description="Everything that can be done.")
class Mutation(RefreshMutation, ConversationMutation, ErasureMutation):
    pass


@guarded
@strawberry.type(description="Everything that can be listened to.")
class Subscription(RefreshSubscription, ConversationSubscription):
    pass


schema = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    types=ENUMS,
    config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=True),
    exception_handlers=MEMBER_HANDLERS,
)
