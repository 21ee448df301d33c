"""`python app.py token`: prints a token for development, signed with JWT_SECRET."""

import argparse
from typing import Any

from clock import SystemClock
from errors import StartRefused
from identity.callers import Scope
from identity.issuing import issue
from options import identity_options
from settings import load_settings

MAX_LIFETIME = 31_536_000
_DEFAULT_LIFETIME = 3600
_SCOPES = ", ".join(scope.value for scope in Scope)


def add_to(commands: Any) -> None:
    """Make the command known to the command line."""
    parser = commands.add_parser("token", help="print a development token, signed with JWT_SECRET")
    parser.add_argument("--subject", required=True, help="whose token it is: what they make is theirs")
    parser.add_argument(
        "--scope", action="append", default=[], help=f"what it allows, as often as needed: {_SCOPES}"
    )
    parser.add_argument(
        "--lifetime", default=str(_DEFAULT_LIFETIME), help="seconds for which it is good (3600)"
    )
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> None:
    scopes = [_read_scope(text) for text in options.scope]
    lifetime = _read_lifetime(options.lifetime)
    token = issue(
        identity_options(load_settings()),
        options.subject,
        scopes,
        now=SystemClock().now(),
        lifetime_seconds=lifetime,
    )
    print(token)


def _read_scope(text: str) -> Scope:
    try:
        return Scope(text)
    except ValueError:
        raise StartRefused(f"--scope: must be one of {_SCOPES}, not {text}.") from None


def _read_lifetime(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and 1 <= int(text) <= MAX_LIFETIME):
        raise StartRefused(f"--lifetime: must be a number of seconds from 1 to {MAX_LIFETIME}, not {text}.")
    return int(text)
