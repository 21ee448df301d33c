"""The file of a backup: one format for all backends, readable by later code.

    playgraph backup 1\\n          the format's number
    frame*                        tag (1 byte), length (4 bytes, big-endian), MessagePack
    checksum                      BLAKE2b of everything before, 32 bytes

The first frame (tag 0) is the header, the last one (tag 255) the trailer with count and checksum of each kind. Between
them are the items; tag n is the header's n-th kind. Items are kept compressed, so nothing is compressed again.
"""

import hashlib
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from errors import BackupUnreadable
from storage.items import (
    CATALOG,
    CONVERSATIONS,
    MESSAGES,
    PLAYER_HISTORY,
    PLAYERS,
    UNKNOWN_PLAYERS,
    Item,
    ItemKind,
    encode_item,
)
from storage.walking import PAGE, Tally

FORMAT = 1
_FIRST_WORDS = b"playgraph backup "
_HEADER, _TRAILER = 0, 255
_FRAME_HEAD = 5
_CHECKSUM = 32
_CHUNK = 1 << 20

_KINDS: dict[str, ItemKind[Any]] = {
    kind.name: kind for kind in (PLAYERS, PLAYER_HISTORY, UNKNOWN_PLAYERS, CATALOG, CONVERSATIONS, MESSAGES)
}


@dataclass(frozen=True, slots=True)
class Header:
    """Where a backup comes from. `created_at` is milliseconds since 1970; `kinds` are in the order of the file."""

    backend: str
    server_version: str
    schema_version: int
    created_at: int
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KindSum:
    """How many items of a kind a backup has, and their checksum (`Tally.checksum`)."""

    count: int
    checksum: str


_encoder = msgspec.msgpack.Encoder()
_header_decoder = msgspec.msgpack.Decoder(Header)
_trailer_decoder = msgspec.msgpack.Decoder(dict[str, KindSum])


class BackupWriter:
    """Writes a backup to a file, from its start."""

    def __init__(self, file: BinaryIO, header: Header) -> None:
        self._file = file
        self._header = header
        self._hash = hashlib.blake2b(digest_size=_CHECKSUM)
        self._tallies = {name: Tally(_KINDS[name]) for name in header.kinds}
        self._put(_FIRST_WORDS + f"{FORMAT}\n".encode())
        self._put_frame(_HEADER, _encoder.encode(header))

    def write(self, kind: str, items: Sequence[Item]) -> None:
        """Add items of a kind; kinds come in the header's order."""
        tag, tally = self._header.kinds.index(kind) + 1, self._tallies[kind]
        for item in items:
            tally.add(tally.digest(item))
            self._put_frame(tag, encode_item(item))

    def finish(self) -> dict[str, KindSum]:
        """Add what makes the file whole, and tell what is in it."""
        sums = {name: KindSum(tally.count, tally.checksum) for name, tally in self._tallies.items()}
        self._put_frame(_TRAILER, _encoder.encode(sums))
        self._file.write(self._hash.digest())
        return sums

    def _put_frame(self, tag: int, payload: bytes) -> None:
        self._put(bytes([tag]) + len(payload).to_bytes(4) + payload)

    def _put(self, written: bytes) -> None:
        self._hash.update(written)
        self._file.write(written)


class Backup:
    """A backup that was read once from end to end and found whole; a `storage.walking.Source`."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        """Raises `BackupUnreadable` when the file is no backup, of a newer format, cut short or damaged."""
        self._file = file
        self._name = name
        self._first_frame = self._read_first_line()
        self._end = self._verify_checksum()
        try:
            self._read_frames()
        except (ValueError, KeyError, IndexError) as error:
            # The checksum holds, so somebody else wrote this.
            raise self._unreadable(f"is not written as this version writes ({error})") from error

    @property
    def kinds(self) -> Sequence[str]:
        return self.header.kinds

    async def count(self, kind: str) -> int:
        return self.sums[kind].count

    async def pages(self, kind: str) -> AsyncIterator[Sequence[Item]]:
        page: list[Item] = []
        tag = self.header.kinds.index(kind) + 1
        for _, payload in self._frames(self._starts.get(tag, self._end), only=tag):
            page.append(self._decoders[tag].decode(payload))
            if len(page) == PAGE:
                yield page
                page = []
        if page:
            yield page

    def _read_first_line(self) -> int:
        self._file.seek(0)
        line = self._file.readline(64)
        number = line.removeprefix(_FIRST_WORDS).strip()
        if not line.startswith(_FIRST_WORDS) or not number.isdigit():
            raise self._unreadable("is no backup of Playgraph")
        if int(number) > FORMAT:
            raise self._unreadable(
                f"was written by a newer version (format {int(number)}; this one reads {FORMAT})"
            )
        return len(line)

    def _verify_checksum(self) -> int:
        """Where the checksum begins, which is the end of the last frame."""
        end = self._file.seek(0, 2) - _CHECKSUM
        self._file.seek(0)
        digest, left = hashlib.blake2b(digest_size=_CHECKSUM), end
        while left > 0 and (chunk := self._file.read(min(_CHUNK, left))):
            digest.update(chunk)
            left -= len(chunk)
        if end <= self._first_frame or self._file.read(_CHECKSUM) != digest.digest():
            raise self._unreadable("is cut short or damaged: its checksum does not match")
        return end

    def _read_frames(self) -> None:
        """Read every frame: what the file holds, and where each kind begins."""
        frames = self._frames(self._first_frame)
        _, payload = next(frames)
        self.header = _header_decoder.decode(payload)
        kinds = [_KINDS[name] for name in self.header.kinds]
        self._decoders = {tag: msgspec.msgpack.Decoder(kind.item) for tag, kind in enumerate(kinds, 1)}
        tallies = {tag: Tally(kind) for tag, kind in enumerate(kinds, 1)}
        self._starts: dict[int, int] = {}
        tag, position = _HEADER, self._file.tell()
        for tag, payload in frames:
            if tag == _TRAILER:
                break
            self._starts.setdefault(tag, position)
            tallies[tag].add(tallies[tag].digest(self._decoders[tag].decode(payload)))
            position = self._file.tell()
        self.sums = _trailer_decoder.decode(payload if tag == _TRAILER else b"")
        found = {kinds[tag - 1].name: KindSum(each.count, each.checksum) for tag, each in tallies.items()}
        if found != self.sums or self._file.tell() != self._end:
            raise ValueError("counts do not agree")

    def _frames(self, start: int, only: int | None = None) -> Iterator[tuple[int, bytes]]:
        """Tag and content of each frame from `start` on, as long as the tag is `only`."""
        while start < self._end:
            self._file.seek(start)
            head = self._file.read(_FRAME_HEAD)
            tag, size = head[0], int.from_bytes(head[1:])
            if only not in (None, tag):
                return
            if start + _FRAME_HEAD + size > self._end:
                raise ValueError("a frame goes beyond the end")
            yield tag, self._file.read(size)
            start += _FRAME_HEAD + size

    def _unreadable(self, what: str) -> BackupUnreadable:
        return BackupUnreadable(f"{Path(self._name).name} {what}. Nothing was changed.")
