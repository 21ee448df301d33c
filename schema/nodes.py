"""What every object with an id of its own has in common."""

from typing import Annotated, ClassVar

import strawberry

import resolvers.nodes
from resolvers import ids
from schema.info import Info


@strawberry.interface(description="An object with an id that is its own across the whole API.")
class Node:
    model: ClassVar[type]

    @strawberry.field(
        description="Identifies the object across the whole API. Opaque: keep it, do not take it apart."
    )
    @staticmethod
    def id(parent: strawberry.Parent[object]) -> strawberry.ID:
        return strawberry.ID(ids.global_id(parent))

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Types are served by models, so the model's class tells which type a value of an interface or union is."""
        return isinstance(value, cls.model)


@strawberry.type
class NodeQuery:
    @strawberry.field(
        graphql_type=Node | None,
        description="The object with an id; null when there is none. An id that is none of ours is an error.",
    )
    @staticmethod
    async def node(
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The object's id.")],  # noqa: A002
    ) -> object:
        return await resolvers.nodes.node(info.context, id)

    @strawberry.field(
        graphql_type=list[Node | None],
        metadata={"size": 100, "sized_by": ("ids",)},
        description="Many objects in the order asked, null where there is none.",
    )
    @staticmethod
    async def nodes(
        info: Info, ids: Annotated[list[strawberry.ID], strawberry.argument(description="At most 100 ids.")]
    ) -> list[object]:
        return await resolvers.nodes.nodes(info.context, ids)
