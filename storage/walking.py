"""Goes through all items of a kind page by page, and sums them up so that two stores can be compared."""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Protocol

from storage.items import Item, ItemKind, item_digest
from storage.protocols import ArchiveReader, Snapshot

PAGE = 100
"""Items that are held in memory at a time; real players have some hundred kilobytes each."""

Progress = Callable[[str, int, int], None]
"""`progress(stage, done, total)`: called when a stage begins and after each page."""


class Tally:
    """How many items, and one checksum for all of them, whatever their order."""

    def __init__(self, kind: ItemKind[Any]) -> None:
        self._kind = kind
        self._sum = 0
        self.count = 0

    def digest(self, item: Item) -> bytes:
        """What `add` takes: for callers that need it twice."""
        return item_digest(self._kind, item)

    def add(self, digest: bytes) -> None:
        """Count an item by its digest. No item may be added twice."""
        self.count += 1
        self._sum = (self._sum + int.from_bytes(digest)) % (1 << 128)

    @property
    def checksum(self) -> str:
        """Thirty-two hexadecimal digits, equal for equal sets of items."""
        return f"{self._sum:032x}"


class Source(Protocol):
    """Where items come from: a store as it was at one moment, or a backup."""

    @property
    def kinds(self) -> Sequence[str]:
        """Names of the kinds, parents before children."""
        ...

    async def count(self, kind: str) -> int:
        """How many items of a kind there are."""
        ...

    def pages(self, kind: str) -> AsyncIterator[Sequence[Item]]:
        """All items of a kind, at most `PAGE` at a time, each once."""
        ...


class SnapshotSource:
    """The items of a snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    @property
    def kinds(self) -> Sequence[str]:
        return tuple(self._snapshot)

    async def count(self, kind: str) -> int:
        return await self._snapshot[kind].count()

    def pages(self, kind: str) -> AsyncIterator[Sequence[Item]]:
        return pages_of(self._snapshot[kind])


async def pages_of(archive: ArchiveReader[Any]) -> AsyncIterator[Sequence[Item]]:
    """All items of an archive, at most `PAGE` at a time."""
    after: str | None = None
    while items := await archive.list(after=after, limit=PAGE):
        yield items
        after = items[-1].key
