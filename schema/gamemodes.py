"""Gamemodes, as clients see them."""

from typing import Annotated

import strawberry

import models.freshness
import models.gamemodes
import models.heroes
import models.maps
import resolvers.gamemodes
from schema.freshness import Freshness
from schema.heroes import Hero
from schema.info import Info
from schema.maps import Map
from schema.nodes import Node


@strawberry.type(description="The rules a match follows.")
class Gamemode(Node):
    model = models.gamemodes.Gamemode

    key: str = strawberry.field(description="The gamemode's key, like `escort`.")
    name: str = strawberry.field(description="The gamemode's name, like `Escort`.")
    description: str = strawberry.field(description="What the two teams have to do.")
    icon: str | None = strawberry.field(
        description="Address of an icon; null unless this server is told where pictures are."
    )
    screenshot: str | None = strawberry.field(
        description="Address of a picture; null unless this server is told where pictures are."
    )

    @strawberry.field(
        graphql_type=list[Map],
        metadata={"size": 10},
        description="The maps it is played on; empty for quickplay and stadium, which are not bound to maps.",
    )
    @staticmethod
    def maps(parent: strawberry.Parent[models.gamemodes.Gamemode], info: Info) -> list[models.maps.Map]:
        return resolvers.gamemodes.maps(info.context, parent)

    @strawberry.field(
        graphql_type=list[Hero],
        metadata={"size": 60},
        description="The heroes that name it as theirs: those of quickplay and stadium.",
    )
    @staticmethod
    async def heroes(
        parent: strawberry.Parent[models.gamemodes.Gamemode], info: Info
    ) -> list[models.heroes.Hero]:
        return await resolvers.gamemodes.heroes(info.context, parent)

    @strawberry.field(graphql_type=Freshness, description="How old these facts are.")
    @staticmethod
    def freshness() -> models.freshness.Freshness:
        return models.freshness.BUNDLED


@strawberry.type
class GamemodeQuery:
    @strawberry.field(
        graphql_type=list[Gamemode],
        metadata={"size": 15, "sized_by": ("keys",)},
        description="The gamemodes that maps have; quickplay and stadium are found by `gamemode(key:)`.",
    )
    @staticmethod
    async def gamemodes(
        info: Info,
        keys: Annotated[
            list[str] | None, strawberry.argument(description="Only gamemodes with these keys, at most 100.")
        ] = None,
    ) -> list[models.gamemodes.Gamemode]:
        return await resolvers.gamemodes.gamemodes(info.context, keys)

    @strawberry.field(
        graphql_type=Gamemode | None, description="One gamemode; null when there is none with that key."
    )
    @staticmethod
    async def gamemode(
        info: Info, key: Annotated[str, strawberry.argument(description="The gamemode's key, like `escort`.")]
    ) -> models.gamemodes.Gamemode | None:
        return await resolvers.gamemodes.gamemode(info.context, key)
