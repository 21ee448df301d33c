"""What copies, counts and leases on Redis have in common: each says in its value when it ends.

Redis's own expiry is later than that end, by a margin: it collects what nobody swept, and decides nothing. The server
counts it from its own clock, so callers whose clocks stand still or differ lose nothing that has not ended.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import TypeVar

KEYS_AT_ONCE = 1_000
"""Keys in one round trip: answers of 15 kB each stay far below what a time-out allows for."""

_LONGEST_EXPIRY = 10 * 365 * 24 * 3_600_000  # milliseconds: past some such time Redis refuses an expiry

_Key = TypeVar("_Key")


def collect_after(now: int, expires_at: int, margin: int) -> int:
    """Milliseconds after which Redis may collect what ends at `expires_at`; more than none, whenever that was."""
    return min(max(expires_at - now, 0) + margin, _LONGEST_EXPIRY)


def in_steps(keys: Collection[_Key]) -> Iterator[Sequence[_Key]]:
    """The distinct keys in order, in lists short enough for one round trip. No key: no list."""
    distinct = iter(dict.fromkeys(keys))
    while step := list(islice(distinct, KEYS_AT_ONCE)):
        yield step
