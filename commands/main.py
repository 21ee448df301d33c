"""`python app.py COMMAND`: reads the command line and runs the command."""

import argparse
import sys
from collections.abc import Sequence

from commands import conversations, demo, jobs, print_schema, serve, store, token, worker
from errors import PlaygraphError


def main(arguments: Sequence[str]) -> int:
    """Run a command; the process's exit status. A refusal is one line on standard error and status 2."""
    options = _parser().parse_args(arguments)
    try:
        status: int | None = options.run(options)
    except PlaygraphError as error:
        # What was set may have line breaks in it, and a refusal repeats some of that.
        print("playgraph:", *error.message.split(), file=sys.stderr)
        return 2
    return status or 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python app.py", description="Playgraph, a GraphQL server for a gaming community."
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    serve.add_to(commands)
    worker.add_to(commands)
    demo.add_to(commands)
    print_schema.add_to(commands)
    store.add_to(commands)
    jobs.add_to(commands)
    conversations.add_to(commands)
    token.add_to(commands)
    return parser
