"""Copies all items of one store into another, and proves that they are the same.

It writes only what differs, so that a copy that was interrupted is completed by running it again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from errors import CopyRefused
from storage.protocols import Archive
from storage.walking import PAGE, Progress, Source, Tally

Archives = Mapping[str, Archive[Any]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A kind in a source and in a target. `target_*` are of those items whose keys the source has too; `differing`
    of them are not what the source has, and `extra` items of the target have keys that the source has not."""

    kind: str
    source_count: int
    source_checksum: str
    target_count: int
    target_checksum: str
    differing: int
    extra: int

    @property
    def is_same(self) -> bool:
        """Whether the target has every item of the source, byte for byte."""
        return (self.source_count, self.source_checksum) == (self.target_count, self.target_checksum)


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copy came to: items written, by kind, and how source and target compare afterwards."""

    written: Mapping[str, int]
    comparisons: Sequence[Comparison]

    @property
    def is_verified(self) -> bool:
        """Whether source and target are the same for every kind."""
        return all(comparison.is_same for comparison in self.comparisons)


async def compare(source: Source, target: Archives, progress: Progress) -> Sequence[Comparison]:
    """Every kind of the source against the target, by reading all of it; writes nothing."""
    return [await _compare(source, target[kind], progress) for kind in source.kinds]


async def copy_items(source: Source, target: Archives, progress: Progress, *, merge: bool = False) -> Copied:
    """Make the target hold what the source holds, then read both again and compare.

    Raises `CopyRefused`, with nothing written, when the target holds items whose keys the source has not, unless
    `merge` says to leave them there.
    """
    before = await compare_kept(source, target, progress)
    if not merge:
        refuse_extra(before)
    return await fill(source, target, progress, before)


async def compare_kept(source: Source, target: Archives, progress: Progress) -> Mapping[str, Comparison]:
    """The same as `compare`, for those kinds of which the target holds anything."""
    kinds = [kind for kind in source.kinds if await target[kind].count()]
    return {kind: await _compare(source, target[kind], progress) for kind in kinds}


def refuse_extra(compared: Mapping[str, Comparison]) -> None:
    """Raises `CopyRefused` when a target holds what its source has not."""
    extra = [f"{each.extra} {each.kind}" for each in compared.values() if each.extra]
    if extra:
        raise CopyRefused(
            f"The target holds {', '.join(extra)} that the source has not. Clear it first (store clear), or leave "
            "them there with --merge. Nothing was written."
        )


async def fill(
    source: Source, target: Archives, progress: Progress, compared: Mapping[str, Comparison]
) -> Copied:
    """Write what differs and compare again. `compared` spares kinds that are the same already."""
    written, comparisons = {}, []
    for kind in source.kinds:
        known = compared.get(kind)
        if known is not None and known.is_same:
            written[kind] = 0
            comparisons.append(known)
        else:
            written[kind] = await _write(source, target[kind], progress)
            comparisons.append(await _compare(source, target[kind], progress))
    return Copied(written, comparisons)


async def clear_items(archives: Archives, progress: Progress) -> int:
    """Remove all items. Returns how many there were."""
    removed = 0
    # Children first: an interrupted clearing leaves no item without what it belongs to.
    for kind in reversed(tuple(archives)):
        archive, stage, done = archives[kind], f"clearing {kind}", 0
        total = await archive.count()
        progress(stage, 0, total)
        while gone := await archive.clear(PAGE):
            done += gone
            progress(stage, done, max(done, total))
        removed += done
    return removed


async def _write(source: Source, target: Archive[Any], progress: Progress) -> int:
    kind, written, done = target.kind.name, 0, 0
    total = await source.count(kind)
    progress(f"copying {kind}", 0, total)
    async for items in source.pages(kind):
        kept = await target.get_many([item.key for item in items])
        differing = [item for item in items if kept.get(item.key) != item]
        if differing:
            await target.put_many(differing)
        written += len(differing)
        done += len(items)
        progress(f"copying {kind}", done, total)
    return written


async def _compare(source: Source, target: Archive[Any], progress: Progress) -> Comparison:
    kind = target.kind.name
    ours, theirs, differing = Tally(target.kind), Tally(target.kind), 0
    total = await source.count(kind)
    progress(f"comparing {kind}", 0, total)
    async for items in source.pages(kind):
        kept = await target.get_many([item.key for item in items])
        for item in items:
            digest, other = ours.digest(item), kept.get(item.key)
            ours.add(digest)
            if other is not None:
                theirs.add(digest if other == item else theirs.digest(other))
                differing += other != item
        progress(f"comparing {kind}", ours.count, total)
    extra = await target.count() - theirs.count
    return Comparison(
        kind=kind,
        source_count=ours.count,
        source_checksum=ours.checksum,
        target_count=theirs.count,
        target_checksum=theirs.checksum,
        differing=differing,
        extra=extra,
    )
