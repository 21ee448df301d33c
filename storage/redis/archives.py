"""Everything kept on Redis, whole and undecoded. The contract is on `storage.protocols.Archive`."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Generic, TypeVar

from metrics import Metrics
from models.storage import AgePercentiles, KindStatistics
from storage.items import Item, ItemKind
from storage.protocols import Archive
from storage.redis.connection import RedisServer
from storage.redis.conversation_shapes import CONVERSATION_SHAPE, MESSAGE_SHAPE
from storage.redis.counted import CountedServer
from storage.redis.item_values import CATALOG_SHAPE, HISTORY_SHAPE, PLAYER_SHAPE, UNKNOWN_PLAYER_SHAPE, Shape
from storage.redis.records import batches, signed
from storage.redis.script import Script, read_script

ItemT = TypeVar("ItemT", bound=Item)

SHAPES: Sequence[Shape[Any]] = (
    PLAYER_SHAPE,
    HISTORY_SHAPE,
    UNKNOWN_PLAYER_SHAPE,
    CATALOG_SHAPE,
    CONVERSATION_SHAPE,
    MESSAGE_SHAPE,
)
"""All kinds, parents before children."""

_PERCENTAGES = (50, 90, 99)
# While a script removes items, the server does nothing else.
_CLEARED_AT_ONCE = 1_000
_STATISTICS = read_script("statistics")


class RedisArchiveReader(Generic[ItemT]):
    """The items of a kind in these tables. `life` is 0, or how many milliseconds a snapshot lives after a look."""

    def __init__(
        self, shape: Shape[ItemT], server: CountedServer, tables: Sequence[str], life: int = 0
    ) -> None:
        self._shape = shape
        self._server = server
        self._tables = tables
        self._life = life

    @property
    def kind(self) -> ItemKind[ItemT]:
        return self._shape.kind

    async def count(self) -> int:
        return int(await self._read(self._shape.count))

    async def list(self, *, after: str | None, limit: int) -> Sequence[ItemT]:
        place = None if after is None else self._shape.place(after)
        while True:
            columns = await self._read(self._shape.page, signed(place), limit)
            items = list(self._shape.items(columns))
            if items or not columns[0]:
                return items
            # A page of nothing but damaged items is not the end.
            place = columns[0][-1].decode()

    async def get_many(self, keys: Collection[str]) -> Mapping[str, ItemT]:
        found: dict[str, ItemT] = {}
        for asked in batches(keys):
            columns = await self._read(self._shape.get, *map(self._shape.place, asked))
            found |= {item.key: item for item in self._shape.items(columns)}
        return found

    async def _read(self, script: Script, *values: str | int) -> Any:
        answer = await self._server.read(script, self._tables, [self._life, *values], patient=True)
        if answer is None:
            raise self._server.unavailable(
                "a snapshot ended", "The copy that was being read is gone. Begin anew."
            )
        return answer


class RedisArchive(RedisArchiveReader[ItemT]):
    """The items of a kind on a server, to be written too."""

    def __init__(self, shape: Shape[ItemT], server: RedisServer, counted: CountedServer) -> None:
        super().__init__(shape, counted, shape.tables(server.keys, ""))
        self._places = shape.statistics(server.keys)

    async def put_many(self, items: Sequence[ItemT]) -> None:
        # Of two items with one key the later one counts. Sorted, as on every backend: it decides whose an alias is
        # that two items claim, and brings a message before its replies.
        distinct = {item.key: item for item in items}
        ordered = sorted(distinct, key=self._shape.place)
        values = [value for key in ordered for value in self._shape.values(distinct[key])]
        await self._server.write(self._shape.put, self._tables, values, patient=True)

    async def clear(self, limit: int) -> int:
        values = (0, min(limit, _CLEARED_AT_ONCE))
        return int(await self._server.write(self._shape.clear, self._tables, values, patient=True))

    async def statistics(self, now: int) -> KindStatistics:
        order, times, sizes = self._places
        percentages = _PERCENTAGES if times else ()
        count, size, *fetched = await self._server.read(
            _STATISTICS, [order, times or order, sizes], [self.kind.name, *percentages]
        )
        ages = AgePercentiles(*((now - int(at)) / 1000 for at in fetched)) if times and count else None
        return KindStatistics(kind=self.kind.name, count=int(count), size=int(size), ages=ages)


def redis_archives(server: RedisServer, metrics: Metrics) -> dict[str, Archive[Any]]:
    """The archives of a server, by the name of their kind."""
    counted = CountedServer(server, metrics, "archives")
    return {shape.kind.name: RedisArchive(shape, server, counted) for shape in SHAPES}
