"""What every object with an id of its own has in common."""

from typing import ClassVar

import strawberry

from resolvers import ids


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
