"""How old an answer is, as clients see it."""

import strawberry

from models.freshness import FreshnessState
from schema.scalars import DateTime


@strawberry.type(description="How old an answer is, so that a client need not guess.")
class Freshness:
    state: FreshnessState = strawberry.field(
        description="Fresh, due, overdue, or bundled with this software."
    )
    fetched_at: DateTime | None = strawberry.field(
        description="When Blizzard last confirmed it; null when bundled."
    )
    stale_at: DateTime | None = strawberry.field(
        description="From when on it is due to be fetched again; null when bundled."
    )
    refreshing: bool = strawberry.field(description="True while it is being fetched again.")
