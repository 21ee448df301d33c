"""What tests share: started by the first test that asks for it, ended after the last."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import TypeVar

Server = TypeVar("Server")

_started = ExitStack()


def share(server: AbstractContextManager[Server]) -> Server:
    """Enter the block of a server, which is left when all tests are done."""
    return _started.enter_context(server)


def at_end(tidy: Callable[[], object]) -> None:
    """Have this called when all tests are done."""
    _started.callback(tidy)


def end_what_is_shared() -> None:
    """End the servers, if any were started."""
    _started.close()
