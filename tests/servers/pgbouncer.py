"""pgbouncer in transaction mode, before a server of the tests."""

import atexit
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from tests.servers.postgres import (
    SHARED_URL,
    complaint_about_shared_server,
    folder_of_servers,
    owner,
)
from tests.servers.waiting import DEADLINE, free_port, wait_until

_PLACES = ("/usr/sbin", "/usr/local/sbin")


@cache
def complaint_about_pgbouncer() -> str | None:
    """What is missing to put a pgbouncer before the shared server; None when nothing is."""
    missing = None if _program() else "pgbouncer is not installed"
    return complaint_about_shared_server() or missing


@cache
def shared_pgbouncer_url() -> str:
    """A pgbouncer before the shared server, started when first asked for and ended with the tests."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(pgbouncer(SHARED_URL, at_first="SET synchronous_commit = off"))


@contextmanager
def pgbouncer(url: str, *, pool_size: int = 5, at_first: str | None = None) -> Iterator[str]:
    """The URL of a pgbouncer in transaction mode with so many connections to `url`; ended after the block. `at_first`
    is a statement that each of those begins with."""
    program = _program()
    assert program is not None
    parts = urlsplit(url)
    database, port = parts.path.lstrip("/"), free_port()
    server = f"host={parts.hostname} port={parts.port or 5432} user={parts.username} dbname={database}"
    if at_first is not None:
        server += f" connect_query='{at_first}'"
    with folder_of_servers() as folder:
        configuration = folder / "pgbouncer.ini"
        configuration.write_text(
            f"""
            [databases]
            {database} = {server}
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {port}
            unix_socket_dir =
            auth_type = any
            pool_mode = transaction
            default_pool_size = {pool_size}
            max_client_conn = 200
            server_login_retry = 1
            """.replace("            ", "")
        )
        process = subprocess.Popen(
            [program, "-q", str(configuration)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=owner(),
            group=owner(),
        )
        try:
            wait_until(lambda: _listens(port))
            yield f"postgresql://{parts.username}@127.0.0.1:{port}/{database}"
        finally:
            process.terminate()
            process.wait(DEADLINE)


def _program() -> str | None:
    found = shutil.which("pgbouncer")
    return found or next(
        (str(path) for place in _PLACES if (path := Path(place, "pgbouncer")).exists()), None
    )


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
