"""Pages of lists as Relay cuts them: what a page is asked for with, and what it is."""

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from errors import BadUserInput

Item = TypeVar("Item")

DEFAULT_PAGE = 20
MAX_PAGE = 100
_PLACE = "place"


@dataclass(frozen=True, slots=True)
class PageArguments:
    """`first` after a cursor, or `last` before one; without either, the first 20."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True)
class PageInfo:
    """Whether there is more on either side, and the cursors at both ends; None on an empty page."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@dataclass(frozen=True, slots=True)
class Edge(Generic[Item]):
    """An item and its place."""

    cursor: str
    node: Item


@dataclass(frozen=True, slots=True)
class Connection(Generic[Item]):
    """A page of a list; `total_count` is of the whole list."""

    edges: tuple[Edge[Item], ...]
    nodes: tuple[Item, ...]
    page_info: PageInfo
    total_count: int


def page_of(items: Sequence[Item], page: PageArguments) -> Connection[Item]:
    """The page of a list that is at hand as a whole.

    BadUserInput: `first` with `last`, a negative number, more than 100, a cursor that is none.
    """
    size, is_last = requested_size(page)
    start = 0 if page.after is None else read_cursor(_PLACE, page.after, "after") + 1
    end = len(items) if page.before is None else min(read_cursor(_PLACE, page.before, "before"), len(items))
    if is_last:
        start = max(start, end - size)
    else:
        end = min(end, start + size)
    places = range(start, max(start, end))
    return connection_of(
        (Edge(written_cursor(_PLACE, place), items[place]) for place in places),
        total=len(items),
        has_next=end < len(items),
        has_previous=start > 0 and bool(items),
    )


def connection_of(
    edges: Iterable[Edge[Item]], *, total: int, has_next: bool, has_previous: bool
) -> Connection[Item]:
    """The page that these are, of a list of `total`."""
    listed = tuple(edges)
    return Connection(
        edges=listed,
        nodes=tuple(edge.node for edge in listed),
        page_info=PageInfo(
            has_next_page=has_next,
            has_previous_page=has_previous,
            start_cursor=listed[0].cursor if listed else None,
            end_cursor=listed[-1].cursor if listed else None,
        ),
        total_count=total,
    )


def requested_size(page: PageArguments) -> tuple[int, bool]:
    """How many items a page has at most, and whether they are the last ones.

    BadUserInput: `first` with `last`, a negative number, more than 100.
    """
    if page.first is not None and page.last is not None:
        raise BadUserInput("first and last: give one of them.")
    name, size = ("last", page.last) if page.last is not None else ("first", page.first)
    if size is None:
        return DEFAULT_PAGE, False
    if not 0 <= size <= MAX_PAGE:
        raise BadUserInput(f"{name}: {size} given, 0 to {MAX_PAGE} are allowed.")
    return size, name == "last"


def written_cursor(kind: str, number: int) -> str:
    """The cursor of an item that has this number; `kind` says what is numbered."""
    return packed_cursor(f"{kind}:{number}")


def read_cursor(kind: str, cursor: str, name: str) -> int:
    """The number in a cursor of that kind, given as the argument `name`. BadUserInput when it is none."""
    written_kind, _, number = unpacked_cursor(cursor).partition(":")
    if written_kind != kind or not number.isdecimal() or len(number) > 9:
        raise BadUserInput(f"{name}: this is no cursor of ours.")
    return int(number)


def packed_cursor(text: str) -> str:
    """A cursor that says this, in letters that mean nothing to clients."""
    return b64encode(text.encode()).decode("ascii")


def unpacked_cursor(cursor: str) -> str:
    """What a cursor says; nothing when it is none."""
    try:
        return b64decode(cursor, validate=True).decode("ascii")
    except (NotBase64, ValueError):
        return ""
