"""One operation, run: what every transport does with a request once it has read it."""

from collections.abc import AsyncIterator, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, cast

import strawberry
from graphql import (
    ExecutionResult,
    Executor,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    create_source_event_stream,
    execute_root_selection_set,
    execute_subscription_event,
    located_error,
)
from graphql.execution.async_iterables import aclosing
from graphql.execution.collect_fields import collect_fields
from strawberry.execution import optimized_is_awaitable
from strawberry.extensions import SchemaExtension

from execution.costs import declared_size
from execution.documents import Document, DocumentCache
from execution.limits import DocumentLimits, refuse_cost
from execution.refusals import Refusal, RefusalCode, RefusedError, refusal, refusal_of
from execution.requests import GraphQLRequest
from execution.visitors import Identified, Visitor
from metrics import Metrics

_HOOKS = ("on_operation", "on_parse", "on_validate", "on_execute", "get_results")


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation that may run: its document is valid and within the limits, and so is its cost."""

    request: GraphQLRequest
    document: Document
    node: OperationDefinitionNode

    @property
    def kind(self) -> OperationType:
        """Query, mutation or subscription."""
        return self.node.operation


@dataclass(frozen=True, slots=True)
class Result:
    """What clients see of one execution: `data`, and before it `errors` where there are some."""

    content: dict[str, object]

    @property
    def outcome(self) -> str:
        """The label it is counted under."""
        return "errors" if "errors" in self.content else "ok"


class SubscriptionFailedError(Exception):
    """A subscription could not begin, or cannot go on; carries its errors as clients see them."""

    def __init__(self, errors: Sequence[dict[str, object]]) -> None:
        super().__init__(f"{len(errors)} errors")
        self.errors = tuple(errors)


class Operations:
    """Reads and runs the operations of one Strawberry schema.

    `make_context` is called with the visitor and who it was identified as (`Identified.caller`) once for each
    operation, and for a subscription once for its beginning and once again for each event, so that what it makes
    (loaders above all) never outlives one execution.
    `format_error` gives each error of a field the shape clients see.
    `refuse_answer` is asked when one is made, with its context: a text says why it must not go out.
    """

    def __init__(
        self,
        schema: strawberry.Schema,
        *,
        make_context: Callable[[Visitor, Any], object],
        format_error: Callable[[GraphQLError], dict[str, object]],
        metrics: Metrics,
        limits: DocumentLimits | None = None,
        refuse_answer: Callable[[Any], str | None] = lambda _: None,
    ) -> None:
        _refuse_hooks(schema)
        self._schema = schema
        self._make_context = make_context
        self._format_error = format_error
        self._metrics = metrics
        self._refuse_answer = refuse_answer
        self.documents = DocumentCache(self._core, limits or DocumentLimits())

    @property
    def _core(self) -> GraphQLSchema:
        # There is no public way to the graphql-core schema.
        return self._schema._schema  # noqa: SLF001

    def read(self, request: GraphQLRequest) -> Operation:
        """The operation that a request asks for; raises RefusedError when it must not run."""
        document = self.documents.get(request.query)
        if isinstance(document, Refusal):
            raise RefusedError(document)
        node = document.operation(request.operation_name)
        if refused := refuse_cost(document.cost(node, request.variables), self.documents.limits):
            raise RefusedError(refused, node.operation.value)
        return Operation(request, document, node)

    async def execute(self, operation: Operation, identified: Identified) -> Result:
        """Run a query or mutation; raises RefusedError when its variables do not fit, or its answer does not."""
        executor = self._executor(operation, identified)
        result = execute_root_selection_set(executor)
        result = await result if isawaitable(result) else result
        if refused := self._refusal(executor):
            raise RefusedError(refused, operation.kind.value)
        return self._result(result)

    async def subscribe(self, operation: Operation, identified: Identified) -> "Events":
        """Begin a subscription.

        Raises RefusedError when its variables do not fit, SubscriptionFailedError when its field refuses.
        """
        executor = self._executor(operation, identified)
        nodes = _root_nodes(executor)
        source = create_source_event_stream(executor)
        source = await source if isawaitable(source) else source
        if isinstance(source, ExecutionResult):
            raise SubscriptionFailedError(self._formatted(source.errors or ()))
        return Events(self, executor, nodes, cast("AsyncIterator[Any]", source), identified)

    async def _execute_event(self, executor: Executor[Any], event: object, identified: Identified) -> Result:
        of_event = executor.build_per_event_executor(event)
        of_event.context_value = self._make_context(identified.visitor, identified.caller)
        result = execute_subscription_event(of_event)
        result = await result if isawaitable(result) else result
        if refused := self._refusal(of_event):
            raise SubscriptionFailedError(refused.errors)
        return self._result(result)

    def _refusal(self, executor: Executor[Any]) -> Refusal | None:
        text = self._refuse_answer(executor.context_value)
        return refusal(RefusalCode.LIMIT_EXCEEDED, text) if text else None

    def _executor(self, operation: Operation, identified: Identified) -> Executor[Any]:
        extensions = self._schema.get_extensions()
        executor = self._schema.execution_context_class.build(
            self._core,
            operation.document.node,
            raw_variable_values=operation.request.variables,
            operation_name=operation.request.operation_name or None,
            max_coercion_errors=5,
            middleware=[extension for extension in extensions if _resolves(extension)] or None,
            is_awaitable=cast("Any", optimized_is_awaitable),
            hide_suggestions=True,
            operation_extensions=operation.request.extensions,
        )
        if isinstance(executor, list):
            raise RefusedError(refusal_of(RefusalCode.BAD_USER_INPUT, executor), operation.kind.value)
        # Only now: what is refused reaches for nothing.
        executor.context_value = self._make_context(identified.visitor, identified.caller)
        return executor

    def _result(self, result: ExecutionResult) -> Result:
        if not result.errors:
            return Result({"data": result.data})
        return Result({"errors": self._formatted(result.errors), "data": result.data})

    def _formatted(self, errors: Sequence[GraphQLError]) -> list[dict[str, object]]:
        formatted = [self._format_error(error) for error in errors]
        self.count_errors(formatted)
        return formatted

    def count_errors(self, errors: Sequence[dict[str, object]]) -> None:
        """Count errors on their way out by their codes."""
        for error in errors:
            extensions = cast("dict[str, object]", error.get("extensions") or {})
            self._metrics.errors.labels(str(extensions.get("code", "NONE"))).inc()


class Events:
    """A subscription under way: the events of its source, and the result of each.

    A field says that an event may replace an earlier one which the client has not been sent yet by its metadata:
    `strawberry.subscription(metadata={"coalesced_by": key})`, where `key` gives, for an event that the field yields,
    what it is about (a hashable value). Events about the same thing are then kept to the latest.

    With `metadata={"most_waiting": number}` no more events than that wait for a slow client: for events that are large,
    and that the field reads when they are wanted.
    """

    def __init__(
        self,
        operations: Operations,
        executor: Executor[Any],
        nodes: list[FieldNode],
        source: AsyncIterator[Any],
        identified: Identified,
    ) -> None:
        self._operations = operations
        self._executor = executor
        self._nodes = nodes
        self._source = source
        self._identified = identified

    @property
    def coalesced_by(self) -> Callable[[Any], Hashable] | None:
        """What an event is about, for a field that lets a later event replace an earlier one; None for others."""
        return cast("Callable[[Any], Hashable] | None", self._declared.get("coalesced_by"))

    @property
    def most_waiting(self) -> int | None:
        """How many events may wait at most, where the field says so."""
        return cast("int | None", self._declared.get("most_waiting"))

    @property
    def _declared(self) -> Mapping[str, Any]:
        root = self._executor.schema.subscription_type
        assert root is not None
        return declared_size(root.fields[self._nodes[0].name.value])

    async def source(self) -> AsyncIterator[object]:
        """The events as the field yields them; closing this closes the field's own generator.

        Raises SubscriptionFailedError when the field does not go on.
        """
        try:
            async with aclosing(self._source) as events:
                async for event in events:
                    yield event
        except Exception as error:
            raise SubscriptionFailedError(self._formatted(error)) from error

    async def result(self, event: object) -> Result:
        """The answer for one event, in a context of its own."""
        return await self._operations._execute_event(self._executor, event, self._identified)  # noqa: SLF001

    def _formatted(self, error: Exception) -> list[dict[str, object]]:
        nodes = self._nodes
        name = (nodes[0].alias or nodes[0].name).value
        return self._operations._formatted([located_error(error, nodes, [name])])  # noqa: SLF001


def _root_nodes(executor: Executor[Any]) -> list[FieldNode]:
    """The places in the document that ask for the one field of a subscription."""
    root = executor.schema.subscription_type
    assert root is not None
    fields = collect_fields(
        executor.schema,
        executor.fragments,
        executor.variable_values,
        root,
        executor.operation,
        executor.hide_suggestions,
    ).grouped_field_set
    # Exactly one: validation refuses more, and directives that could leave none.
    return [detail.node for detail in next(iter(fields.values()))]


def _refuse_hooks(schema: strawberry.Schema) -> None:
    for extension in schema.get_extensions():
        hooks = [name for name in _HOOKS if _overrides(extension, name)]
        if hooks:
            raise ValueError(
                f"{type(extension).__name__} hooks into {', '.join(hooks)}, which never runs here."
            )


def _resolves(extension: SchemaExtension) -> bool:
    return _overrides(extension, "resolve")


def _overrides(extension: SchemaExtension, name: str) -> bool:
    return getattr(type(extension), name, None) is not getattr(SchemaExtension, name, None)
