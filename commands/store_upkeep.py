"""`python app.py store prune`, `clear` and `check`: forgetting, emptying, and looking for damage."""

import argparse
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from clock import SystemClock
from commands.store_progress import shown_progress
from commands.store_target import add_url_to, opened, running
from errors import StartRefused
from settings import Settings
from storage import Storage, check_storage, clear_items

_BATCH = 500
# Later than the end of anything that ends.
_FOR_EVER = 1 << 52


def add_to(actions: Any) -> None:
    """Make the three actions known to the command line."""
    parser = actions.add_parser(
        "prune", help="forget players that were not fetched for long, and history past its time"
    )
    add_url_to(parser)
    parser.add_argument(
        "--older-than",
        metavar="SECONDS",
        help="the age of players, instead of PLAYER_MAX_AGE of the settings",
    )
    parser.add_argument(
        "--history-older-than",
        metavar="SECONDS",
        help="the age of history, instead of PLAYER_HISTORY_MAX_AGE",
    )
    parser.set_defaults(run=running(_prune))

    parser = actions.add_parser("clear", help="remove everything")
    add_url_to(parser)
    parser.add_argument("--yes", action="store_true", help="do it, instead of telling what would go")
    parser.set_defaults(run=running(_clear))

    parser = actions.add_parser("check", help="look for damage; works while a server runs")
    add_url_to(parser)
    parser.set_defaults(run=running(_check))


async def _prune(options: argparse.Namespace, settings: Settings) -> int:
    players = _age(options.older_than, "--older-than", settings.player_max_age)
    history = _age(options.history_older_than, "--history-older-than", settings.player_history_max_age)
    if players is None:
        print("PLAYER_MAX_AGE is 0: players are kept for ever.")
    if history is None:
        print("PLAYER_HISTORY_MAX_AGE is 0: history is kept as long as its player.")
    if players is None and history is None:
        return 0
    async with opened(options.url, settings) as storage:
        if players is not None:
            count = await _prune_until_done("pruning", storage.players.prune, players)
            print(f"Pruned {count:,} players and notes older than {players:g} seconds.")
        if history is not None:
            count = await _prune_until_done("pruning history", storage.history.prune, history)
            print(f"Pruned {count:,} snapshots of history older than {history:g} seconds.")
    return 0


async def _prune_until_done(stage: str, prune: Callable[[int, int], Awaitable[int]], seconds: float) -> int:
    before, count = SystemClock().now() - round(seconds * 1000), 0
    with shown_progress() as progress:
        while gone := await prune(before, _BATCH):
            count += gone
            progress(stage, count, count)
    return count


def _age(text: str | None, option: str, otherwise: float) -> float | None:
    """Seconds, as an option says or else the settings, whose 0 says never: None."""
    if text is None:
        return otherwise or None
    if not (text.isascii() and text.isdecimal() and len(text) <= 12):
        raise StartRefused(f"{option}: must be a whole number of seconds, not {text}.")
    return float(text)


async def _clear(options: argparse.Namespace, settings: Settings) -> int:
    async with opened(options.url, settings, read_only=not options.yes) as storage:
        held = await _held(storage)
        if not options.yes:
            print(f"playgraph: this would remove {held}. Add --yes to do it.", file=sys.stderr)
            return 2
        with shown_progress() as progress:
            await clear_items(storage.archives, progress)
            await _clear_ephemeral(storage, progress)
    print(f"Removed {held}.")
    return 0


async def _held(storage: Storage) -> str:
    counts = {kind: await archive.count() for kind, archive in storage.archives.items()}
    ephemeral = await storage.ephemeral_statistics(SystemClock().now())
    counts |= {each.kind: each.count for each in ephemeral}
    return ", ".join(f"{count:,} {kind}" for kind, count in counts.items())


async def _clear_ephemeral(storage: Storage, progress: Callable[[str, int, int], None]) -> None:
    count = 0
    while gone := await storage.sweep(_FOR_EVER, _BATCH):
        count += gone
        progress("clearing what may go", count, count)


async def _check(options: argparse.Namespace, settings: Settings) -> int:
    problems = 0
    async with opened(options.url, settings, read_only=True) as storage:
        with shown_progress() as progress:
            async for problem in check_storage(storage, progress):
                problems += 1
                print(problem)
    if problems:
        print(f"playgraph: {problems:,} problems.", file=sys.stderr)
        return 1
    print("Nothing is wrong.")
    return 0
