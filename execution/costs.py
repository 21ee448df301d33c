"""What an operation may cost before it runs: how many fields its answer could have, by the declared sizes of lists.

A field of a list says in its metadata how many items it has at most (`size`), or which argument says so (`sized_by`:
a list of keys or ids, or a number). Relations lead in circles, so the depth alone does not bound an answer: five steps
of twenty items are three million. Where an item is more to read than its fields say, `weight` is how many fields more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    value_from_ast_untyped,
)

MAX_SIZE = 100
"""No list of this API has more items on a page; longer arguments are refused when they are read."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Fields of an answer: `fixed`, and those of the lists that variables size. `defaults` are what the operation says
    for variables that are not given."""

    fixed: int
    sized: tuple["SizedCost", ...] = ()
    defaults: Mapping[str, object] = field(default_factory=dict)

    def of(self, variables: Mapping[str, object]) -> int:
        """The cost with these variables."""
        given = {**self.defaults, **variables}
        return self.fixed + sum(each.of(given) for each in self.sized)


@dataclass(frozen=True, slots=True)
class SizedCost:
    """A list sized by variables: the cost of each item, and what says how many there are."""

    each: int
    size: "_BySize"

    def of(self, variables: Mapping[str, object]) -> int:
        """The cost with these variables."""
        given = [_size_of_given(variables.get(name)) for name in self.size.names]
        sizes = [size for size in (self.size.least, *given) if size is not None]
        return self.each * max(sizes, default=self.size.usual)


def measure_cost(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> Cost:
    """What an operation of a valid document may cost. Each fragment is measured once."""
    measuring = _Measuring(schema, document)
    root = schema.get_root_type(operation.operation)
    assert root is not None
    return measuring.of_root(operation, root)


@dataclass(frozen=True, slots=True)
class _BySize:
    """The variables that say how many items there are, the number that is written out beside them, if any, and how many
    are usual when none is given. The greatest counts: a client may say null in one and the number in another."""

    names: tuple[str, ...]
    least: int | None
    usual: int


class _Measuring:
    """Measures the selections of one document."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._measured: dict[int, int] = {}

    def of_root(self, operation: OperationDefinitionNode, root: GraphQLObjectType) -> Cost:
        fixed = 0
        sized: list[SizedCost] = []
        for parent, node in self._fields(operation.selection_set, root):
            each, size = self._of_field(parent, node)
            fixed += 1
            if isinstance(size, int):
                fixed += size * each
            else:
                sized.append(SizedCost(each, size))
        return Cost(fixed, tuple(sized), _defaults(operation))

    def _fields(
        self, selections: SelectionSetNode, parent: Any, seen: frozenset[str] = frozenset()
    ) -> list[tuple[Any, FieldNode]]:
        """The fields of a selection set with the type they are of, those of its fragments included."""
        found: list[tuple[Any, FieldNode]] = []
        for node in selections.selections:
            if isinstance(node, FieldNode):
                found.append((parent, node))
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                inner = self._schema.get_type(condition.name.value) if condition else parent
                found.extend(self._fields(node.selection_set, inner, seen))
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                fragment = self._fragments[node.name.value]
                inner = self._schema.get_type(fragment.type_condition.name.value)
                found.extend(self._fields(fragment.selection_set, inner, seen | {node.name.value}))
        return found

    def _of_selections(self, selections: SelectionSetNode, parent: Any) -> int:
        key = id(selections)
        if key not in self._measured:
            self._measured[key] = sum(self._of_node(node, parent) for node in selections.selections)
        return self._measured[key]

    def _of_node(self, node: Any, parent: Any) -> int:
        if isinstance(node, FieldNode):
            each, size = self._of_field(parent, node)
            # Below the root a list sized by a variable counts as a full one.
            return 1 + each * (size if isinstance(size, int) else MAX_SIZE)
        if isinstance(node, FragmentSpreadNode):
            fragment = self._fragments[node.name.value]
            inner = self._schema.get_type(fragment.type_condition.name.value)
            return self._of_selections(fragment.selection_set, inner)
        inner = self._schema.get_type(node.type_condition.name.value) if node.type_condition else parent
        return self._of_selections(node.selection_set, inner)

    def _of_field(self, parent: Any, node: FieldNode) -> tuple[int, int | _BySize]:
        """The cost of one item of a field, and how many there are: a number, or the variable that says it."""
        field = _definition(parent, node)
        if field is None or node.selection_set is None:
            return 0, 0
        each = self._of_selections(node.selection_set, get_named_type(field.type))
        return int(declared_size(field).get("weight", 0)) + each, _size(field, node)


def declared_size(field: GraphQLField) -> Mapping[str, Any]:
    """What a field of the schema declares about its size; empty for none."""
    definition = field.extensions.get("strawberry-definition")
    return getattr(definition, "metadata", None) or {}


def _definition(parent: Any, node: FieldNode) -> GraphQLField | None:
    if not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
        return None
    found: GraphQLField | None = parent.fields.get(node.name.value)
    return found


def _size(field: GraphQLField, node: FieldNode) -> int | _BySize:
    declared = declared_size(field)
    usual = int(declared.get("size", 1))
    names: Sequence[str] = declared.get("sized_by", ())
    given = [argument.value for argument in node.arguments or () if argument.name.value in names]
    written = [size for value in given if (size := _size_of_value(value)) is not None]
    variables = tuple(value.name.value for value in given if isinstance(value, VariableNode))
    if variables:
        return _BySize(variables, max(written, default=None), usual)
    return max(written, default=usual)


def _size_of_value(value: ValueNode) -> int | None:
    if isinstance(value, ListValueNode):
        return len(value.values)
    if isinstance(value, IntValueNode):
        return min(MAX_SIZE, max(0, int(value.value[:9])))
    return None


def _size_of_given(value: object) -> int | None:
    if isinstance(value, list):
        return len(value)
    # A whole number may come with a decimal point.
    if isinstance(value, int | float):
        return max(0, int(value))
    # A single value stands for a list of one; that costs less than the usual, and is as good as unknown.
    return None


def _defaults(operation: OperationDefinitionNode) -> Mapping[str, object]:
    return {
        each.variable.name.value: value_from_ast_untyped(each.default_value)
        for each in operation.variable_definitions or ()
        if each.default_value
    }
