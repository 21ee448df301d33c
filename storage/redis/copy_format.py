"""How a copy is written on Redis: sixteen bytes that say its end and its order, then its value.

Both numbers are big-endian with their highest bit turned over, so that the smaller number is the smaller text, below
zero too.
"""

import struct
from collections.abc import Sequence

from storage.protocols import CacheEntry

HEAD_SIZE = 16

_HEAD = struct.Struct(">QQ")
_HIGHEST_BIT = 1 << 63


def encode_copy(entry: CacheEntry) -> bytes:
    """The whole copy."""
    return _HEAD.pack(entry.expires_at + _HIGHEST_BIT, entry.order + _HIGHEST_BIT) + entry.value


def encode_time(now: int) -> bytes:
    """A moment as the end of a copy is written."""
    return (now + _HIGHEST_BIT).to_bytes(8, "big")


def encode_order(order: int) -> bytes:
    """An order as it stands in a copy."""
    return (order + _HIGHEST_BIT).to_bytes(8, "big")


def decode_copies(keys: Sequence[str], copies: Sequence[bytes | None], now: int) -> dict[str, CacheEntry]:
    """The copies by their keys, without those that have ended, are no copy, or were not there."""
    # As numbers, since they are wanted as such anyway. Every hit comes by here, so it is one loop without calls.
    moment, entries = now + _HIGHEST_BIT, {}
    for key, copy in zip(keys, copies, strict=True):
        if copy is not None and len(copy) >= HEAD_SIZE:
            expires_at, order = _HEAD.unpack_from(copy)
            if expires_at > moment:
                entries[key] = CacheEntry(copy[HEAD_SIZE:], expires_at - _HIGHEST_BIT, order - _HIGHEST_BIT)
    return entries


def is_live(head: bytes, now: int) -> bool:
    """Whether these are the first bytes of a copy that has not ended; what is no copy has."""
    return len(head) >= HEAD_SIZE and head[:8] > encode_time(now)
