"""`python app.py store copy`: moves all facts from one store to another, whatever their backends."""

import argparse
import sys
from typing import Any

from commands.store_progress import shown_progress
from commands.store_target import opened, running
from settings import Settings
from storage import Copied, SnapshotSource, copy_items


def add_to(actions: Any) -> None:
    """Make the action known to the command line."""
    parser = actions.add_parser(
        "copy", help="copy all facts to another store; run it again to complete or to repeat it"
    )
    parser.add_argument("--from", dest="source", required=True, metavar="URL", help="the store to read")
    parser.add_argument("--to", dest="target", required=True, metavar="URL", help="the store to write")
    parser.add_argument("--merge", action="store_true", help="leave alone what only the target has")
    parser.set_defaults(run=running(_copy))


async def _copy(options: argparse.Namespace, settings: Settings) -> int:
    async with (
        opened(options.source, settings, read_only=True) as source,
        opened(options.target, settings) as target,
        source.snapshot() as snapshot,
    ):
        with shown_progress() as progress:
            copied = await copy_items(
                SnapshotSource(snapshot), target.archives, progress, merge=options.merge
            )
    print(_report(copied))
    if not copied.is_verified:
        print(
            "playgraph: source and target differ: something else writes to the target. Run it again.",
            file=sys.stderr,
        )
        return 1
    return 0


def _report(copied: Copied) -> str:
    lines = [f"{'kind':<16}{'written':>10}{'source':>10}{'target':>10}  checksum"]
    for each in copied.comparisons:
        counts = f"{copied.written[each.kind]:>10,}{each.source_count:>10,}{each.target_count:>10,}"
        sums = each.source_checksum if each.is_same else f"{each.source_checksum} <> {each.target_checksum}"
        lines.append(f"{each.kind:<16}{counts}  {sums}")
    return "\n".join(lines)
