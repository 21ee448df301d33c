"""Maps, as clients see them."""

from typing import TYPE_CHECKING, Annotated

import strawberry

import models.freshness
import models.gamemodes
import models.maps
import resolvers.maps
from schema.freshness import Freshness
from schema.info import Info
from schema.nodes import Node

if TYPE_CHECKING:
    from schema.gamemodes import Gamemode


@strawberry.type(description="A place where matches are played.")
class Map(Node):
    model = models.maps.Map

    key: str = strawberry.field(description="The map's key, like `kings-row`.")
    name: str = strawberry.field(description="The map's name, like `King’s Row`.")
    location: str = strawberry.field(description="Where in the world, or off it, the map lies.")
    country_code: str | None = strawberry.field(
        description="The country's ISO 3166-1 alpha-2 code; null where no country is."
    )
    screenshot: str | None = strawberry.field(
        description="Address of a picture; null unless this server is told where pictures are."
    )

    @strawberry.field(
        graphql_type=list[Annotated["Gamemode", strawberry.lazy("schema.gamemodes")]],
        metadata={"size": 2},
        description="The gamemodes played on this map.",
    )
    @staticmethod
    def gamemodes(parent: strawberry.Parent[models.maps.Map], info: Info) -> list[models.gamemodes.Gamemode]:
        return resolvers.maps.gamemodes(info.context, parent)

    @strawberry.field(graphql_type=Freshness, description="How old these facts are.")
    @staticmethod
    def freshness() -> models.freshness.Freshness:
        return models.freshness.BUNDLED


@strawberry.type
class MapQuery:
    @strawberry.field(
        graphql_type=list[Map],
        metadata={"size": 60, "sized_by": ("keys",)},
        description="The maps. With several arguments: those that meet all of them.",
    )
    @staticmethod
    async def maps(
        info: Info,
        gamemode: Annotated[
            str | None, strawberry.argument(description="Only maps of this gamemode, like `escort`.")
        ] = None,
        keys: Annotated[
            list[str] | None, strawberry.argument(description="Only maps with these keys, at most 100.")
        ] = None,
    ) -> list[models.maps.Map]:
        return await resolvers.maps.maps(info.context, gamemode, keys)

    @strawberry.field(graphql_type=Map | None, description="One map; null when there is none with that key.")
    @staticmethod
    async def map(
        info: Info, key: Annotated[str, strawberry.argument(description="The map's key, like `kings-row`.")]
    ) -> models.maps.Map | None:
        return await resolvers.maps.map_by_key(info.context, key)
