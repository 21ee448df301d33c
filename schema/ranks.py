"""Competitive ranks, as clients see them."""

import strawberry


@strawberry.type(description="A competitive rank.")
class Rank:
    division: str = strawberry.field(
        description=(
            "`bronze`, `silver`, `gold`, `platinum`, `diamond`, `master`, `grandmaster` or `ultimate` "
            "(shown as Champion). Text, so that a new division breaks no client."
        )
    )
    tier: int | None = strawberry.field(
        description="1 (best) to 5 within the division; null when Blizzard does not show it."
    )
    role_icon: str | None = strawberry.field(
        description="Address of the role's icon; null where Blizzard draws it without one."
    )
    rank_icon: str | None = strawberry.field(description="Address of the division's icon.")
    tier_icon: str | None = strawberry.field(description="Address of the tier's icon.")


@strawberry.type(description="Ranks on one platform. A role without a rank is null.")
class PlatformRanks:
    season: int | None = strawberry.field(description="The latest season played there.")
    tank: Rank | None = strawberry.field(description="Rank as tank.")
    damage: Rank | None = strawberry.field(description="Rank as damage.")
    support: Rank | None = strawberry.field(description="Rank as support.")
    open: Rank | None = strawberry.field(description="Rank in open queue.")


@strawberry.type(description="Ranks per platform; null where there is no competitive record.")
class CompetitiveRanks:
    pc: PlatformRanks | None = strawberry.field(description="Ranks with mouse and keyboard.")
    console: PlatformRanks | None = strawberry.field(description="Ranks with a controller.")
