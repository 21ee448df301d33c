"""`python app.py schema`: prints the schema, descriptions included."""

import argparse
from typing import Any

from schema import schema


def add_to(commands: Any) -> None:
    """Make the command known to the command line."""
    parser = commands.add_parser("schema", help="print the GraphQL schema")
    parser.set_defaults(run=_run)


def _run(_options: argparse.Namespace) -> None:
    print(schema.as_str())
