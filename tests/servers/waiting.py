"""What servers of tests need beside themselves: free ports, and waiting for what another process does."""

import socket
import time
from collections.abc import Callable

DEADLINE = 20.0
"""Seconds that a server may take to start, to join, to answer or to end."""


def free_port() -> int:
    """A port that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(is_so: Callable[[], bool], *, seconds: float = DEADLINE) -> None:
    """Ask again and again until it is so; an AssertionError when that takes too long."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, f"{is_so} is still not so after {seconds} s"
        time.sleep(0.005)
