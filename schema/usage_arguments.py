"""The arguments by which matches are chosen for pick and win rates; two fields take them."""

from typing import Annotated

import strawberry

from models.hero_usage import CompetitiveDivision, Region
from models.players import Platform, PlayerGamemode

OnPlatform = Annotated[Platform, strawberry.argument(description="The platform.")]
InGamemode = Annotated[PlayerGamemode, strawberry.argument(description="Quick or competitive play.")]
InRegion = Annotated[Region, strawberry.argument(description="The region.")]
OnMap = Annotated[str | None, strawberry.argument(description="Only matches on the map with this key.")]
InDivision = Annotated[
    CompetitiveDivision | None,
    strawberry.argument(description="Only matches of this division; competitive play alone has any."),
]
