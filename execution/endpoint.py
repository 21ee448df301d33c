"""The ASGI application of GraphQL over HTTP: one path, GET and POST, from request to answer."""

import time
from collections.abc import Callable, Mapping

import orjson
from graphql import OperationType
from starlette.types import Receive, Scope, Send

from execution.admission import Admission
from execution.answers import Answer, send_answer
from execution.negotiation import EVENT_STREAM, GRAPHQL_RESPONSE, JSON, MULTIPART, response_type
from execution.operations import Operation, Operations, Result
from execution.refusals import Refusal, RefusalCode, RefusedError, refusal, unexpected
from execution.requests import (
    Disconnected,
    GraphQLRequest,
    RequestLimits,
    read_body,
    read_url,
    refuse_long_url,
)
from execution.subscriptions.framing import Framing
from execution.subscriptions.http import HttpStreams
from execution.subscriptions.multipart import Multipart
from execution.subscriptions.sse import ServerSentEvents
from execution.visitors import Identified, Transport, Visitor, read_headers
from metrics import Metrics

_ALLOW = "GET, POST, OPTIONS"
_STREAMS: Mapping[str | None, tuple[Transport, Framing]] = {
    EVENT_STREAM: (Transport.SSE, ServerSentEvents()),
    MULTIPART: (Transport.MULTIPART, Multipart()),
}


class GraphQLEndpoint:
    """GraphQL over HTTP for one Strawberry schema.

    A POST takes a JSON object. A GET takes `query`, `variables`, `operationName` and `extensions` in its URL
    and runs as it stands, so that a query can be passed on as a link; it never runs a mutation (405), and
    since nothing here reads cookies, a foreign page gains nothing by making a browser send one. HEAD and
    OPTIONS run nothing.

    The answer is `application/graphql-response+json` where the client prefers it, else `application/json`.
    Errors of documents, operations and variables are 400 in the first and 200 in the second, and have no
    `data` member in either; what is wrong about the HTTP request itself has its 4xx in both; errors of fields
    are 200 beside `data`. Every body is JSON, and every error has `extensions.code`.

    A client that prefers `text/event-stream`, or `multipart/mixed` with `subscriptionSpec=1.0`, to JSON gets a
    stream, whatever it asks for; errors of documents, operations and variables are then told in the stream.
    Subscriptions are answered in streams only.

    Who asks is found out by `admission` before the body is read; a false claim is answered 401, whatever is asked for.

    Resolvers, the exception handlers of the schema, its operation directives and the `resolve` of its
    extensions run as in Strawberry's own views. Extensions that hook into an operation's phases are refused
    by `Operations` with ValueError: documents are parsed and validated once and kept, so there would be no
    phase to hook into.
    """

    def __init__(
        self,
        operations: Operations,
        streams: HttpStreams,
        *,
        metrics: Metrics,
        admission: Admission | None = None,
        request_limits: RequestLimits | None = None,
        timer: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._operations = operations
        self._streams = streams
        self._metrics = metrics
        self._admission = admission or Admission()
        self._request_limits = request_limits or RequestLimits()
        self._timer = timer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "OPTIONS":
            return await send_answer(Answer(204, b"", allow=_ALLOW), scope, receive, send)
        started = self._timer()
        headers = read_headers(scope)
        media_type = response_type(headers.get(b"accept", b"").decode("latin-1"))
        try:
            self._refuse_unfit(scope, media_type)
            transport = _STREAMS[media_type][0] if media_type in _STREAMS else Transport.HTTP
            # Before the body is read: who is refused costs no more than that.
            identified = await self._admission.admit(Visitor(transport, headers))
            request = await self._read(scope, receive, headers)
            if media_type in _STREAMS:
                return await self._stream(request, media_type, identified, scope, receive, send)
            answer = await self._answer(request, scope["method"], identified, media_type)
        except RefusedError as refused:
            answer = self._refused(refused.refusal, media_type, refused.kind)
        except Disconnected:
            return None
        except Exception as error:
            answer = self._refused(unexpected(error), media_type)
        self._metrics.operations.labels(answer.kind, answer.outcome).inc()
        self._metrics.operation_seconds.labels(answer.kind).observe(self._timer() - started)
        return await send_answer(answer, scope, receive, send)

    def _refuse_unfit(self, scope: Scope, media_type: str | None) -> None:
        method: str = scope["method"]
        if method not in ("GET", "POST"):
            raise RefusedError(_wrong_method(f"{method} is not supported here.", _ALLOW))
        if media_type is None:
            text = f"Accept admits neither {GRAPHQL_RESPONSE} nor {JSON}."
            raise RefusedError(refusal(RefusalCode.BAD_REQUEST, text, status=406))
        refuse_long_url(scope, self._request_limits)

    async def _read(self, scope: Scope, receive: Receive, headers: Mapping[bytes, bytes]) -> GraphQLRequest:
        if scope["method"] == "GET":
            return read_url(scope["query_string"])
        return await read_body(receive, headers, self._request_limits)

    async def _answer(
        self, request: GraphQLRequest, method: str, identified: Identified, media_type: str | None
    ) -> Answer:
        operation = self._operations.read(request)
        _refuse_mutation_by_get(operation, method)
        if operation.kind is OperationType.SUBSCRIPTION:
            text = (
                "Subscriptions are not answered over plain HTTP: "
                f"use a WebSocket, or ask for {EVENT_STREAM} or {MULTIPART}."
            )
            raise RefusedError(refusal(RefusalCode.OPERATION_RESOLUTION_FAILURE, text), operation.kind.value)
        result = await self._operations.execute(operation, identified)
        # What is answered to somebody in particular is not for whoever asks the same cache next.
        cacheable = method == "GET" and b"authorization" not in identified.visitor.headers
        return _executed(result, media_type, operation.kind.value, cacheable=cacheable)

    async def _stream(
        self,
        request: GraphQLRequest,
        media_type: str | None,
        identified: Identified,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        framing = _STREAMS[media_type][1]
        asked: Operation | RefusedError
        try:
            asked = self._operations.read(request)
        except RefusedError as refused:
            asked = refused
            self._metrics.operations.labels(refused.kind, "refused").inc()
        else:
            _refuse_mutation_by_get(asked, scope["method"])
        await self._streams.answer(asked, framing, identified, scope, receive, send)

    def _refused(self, refused: Refusal, media_type: str | None, kind: str = "unknown") -> Answer:
        self._operations.count_errors(refused.errors)
        status = refused.status or (400 if media_type == GRAPHQL_RESPONSE else 200)
        body = orjson.dumps({"errors": refused.errors})
        media_type = GRAPHQL_RESPONSE if media_type == GRAPHQL_RESPONSE else JSON
        return Answer(
            status,
            body,
            media_type,
            kind,
            allow=refused.allow,
            challenge=refused.challenge,
            closes=refused.closes,
        )


def _executed(result: Result, media_type: str | None, kind: str, *, cacheable: bool) -> Answer:
    body = orjson.dumps(result.content)
    return Answer(200, body, media_type or JSON, kind, result.outcome, cacheable=cacheable)


def _refuse_mutation_by_get(operation: Operation, method: str) -> None:
    if operation.kind is OperationType.MUTATION and method == "GET":
        raise RefusedError(_wrong_method("Mutations run by POST only.", "POST"), operation.kind.value)


def _wrong_method(message: str, allow: str) -> Refusal:
    return refusal(RefusalCode.BAD_REQUEST, message, status=405, allow=allow)
