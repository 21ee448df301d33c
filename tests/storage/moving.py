"""What tests of copies and backups share: stores by name, progress that nobody looks at, and a sudden end."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from storage import Storage

Opener = Callable[[str], AbstractAsyncContextManager[Storage]]
"""Opens the store of a name in the test's folder; the fixture `store` gives one."""


class Interrupted(Exception):
    """What ends a copy or a restore in the middle."""


def silent(_stage: str, _done: int, _total: int) -> None:
    """Progress that nobody looks at."""
