"""The processes a run starts: programs and servers, with what they cost, and the one that loads them."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from bench.load import Load, Order

ROOT = Path(__file__).resolve().parents[1]
HAS_PROC = Path("/proc/self/stat").is_file()
CONNECTIONS = 16
START_SECONDS = 30.0


class Failure(Exception):
    """Something does not answer as it must, so that no figure of the run would mean anything."""


class Program:
    """A Python program in a process of its own; a context manager that starts it, and stops it at the end.

    `arguments` follow `python`. What is called CPU time here is all of the process, its threads included; without
    /proc it is the time on the clock.
    """

    def __init__(
        self, name: str, arguments: list[str], folder: Path, settings: Mapping[str, str] | None = None
    ) -> None:
        self._name = name
        self._arguments = arguments
        self._folder = folder
        self._settings = settings or {}

    def __enter__(self) -> Self:
        environment = {**os.environ, **self._settings, "PYTHONPATH": str(ROOT)}
        self._log = (self._folder / f"{self._name}.log").open("w+", encoding="utf-8")
        self._child = subprocess.Popen(
            [sys.executable, *self._arguments],
            # Away from the repository, so that no `.env` of whoever runs this has a say.
            cwd=self._folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
        self._log.close()

    @property
    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self._child.poll() is None

    def stop(self) -> int:
        """Ask it to end, and end it when it does not; its exit code. Safe to call again."""
        self._child.terminate()
        try:
            return self._child.wait(15)
        except subprocess.TimeoutExpired:
            self._child.kill()
            return self._child.wait()

    def said(self) -> str:
        """The end of what it printed."""
        self._log.seek(0)
        return self._log.read()[-2000:]

    def cpu_seconds(self) -> float:
        """CPU time used so far, in steps of a clock tick, usually 10 ms."""
        if not HAS_PROC:
            return time.perf_counter()
        fields = Path(f"/proc/{self._child.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_mib(self) -> float | None:
        """Memory held, in MiB; None without /proc."""
        if not HAS_PROC:
            return None
        pages = Path(f"/proc/{self._child.pid}/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE") / 2**20


class Server(Program):
    """A program that serves; it has started when it answers.

    `{port}` in `arguments` is replaced. `started_in` is the seconds from the start of the process to its answer to
    `probe`, a POST of (path, body).
    """

    def __init__(
        self,
        arguments: list[str],
        folder: Path,
        probe: tuple[str, str],
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.port = _free_port()
        self.started_in = 0.0
        super().__init__(
            str(self.port), [argument.format(port=self.port) for argument in arguments], folder, settings
        )
        self._probe = probe

    def __enter__(self) -> Self:
        started = time.perf_counter()
        super().__enter__()
        try:
            self._wait_for_answer(started)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        self.started_in = time.perf_counter() - started
        return self

    def post(self, path: str, body: str) -> bytes:
        """One answer, on a connection of its own; Failure when its status is not 200."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("POST", path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        if answer.status != 200:
            raise Failure(f"{path} answered {answer.status}: {content[:300]!r}")
        return content

    def _wait_for_answer(self, started: float) -> None:
        while True:
            try:
                self.post(*self._probe)
            except OSError:
                if not self.is_running or time.perf_counter() - started > START_SECONDS:
                    raise Failure(f"{self._arguments} did not start: {self.said()}") from None
                time.sleep(0.002)
            else:
                return


class Loader:
    """The process that asks; `run` carries out one order and raises Failure unless every answer was good."""

    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        self._child = child

    def run(self, order: Order) -> Load:
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.write(msgspec.json.encode(order) + b"\n")
        self._child.stdin.flush()
        load = msgspec.json.decode(self._child.stdout.readline(), type=Load)
        if load.failed or load.broken or not load.requests:
            raise Failure(f"{order.path} under load: {load}")
        return load


@contextmanager
def loading() -> Iterator[Loader]:
    """A process that asks, for the length of the block."""
    child = subprocess.Popen(
        [sys.executable, "-m", "bench.load"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with child:
        try:
            yield Loader(child)
        finally:
            child.terminate()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port
