"""Who may ask for what: one line for each root field, and what holds them to it."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from strawberry.extensions import FieldExtension
from strawberry.schema.name_converter import NameConverter
from strawberry.types import get_object_definition
from strawberry.types.field import StrawberryField

from errors import Forbidden, Unauthenticated
from identity.callers import Caller, Scope
from schema.info import Info

PUBLIC: Final = None
"""Everybody may, whether it is known who they are or not."""

Need = Scope | None

# A resolver may still refuse one object, or take it for absent: `node` gives each type by the type's own rule.
ACCESS: Mapping[str, Mapping[str, Need]] = {
    "Query": {
        "node": PUBLIC,
        "nodes": PUBLIC,
        "hero": PUBLIC,
        "heroes": PUBLIC,
        "roles": PUBLIC,
        "map": PUBLIC,
        "maps": PUBLIC,
        "gamemode": PUBLIC,
        "gamemodes": PUBLIC,
        "heroUsage": PUBLIC,
        "player": PUBLIC,
        "players": PUBLIC,
        "searchPlayers": PUBLIC,
        "conversation": Scope.CONVERSATIONS,
        "conversations": Scope.CONVERSATIONS,
        "callerConversations": Scope.ADMIN,
        "storage": Scope.ADMIN,
    },
    "Mutation": {
        "refreshPlayer": Scope.REFRESH,
        "startConversation": Scope.CONVERSATIONS,
        "addMessage": Scope.CONVERSATIONS,
        "deleteConversation": Scope.CONVERSATIONS,
        "eraseCaller": Scope.ADMIN,
    },
    "Subscription": {
        "playerRefreshed": PUBLIC,
        "messageAdded": Scope.CONVERSATIONS,
    },
}


class AccessTableError(Exception):
    """The table and the schema do not fit; told when the schema is built, so that no field is served unguarded."""


def guarded(root: type, access: Mapping[str, Mapping[str, Need]] = ACCESS) -> type:
    """The same root type, its fields held to the table.

    Raises AccessTableError when one of them has no line there, or a line no field.
    """
    definition = get_object_definition(root, strict=True)
    names = NameConverter()
    fields = {names.get_graphql_name(field): field for field in definition.fields}
    needs = access.get(definition.name, {})
    if unfit := sorted(fields.keys() ^ needs.keys()):
        raise AccessTableError(
            f"{definition.name}: not both a line of the table and a field: {', '.join(unfit)}"
        )
    for name, field in fields.items():
        _guard_field(field, name, needs[name])
    return root


def check_access(caller: Caller, need: Scope, what: str) -> None:
    """Raises Unauthenticated when nobody knows the caller, Forbidden when the scope is missing."""
    if caller.subject is None:
        raise Unauthenticated(f"{what} is for callers with a token that has the scope {need.value}.")
    if not caller.may(need):
        raise Forbidden(f"{what} needs the scope {need.value}, which your token does not have.")


def _guard_field(field: StrawberryField, name: str, need: Need) -> None:
    if need is not None:
        # First: what other extensions do is for those who may.
        field.extensions.insert(0, _Guard(name, need))


class _Guard(FieldExtension):
    """Asks for a scope before the resolver runs."""

    def __init__(self, name: str, need: Scope) -> None:
        self._name = name
        self._need = need

    def resolve(self, next_: Callable[..., Any], source: Any, info: Info, **kwargs: Any) -> Any:
        check_access(info.context.caller, self._need, self._name)
        return next_(source, info, **kwargs)

    async def resolve_async(
        self, next_: Callable[..., Awaitable[Any]], source: Any, info: Info, **kwargs: Any
    ) -> Any:
        check_access(info.context.caller, self._need, self._name)
        found = next_(source, info, **kwargs)
        # A subscription's generator is no awaitable.
        return await found if inspect.isawaitable(found) else found
