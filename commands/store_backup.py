"""`python app.py store backup` and `restore`: everything that must not be lost, in one file."""

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from clock import SystemClock
from commands.store_progress import shown_progress
from commands.store_target import add_url_to, opened, running
from errors import StartRefused
from settings import Settings
from storage import Backup, KindSum, Progress, Storage, back_up, new_file, restore


def add_to(actions: Any) -> None:
    """Make both actions known to the command line."""
    parser = actions.add_parser("backup", help="write all facts to a file; works while a server runs")
    add_url_to(parser)
    parser.add_argument("file", help="the file to make; - is standard output")
    parser.add_argument("--force", action="store_true", help="write over a file that is there")
    parser.set_defaults(run=running(_backup))

    parser = actions.add_parser("restore", help="fill an empty store from a backup")
    add_url_to(parser)
    parser.add_argument("file", help="the backup")
    parser.add_argument("--replace", action="store_true", help="remove first what the store holds")
    parser.set_defaults(run=running(_restore))


async def _backup(options: argparse.Namespace, settings: Settings) -> int:
    now = SystemClock().now()
    async with opened(options.url, settings, read_only=True) as storage:
        with shown_progress() as progress:
            if options.file == "-":
                sums = await _written_out(storage, now, progress)
            else:
                with new_file(Path(options.file), force=options.force) as file:
                    sums = await back_up(storage, file, now, progress)
    print(f"Backed up {_counted(sums)}.", file=sys.stderr if options.file == "-" else sys.stdout)
    return 0


async def _written_out(storage: Storage, now: int, progress: Progress) -> Mapping[str, KindSum]:
    """A backup on standard output. Raises `StartRefused` when it takes no more: a full disk, or a pipe's end."""
    try:
        sums = await back_up(storage, sys.stdout.buffer, now, progress)
        sys.stdout.buffer.flush()
    except OSError as error:
        # What is still held back would be written at the end of the program, and fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise StartRefused(f"Standard output cannot be written: {error.strerror}.") from None
    return sums


async def _restore(options: argparse.Namespace, settings: Settings) -> int:
    path = Path(options.file)
    try:
        file = path.open("rb")  # noqa: ASYNC230 - nothing else runs here
    except OSError as error:
        raise StartRefused(f"{path} cannot be read: {error.strerror}.") from None
    with file:
        if not file.seekable():
            raise StartRefused(f"{path} cannot be read twice, as a restore does. Put it into a file first.")
        backup = Backup(file, path.name)
        async with opened(options.url, settings) as storage:
            with shown_progress() as progress:
                copied = await restore(backup, storage.archives, progress, replace=options.replace)
    if not copied.is_verified:
        print("playgraph: what was restored is not what the backup holds; run it again.", file=sys.stderr)
        return 1
    print(f"Restored {_counted(backup.sums)}; all of it was read again and is the same.")
    return 0


def _counted(sums: Mapping[str, KindSum]) -> str:
    return ", ".join(f"{each.count:,} {kind}" for kind, each in sums.items())
