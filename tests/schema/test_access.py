"""The table of access and the schema fit, or there is no schema."""

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import strawberry

from errors import Forbidden, Unauthenticated
from identity.callers import LOCAL, NOBODY, Caller, Scope
from schema.access import PUBLIC, AccessTableError, check_access, guarded


def root() -> type:
    """A type with a field for everybody and one for some, made anew for each test."""

    @strawberry.type
    class Query:
        @strawberry.field
        def open_door(self) -> int:
            return 1

        @strawberry.field
        def locked_door(self) -> int:
            return 2

    return Query


def test_a_table_with_a_line_for_each_field_is_taken() -> None:
    kind = root()

    assert guarded(kind, {"Query": {"openDoor": PUBLIC, "lockedDoor": Scope.GAMES}}) is kind


@pytest.mark.parametrize(
    ("lines", "unfit"),
    [
        ({"openDoor": PUBLIC}, "lockedDoor"),
        ({"openDoor": PUBLIC, "lockedDoor": PUBLIC, "window": PUBLIC}, "window"),
        ({"openDoor": PUBLIC, "locked_door": PUBLIC}, "lockedDoor, locked_door"),
        ({}, "lockedDoor, openDoor"),
    ],
)
def test_a_field_without_a_line_or_a_line_without_a_field_stops_the_schema(
    lines: dict[str, Scope | None], unfit: str
) -> None:
    with pytest.raises(AccessTableError) as refused:
        guarded(root(), {"Query": lines})

    assert str(refused.value) == f"Query: not both a line of the table and a field: {unfit}"


def test_a_root_type_that_the_table_does_not_name_stops_the_schema() -> None:
    with pytest.raises(AccessTableError, match="Query: "):
        guarded(root(), {"Mutation": {"openDoor": PUBLIC, "lockedDoor": PUBLIC}})


def test_nobody_has_to_say_who_they_are() -> None:
    with pytest.raises(Unauthenticated, match="games"):
        check_access(NOBODY, Scope.GAMES, "lockedDoor")


@pytest.mark.parametrize("scopes", [frozenset(), frozenset(Scope) - {Scope.GAMES}])
def test_a_known_caller_without_the_scope_is_forbidden(scopes: frozenset[Scope]) -> None:
    with pytest.raises(Forbidden, match="games"):
        check_access(Caller("ana", scopes), Scope.GAMES, "lockedDoor")


@pytest.mark.parametrize("caller", [LOCAL, Caller("ana", frozenset({Scope.GAMES}))])
def test_a_caller_with_the_scope_may(caller: Caller) -> None:
    check_access(caller, Scope.GAMES, "lockedDoor")


# ------------------------------------------------------------------------------------------- kinds of resolvers


@dataclass
class Context:
    """Who asks, and which resolvers ran."""

    caller: Caller
    ran: list[str]


async def numbers() -> AsyncGenerator[int, None]:
    yield 1


TABLE = {
    "Query": {"plain": Scope.GAMES, "waiting": Scope.GAMES},
    "Subscription": {"generated": Scope.GAMES, "handedOver": Scope.GAMES},
}


@strawberry.type
class Query:
    @strawberry.field
    def plain(self, info: strawberry.Info[Context, None], number: int = 1) -> int:
        info.context.ran.append("plain")
        return number

    @strawberry.field
    async def waiting(self, info: strawberry.Info[Context, None], number: int = 1) -> int:
        info.context.ran.append("waiting")
        return number


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def generated(self, info: strawberry.Info[Context, None]) -> AsyncIterator[int]:
        info.context.ran.append("generated")
        yield 1

    @strawberry.subscription
    def handed_over(self, info: strawberry.Info[Context, None]) -> AsyncGenerator[int, None]:
        info.context.ran.append("handedOver")
        return numbers()


SCHEMA = strawberry.Schema(guarded(Query, TABLE), subscription=guarded(Subscription, TABLE))


async def told(query: str, context: Context) -> Any:
    """The first answer to a query or subscription: data, and what was raised."""
    if not query.startswith("subscription"):
        return await SCHEMA.execute(query, context_value=context)
    answers = await SCHEMA.subscribe(query, context_value=context)
    return await anext(answers) if isinstance(answers, AsyncGenerator) else answers


QUERIES = {
    "plain": "{ plain(number: 1) }",
    "waiting": "{ waiting(number: 1) }",
    "generated": "subscription { generated }",
    "handedOver": "subscription { handedOver }",
}


@pytest.mark.parametrize("field", QUERIES)
async def test_every_kind_of_field_is_resolved_for_those_who_may(field: str) -> None:
    context = Context(LOCAL, [])

    answer = await told(QUERIES[field], context)

    assert (answer.data, answer.errors, context.ran) == ({field: 1}, None, [field])


@pytest.mark.parametrize(("caller", "error"), [(NOBODY, Unauthenticated), (Caller("ana"), Forbidden)])
@pytest.mark.parametrize("field", QUERIES)
async def test_no_kind_of_field_is_resolved_for_others(
    field: str, caller: Caller, error: type[Exception]
) -> None:
    context = Context(caller, [])

    answer = await told(QUERIES[field], context)

    assert [type(each.original_error) for each in answer.errors] == [error]
    assert (answer.data, context.ran) == (None, [])
