"""`python app.py conversations export` and `erase`: what is kept of one caller, handed over or removed."""

import argparse
import os
import sys
from pathlib import Path
from typing import Any, BinaryIO

from clock import SystemClock
from commands.conversation_lines import Exported, write_lines
from commands.store_target import add_url_to, opened, running
from errors import StartRefused
from identity.claims import MAX_SUBJECT, is_subject
from models.conversations import ConversationRequest
from resolvers.erasure import erase
from settings import Settings
from storage import Storage, new_file


def add_to(commands: Any) -> None:
    """Make both actions known to the command line."""
    parser = commands.add_parser("conversations", help="hand over or remove the conversations of a caller")
    actions = parser.add_subparsers(title="actions", required=True, metavar="ACTION")

    parser = actions.add_parser(
        "export", help="write a caller's conversations as JSON lines; works while a server runs"
    )
    _add_caller_to(parser)
    parser.add_argument(
        "file", nargs="?", default="-", help="the file to make; standard output when not given"
    )
    parser.add_argument("--force", action="store_true", help="write over a file that is there")
    parser.set_defaults(run=running(_export))

    parser = actions.add_parser("erase", help="remove all conversations of a caller, expired ones too")
    _add_caller_to(parser)
    parser.add_argument("--yes", action="store_true", help="do it, instead of telling what would go")
    parser.set_defaults(run=running(_erase))


def _add_caller_to(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--caller", required=True, metavar="NAME", help="whose: the subject of their tokens, or local"
    )
    add_url_to(parser)


async def _export(options: argparse.Namespace, settings: Settings) -> int:
    caller, now = _checked(options.caller), SystemClock().now()
    async with opened(options.url, settings, read_only=True) as storage:
        if options.file == "-":
            exported = await _write_out(storage, caller, now)
        else:
            with new_file(Path(options.file), force=options.force) as file:
                exported = await write_lines(storage.conversations, caller, now, file)
    print(
        f"Exported {exported.conversations:,} conversations with {exported.messages:,} messages of {_shown(caller)}.",
        file=sys.stderr if options.file == "-" else sys.stdout,
    )
    return 0


async def _write_out(storage: Storage, caller: str, now: int) -> Exported:
    """The lines on standard output. Raises `StartRefused` when it takes no more: a full disk, or a pipe's end."""
    out: BinaryIO = sys.stdout.buffer
    try:
        exported = await write_lines(storage.conversations, caller, now, out)
        out.flush()
    except OSError as error:
        # What is still held back would be written at the end of the program, and fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise StartRefused(f"Standard output cannot be written: {error.strerror}.") from None
    return exported


async def _erase(options: argparse.Namespace, settings: Settings) -> int:
    caller = _checked(options.caller)
    async with opened(options.url, settings, read_only=not options.yes) as storage:
        if not options.yes:
            count = await _living(storage, caller)
            print(
                f"playgraph: this would remove {count:,} conversations of {_shown(caller)}, "
                "and those that have expired. Add --yes to do it.",
                file=sys.stderr,
            )
            return 2
        removed = await erase(storage.conversations, caller)
    print(
        f"Removed {removed.conversations:,} conversations with {removed.messages:,} messages of {_shown(caller)}."
    )
    return 0


async def _living(storage: Storage, caller: str) -> int:
    request = ConversationRequest(caller, 1)
    return (await storage.conversations.list([request], now=SystemClock().now()))[request].total


def _checked(caller: str) -> str:
    if not is_subject(caller):
        raise StartRefused(f"--caller: must be the name of a caller, 1 to {MAX_SUBJECT} characters.")
    return caller


def _shown(caller: str) -> str:
    """The name in one line: a token may call somebody anything."""
    return caller if caller.isprintable() else ascii(caller)
