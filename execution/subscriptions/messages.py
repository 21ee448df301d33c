"""The messages a client may send over graphql-transport-ws, checked as the protocol's reference server checks them."""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from execution.requests import GraphQLRequest

SUBPROTOCOL = "graphql-transport-ws"
_OF_SERVER = ("connection_ack", "next", "error")
_KINDS = {str: "a string", dict: "an object", list: "an array", bool: "a boolean", type(None): "null"}


class BadMessageError(Exception):
    """What came is no message of the protocol; the text says why."""


@dataclass(frozen=True, slots=True)
class ConnectionInit:
    """The first message; its payload is for whoever finds out who the caller is."""

    payload: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Ping:
    """Asks for a pong with the same payload."""

    payload: Mapping[str, object] | None


@dataclass(frozen=True, slots=True)
class Pong:
    """A sign of life."""


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Asks to run an operation, of any kind, under an id."""

    id: str
    request: GraphQLRequest


@dataclass(frozen=True, slots=True)
class Complete:
    """The client wants no more of an operation."""

    id: str


Message = ConnectionInit | Ping | Pong | Subscribe | Complete


def read_message(text: str) -> Message:
    """The message of a text frame; raises BadMessageError with a reason fit for a client."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise BadMessageError("Invalid message received") from None
    if not isinstance(value, dict):
        raise BadMessageError(f"Message is expected to be an object, but got {_kind(value)}")
    kind = value.get("type")
    if not isinstance(kind, str):
        raise BadMessageError(f"Message is expected to have a string 'type' property, but got {_kind(kind)}")
    return _message(kind, value)


def _message(kind: str, value: Mapping[str, object]) -> Message:
    match kind:
        case "connection_init":
            return ConnectionInit(_payload(value) or {})
        case "ping":
            return Ping(_payload(value))
        case "pong":
            _payload(value)
            return Pong()
        case "subscribe":
            return Subscribe(_id(value), _request(value))
        case "complete":
            return Complete(_id(value))
    if kind in _OF_SERVER:
        raise BadMessageError(f"Unexpected message of type {kind} received")
    raise BadMessageError(f"Invalid message 'type' property \"{kind}\"")


def _payload(value: Mapping[str, object]) -> Mapping[str, object] | None:
    found = value.get("payload")
    if found is None or isinstance(found, dict):
        return found
    raise BadMessageError(
        f"\"{value['type']}\" message expects the 'payload' property to be an object or missing, "
        f"but got {_kind(found)}"
    )


def _id(value: Mapping[str, object]) -> str:
    found = value.get("id")
    if not isinstance(found, str):
        raise BadMessageError(
            f"\"{value['type']}\" message expects the 'id' property to be a string, but got {_kind(found)}"
        )
    if not found:
        raise BadMessageError(f"\"{value['type']}\" message requires a non-empty 'id' property")
    return found


def _request(value: Mapping[str, object]) -> GraphQLRequest:
    payload = value.get("payload")
    if not isinstance(payload, dict):
        raise BadMessageError(
            f"\"subscribe\" message expects the 'payload' property to be an object, but got {_kind(payload)}"
        )
    query = payload.get("query")
    if not isinstance(query, str):
        raise _bad_member("query", "a string", query)
    name = payload.get("operationName")
    if not isinstance(name, str | None):
        raise _bad_member("operationName", "a string or missing", name)
    return GraphQLRequest(query, _object(payload, "variables"), name, _object(payload, "extensions"))


def _object(payload: Mapping[str, object], name: str) -> dict[str, object]:
    found = payload.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise _bad_member(name, "an object or missing", found)
    return found


def _bad_member(name: str, wanted: str, found: object) -> BadMessageError:
    return BadMessageError(
        f'"subscribe" message expects payload.{name} to be {wanted}, but got {_kind(found)}'
    )


def _kind(value: object) -> str:
    return _KINDS.get(type(value), "a number")
