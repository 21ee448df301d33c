"""The histories of players on Redis. The contract is on `storage.protocols.History`."""

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import structlog

from metrics import Metrics
from models.history import HistoryPage, HistoryRequest, ProfileSnapshot, page_from
from storage.redis.connection import RedisServer, Value
from storage.redis.counted import CountedServer
from storage.redis.records import decode_snapshot, split_snapshot_place
from storage.redis.script import read_script
from storage.snapshots import made_snapshot

_PAGES = read_script("history_pages", "parts", "players", "history")
_PRUNE = read_script("prune_history", "parts", "players", "history")

# Requests in one script, of seven values each.
_REQUESTS = 1_000
# While a script removes snapshots, the server does nothing else.
_PRUNED_AT_ONCE = 1_000

_log = structlog.get_logger()


class RedisHistory:
    """The histories of one server."""

    def __init__(self, server: RedisServer, metrics: Metrics) -> None:
        self._server = CountedServer(server, metrics, "history")
        self._tables = server.keys.players().all()

    async def pages(self, requests: Collection[HistoryRequest]) -> Mapping[HistoryRequest, HistoryPage]:
        pages: dict[HistoryRequest, HistoryPage] = {}
        for asked in _batches(requests):
            values = [value for request in asked for value in _values(request)]
            answers = await self._server.read(_PAGES, self._tables, values)
            # Decoding a hundred pages is some ten milliseconds, which other requests should not wait for.
            pages |= await asyncio.to_thread(_pages, asked, answers)
        return pages

    async def prune(self, taken_before: int, limit: int) -> int:
        values = [taken_before, min(limit, _PRUNED_AT_ONCE)]
        return int(await self._server.write(_PRUNE, self._tables, values, patient=True))


def _batches(requests: Collection[HistoryRequest]) -> Iterator[Sequence[HistoryRequest]]:
    distinct = iter(dict.fromkeys(requests))
    while batch := list(islice(distinct, _REQUESTS)):
        yield batch


def _values(request: HistoryRequest) -> Sequence[Value]:
    bounds = (request.since, request.until, request.newer_than, request.older_than)
    return (
        request.blizzard_id,
        *("" if bound is None else bound for bound in bounds),
        request.limit,
        1 if request.from_oldest else 0,
    )


def _pages(asked: Sequence[HistoryRequest], answers: Sequence[Any]) -> dict[HistoryRequest, HistoryPage]:
    return {
        request: page_from(
            request, tuple(_snapshots(places, kept)), total=int(total), ahead=int(ahead), inside=int(inside)
        )
        for request, (total, ahead, inside, places, kept) in zip(asked, answers, strict=True)
    }


def _snapshots(places: Sequence[bytes], kept: Sequence[bytes | None]) -> Iterator[ProfileSnapshot]:
    for place, each in zip(places, kept, strict=True):
        blizzard_id, version = split_snapshot_place(place)
        try:
            taken_at, _, data_version, figures = decode_snapshot(each or b"")
        except ValueError:
            _log.error("kept snapshot is damaged", blizzard_id=blizzard_id, version=version)
            continue
        snapshot = made_snapshot(
            blizzard_id, version=version, taken_at=taken_at, data_version=data_version, figures=figures
        )
        if snapshot is not None:
            yield snapshot
