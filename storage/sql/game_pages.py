"""Pages of lists in an SQL database, any number of them in one statement."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from models.baseball_pages import ListPage
from storage.sql.conversation_rows import values_rows
from storage.sql.database import Row

Request = TypeVar("Request", bound=Hashable)
Listed = TypeVar("Listed")


@dataclass(frozen=True, slots=True)
class Paging(Generic[Listed]):
    """How a list is read. `listed` selects the items of all requests, with the columns that make one, and besides:
    `request_place`, `page_size`, `from_end`, `place_number` and `place_id` (where an item stands),
    `after_number`, `after_id`, `before_number`, `before_id` (between what it is asked for). `{requests}` in it stands
    for rows of values of these types."""

    listed: str
    types: Sequence[str]
    item: Callable[[Row], Listed]

    def statement(self, requests: int) -> str:
        """The statement for so many requests."""
        rows = ", ".join(values_rows(requests, self.types, start=1))
        return _PAGED.format(listed=self.listed.format(requests=rows))

    def pages(self, asked: Sequence[Request], rows: Sequence[Row]) -> dict[Request, ListPage[Listed]]:
        """The page of each request. A request is found by its place among those asked."""
        found: defaultdict[int, list[Row]] = defaultdict(list)
        for row in rows:
            found[int(row["request_place"])].append(row)
        return {request: self._page(found[place]) for place, request in enumerate(asked)}

    def _page(self, rows: Sequence[Row]) -> ListPage[Listed]:
        if not rows:
            return ListPage()
        first = rows[0]
        total, ahead, inside = int(first["total"]), int(first["ahead"]), int(first["inside"])
        size = max(0, min(int(first["page_size"]), inside))
        start = ahead + inside - size if int(first["from_end"]) else ahead
        items = tuple(self.item(row) for row in rows if start < int(row["turn"]) <= start + size)
        return ListPage(items, total, has_before=start > 0, has_behind=start + size < total)


# The first of a list comes always, and tells how long it is.
_PAGED = """
SELECT * FROM (
    SELECT placed.*,
        COUNT(*) OVER (PARTITION BY placed.request_place) AS total,
        SUM(placed.is_ahead) OVER (PARTITION BY placed.request_place) AS ahead,
        SUM(placed.is_inside) OVER (PARTITION BY placed.request_place) AS inside,
        ROW_NUMBER() OVER (
            PARTITION BY placed.request_place ORDER BY placed.place_number, placed.place_id) AS turn
    FROM (
        SELECT listed.*,
            CASE WHEN (place_number, place_id) <= (after_number, after_id) THEN 1 ELSE 0 END AS is_ahead,
            CASE WHEN (place_number, place_id) > (after_number, after_id)
                AND (place_number, place_id) < (before_number, before_id) THEN 1 ELSE 0 END AS is_inside
        FROM ({listed}) AS listed
    ) AS placed
) AS counted
WHERE turn = 1 OR (
    turn > ahead AND turn <= ahead + inside
    AND CASE WHEN from_end = 1 THEN turn > ahead + inside - page_size ELSE turn <= ahead + page_size END)
ORDER BY request_place, turn
"""
