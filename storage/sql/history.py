"""The histories of players in an SQL database. The contract is on `storage.protocols.History`."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from metrics import Metrics
from models.history import HistoryPage, HistoryRequest, ProfileSnapshot, page_from
from storage import codec
from storage.snapshots import made_snapshot
from storage.sql.counted import CountedDatabase
from storage.sql.database import Database, Row, Transaction, Value

_LEAST, _GREATEST = -(2**63), 2**63 - 1

# Requests in one statement; each binds eight values.
_REQUESTS = 1_000

# Figures that the latest snapshot has already are no change. At one version there is one snapshot: when code changes
# how figures are reckoned, the new ones stand there from the same time on. The bytes have their type from a column, for
# a cast to it makes SQLite see a number.
_ADD = """
INSERT INTO player_history (blizzard_id, version, taken_at, figures_hash, data_version, figures)
SELECT CAST($1 AS TEXT), CAST($2 AS BIGINT), CAST($3 AS BIGINT), CAST($4 AS TEXT), CAST($5 AS BIGINT),
    COALESCE($6, (SELECT none.figures FROM player_history none WHERE 1 = 0))
WHERE NOT EXISTS (
    SELECT 1 FROM player_history h
    WHERE h.blizzard_id = $1 AND h.figures_hash = $4
        AND h.version = (
            SELECT MAX(latest.version) FROM player_history latest
            WHERE latest.blizzard_id = $1 AND latest.version <= $2))
ON CONFLICT (blizzard_id, version) DO UPDATE SET
    figures_hash = excluded.figures_hash, data_version = excluded.data_version, figures = excluded.figures
RETURNING version
"""

# What is later than the record is of another past, which a copy into this store has left.
_DROP_LATER = "DELETE FROM player_history WHERE blizzard_id = $1 AND version > $2"

# `listed` is every request with the list it asks for. Of those between the cursors `turn` counts from the end that the
# page is at, and of those outside too: so each request that has a list has a row, which tells how long it is.
_PAGES = """
SELECT paged.place AS place, paged.total AS total, paged.ahead AS ahead, paged.inside AS inside,
    paged.is_inside * (CASE WHEN paged.turn <= paged.page_size THEN 1 ELSE 0 END) AS is_on_page,
    h.blizzard_id AS blizzard_id, h.version AS version, h.taken_at AS taken_at, h.data_version AS data_version,
    h.figures AS figures
FROM (
    SELECT listed.place AS place, listed.blizzard_id AS blizzard_id, listed.version AS version,
        listed.page_size AS page_size, listed.is_inside AS is_inside,
        COUNT(*) OVER (PARTITION BY listed.place) AS total,
        SUM(listed.is_ahead) OVER (PARTITION BY listed.place) AS ahead,
        SUM(listed.is_inside) OVER (PARTITION BY listed.place) AS inside,
        ROW_NUMBER() OVER (
            PARTITION BY listed.place, listed.is_inside ORDER BY listed.version * listed.direction) AS turn
    FROM (
        SELECT asked.column1 AS place, asked.column7 AS page_size, asked.column8 AS direction,
            h.blizzard_id AS blizzard_id, h.version AS version,
            CASE WHEN h.version >= asked.column6 THEN 1 ELSE 0 END AS is_ahead,
            CASE WHEN h.version > asked.column5 AND h.version < asked.column6 THEN 1 ELSE 0 END AS is_inside
        FROM (VALUES {requests}) AS asked
        JOIN player_history h ON h.blizzard_id = asked.column2
        WHERE h.taken_at >= asked.column3 AND h.taken_at < asked.column4
    ) AS listed
) AS paged
JOIN player_history h ON h.blizzard_id = paged.blizzard_id AND h.version = paged.version
WHERE paged.turn <= paged.page_size OR paged.turn = 1
ORDER BY paged.place, paged.version DESC
"""

_TYPES = ("BIGINT", "TEXT", "BIGINT", "BIGINT", "BIGINT", "BIGINT", "BIGINT", "BIGINT")

_PRUNE = """
DELETE FROM player_history
WHERE (blizzard_id, version) IN (
    SELECT old.blizzard_id, old.version FROM player_history old
    WHERE old.taken_at < $1 AND EXISTS (
        SELECT 1 FROM player_history newer
        WHERE newer.blizzard_id = old.blizzard_id AND newer.version > old.version)
    ORDER BY old.taken_at LIMIT $2)
RETURNING version
"""


class SqlHistory:
    """The histories of one database."""

    def __init__(self, database: Database, metrics: Metrics) -> None:
        self._database = CountedDatabase(database, metrics, "history")

    async def pages(self, requests: Collection[HistoryRequest]) -> Mapping[HistoryRequest, HistoryPage]:
        pages: dict[HistoryRequest, HistoryPage] = {}
        for asked in _batches(requests):
            listed = ", ".join(_placeholders(number) for number in range(len(asked)))
            values = [value for place, request in enumerate(asked) for value in _values(place, request)]
            rows = await self._database.fetch(_PAGES.format(requests=listed), *values)
            # Decoding a hundred pages is some ten milliseconds, which other requests should not wait for.
            pages |= await asyncio.to_thread(_pages, asked, rows)
        return pages

    async def prune(self, taken_before: int, limit: int) -> int:
        return await self._database.write(lambda tx: _prune(tx, taken_before, limit))


async def add_snapshot(
    tx: Transaction, blizzard_id: str, version: int, taken_at: int, encoded: codec.EncodedPlayer
) -> None:
    """Keep the figures of a player that was just saved in this transaction, if they are not those kept last."""
    added = await tx.fetch(
        _ADD, blizzard_id, version, taken_at, encoded.figures_hash, codec.FIGURES_VERSION, encoded.figures
    )
    if added:
        await tx.execute(_DROP_LATER, blizzard_id, version)


async def _prune(tx: Transaction, taken_before: int, limit: int) -> int:
    # Two at once would choose the same snapshots, and the second would report that nothing is left.
    await tx.lock(["pruning of history"])
    return len(await tx.fetch(_PRUNE, taken_before, limit))


def _batches(requests: Collection[HistoryRequest]) -> Iterator[Sequence[HistoryRequest]]:
    distinct = iter(dict.fromkeys(requests))
    while batch := list(islice(distinct, _REQUESTS)):
        yield batch


def _placeholders(number: int) -> str:
    """The placeholders of one request. Rows of values have no columns to take their types from."""
    first = 1 + number * len(_TYPES)
    return f"({', '.join(f'CAST(${place} AS {kind})' for place, kind in enumerate(_TYPES, first))})"


def _values(place: int, request: HistoryRequest) -> Sequence[Value]:
    def given(bound: int | None, otherwise: int) -> int:
        return otherwise if bound is None else bound

    return (
        place,
        request.blizzard_id,
        given(request.since, _LEAST),
        given(request.until, _GREATEST),
        given(request.newer_than, _LEAST),
        given(request.older_than, _GREATEST),
        request.limit,
        1 if request.from_oldest else -1,
    )


@dataclass(slots=True)
class _Found:
    """What the rows say of one request."""

    total: int = 0
    ahead: int = 0
    inside: int = 0
    snapshots: list[ProfileSnapshot] = field(default_factory=list)


def _pages(asked: Sequence[HistoryRequest], rows: Sequence[Row]) -> dict[HistoryRequest, HistoryPage]:
    found: defaultdict[int, _Found] = defaultdict(_Found)
    for row in rows:
        each = found[int(row["place"])]
        each.total, each.ahead, each.inside = int(row["total"]), int(row["ahead"]), int(row["inside"])
        snapshot = _snapshot(row) if int(row["is_on_page"]) else None
        if snapshot is not None:
            each.snapshots.append(snapshot)
    return {
        request: page_from(
            request,
            tuple(found[place].snapshots),
            found[place].total,
            found[place].ahead,
            found[place].inside,
        )
        for place, request in enumerate(asked)
    }


def _snapshot(row: Row) -> ProfileSnapshot | None:
    return made_snapshot(
        str(row["blizzard_id"]),
        version=int(row["version"]),
        taken_at=int(row["taken_at"]),
        data_version=int(row["data_version"]),
        figures=bytes(row["figures"]),
    )
