"""How long a bus waits for its server, and the pauses between its attempts."""

import asyncio
import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the bus waits for the server, in seconds. It waits for sockets, not for a moment, so its pauses pass on
    the event loop as their time-outs do.

    `answer`: for a connection, for an answer, for the last word. `silence`: with nothing heard, before it asks whether
    the connection is still there. `first_pause` doubles up to `longest_pause` between attempts. `unsent`: topics that
    wait to be spoken of; past that many, everybody is told to look.
    """

    answer: float = 2.0
    silence: float = 10.0
    first_pause: float = 0.05
    longest_pause: float = 5.0
    unsent: int = 10_000


class Pauses:
    """The pauses between attempts, each twice as long as the one before, and no two processes in step."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._next = patience.first_pause

    @property
    def are_over(self) -> bool:
        """Whether the last attempt was a success."""
        return self._next == self._patience.first_pause

    def reset(self) -> None:
        """An attempt was a success."""
        self._next = self._patience.first_pause

    async def wait(self) -> None:
        """An attempt failed: wait before the next."""
        pause, self._next = self._next, min(self._next * 2, self._patience.longest_pause)
        # Not for secrets: it parts the processes that lost the same server.
        await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311
