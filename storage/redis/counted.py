"""The reads, writes and failures of a repository on Redis, counted under its name."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from errors import StorageUnavailable
from metrics import Metrics
from storage.redis.connection import RedisServer, Value
from storage.redis.script import Script


class Counted:
    """Put round what a repository does: `with counted.read(): ...`."""

    def __init__(self, metrics: Metrics, repository: str) -> None:
        self._reads = metrics.storage_reads.labels(repository)
        self._writes = metrics.storage_writes.labels(repository)
        self._errors = metrics.storage_errors.labels(repository).count_exceptions(StorageUnavailable)

    def read(self) -> AbstractContextManager[None]:
        """A call that changes nothing."""
        self._reads.inc()
        return self._errors

    def write(self) -> AbstractContextManager[None]:
        """A call that may change something."""
        self._writes.inc()
        return self._errors


class CountedServer:
    """A server whose scripts are counted under a repository's name."""

    def __init__(self, server: RedisServer, metrics: Metrics, repository: str) -> None:
        self.unavailable = server.unavailable
        self._server = server
        self._counted = Counted(metrics, repository)

    async def read(
        self, script: Script, keys: Sequence[str], args: Sequence[Value] = (), *, patient: bool = False
    ) -> Any:
        """Run a script that changes nothing."""
        with self._counted.read():
            return await self._server.run(script, keys, args, patient=patient)

    async def write(
        self, script: Script, keys: Sequence[str], args: Sequence[Value] = (), *, patient: bool = False
    ) -> Any:
        """Run a script that may change something."""
        with self._counted.write():
            return await self._server.run(script, keys, args, patient=patient)
