"""Reads everything that is kept and tells what is damaged."""

from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from typing import Any

from errors import StorageUnavailable
from models.catalog import HERO, HERO_USAGE, HEROES, PLAYER_SEARCH, ROLES, CatalogKind
from models.conversations import MessageRole
from storage import codec
from storage.items import (
    CatalogItem,
    ConversationItem,
    Item,
    MessageItem,
    PlayerItem,
    SnapshotItem,
    UnknownPlayerItem,
    split_catalog_item_key,
)
from storage.protocols import ArchiveReader, Storage
from storage.walking import Progress, pages_of

_CATALOG_KINDS: dict[str, CatalogKind[Any]] = {
    kind.name: kind for kind in (HEROES, HERO, ROLES, HERO_USAGE, PLAYER_SEARCH)
}

_ROLES = frozenset(role.value for role in MessageRole)

_CHANGED = "facts are not those that were kept: their checksum differs"


async def check_storage(storage: Storage, progress: Progress) -> AsyncIterator[str]:
    """What is wrong, a line each with kind and key: first what the backend says of itself, then every item decoded.

    Facts that another version of this code wrote are looked at no closer than their checksum: they count as not
    kept and are fetched again.
    """
    for problem in await storage.check():
        yield problem
    async with storage.snapshot() as snapshot:
        for archive in snapshot.values():
            async for problem in _check_kind(archive, progress):
                yield problem


async def _check_kind(archive: ArchiveReader[Any], progress: Progress) -> AsyncIterator[str]:
    kind, done = archive.kind.name, 0
    try:
        total = await archive.count()
        progress(f"checking {kind}", 0, total)
        async for items in pages_of(archive):
            for item in items:
                for problem in _problems(item):
                    yield f"{kind} {item.key}: {problem}"
            done += len(items)
            progress(f"checking {kind}", done, total)
    except StorageUnavailable as error:
        yield f"{kind}: cannot be read after {done} items: {error.message}"


def _problems(item: Item) -> Iterator[str]:
    if isinstance(item, PlayerItem):
        yield from _player_problems(item)
    elif isinstance(item, CatalogItem):
        yield from _entry_problems(item)
    elif isinstance(item, SnapshotItem):
        yield from _snapshot_problems(item)
    elif isinstance(item, UnknownPlayerItem) and item.check_count < 1:
        yield f"check_count is {item.check_count}"
    elif isinstance(item, ConversationItem) and item.last_activity_at < item.created_at:
        yield "was active before it began"
    elif isinstance(item, MessageItem) and item.role not in _ROLES:
        yield f"is in a role that this version does not know: {item.role}"


def _player_problems(item: PlayerItem) -> Iterator[str]:
    if item.key not in item.player_ids:
        yield "is not found under its own id"
    yield from _undecodable("page", codec.decode_page, item.page)
    if item.data_version == codec.DATA_VERSION:
        yield from _undecodable("profile", codec.decode_profile, item.profile)
        yield from _undecodable("career", codec.decode_career, item.career)
    yield from _changed(item.facts_hash, item.profile, item.career)


def _snapshot_problems(item: SnapshotItem) -> Iterator[str]:
    if item.data_version != codec.FIGURES_VERSION:
        return
    try:
        if codec.hash_figures(codec.decode_figures(item.figures)) != item.figures_hash:
            yield _CHANGED
    except codec.Undecodable as error:
        yield f"figures are damaged: {error}"


def _entry_problems(item: CatalogItem) -> Iterator[str]:
    yield from _undecodable("source", codec.decode_page, item.source)
    kind = _CATALOG_KINDS.get(split_catalog_item_key(item.key)[0])
    if kind is None:
        yield "is of a kind that this version does not know"
    elif item.data_version == codec.CATALOG_DATA_VERSION:
        yield from _undecodable("facts", partial(codec.decode_facts, kind), item.facts)
    yield from _changed(item.facts_hash, item.facts)


def _undecodable(part: str, decode: Callable[[bytes], object], kept: bytes) -> Iterator[str]:
    try:
        decode(kept)
    except codec.Undecodable as error:
        yield f"{part} is damaged: {error}"


def _changed(facts_hash: str, *kept: bytes) -> Iterator[str]:
    """Bytes may be damaged and still decode."""
    try:
        if codec.hash_kept(*kept) != facts_hash:
            yield _CHANGED
    except codec.Undecodable:
        return
