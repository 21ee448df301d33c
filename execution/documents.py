"""Bounded cache of documents: text -> parsed, limited and validated once, with its operations by name."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    Visitor,
    parse,
    specified_rules,
    validate,
    visit,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from execution.costs import Cost, measure_cost
from execution.limits import DocumentLimits, refuse_document, refuse_text
from execution.refusals import Refusal, RefusalCode, RefusedError, refusal, refusal_of

_RULES = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)
_MAX_ERRORS = 5


@dataclass(frozen=True, slots=True)
class Document:
    """A document that may run. Operations keep their order; one without a name has the key None."""

    node: DocumentNode
    operations: Mapping[str | None, OperationDefinitionNode] = field(repr=False)
    costs: Mapping[str | None, Cost] = field(repr=False)

    def cost(self, operation: OperationDefinitionNode, variables: Mapping[str, object]) -> int:
        """How many fields the answer of one of its operations could have."""
        return self.costs[operation.name.value if operation.name else None].of(variables)

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation to run; raises RefusedError unless exactly one fits `name`. An empty name is none."""
        if name:
            if found := self.operations.get(name):
                return found
            raise _unresolved(f"The document has no operation named '{name}'.")
        if len(self.operations) == 1:
            return next(iter(self.operations.values()))
        raise _unresolved(f"The document has {len(self.operations)} operations; operationName must name one.")


class DocumentCache:
    """What texts turned out to be, for one schema and its limits.

    Kept by last use: at most `max_entries` texts of at most `max_kept_characters` in all. A text longer than
    a sixteenth of that is read anew each time, so that no single one drives the others out. Refusals are
    kept as well, since they cost as much to find.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        limits: DocumentLimits,
        *,
        max_entries: int = 1_000,
        max_kept_characters: int = 2_000_000,
    ) -> None:
        self._schema = schema
        self.limits = limits
        self._max_entries = max_entries
        self._max_kept_characters = max_kept_characters
        self._kept: OrderedDict[str, Document | Refusal] = OrderedDict()
        self.kept_characters = 0
        self.reads = 0

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, text: str) -> Document | Refusal:
        """The document of `text`, or why it must not run."""
        if (known := self._kept.get(text)) is not None:
            self._kept.move_to_end(text)
            return known
        self.reads += 1
        found = read_document(self._schema, text, self.limits)
        self._keep(text, found)
        return found

    def _keep(self, text: str, found: Document | Refusal) -> None:
        if len(text) > self._max_kept_characters // 16:
            return
        self._kept[text] = found
        self.kept_characters += len(text)
        while len(self._kept) > self._max_entries or self.kept_characters > self._max_kept_characters:
            oldest, _ = self._kept.popitem(last=False)
            self.kept_characters -= len(oldest)


def read_document(schema: GraphQLSchema, text: str, limits: DocumentLimits) -> Document | Refusal:
    """Check the limits, parse and validate, in the order in which each step makes the next one safe."""
    if refused := refuse_text(text, limits):
        return refused
    try:
        node = parse(text)
    except GraphQLError as error:
        return refusal_of(RefusalCode.GRAPHQL_PARSE_FAILED, [error])
    if refused := _refuse_empty_selections(node) or refuse_document(node, limits):
        return refused
    errors = validate(schema, node, _RULES, max_errors=_MAX_ERRORS, hide_suggestions=True)
    if errors:
        return refusal_of(RefusalCode.GRAPHQL_VALIDATION_FAILED, errors, node)
    operations = _operations(node)
    costs = {name: measure_cost(schema, node, operation) for name, operation in operations.items()}
    return Document(node, operations, costs)


def _operations(node: DocumentNode) -> dict[str | None, OperationDefinitionNode]:
    return {
        definition.name.value if definition.name else None: definition
        for definition in node.definitions
        if isinstance(definition, OperationDefinitionNode)
    }


class _EmptySelections(Visitor):
    """Finds `{ }`, which parser and validation let pass, and the released grammar does not."""

    def __init__(self) -> None:
        super().__init__()
        self.found: SelectionSetNode | None = None

    def enter_selection_set(self, node: SelectionSetNode, *_: object) -> None:
        if not node.selections:
            self.found = self.found or node


def _refuse_empty_selections(node: DocumentNode) -> Refusal | None:
    search = _EmptySelections()
    visit(node, search)
    if search.found is None:
        return None
    error = GraphQLError("Syntax Error: a selection set must select at least one field.", search.found)
    return refusal_of(RefusalCode.GRAPHQL_PARSE_FAILED, [error])


def _unresolved(message: str) -> RefusedError:
    return RefusedError(refusal(RefusalCode.OPERATION_RESOLUTION_FAILURE, message))
