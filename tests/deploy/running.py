"""Runs what docker-compose.yml would run, each service's own command, on this machine's programs and free ports."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.deploy import image
from tests.deploy.compose import Service
from tests.servers.postgres import complaint_about_programs, folder_of_servers, owner
from tests.servers.redis import have_redis_server
from tests.servers.waiting import free_port, wait_until

_DEADLINE = 30
_PORTS = {"postgres": "5432", "redis": "6379"}


def complaint() -> str | None:
    """What this machine lacks to run the services; None when nothing is."""
    return complaint_about_programs() or (None if have_redis_server() else "there is no redis-server")


@contextmanager
def running_redis(service: Service) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """The service's command; its port and its process."""
    port = free_port()
    with folder_of_servers() as folder:
        place = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
        with _process([*service["command"], *place], {"PATH": os.environ["PATH"]}, folder) as process:
            wait_until(lambda: is_well(service, "redis", port))
            yield port, process


@contextmanager
def running_postgres(service: Service) -> Iterator[int]:
    """The service's command on files that are made as its image makes them; its port."""
    port = free_port()
    given = service["environment"]
    with folder_of_servers() as folder:
        env = {"PATH": _path(), "PGDATA": str(folder / "files"), "PGPORT": str(port)}
        _initialise(folder, env, given)
        with _process(service["command"], env, folder, user=owner()):
            wait_until(lambda: is_well(service, "postgres", port))
            connect = ["--host=127.0.0.1", f"--username={given['POSTGRES_USER']}", given["POSTGRES_DB"]]
            with_password = env | {"PGPASSWORD": given.get("POSTGRES_PASSWORD", "")}
            subprocess.run(["createdb", *connect], env=with_password, check=True, timeout=_DEADLINE)
            yield port


def _initialise(folder: Path, env: Mapping[str, str], given: Mapping[str, str]) -> None:
    """What the entry point of the image does with a new volume."""
    secret = folder / "password"
    secret.write_text(given.get("POSTGRES_PASSWORD") or "nobody asks for it", encoding="utf-8")
    secret.chmod(0o644)
    method = given.get("POSTGRES_HOST_AUTH_METHOD", "scram-sha-256")
    words = [f"--username={given['POSTGRES_USER']}", f"--pwfile={secret}", f"--auth={method}"]
    subprocess.run(
        ["initdb", *words, *given.get("POSTGRES_INITDB_ARGS", "").split()],
        env=env,
        cwd=folder,
        user=owner(),
        group=owner(),
        check=True,
        capture_output=True,
        timeout=_DEADLINE,
    )
    with (folder / "files" / "postgresql.conf").open("a", encoding="utf-8") as settings:
        settings.write("\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\n")


@contextmanager
def running_app(
    folder: Path, service: Service, changed: Mapping[str, str]
) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """The command of the image on its own files, with the service's environment but for what is `changed`."""
    (folder / "app").mkdir()
    image.make_copy(folder / "app")
    [command] = [step.exec_form for step in image.last_stage("CMD")]
    env = app_environment(service, changed)
    log = folder / "app.log"
    with _process(command, env, folder / "app", log=log) as process:
        wait_until(lambda: _address(log, process) is not None, seconds=_DEADLINE)
        yield int(str(_address(log, process)).rpartition(":")[2]), process


@contextmanager
def running_worker(
    folder: Path, service: Service, changed: Mapping[str, str]
) -> Iterator[tuple[Path, int, subprocess.Popen[bytes]]]:
    """The service's own command on the files of the image and a free port; its log, the port and its process, once it
    works."""
    (folder / "app").mkdir()
    image.make_copy(folder / "app")
    log, port = folder / "worker.log", free_port()
    env = app_environment(service, changed)
    command = [word.replace(service["environment"]["PORT"], str(port)) for word in service["command"]]
    with _process(command, env, folder / "app", log=log) as process:
        wait_until(lambda: _works(log, process), seconds=_DEADLINE)
        yield log, port, process


def _works(log: Path, process: subprocess.Popen[bytes]) -> bool:
    text = log.read_text(encoding="utf-8")
    assert process.poll() is None, text
    return '"working"' in text


def app_environment(service: Service, changed: Mapping[str, str]) -> dict[str, str]:
    """The environment of the image and of the service, with this machine's Python and a free port."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    given: dict[str, str] = service["environment"]
    return {**image.environment(), **given, "PATH": path, "PORT": "0", **changed}


def is_well(service: Service, name: str, port: int) -> bool:
    """What the service's own health check says, asked on this port."""
    kind, *words = service["healthcheck"]["test"]
    words = [word.replace(_PORTS[name], str(port)) for word in words]
    command = ["sh", "-c", *words] if kind == "CMD-SHELL" else words
    env = {"PATH": _path()}
    return subprocess.run(command, env=env, check=False, capture_output=True, timeout=5).returncode == 0


def app_is_well(env: Mapping[str, str], port: int) -> bool:
    """What the health check of the image says."""
    command = image.health_check()["command"]
    asked = subprocess.run(
        command, env={**env, "PORT": str(port)}, check=False, capture_output=True, timeout=10
    )
    return asked.returncode == 0


def within_deadline(is_so: Callable[[], bool]) -> float:
    """Seconds until it is so; an AssertionError when that takes too long."""
    started = time.monotonic()
    wait_until(is_so, seconds=_DEADLINE)
    return time.monotonic() - started


def _path() -> str:
    """Debian keeps the programs of PostgreSQL where nobody's PATH leads."""
    folders = sorted(str(path.parent) for path in Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    return ":".join([*folders[-1:], os.environ["PATH"]])


def _address(log: Path, process: subprocess.Popen[bytes]) -> str | None:
    """Where the app says that it listens; None until then."""
    lines = log.read_text(encoding="utf-8").splitlines()
    assert process.poll() is None, "\n".join(lines)
    found = [line for line in lines if "running on" in line]
    return str(json.loads(found[0])["event"]).split(" on ")[1].split(" ")[0] if found else None


@contextmanager
def _process(
    command: list[str],
    env: Mapping[str, str],
    folder: Path,
    *,
    user: str | None = None,
    log: Path | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is ended after the block, in order if it still runs."""
    program = shutil.which(command[0], path=env["PATH"])
    assert program is not None, f"there is no {command[0]}"
    with (log or folder / "log").open("wb") as lines:
        process = subprocess.Popen(
            command,
            executable=program,
            env=env,
            cwd=folder,
            stdout=lines,
            stderr=lines,
            user=user,
            group=user,
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait(_DEADLINE)
