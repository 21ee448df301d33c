"""PostgreSQL for tests: schemas of their own on the server that is there, and servers of their own on free ports.

Calls of `PostgresServer` block, for at most `DEADLINE` seconds. In a test whose loop has other work meanwhile, call
them by `asyncio.to_thread`.
"""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from tests.servers.shared import at_end
from tests.servers.waiting import DEADLINE, free_port, wait_until

SHARED_URL = os.environ.get("TEST_DATABASE_URL", "postgresql://postgres@127.0.0.1:5432/test")
"""The server that tests share; never ended, and nothing left in it."""

_USER = "postgres"


@cache
def complaint_about_shared_server() -> str | None:
    """What is missing to use the shared server; None when it is there."""
    parts = urlsplit(SHARED_URL)
    try:
        socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 5432), 2).close()
    except OSError:
        return f"no PostgreSQL answers at {parts.hostname}:{parts.port or 5432}; start one or set TEST_DATABASE_URL"
    return None


@cache
def complaint_about_programs() -> str | None:
    """What is missing to start a server; None when it is there."""
    return None if _folder_of_programs() else "the programs of a PostgreSQL server are not installed"


@asynccontextmanager
async def own_schema(url: str = SHARED_URL) -> AsyncIterator[str]:
    """The name of a schema that is new, and gone after the block."""
    name = await _made_schema(url)
    try:
        yield name
    finally:
        await _drop_schema(url, name)


async def _made_schema(url: str) -> str:
    name = f"test_{uuid.uuid4().hex[:12]}"
    await run_sql(f"{url}?synchronous_commit=off", f"CREATE SCHEMA {name}")
    return name


async def _drop_schema(url: str, name: str) -> None:
    await run_sql(f"{url}?synchronous_commit=off", f"DROP SCHEMA {name} CASCADE")


@dataclass
class _Emptied:
    """A schema whose tables have no rows. `emptying` removes them; nothing until its tables are known."""

    name: str
    emptying: str = ""


_free: list[_Emptied] = []


@asynccontextmanager
async def emptied_schema() -> AsyncIterator[str]:
    """The name of a schema on the shared server for those who bring its tables up to date and keep rows in them: a new
    one, or one without rows that an earlier block had. Gone when all tests are done.

    To make the tables of a schema and to drop them takes far longer than most tests.
    """
    schema = _free.pop() if _free else await _shared_schema()
    yield schema.name
    # A block that failed leaves its schema aside: nobody knows what is in it.
    hasty = f"{SHARED_URL}?synchronous_commit=off"
    # Asked once: the catalog of a server on which many tests made tables is slow to read.
    schema.emptying = schema.emptying or await _emptying(hasty, schema.name)
    await run_sql(hasty, schema.emptying)
    _free.append(schema)


async def _emptying(url: str, schema: str) -> str:
    rows = await run_sql(
        url,
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables "
        "WHERE schemaname = $1 AND tablename <> 'schema_migrations'",
        schema,
    )
    tables = [str(table) for (table,) in rows]
    # The lock waits for what a cancelled call of an ended test may still be doing. TRUNCATE would make every file anew.
    return "; ".join([f"LOCK TABLE {', '.join(tables)}", *(f"DELETE FROM {table}" for table in tables)])


async def _shared_schema() -> _Emptied:
    name = await _made_schema(SHARED_URL)
    at_end(lambda: asyncio.run(_drop_schema(SHARED_URL, name)))
    return _Emptied(name)


def in_schema(url: str, schema: str) -> str:
    """The URL with everything done in a schema. Commits need not reach the disk: no test pulls the plug."""
    return f"{url}?search_path={schema}&synchronous_commit=off"


async def run_sql(url: str, sql: str, *values: object, seconds: float = DEADLINE) -> list[asyncpg.Record]:
    """Run one statement on a connection of its own and give its rows."""
    connection = await asyncpg.connect(url, timeout=DEADLINE, command_timeout=seconds)
    try:
        if values:
            return await connection.fetch(sql, *values)
        # Several statements without values, and those that no prepared statement can be.
        if sql.lstrip()[:6].upper() != "SELECT":
            await connection.execute(sql)
            return []
        return await connection.fetch(sql)
    finally:
        await connection.close()


class PostgresServer:
    """A server that is started, killed and started again on the same port, with its files in `folder`.

    `settings` are lines of postgresql.conf: {"max_connections": "20"}.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self.port = free_port()
        self._folder = folder
        # What is written reaches the system, which a killed process does not take with it.
        self._settings = {"fsync": "off", "shared_buffers": "16MB", **(settings or {})}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens: postgresql://postgres@127.0.0.1:PORT/postgres."""
        return f"postgresql://{_USER}@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start and return when it answers; the first time, make its files."""
        assert self._process is None
        if not self.files.exists():
            self._run("initdb", "-D", str(self.files), "-U", _USER, "-A", "trust", "-E", "UTF8", "-N")
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command(), stdout=log, stderr=log, user=owner(), group=owner()
            )
        wait_until(self._answers)

    def kill(self) -> None:
        """End at once with all its processes, as a crash of the machine does."""
        assert self._process is not None
        # The children first hear of it by themselves; until they ended, no new server may start on the files.
        children = _children(self._process.pid)
        for number in (self._process.pid, *children):
            _end(number)
        self._process.wait(DEADLINE)
        self._process = None
        wait_until(lambda: not any(Path(f"/proc/{number}").exists() for number in children))

    def stop(self) -> None:
        """End in an orderly way, cutting the connections; nothing happens when it does not run."""
        if self._process is not None:
            self.thaw()
            self._process.send_signal(signal.SIGINT)
            self._process.wait(DEADLINE)
            self._process = None

    def freeze(self) -> None:
        """Stop answering with all connections left open, until `thaw`."""
        self._signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        """Go on after `freeze`."""
        self._signal_all(signal.SIGCONT)

    def _signal_all(self, how: signal.Signals) -> None:
        assert self._process is not None
        for number in (self._process.pid, *_children(self._process.pid)):
            os.kill(number, how)

    @property
    def files(self) -> Path:
        """Where its tables are; to be changed only while it does not run."""
        return self._folder / "files"

    def _command(self) -> list[str]:
        settings = {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            **self._settings,
        }
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [_program("postgres"), "-D", str(self.files), *words]

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            log = (self._folder / "server.log").read_text()
            raise AssertionError(f"PostgreSQL ended while starting: {log[-2000:]}")
        asked = [_program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(asked, check=False, timeout=DEADLINE).returncode == 0

    def _run(self, program: str, *words: str) -> None:
        subprocess.run(
            [_program(program), *words],
            check=True,
            capture_output=True,
            timeout=DEADLINE,
            user=owner(),
            group=owner(),
            cwd=self._folder,
        )


@contextmanager
def postgres_server(settings: Mapping[str, str] | None = None) -> Iterator[PostgresServer]:
    """A server that runs at the beginning of the block; ended after it, and its files removed."""
    with folder_of_servers() as folder:
        server = PostgresServer(folder, settings)
        try:
            server.start()
            yield server
        finally:
            server.stop()


@contextmanager
def folder_of_servers() -> Iterator[Path]:
    """A new folder that the user who runs the servers owns; those of pytest only their maker may enter."""
    folder = Path(tempfile.mkdtemp(prefix="playgraph-postgres-"))
    if owner() is not None:
        shutil.chown(folder, _USER, _USER)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def owner() -> str | None:
    """Who runs the servers, where it is not the one who runs the tests: they refuse to run as root."""
    return _USER if os.geteuid() == 0 else None


def _program(name: str) -> str:
    folder = _folder_of_programs()
    assert folder is not None
    return str(folder / name)


@cache
def _folder_of_programs() -> Path | None:
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    found = installed[-1] if installed else shutil.which("postgres")
    return None if found is None else Path(found).resolve().parent


def _children(number: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{number}/task/{number}/children").read_text().split()]


def _end(number: int) -> None:
    try:
        os.kill(number, signal.SIGKILL)
    except ProcessLookupError:
        # It ended by itself, when its parent did.
        return
