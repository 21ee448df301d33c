"""How copies of records are written in the cache, with a version, and which of two copies is the later one."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar

import msgspec

from models.catalog import CatalogKind, CatalogRecord
from models.players import Career, KeptPlayer, PlayerRecord
from storage import codec

COPY_VERSION = 1
"""Version of the copies of every kind: raise it when a record's own fields change. A copy of another version counts as
none, for newer programs and for older ones."""

BLOCK = b""
"""Stands in the place of a copy: read, it is none; but only a copy of at least its order takes its place."""

LAST_ORDER = 2**53 - 1
"""No record has this order; Redis compares whole numbers exactly up to here."""

_VERSIONS = 998

Fact = TypeVar("Fact")


class _Envelope(msgspec.Struct, array_like=True, frozen=True):
    copy_version: int
    data_version: int
    epoch: bytes
    fact: bytes


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Envelope)


@dataclass(frozen=True, slots=True)
class CopyFormat(Generic[Fact]):
    """How copies of one kind of facts are written. `unpack` gives what `pack` took, or raises `codec.Undecodable`."""

    data_version: int
    unpack: Callable[[bytes], Fact]
    pack: Callable[[Fact], bytes] = codec.pack

    def encode(self, fact: Fact, epoch: bytes) -> bytes:
        """A copy. Takes up to milliseconds: callers keep it off the event loop."""
        return _encoder.encode(_Envelope(COPY_VERSION, self.data_version, epoch, self.pack(fact)))

    def decode(self, value: bytes, epoch: bytes) -> Fact | None:
        """What a copy holds. None when it is a block, of another version or epoch, or damaged."""
        try:
            envelope = _decoder.decode(value)
            if (envelope.copy_version, envelope.data_version) != (COPY_VERSION, self.data_version):
                return None
            return self.unpack(envelope.fact) if envelope.epoch == epoch else None
        except (msgspec.DecodeError, codec.Undecodable):
            return None


_record_decoder = msgspec.json.Decoder(PlayerRecord)
_career_decoder = msgspec.json.Decoder(Career)


def _pack_record(kept: KeptPlayer) -> bytes:
    return codec.pack(kept.record)


def _unpack_record(packed: bytes) -> KeptPlayer:
    return KeptPlayer(codec.unpack(_record_decoder, packed))


def _unpack_career(packed: bytes) -> Career:
    return codec.unpack(_career_decoder, packed)


PLAYER_COPIES = CopyFormat(codec.DATA_VERSION, _unpack_record, _pack_record)
"""Of players that have a record; notes beside it are not copied."""

CAREER_COPIES = CopyFormat(codec.DATA_VERSION, _unpack_career)


@cache
def catalog_copies(kind: CatalogKind[Any]) -> CopyFormat[CatalogRecord[Any]]:
    """The format of copies of a kind of the catalog."""
    decoder = msgspec.json.Decoder(CatalogRecord[kind.facts])  # type: ignore[name-defined]
    return CopyFormat(codec.CATALOG_DATA_VERSION, lambda packed: codec.unpack(decoder, packed))


def order_of(record: PlayerRecord | CatalogRecord[Any]) -> int:
    """Grows with each change of a record: `fetched_at` never goes back, and of two answers of one moment the later
    version is the later one."""
    return record.fetched_at * 1000 + record.version % _VERSIONS


def order_after(record: PlayerRecord) -> int:
    """Above every copy of what was fetched up to then, and below any of what is fetched later."""
    return record.fetched_at * 1000 + _VERSIONS + 1
