"""A GraphQL request as it comes over HTTP: the URL or body read within its limits, into a checked record."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

import orjson
from starlette.types import Receive, Scope

from execution.negotiation import is_json
from execution.refusals import RefusalCode, RefusedError, refusal

_MEMBERS = ("query", "variables", "operationName", "extensions")


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """Bytes of a body and of path and query string, and the seconds a body may take to arrive."""

    body_bytes: int = 1_048_576
    url_bytes: int = 16_384
    body_seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """What a caller asks to run. Strings hold neither NUL nor lone surrogates."""

    query: str
    variables: dict[str, object] = field(default_factory=dict)
    operation_name: str | None = None
    extensions: dict[str, object] = field(default_factory=dict)


class Disconnected(Exception):
    """The client went away while its body was being read; nobody is left to answer."""


def refuse_long_url(scope: Scope, limits: RequestLimits) -> None:
    """414 for a URL past the limit."""
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    if len(path) + len(scope["query_string"]) > limits.url_bytes:
        raise _malformed(f"The URL is longer than {limits.url_bytes} bytes.", status=414)


def read_url(query_string: bytes) -> GraphQLRequest:
    """The request of a GET: `variables` and `extensions` are JSON texts, an empty one counts as absent."""
    try:
        pairs = parse_qsl(query_string.decode(), keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError:
        raise _malformed("The query string is not UTF-8, or has more than 100 parameters.") from None
    known = [(name, value) for name, value in pairs if name in _MEMBERS]
    members: dict[str, object] = dict(known)
    if len(members) < len(known):
        raise _malformed("A parameter of the request is given twice.")
    refuse_nul(members)
    for name in ("variables", "extensions"):
        text = str(members.get(name, ""))
        members[name] = read_json(text.encode()) if text else None
    return _request(members)


async def read_body(
    receive: Receive, headers: Mapping[bytes, bytes], limits: RequestLimits
) -> GraphQLRequest:
    """The request of a POST: a JSON object in UTF-8, within the limits of length and time."""
    if not is_json(headers.get(b"content-type", b"").decode("latin-1")):
        raise _malformed("The body must have the Content-Type application/json in UTF-8.", status=415)
    if headers.get(b"content-encoding", b"identity").lower() != b"identity":
        raise _malformed("The body must come without a Content-Encoding.", status=415)
    length = headers.get(b"content-length", b"")
    if length.isdigit() and (len(length) > 18 or int(length) > limits.body_bytes):
        raise _too_long(limits)
    members = read_json(await _receive_body(receive, limits))
    if isinstance(members, list):
        raise _malformed("Send one operation a request: batches are not supported.")
    if not isinstance(members, dict):
        raise _malformed("The body must be a JSON object.")
    return _request(members)


def read_json(text: bytes) -> object:
    """Any JSON value; raises RefusedError, BAD_USER_INPUT for NUL or a lone surrogate inside a string."""
    try:
        value: object = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _unreadable(text, error) from None
    if b"\\u0000" in text:
        refuse_nul(value)
    return value


def refuse_nul(value: object) -> None:
    """BAD_USER_INPUT for a JSON value that holds NUL in any of its strings: no store keeps it."""
    pending = [value]
    while pending:
        part = pending.pop()
        if isinstance(part, str) and "\0" in part:
            raise _bad_text()
        if isinstance(part, dict):
            pending.extend(part)
            pending.extend(part.values())
        elif isinstance(part, list):
            pending.extend(part)


async def _receive_body(receive: Receive, limits: RequestLimits) -> bytes:
    chunks: list[bytes] = []
    length = 0
    try:
        async with asyncio.timeout(limits.body_seconds):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Disconnected
                chunk: bytes = message.get("body", b"")
                chunks.append(chunk)
                length += len(chunk)
                if length > limits.body_bytes:
                    raise _too_long(limits)
                if not message.get("more_body", False):
                    return b"".join(chunks)
    except TimeoutError:
        text = f"The body took longer than {limits.body_seconds:g} seconds."
        raise RefusedError(refusal(RefusalCode.BAD_REQUEST, text, status=408, closes=True)) from None


def _request(members: Mapping[str, object]) -> GraphQLRequest:
    query = members.get("query")
    if not isinstance(query, str):
        raise _malformed("The request must have a 'query', which is a string.")
    operation_name = members.get("operationName")
    if not isinstance(operation_name, str | None):
        raise _malformed("'operationName' must be a string or null.")
    return GraphQLRequest(
        query, _object(members, "variables"), operation_name, _object(members, "extensions")
    )


def _object(members: Mapping[str, object], name: str) -> dict[str, object]:
    value = members.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _malformed(f"'{name}' must be an object or null.")
    return value


def _unreadable(text: bytes, error: orjson.JSONDecodeError) -> RefusedError:
    try:
        text.decode()
    except UnicodeDecodeError:
        return _malformed("The JSON of the request is not UTF-8.")
    if "surrogate" in str(error):
        return _bad_text()
    return _malformed(f"The JSON of the request cannot be read: {error}")


def _bad_text() -> RefusedError:
    text = "A string of the request holds NUL or half a surrogate pair."
    return RefusedError(refusal(RefusalCode.BAD_USER_INPUT, text, status=400))


def _too_long(limits: RequestLimits) -> RefusedError:
    text = f"The body is longer than {limits.body_bytes} bytes."
    return RefusedError(refusal(RefusalCode.BAD_REQUEST, text, status=413, closes=True))


def _malformed(message: str, *, status: int = 400) -> RefusedError:
    return RefusedError(refusal(RefusalCode.BAD_REQUEST, message, status=status))
