"""The pair test: each plain field of a type is an attribute of the model that the type is served by.

It stands in for the type checker, which cannot see that a declared GraphQL type is filled by a model.
The walk starts at the root fields and follows what each resolver says it returns.
"""

import dataclasses
import typing
from collections.abc import Iterable, Iterator
from typing import Any

from strawberry.types import get_object_definition
from strawberry.types.base import StrawberryList, StrawberryOptional
from strawberry.types.field import StrawberryField
from strawberry.types.lazy_type import LazyType
from strawberry.types.union import StrawberryUnion

from schema.errors import Error
from schema.root import Mutation, Query, Subscription


def _parts(annotation: Any) -> Iterator[type]:
    """The classes in an annotation: what stands in lists, optionals and unions."""
    if isinstance(annotation, type):
        yield annotation
    for each in _inside(annotation):
        yield from _parts(each)


def _inside(annotation: Any) -> Iterable[Any]:
    """What an annotation that is no class wraps."""
    if isinstance(annotation, LazyType):
        return [annotation.resolve_type()]
    if isinstance(annotation, StrawberryList | StrawberryOptional):
        return [annotation.of_type]
    if isinstance(annotation, StrawberryUnion):
        return annotation.types
    if typing.get_origin(annotation) is typing.Annotated:
        return typing.get_args(annotation)[:1]
    origin = typing.get_origin(annotation)
    return [*([origin] if dataclasses.is_dataclass(origin) else []), *typing.get_args(annotation)]


def _pairs(field: StrawberryField, source: type | None) -> Iterator[tuple[type, type]]:
    """(GraphQL type, model) for what a field gives; a type that is an error is served by itself."""
    if field.base_resolver is not None:
        returned = typing.get_type_hints(field.base_resolver.wrapped_func, include_extras=True)["return"]
    else:
        assert source is not None
        returned = typing.get_type_hints(source)[field.python_name]
    models = [each for each in _parts(returned) if dataclasses.is_dataclass(each)]
    for kind in _parts(field.type):
        definition = get_object_definition(kind)
        if definition is None or issubclass(kind, Error):
            continue
        declared = getattr(kind, "model", None)
        served_by = [model for model in models if declared in (None, model)] or (
            [declared] if declared else []
        )
        if served_by:
            yield kind, served_by[0]


def _missing(kind: type, model: type | None, seen: set[type]) -> Iterator[str]:
    if kind in seen:
        return
    seen.add(kind)
    definition = get_object_definition(kind)
    assert definition is not None
    for field in definition.fields:
        if field.base_resolver is None and model is not None and field.python_name not in _attributes(model):
            yield f"{kind.__name__}.{field.python_name} is not on {model.__name__}"
            continue
        for next_kind, next_model in _pairs(field, model):
            yield from _missing(next_kind, next_model, seen)


def _attributes(model: type) -> set[str]:
    return {field.name for field in dataclasses.fields(model)} if dataclasses.is_dataclass(model) else set()


def test_every_plain_field_is_an_attribute_of_its_model() -> None:
    seen: set[type] = set()

    missing = [each for root in (Query, Mutation, Subscription) for each in _missing(root, None, seen)]

    assert missing == []
    assert len(seen) > 20
