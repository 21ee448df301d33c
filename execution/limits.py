"""Limits of a document: what is counted over its tokens before parsing, and over its selections after it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    Lexer,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    Source,
    TokenKind,
    Visitor,
    visit,
)

from execution.refusals import Refusal, RefusalCode, refusal, refusal_of

_OPENING = frozenset({TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L})
_CLOSING = frozenset({TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R})
_STRINGS = frozenset({TokenKind.STRING, TokenKind.BLOCK_STRING})


@dataclass(frozen=True, slots=True)
class DocumentLimits:
    """The most a document may have of each thing; one more is refused.

    Counted before parsing, refused as GRAPHQL_PARSE_FAILED: characters, tokens (comments count, for reading
    them costs as much), and open brackets of any kind. `max_nesting` stays below the parser's own 200.
    Counted after parsing, refused as GRAPHQL_VALIDATION_FAILED: operations, directives as written, and per
    operation, with every fragment counted at each place that spreads it, depth (introspection fields do not
    count), aliases, selected fields, and how often one field is asked for at the same place of the answer.
    `max_cost` is counted with the variables at hand: how many fields the answer could have (see `execution.costs`).
    """

    max_characters: int = 300_000
    max_tokens: int = 2_000
    max_nesting: int = 50
    max_operations: int = 20
    max_directives: int = 9
    max_depth: int = 12
    max_aliases: int = 30
    max_fields: int = 1_000
    max_repeated_field: int = 50
    max_cost: int = 300_000


@dataclass(frozen=True, slots=True)
class Extent:
    """What a selection set adds up to, the fragments it spreads included."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0


# A spread of what cannot be measured (an unknown fragment, a circle) still takes a step to look at.
_UNMEASURED = Extent(fields=1)


def refuse_text(text: str, limits: DocumentLimits) -> Refusal | None:
    """Read the tokens of `text`, one at a time and no further than the limits; None means go on and parse.

    A character that starts no token is a syntax error like any other. A string that holds NUL, also written
    as an escape, is BAD_USER_INPUT: no store keeps it.
    """
    if len(text) > limits.max_characters:
        return _unparsed("characters", limits.max_characters)
    lexer = Lexer(Source(text))
    tokens = nesting = 0
    token = lexer.token
    try:
        # `advance` would read a whole run of comments in one step and keep every token; this keeps none.
        while (token := lexer.read_next_token(token.end)).kind is not TokenKind.EOF:
            tokens += 1
            nesting += (token.kind in _OPENING) - (token.kind in _CLOSING)
            if tokens > limits.max_tokens:
                return _unparsed("tokens", limits.max_tokens)
            if nesting > limits.max_nesting:
                return _unparsed("levels of brackets", limits.max_nesting)
            if token.kind in _STRINGS and "\0" in (token.value or ""):
                return refusal(RefusalCode.BAD_USER_INPUT, "A string of the document holds a NUL character.")
    except GraphQLError as error:
        return refusal_of(RefusalCode.GRAPHQL_PARSE_FAILED, [error])
    return None


def refuse_document(document: DocumentNode, limits: DocumentLimits) -> Refusal | None:
    """Measure a parsed document; the first limit passed is the one error of the refusal.

    Time is linear in the document: each fragment is measured once, after those it spreads. Fragments that
    spread each other in a circle end the count at the circle, and validation reports them.
    """
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if len(operations) > limits.max_operations:
        return _counted("operations", len(operations), limits.max_operations)
    directives = _count_directives(document)
    if directives > limits.max_directives:
        return _counted("directives", directives, limits.max_directives)
    fragments = _fragments(document)
    order = _leaves_first(fragments)
    extents: dict[str, Extent] = {}
    for name in order:
        extents[name] = measure(fragments[name].selection_set, extents)
    expandable = {name: fragments[name] for name in order}
    for operation in operations:
        selections = operation.selection_set
        if refused := _refuse_extent(measure(selections, extents), limits):
            return refused
        # Walking the answer's shape is bounded only now that the number of selected fields is.
        repeated = _most_repeated(selections, expandable, limits.max_repeated_field)
        if repeated > limits.max_repeated_field:
            return _counted("repetitions of one field", repeated, limits.max_repeated_field)
    return None


def measure(selections: SelectionSetNode, extents: Mapping[str, Extent]) -> Extent:
    """Add up one selection set; a spread counts as the extent known under its name, else as one field."""
    depth = fields = aliases = 0
    for selection in selections.selections:
        inner = _inner_extent(selection, extents)
        if isinstance(selection, FieldNode):
            fields += 1
            aliases += selection.alias is not None
            depth = max(depth, 0 if _is_introspection(selection) else inner.depth + 1)
        else:
            depth = max(depth, inner.depth)
        fields += inner.fields
        aliases += inner.aliases
    return Extent(depth, fields, aliases)


def _inner_extent(selection: SelectionNode, extents: Mapping[str, Extent]) -> Extent:
    if isinstance(selection, FragmentSpreadNode):
        return extents.get(selection.name.value, _UNMEASURED)
    inner: SelectionSetNode | None = getattr(selection, "selection_set", None)
    return measure(inner, extents) if inner else Extent()


def _refuse_extent(extent: Extent, limits: DocumentLimits) -> Refusal | None:
    if extent.depth > limits.max_depth:
        return _counted("levels of fields", extent.depth, limits.max_depth)
    if extent.aliases > limits.max_aliases:
        return _counted("aliases", extent.aliases, limits.max_aliases)
    if extent.fields > limits.max_fields:
        return _counted("selected fields", extent.fields, limits.max_fields)
    return None


def _most_repeated(
    selections: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode], enough: int
) -> int:
    """How often the answer's most repeated place is asked for; the count stops soon after `enough`.

    Comparing repeated fields is quadratic in validation, so they are counted as they will be merged: below
    fields that share a place, what each of them selects shares places too.
    """
    most = 0
    pending = [[selections]]
    while pending and most <= enough:
        counts: Counter[str] = Counter()
        below: dict[str, list[SelectionSetNode]] = {}
        for field in _flat_fields(pending.pop(), fragments):
            key = (field.alias or field.name).value
            counts[key] += 1
            if field.selection_set:
                below.setdefault(key, []).append(field.selection_set)
        most = max(most, *counts.values()) if counts else most
        pending.extend(below.values())
    return most


def _flat_fields(
    groups: list[SelectionSetNode], fragments: Mapping[str, FragmentDefinitionNode]
) -> Iterator[FieldNode]:
    pending: list[SelectionNode] = [node for group in groups for node in group.selections]
    while pending:
        selection = pending.pop()
        if isinstance(selection, FieldNode):
            yield selection
        elif isinstance(selection, FragmentSpreadNode):
            if fragment := fragments.get(selection.name.value):
                pending.extend(fragment.selection_set.selections)
        else:
            inner: SelectionSetNode = selection.selection_set  # type: ignore[attr-defined]
            pending.extend(inner.selections)


def _fragments(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    return {
        node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
    }


def _leaves_first(fragments: Mapping[str, FragmentDefinitionNode]) -> list[str]:
    """Names of all fragments that reach no circle, each after the fragments it spreads."""
    waiting = {name: _spreads(node) & fragments.keys() for name, node in fragments.items()}
    spread_in: dict[str, list[str]] = {}
    for name, spreads in waiting.items():
        for spread in spreads:
            spread_in.setdefault(spread, []).append(name)
    ready = [name for name, spreads in waiting.items() if not spreads]
    order: list[str] = []
    while ready:
        name = ready.pop()
        order.append(name)
        for user in spread_in.get(name, ()):
            waiting[user].discard(name)
            if not waiting[user]:
                ready.append(user)
    return order


def _spreads(fragment: FragmentDefinitionNode) -> set[str]:
    names: set[str] = set()
    pending = [fragment.selection_set]
    while pending:
        for selection in pending.pop().selections:
            if isinstance(selection, FragmentSpreadNode):
                names.add(selection.name.value)
            elif inner := getattr(selection, "selection_set", None):
                pending.append(inner)
    return names


class _DirectiveCount(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.total = 0

    def enter_directive(self, *_: object) -> None:
        self.total += 1


def _count_directives(document: DocumentNode) -> int:
    count = _DirectiveCount()
    visit(document, count)
    return count.total


def _is_introspection(field: FieldNode) -> bool:
    return field.name.value.startswith("__")


def _unparsed(things: str, limit: int) -> Refusal:
    return refusal(
        RefusalCode.GRAPHQL_PARSE_FAILED, f"The document has more than {limit} {things}, which is the limit."
    )


def _counted(things: str, count: int, limit: int) -> Refusal:
    # A chain of fragments doubles with each link: such a count is a number of hundreds of digits.
    shown = str(count) if count < 10**18 else f"over {10**18}"
    return refusal(
        RefusalCode.GRAPHQL_VALIDATION_FAILED, f"The document has {shown} {things}; the limit is {limit}."
    )


def refuse_cost(cost: int, limits: DocumentLimits) -> Refusal | None:
    """Why an operation whose answer could have that many fields must not run."""
    if cost <= limits.max_cost:
        return None
    text = (
        f"The answer could have {cost} fields, and {limits.max_cost} are allowed. "
        "Ask for fewer things at a time, or follow fewer relations."
    )
    return refusal(RefusalCode.GRAPHQL_VALIDATION_FAILED, text)
