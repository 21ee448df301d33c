"""Writes a store into a backup while it serves, and a backup into a store."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from errors import CopyRefused, StartRefused
from storage.backup import Backup, BackupWriter, Header, KindSum
from storage.copying import Archives, Comparison, Copied, clear_items, compare_kept, fill
from storage.protocols import Storage
from storage.walking import Progress, SnapshotSource


@contextmanager
def new_file(path: Path, *, force: bool) -> Iterator[BinaryIO]:
    """A file that has its name only when the block ended well; before, it has another one in the same folder.

    Raises `StartRefused` when there is such a file and `force` does not say to put the new one in its place.
    """
    _refuse_existing(path, force)
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise StartRefused(f"{path} cannot be written: {error.strerror}.") from error
    unfinished = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _refuse_existing(path, force)
        unfinished.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise StartRefused(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        # Without effect once it has its name.
        unfinished.unlink(missing_ok=True)


async def back_up(storage: Storage, file: BinaryIO, now: int, progress: Progress) -> dict[str, KindSum]:
    """Write the store as it is at this moment, while others go on writing. Tells what the backup holds."""
    async with storage.snapshot() as snapshot:
        source = SnapshotSource(snapshot)
        header = Header(
            backend=storage.backend,
            server_version=storage.server_version,
            schema_version=storage.schema_version,
            created_at=now,
            kinds=tuple(source.kinds),
        )
        writer = BackupWriter(file, header)
        for kind in source.kinds:
            done, total = 0, await source.count(kind)
            progress(f"writing {kind}", 0, total)
            async for items in source.pages(kind):
                writer.write(kind, items)
                done += len(items)
                progress(f"writing {kind}", done, total)
        return writer.finish()


async def restore(backup: Backup, target: Archives, progress: Progress, *, replace: bool) -> Copied:
    """Make an empty store hold what the backup holds, then read it again and compare.

    `replace` removes first what the store holds. Without it the store must be empty, or hold nothing but a part of
    this backup, as an interrupted restore leaves it: otherwise `CopyRefused` is raised, with nothing written.
    """
    if replace:
        await clear_items(target, progress)
    before = await compare_kept(backup, target, progress)
    _refuse_other(before, {kind: await target[kind].count() for kind in target})
    return await fill(backup, target, progress, before)


def _refuse_other(compared: Mapping[str, Comparison], counts: Mapping[str, int]) -> None:
    is_part = all(not each.extra and not each.differing for each in compared.values())
    if not is_part or any(counts[kind] for kind in counts.keys() - compared.keys()):
        kept = ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)
        raise CopyRefused(
            f"The store is not empty: it holds {kept}. Use --replace to remove them first. Nothing was changed."
        )


def _refuse_existing(path: Path, force: bool) -> None:
    if path.exists() and not (force and path.is_file()):
        hint = "use --force to write over it" if path.is_file() else "it is no plain file"
        raise StartRefused(f"{path} is there already; {hint}.")


def _sync_folder(folder: Path) -> None:
    """Put the new name on the disk too. Not every system lets a folder be opened."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
