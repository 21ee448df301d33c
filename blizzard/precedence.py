"""Who lets others go first on the way to Blizzard: background work, however deep below it the request is made.

It is a property of the task, not an argument, since people and background work share the same flights: what a job
begins is background work, and so is every task that it starts.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_IS_BACKGROUND = ContextVar("is_background", default=False)


@contextmanager
def in_background() -> Iterator[None]:
    """What is asked of Blizzard in this block lets people go first."""
    token = _IS_BACKGROUND.set(True)
    try:
        yield
    finally:
        _IS_BACKGROUND.reset(token)


def is_in_background() -> bool:
    """Whether this task lets people go first."""
    return _IS_BACKGROUND.get()
