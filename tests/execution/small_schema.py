"""A small schema to ask things of, and the endpoint over it as tests wire it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Annotated, Any, cast

import strawberry
from graphql import GraphQLError

from execution.admission import Admission
from execution.endpoint import GraphQLEndpoint
from execution.limits import DocumentLimits
from execution.operations import Operations
from execution.requests import RequestLimits
from execution.subscriptions.http import HttpStreams
from execution.subscriptions.open_streams import OpenStreams
from execution.subscriptions.options import StreamOptions
from execution.subscriptions.running import Runner
from metrics import Metrics


class TooMuchError(Exception):
    """Raised by `lend` and turned into a type by the schema's exception handlers."""


@dataclass
class Ledger:
    """The context: what operations did, for tests to look at."""

    calls: list[str] = field(default_factory=list)


@strawberry.enum
class Color(Enum):
    SILVER = "silver"


@strawberry.type
class Loan:
    amount: int


@strawberry.type
class Refused:
    message: str


@strawberry.type
class Item:
    name: str = "thing"
    size: int = 3

    @strawberry.field
    def inner(self) -> "Item":
        return Item()


class RefuseTooMuch(strawberry.ExceptionHandler[TooMuchError, Refused]):
    def handle(self, exception: TooMuchError, *, field: Any, info: Any) -> Refused:
        return Refused(message=str(exception))


@strawberry.type
class Query:
    @strawberry.field
    async def hello(self, info: strawberry.Info[Ledger, None], name: str = "you") -> str:
        info.context.calls.append(f"hello {name}")
        return f"Hello, {name}!"

    @strawberry.field
    def twice(self, number: int) -> int:
        return number * 2

    @strawberry.field
    def paint(self, color: Color) -> str:
        return color.value

    @strawberry.field
    def item(self) -> Item:
        return Item()

    @strawberry.field
    def fails(self) -> str | None:
        raise KeyError("secret")

    @strawberry.field
    def must_fail(self) -> str:
        raise KeyError("secret")

    @strawberry.field
    def half(self) -> str:
        return "\ud800"

    @strawberry.field
    async def lend(self, amount: int) -> Annotated[Loan | Refused, strawberry.union("LoanOrRefused")]:
        if amount > 10:
            raise TooMuchError("Ten is the most.")
        return Loan(amount=amount)


@strawberry.type
class Mutation:
    @strawberry.mutation
    def bump(self, info: strawberry.Info[Ledger, None]) -> int:
        info.context.calls.append("bump")
        return len(info.context.calls)


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def ticks(self) -> AsyncIterator[int]:
        yield 1


SCHEMA = strawberry.Schema(Query, Mutation, Subscription, exception_handlers=[RefuseTooMuch()])


def masked(error: GraphQLError) -> dict[str, object]:
    return {"message": "masked", "path": error.path, "extensions": {"code": "MASKED"}}


@dataclass
class Wired:
    """An endpoint beside what it writes to."""

    endpoint: GraphQLEndpoint
    operations: Operations
    ledger: Ledger
    metrics: Metrics

    def counted(self, name: str, **labels: str) -> float | None:
        return self.metrics.registry.get_sample_value(f"playgraph_{name}_total", labels)


def wire(
    schema: strawberry.Schema = SCHEMA,
    *,
    limits: DocumentLimits | None = None,
    request_limits: RequestLimits | None = None,
    admission: Admission | None = None,
) -> Wired:
    ledger, metrics = Ledger(), Metrics()
    operations = Operations(
        schema, make_context=lambda *_: ledger, format_error=masked, limits=limits, metrics=metrics
    )
    streams = HttpStreams(Runner(operations, StreamOptions(), metrics, admission), OpenStreams(metrics))
    endpoint = GraphQLEndpoint(
        operations, streams, metrics=metrics, admission=admission, request_limits=request_limits
    )
    return Wired(endpoint, operations, ledger, metrics)


def codes(answer: Any) -> list[str]:
    """The codes of an answer's errors, in order."""
    return [cast(str, error["extensions"]["code"]) for error in answer.json()["errors"]]
