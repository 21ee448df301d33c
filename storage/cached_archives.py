"""Archives whose changes have the copies of what they hold dropped."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Generic, TypeVar

from models.storage import KindStatistics
from storage.items import Item, ItemKind
from storage.protocols import Archive

ItemT = TypeVar("ItemT", bound=Item)


class CachedArchive(Generic[ItemT]):
    """The archive `archive`; `drop_copies` is called after each change."""

    def __init__(self, archive: Archive[ItemT], drop_copies: Callable[[], Awaitable[None]]) -> None:
        self._archive = archive
        self._drop_copies = drop_copies

    @property
    def kind(self) -> ItemKind[ItemT]:
        return self._archive.kind

    async def count(self) -> int:
        return await self._archive.count()

    async def get_many(self, keys: Collection[str]) -> Mapping[str, ItemT]:
        return await self._archive.get_many(keys)

    async def put_many(self, items: Sequence[ItemT]) -> None:
        await self._archive.put_many(items)
        await self._drop_copies()

    async def clear(self, limit: int) -> int:
        count = await self._archive.clear(limit)
        if count:
            await self._drop_copies()
        return count

    async def statistics(self, now: int) -> KindStatistics:
        return await self._archive.statistics(now)

    async def list(self, *, after: str | None, limit: int) -> Sequence[ItemT]:
        return await self._archive.list(after=after, limit=limit)
