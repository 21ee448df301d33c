"""The ASGI application of GraphQL over HTTP: one path, GET and POST, from request to answer."""

import time
import traceback
from collections.abc import Callable, Mapping
from inspect import isawaitable
from typing import Any, cast
from uuid import uuid4

import orjson
import strawberry
import structlog
from graphql import ExecutionResult, GraphQLError, OperationType, execute_root_selection_set
from starlette.types import Receive, Scope, Send
from strawberry.execution import optimized_is_awaitable
from strawberry.extensions import SchemaExtension

from execution.answers import Answer, send_answer
from execution.documents import Document, DocumentCache
from execution.limits import DocumentLimits, refuse_cost
from execution.negotiation import GRAPHQL_RESPONSE, JSON, response_type
from execution.refusals import Refusal, RefusalCode, RefusedError, refusal, refusal_of
from execution.requests import (
    Disconnected,
    GraphQLRequest,
    RequestLimits,
    read_body,
    read_url,
    refuse_long_url,
)
from metrics import Metrics

_log = structlog.get_logger("playgraph.execution")
_ALLOW = "GET, POST, OPTIONS"
_HOOKS = ("on_operation", "on_parse", "on_validate", "on_execute", "get_results")


class GraphQLEndpoint:
    """GraphQL over HTTP for one Strawberry schema.

    A POST takes a JSON object. A GET takes `query`, `variables`, `operationName` and `extensions` in its URL
    and runs as it stands, so that a query can be passed on as a link; it never runs a mutation (405), and
    since nothing here reads cookies, a foreign page gains nothing by making a browser send one. HEAD and
    OPTIONS run nothing. Subscriptions are not answered over plain HTTP.

    The answer is `application/graphql-response+json` where the client prefers it, else `application/json`.
    Errors of documents, operations and variables are 400 in the first and 200 in the second, and have no
    `data` member in either; what is wrong about the HTTP request itself has its 4xx in both; errors of fields
    are 200 beside `data`. Every body is JSON, and every error has `extensions.code`.

    `make_context` is called once for each operation that runs. `format_error` gives each error of its fields
    the shape clients see. Resolvers, the exception handlers of the schema, its operation directives and the
    `resolve` of its extensions run as in Strawberry's own views. Extensions that hook into an operation's
    phases are refused here with ValueError: documents are parsed and validated once and kept, so there would
    be no phase to hook into.
    """

    def __init__(  # noqa: PLR0913 - all by name, each a thing of its own
        self,
        schema: strawberry.Schema,
        *,
        make_context: Callable[[], object],
        format_error: Callable[[GraphQLError], dict[str, object]],
        metrics: Metrics,
        limits: DocumentLimits | None = None,
        request_limits: RequestLimits | None = None,
        timer: Callable[[], float] = time.perf_counter,
    ) -> None:
        _refuse_hooks(schema)
        self._schema = schema
        self._make_context = make_context
        self._format_error = format_error
        self._metrics = metrics
        self._request_limits = request_limits or RequestLimits()
        self._timer = timer
        self.documents = DocumentCache(schema._schema, limits or DocumentLimits())  # noqa: SLF001

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "OPTIONS":
            return await send_answer(Answer(204, b"", allow=_ALLOW), scope, receive, send)
        started = self._timer()
        headers = _headers(scope)
        media_type = response_type(headers.get(b"accept", b"").decode("latin-1"))
        try:
            answer = await self._answer(scope, receive, headers, media_type)
        except RefusedError as refused:
            answer = self._refused(refused.refusal, media_type)
        except Disconnected:
            return None
        except Exception as error:
            answer = self._refused(_unexpected(error), media_type)
        self._metrics.operations.labels(answer.kind, answer.outcome).inc()
        self._metrics.operation_seconds.labels(answer.kind).observe(self._timer() - started)
        return await send_answer(answer, scope, receive, send)

    async def _answer(
        self, scope: Scope, receive: Receive, headers: Mapping[bytes, bytes], media_type: str | None
    ) -> Answer:
        method: str = scope["method"]
        if method not in ("GET", "POST"):
            raise RefusedError(_wrong_method(f"{method} is not supported here.", _ALLOW))
        if media_type is None:
            text = f"Accept admits neither {GRAPHQL_RESPONSE} nor {JSON}."
            raise RefusedError(refusal(RefusalCode.BAD_REQUEST, text, status=406))
        refuse_long_url(scope, self._request_limits)
        if method == "GET":
            request = read_url(scope["query_string"])
        else:
            request = await read_body(receive, headers, self._request_limits)
        return await self._run(request, method, media_type)

    async def _run(self, request: GraphQLRequest, method: str, media_type: str) -> Answer:
        document = self.documents.get(request.query)
        if isinstance(document, Refusal):
            return self._refused(document, media_type)
        operation = document.operation(request.operation_name)
        kind = operation.operation
        if refused := refuse_cost(document.cost(operation, request.variables), self.documents.limits):
            return self._refused(refused, media_type, kind.value)
        if kind is OperationType.SUBSCRIPTION:
            text = "Subscriptions are not answered over plain HTTP."
            refused = refusal(RefusalCode.OPERATION_RESOLUTION_FAILURE, text)
            return self._refused(refused, media_type, kind.value)
        if kind is OperationType.MUTATION and method == "GET":
            refused = _wrong_method("Mutations run by POST only.", "POST")
            return self._refused(refused, media_type, kind.value)
        result = await self._execute(document, request)
        if isinstance(result, Refusal):
            return self._refused(result, media_type, kind.value)
        return self._executed(result, media_type, kind.value, cacheable=method == "GET")

    async def _execute(self, document: Document, request: GraphQLRequest) -> ExecutionResult | Refusal:
        extensions = self._schema.get_extensions()
        executor = self._schema.execution_context_class.build(
            self._schema._schema,  # noqa: SLF001 - there is no public way to the graphql-core schema
            document.node,
            context_value=self._make_context(),
            raw_variable_values=request.variables,
            operation_name=request.operation_name or None,
            max_coercion_errors=5,
            middleware=[extension for extension in extensions if _resolves(extension)] or None,
            is_awaitable=cast("Any", optimized_is_awaitable),
            hide_suggestions=True,
            operation_extensions=request.extensions,
        )
        if isinstance(executor, list):
            return refusal_of(RefusalCode.BAD_USER_INPUT, executor)
        result = execute_root_selection_set(executor)
        return await result if isawaitable(result) else result

    def _executed(self, result: ExecutionResult, media_type: str, kind: str, *, cacheable: bool) -> Answer:
        content: dict[str, object] = {"data": result.data}
        if result.errors:
            errors = [self._format_error(error) for error in result.errors]
            self._count(errors)
            content = {"errors": errors, "data": result.data}
        outcome = "errors" if result.errors else "ok"
        return Answer(200, orjson.dumps(content), media_type, kind, outcome, cacheable=cacheable)

    def _refused(self, refused: Refusal, media_type: str | None, kind: str = "unknown") -> Answer:
        self._count(refused.errors)
        status = refused.status or (400 if media_type == GRAPHQL_RESPONSE else 200)
        body = orjson.dumps({"errors": refused.errors})
        return Answer(status, body, media_type or JSON, kind, allow=refused.allow, closes=refused.closes)

    def _count(self, errors: list[dict[str, object]] | tuple[dict[str, object], ...]) -> None:
        for error in errors:
            extensions = cast("dict[str, object]", error.get("extensions") or {})
            self._metrics.errors.labels(str(extensions.get("code", "NONE"))).inc()


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


def _headers(scope: Scope) -> dict[bytes, bytes]:
    """Headers by lower-case name; one that is given several times is joined by commas, as HTTP has it."""
    headers: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        headers[name] = headers[name] + b"," + value if name in headers else value
    return headers


def _wrong_method(message: str, allow: str) -> Refusal:
    return refusal(RefusalCode.BAD_REQUEST, message, status=405, allow=allow)


def _unexpected(error: Exception) -> Refusal:
    """A mistake of ours. The client gets a reference; the log has it beside the place, but not the error's
    text, which may quote what a caller sent."""
    reference = uuid4().hex[:12]
    places = traceback.format_tb(error.__traceback__)
    _log.error("request_failed", reference=reference, error=type(error).__name__, places=places)
    text = f"The server failed to answer. Reference: {reference}."
    return refusal(RefusalCode.INTERNAL_SERVER_ERROR, text, status=500)
