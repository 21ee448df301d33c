"""A schema with subscriptions that tests drive by hand: what is posted on the board is what subscribers see."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import strawberry

from errors import BadUserInput
from execution.visitors import Visitor


class Board:
    """Where tests post events, and where subscriptions write that they began and ended."""

    def __init__(self) -> None:
        self.marks: list[str] = []
        self.contexts: list[Visit] = []
        self._queues: dict[str, asyncio.Queue[int]] = {}
        self._marked = asyncio.Event()

    def make_context(self, visitor: Visitor, caller: object) -> "Visit":
        self.contexts.append(Visit(self, visitor, caller, len(self.contexts) + 1))
        return self.contexts[-1]

    def post(self, topic: str, *numbers: int) -> None:
        for number in numbers:
            self.queue(topic).put_nowait(number)

    def queue(self, topic: str) -> "asyncio.Queue[int]":
        return self._queues.setdefault(topic, asyncio.Queue())

    def mark(self, text: str) -> None:
        self.marks.append(text)
        self._marked.set()

    async def until(self, text: str, times: int = 1) -> None:
        """Return when a mark was made so often; fails after five seconds."""
        async with asyncio.timeout(5):
            while self.marks.count(text) < times:
                self._marked.clear()
                await self._marked.wait()


@dataclass
class Visit:
    """A context: made anew for each execution."""

    board: Board
    visitor: Visitor
    caller: object
    number: int
    loaded: list[int] = field(default_factory=list)


Info = strawberry.Info[Visit, None]


@strawberry.type
class Note:
    number: int
    text: str = ""

    @strawberry.field
    def context(self, info: Info) -> int:
        """The number of the context this event was executed in."""
        return info.context.number

    @strawberry.field
    def transport(self, info: Info) -> str:
        return info.context.visitor.transport.value

    @strawberry.field
    def token(self, info: Info) -> str | None:
        """What the client said of itself when its WebSocket opened."""
        found = info.context.visitor.init.get("token")
        return None if found is None else str(found)

    @strawberry.field
    def broken(self) -> str | None:
        raise KeyError("secret")

    @strawberry.field
    def half(self) -> str:
        return "\ud800"


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str = "you") -> str:
        return f"Hello, {name}!"

    @strawberry.field
    def broken(self) -> str | None:
        raise KeyError("secret")

    @strawberry.field
    async def wait(self, info: Info, topic: str) -> int:
        """Answers with the next number posted under a topic."""
        info.context.board.mark(f"wait {topic}")
        return await info.context.board.queue(topic).get()

    @strawberry.field
    async def until(self, info: Info, mark: str, times: int = 1) -> list[str]:
        """All marks, when one of them was made so often."""
        await info.context.board.until(mark, times)
        return info.context.board.marks

    @strawberry.field(metadata={"size": 1000})
    def notes(self) -> list[Note]:
        return [Note(number=1)]


@strawberry.type
class Mutation:
    @strawberry.mutation
    def bump(self, info: Info) -> int:
        info.context.board.mark("bump")
        return info.context.board.marks.count("bump")

    @strawberry.mutation
    def post(self, info: Info, topic: str, number: int) -> int:
        info.context.board.post(topic, number)
        return number


def _refused() -> AsyncIterator[int]:
    raise BadUserInput("No such thing to watch.")


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self, to: int) -> AsyncIterator[int]:
        for number in range(1, to + 1):
            yield number

    @strawberry.subscription
    async def watch(self, info: Info, topic: str = "all") -> AsyncIterator[Note]:
        """Yields what is posted under a topic, until told to stop."""
        board = info.context.board
        board.mark(f"open {topic}")
        try:
            while True:
                yield Note(number=await board.queue(topic).get())
        finally:
            board.mark(f"closed {topic}")

    @strawberry.subscription
    async def large(self, info: Info, size: int, to: int) -> AsyncIterator[Note]:
        """Yields notes with long texts as quickly as they are taken."""
        try:
            for number in range(1, to + 1):
                yield Note(number=number, text="x" * size)
                info.context.board.mark("large")
        finally:
            info.context.board.mark("closed large")

    @strawberry.subscription(metadata={"most_waiting": 2})
    async def few(self, info: Info, size: int, to: int) -> AsyncIterator[Note]:
        """The same, where no more than two notes wait."""
        try:
            for number in range(1, to + 1):
                yield Note(number=number, text="x" * size)
                info.context.board.mark("few")
        finally:
            info.context.board.mark("closed few")

    @strawberry.subscription(metadata={"coalesced_by": lambda note: note.number % 2})
    async def latest(self, info: Info, size: int, to: int) -> AsyncIterator[Note]:
        """The same, where only the latest even and the latest odd note matter."""
        for number in range(1, to + 1):
            yield Note(number=number, text="x" * size)
        info.context.board.mark("all yielded")

    @strawberry.subscription
    async def breaks(self, after: int = 1) -> AsyncIterator[int]:
        for number in range(1, after + 1):
            yield number
        raise KeyError("secret")

    @strawberry.subscription
    async def stops(self) -> AsyncIterator[int]:
        yield 1
        raise BadUserInput("No more of this.")

    @strawberry.subscription
    async def refuses(self) -> AsyncIterator[int]:
        return _refused()


SCHEMA = strawberry.Schema(Query, Mutation, Subscription)
