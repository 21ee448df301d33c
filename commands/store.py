"""`python app.py store ACTION`: looks after what is kept."""

from typing import Any

from commands import store_backup, store_copy, store_status, store_upkeep


def add_to(commands: Any) -> None:
    """Make the actions known to the command line."""
    parser = commands.add_parser("store", help="look after what is kept: status, backup, copy, ...")
    actions = parser.add_subparsers(title="actions", required=True, metavar="ACTION")
    store_status.add_to(actions)
    store_backup.add_to(actions)
    store_copy.add_to(actions)
    store_upkeep.add_to(actions)
