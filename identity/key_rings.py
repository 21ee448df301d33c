"""The keys that tokens are checked with: one secret, or the key set of a place that is read again now and then."""

import asyncio
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import structlog
from jwt import PyJWK

from clock import Clock
from identity.key_places import UnreadableKeysError
from identity.key_sets import ALGORITHMS, KeySet, NoKeySetError, read_key_set
from identity.readings import Readings
from identity.refused_tokens import Reason, RefusedTokenError

_log = structlog.get_logger("playgraph.identity")


class KeyRing(Protocol):
    """Keys by their ids, and the algorithms they are for; a token has no say in these."""

    @property
    def algorithms(self) -> tuple[str, ...]:
        """What a token may be signed with."""
        ...

    async def find(self, key_id: str | None) -> PyJWK | None:
        """The key with this id, or the only one there is; None where there is none.

        Raises RefusedTokenError when no key at all could be read.
        """
        ...


class SharedSecret:
    """One secret for HS256, which those have who make tokens."""

    algorithms = ("HS256",)

    def __init__(self, secret: str) -> None:
        written = urlsafe_b64encode(secret.encode()).rstrip(b"=").decode()
        self._key = PyJWK({"kty": "oct", "k": written, "alg": "HS256"})

    async def find(self, key_id: str | None) -> PyJWK | None:  # noqa: ARG002 - there is no other
        """The secret, whatever it is called."""
        return self._key


@dataclass(frozen=True, slots=True)
class Rereading:
    """When a place is read again: `keep_seconds` after it was read well, so that a key which was withdrawn goes; and
    for an id that is not known, `pause_seconds` after the last try at the soonest, for anybody can make up ids. A try
    is given up after `patience_seconds`."""

    keep_seconds: float
    pause_seconds: float
    patience_seconds: float = 15.0


OF_FILE = Rereading(keep_seconds=1, pause_seconds=1)
OF_URL = Rereading(keep_seconds=600, pause_seconds=60)


class KeptKeys:
    """The key set of a place. While it cannot be read, what was read before stays good."""

    algorithms = ALGORITHMS

    def __init__(
        self, read: Callable[[], bytes], rereading: Rereading, clock: Clock, known: KeySet | None = None
    ) -> None:
        self._readings = Readings(lambda: read_key_set(read()), rereading.patience_seconds)
        self._rereading = rereading
        self._clock = clock
        self._keys = known or KeySet()
        self._reading: asyncio.Task[None] | None = None
        self._may_read_at = 0
        self._due_at = 0 if known is None else self._after(rereading.keep_seconds)
        self._tried_at = clock.now()

    async def find(self, key_id: str | None) -> PyJWK | None:
        """As `KeyRing` says. Only who asks for an unknown key waits for the place, or is the first after long."""
        key = self._keys.find(key_id)
        if key is not None and not self._is_old():
            if self._clock.now() >= self._due_at:
                self.begin()
            return key
        if reading := self.begin():
            # Whoever waits may go; the reading is for all.
            await asyncio.shield(reading)
        if not self._keys.keys:
            raise RefusedTokenError(Reason.NO_KEYS)
        return self._keys.find(key_id)

    def begin(self) -> asyncio.Task[None] | None:
        """The reading under way, begun now if there is none; None while it is too early for another."""
        if self._reading is None and self._clock.now() >= self._may_read_at:
            self._may_read_at = self._due_at = self._after(self._rereading.pause_seconds)
            self._reading = asyncio.create_task(self._read_again(), name="reading keys")
        return self._reading

    async def close(self) -> None:
        """Wait for no reading any more."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    async def _read_again(self) -> None:
        try:
            self._keys = await self._readings.next()
            self._due_at = self._after(self._rereading.keep_seconds)
        except (UnreadableKeysError, NoKeySetError) as error:
            _log.warning("keys_not_read", reason=str(error), kept=len(self._keys.keys))
        finally:
            self._tried_at = self._clock.now()
            self._reading = None

    def _is_old(self) -> bool:
        """Whether nobody asked for so long that a key which was withdrawn may be used as if it were not."""
        return self._clock.now() >= self._tried_at + round(2 * self._rereading.keep_seconds * 1000)

    def _after(self, seconds: float) -> int:
        return self._clock.now() + round(seconds * 1000)
