"""Pages of lists, as Relay's specification has them: written once, for every kind of item."""

from typing import Annotated, Generic, TypeVar

import strawberry

Item = TypeVar("Item")
EdgeOf = TypeVar("EdgeOf")

First = Annotated[
    int | None,
    strawberry.argument(
        description="How many from the start (or after the cursor); at most 100, 20 when not given."
    ),
]
After = Annotated[str | None, strawberry.argument(description="Only what comes after this cursor.")]
Last = Annotated[
    int | None, strawberry.argument(description="How many from the end (or before the cursor); at most 100.")
]
Before = Annotated[str | None, strawberry.argument(description="Only what comes before this cursor.")]


@strawberry.type(description="Where in the whole list a page lies.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="True when something comes after this page.")
    has_previous_page: bool = strawberry.field(description="True when something comes before this page.")
    start_cursor: str | None = strawberry.field(
        description="Cursor of the first item; null on an empty page."
    )
    end_cursor: str | None = strawberry.field(description="Cursor of the last item; null on an empty page.")


@strawberry.type(description="An item and its place in the list.")
class Edge(Generic[Item]):
    cursor: str = strawberry.field(description="The item's place, to be given as `after` or `before`.")
    node: Item = strawberry.field(description="The item.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[EdgeOf, Item]):
    edges: list[EdgeOf] = strawberry.field(
        # How many there are counts where the connection stands, which has the arguments.
        metadata={"size": 1},
        description="The items with their places.",
    )
    nodes: list[Item] = strawberry.field(metadata={"size": 1}, description="The items alone.")
    page_info: PageInfo = strawberry.field(description="Where in the whole list this page lies.")
    total_count: int = strawberry.field(description="How many items the whole list has.")
