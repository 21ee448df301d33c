"""The small part of a record as Redis keeps it: text in parts, which scripts can compare and people can read."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from storage.redis.connection import MAX_KEYS

Key = TypeVar("Key")

_NUL = "\0"


@dataclass(frozen=True, slots=True)
class Stamp:
    """What is kept of a record beside its bytes. The order is that of the parts, which `scripts/parts.lua` knows."""

    version: int
    facts_hash: str
    parser_version: int
    data_version: int
    fetched_at: int
    created_at: int
    changed_at: int
    battletag: str | None = None

    def encode(self) -> str:
        """As it is kept."""
        numbers = (
            self.parser_version,
            self.data_version,
            self.fetched_at,
            self.created_at,
            self.changed_at,
        )
        return _NUL.join((str(self.version), self.facts_hash, *map(str, numbers), signed(self.battletag)))


def first_stamp(
    facts_hash: str, parser_version: int, data_version: int, fetched_at: int, battletag: str | None = None
) -> Stamp:
    """The stamp of an answer as if it were the first; a script makes it the next one of what is kept."""
    return Stamp(1, facts_hash, parser_version, data_version, fetched_at, fetched_at, fetched_at, battletag)


def decode_stamp(kept: bytes) -> Stamp:
    """What `Stamp.encode` made."""
    version, facts_hash, parser, data_version, fetched, created, changed, battletag = kept.split(b"\0")
    return Stamp(
        int(version),
        facts_hash.decode(),
        int(parser),
        int(data_version),
        int(fetched),
        int(created),
        int(changed),
        battletag[1:].decode() if battletag else None,
    )


def encode_numbers(*numbers: int) -> str:
    """The parts of a note."""
    return _NUL.join(map(str, numbers))


def decode_numbers(kept: bytes) -> tuple[int, ...]:
    """What `encode_numbers` made."""
    return tuple(map(int, kept.split(b"\0")))


def encode_snapshot(
    figures_hash: str, data_version: int, figures: bytes, taken_at: int | None = None
) -> bytes:
    """A snapshot as it is kept; without `taken_at` what a script puts that in front of."""
    head = (figures_hash, str(data_version), "")
    return _NUL.join(head if taken_at is None else (str(taken_at), *head)).encode() + figures


def decode_snapshot(kept: bytes) -> tuple[int, str, int, bytes]:
    """What `encode_snapshot` made: taken_at, figures_hash, data_version, figures. ValueError for what is none."""
    taken_at, figures_hash, data_version, figures = kept.split(b"\0", 3)
    return int(taken_at), figures_hash.decode(), int(data_version), figures


def snapshot_place(blizzard_id: str, version: int) -> str:
    """Where a snapshot is kept: places of one player, sorted by their signs, are in the order of their versions."""
    return f"{blizzard_id}{_NUL}{version:016d}"


def split_snapshot_place(place: bytes) -> tuple[str, int]:
    """What `snapshot_place` made."""
    blizzard_id, _, version = place.rpartition(b"\0")
    return blizzard_id.decode(), int(version)


def signed(text: str | None) -> str:
    """Text that may be missing, as text: none is empty, and any text begins with a sign."""
    return "" if text is None else f"+{text}"


def batches(keys: Iterable[Key], size: int = MAX_KEYS) -> Iterator[Sequence[Key]]:
    """The distinct keys in order, in lists short enough for one script. No key: no list."""
    distinct = iter(dict.fromkeys(keys))
    while batch := list(islice(distinct, size)):
        yield batch
