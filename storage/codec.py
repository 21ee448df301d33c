"""Facts to bytes and back: the one place that knows how records are written, with its version.

Profiles and careers are JSON of the frozen models, pages are UTF-8; all three are compressed with zstd.
Pages and search rows have no version: they can be read again by any later code, which is why they are kept.
"""

import hashlib
import threading
from dataclasses import dataclass, replace
from typing import TypeVar

import msgspec
import zstandard

from models.players import Career, FetchedPlayer, PlayerProfile

DATA_VERSION = 1
"""Version of the bytes of profiles and careers: raise it when older bytes no longer decode to the models."""

MAX_DECODED_BYTES = 64 * 1024 * 1024
"""No record is near this; bytes that claim more are damaged, and must not fill the memory."""

_LEVEL = 9

_Fact = TypeVar("_Fact")
_encoder = msgspec.json.Encoder()
_profile_decoder = msgspec.json.Decoder(PlayerProfile)
_career_decoder = msgspec.json.Decoder(Career)


class Undecodable(ValueError):
    """Kept bytes are not what this code writes: damaged, or of another version."""


@dataclass(frozen=True, slots=True)
class EncodedPlayer:
    """A fetched player as bytes. `facts_hash` is equal for equal visible facts (the battletag aside)."""

    profile: bytes
    career: bytes
    page: bytes
    facts_hash: str


def encode_player(player: FetchedPlayer) -> EncodedPlayer:
    """All parts of a player at once. Takes milliseconds: callers keep it off the event loop."""
    # The battletag is kept beside the profile: it may be learnt later, which changes no visible fact.
    profile = _encoder.encode(replace(player.profile, battletag=None))
    career = _encoder.encode(player.career)
    return EncodedPlayer(
        profile=_compress(profile),
        career=_compress(career),
        page=_compress(player.source.page.encode()),
        facts_hash=_digest(profile, career),
    )


def decode_profile(kept: bytes) -> PlayerProfile:
    """The profile without its battletag. Raises `Undecodable`."""
    return _decode(_profile_decoder, kept)


def decode_career(kept: bytes) -> Career:
    """The career. Raises `Undecodable`."""
    return _decode(_career_decoder, kept)


def decode_page(kept: bytes) -> str:
    """The page's text. Raises `Undecodable`."""
    try:
        return _decompress(kept).decode()
    except UnicodeDecodeError as error:
        raise Undecodable(str(error)) from error


def _digest(*parts: bytes) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        # The length goes first, so that bytes cannot move from one part to the next unseen.
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def _decode(decoder: msgspec.json.Decoder[_Fact], kept: bytes) -> _Fact:
    try:
        return decoder.decode(_decompress(kept))
    except msgspec.DecodeError as error:
        raise Undecodable(str(error)) from error


class _Decompressors(threading.local):
    """One for each thread, since they are not safe to share; a new one for each call costs three times the work
    of a profile."""

    def __init__(self) -> None:
        self.own = zstandard.ZstdDecompressor()


_decompressors = _Decompressors()


def _compress(plain: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=_LEVEL).compress(plain)


def _decompress(kept: bytes) -> bytes:
    try:
        # The library trusts the size in the header over its own `max_output_size`, so that is looked at first.
        # Every frame written here has that size.
        if not 0 <= zstandard.frame_content_size(kept) <= MAX_DECODED_BYTES:
            raise Undecodable("The size of a kept record is missing or beyond what is read.")
        return _decompressors.own.decompress(kept, max_output_size=MAX_DECODED_BYTES)
    except zstandard.ZstdError as error:
        raise Undecodable(str(error)) from error
