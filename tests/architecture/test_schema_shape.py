"""The schema is the manual: everything is described, the printed copy is current, methods only hand over."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
)

from execution.costs import declared_size
from schema import schema
from tests.architecture.sources import ROOT, functions

GRAPHQL: GraphQLSchema = schema._schema


def _described() -> Iterator[tuple[str, str | None]]:
    for name, kind in GRAPHQL.type_map.items():
        if name.startswith("__") or name in ("String", "Int", "Float", "Boolean", "ID"):
            continue
        yield name, kind.description
        if isinstance(kind, GraphQLEnumType):
            yield from ((f"{name}.{value}", each.description) for value, each in kind.values.items())
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for field_name, field in kind.fields.items():
                yield f"{name}.{field_name}", field.description
                for argument_name, argument in getattr(field, "args", {}).items():
                    yield f"{name}.{field_name}({argument_name})", argument.description


def test_every_type_field_argument_and_value_is_described() -> None:
    assert [name for name, description in _described() if not description] == []


def _lists_of_objects() -> Iterator[tuple[str, GraphQLField]]:
    for name, kind in GRAPHQL.type_map.items():
        if isinstance(kind, GraphQLObjectType) and not name.startswith("__"):
            for field_name, field in kind.fields.items():
                wrapped = field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type
                if isinstance(wrapped, GraphQLList) and not is_leaf_type(get_named_type(wrapped)):
                    yield f"{name}.{field_name}", field


def test_every_list_of_objects_declares_how_long_it_is() -> None:
    found = dict(_lists_of_objects())

    assert [name for name, field in found.items() if "size" not in declared_size(field)] == []
    assert len(found) > 20


def test_the_printed_schema_is_current() -> None:
    assert (ROOT / "schema" / "schema.graphql").read_text(encoding="utf-8") == schema.as_str() + "\n", (
        "run: make schema"
    )


_RESOLVED = ("strawberry.field", "strawberry.mutation", "strawberry.subscription")


def _fields(path: Path) -> Iterator[tuple[str, list[ast.stmt]]]:
    for node in functions(path):
        decorators = [ast.unparse(decorator) for decorator in node.decorator_list]
        if any(text.startswith(_RESOLVED) for text in decorators):
            yield node.name, node.body


@pytest.mark.parametrize("path", sorted((ROOT / "schema").glob("*.py")), ids=lambda path: path.name)
def test_a_field_with_a_resolver_is_one_statement(path: Path) -> None:
    assert [name for name, body in _fields(path) if len(body) != 1] == []
