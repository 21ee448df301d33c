"""Opens the storage that the settings ask for. Each backend is a module that is loaded only when it is chosen, so that
a machine needs the drivers of its own backend alone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.util import find_spec

from clock import Clock
from errors import StartRefused
from metrics import Metrics
from storage.options import StorageOptions
from storage.protocols import Storage

_MODULES = {
    "sqlite": "storage.on_sqlite",
    "postgres": "storage.on_postgres",
    "redis": "storage.on_redis",
    "hybrid": "storage.hybrid",
}
_DRIVERS = {"postgres": ("asyncpg",), "redis": ("redis",), "hybrid": ("asyncpg", "redis")}


@asynccontextmanager
async def open_storage(options: StorageOptions, *, clock: Clock, metrics: Metrics) -> AsyncIterator[Storage]:
    """The storage, ready for use until the end of the block, with its tables brought up to date.

    Raises `StartRefused`, saying what to change, when the backend is unknown, lacks its driver or a setting, its
    database is held by another process, does not answer, cannot be opened, or was written by newer code.
    """
    if options.backend not in _MODULES:
        raise StartRefused(f"STORAGE_TYPE is {options.backend!r}; what it can be is: {', '.join(_MODULES)}.")
    missing = [name for name in _DRIVERS.get(options.backend, ()) if find_spec(name) is None]
    if missing:
        raise StartRefused(
            f"STORAGE_TYPE={options.backend} lacks what is not installed here: {' and '.join(missing)}. "
            f"Install it with: pip install -e '.[{options.backend}]'."
        )
    backend = import_module(_MODULES[options.backend])
    async with backend.open_backend(options, clock, metrics) as storage:
        yield storage
