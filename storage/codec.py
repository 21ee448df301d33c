"""Facts to bytes and back: the one place that knows how records are written, with its version.

Facts are JSON of the frozen models, pages are UTF-8; all are compressed with zstd.
Pages and search rows have no version: they can be read again by any later code, which is why they are kept.
"""

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, TypeVar

import msgspec
import structlog
import zstandard

from models.catalog import CatalogKind, Facts, FetchedEntry
from models.history import ProfileFigures, figures_of
from models.players import Career, CompetitiveRanks, FetchedPlayer, PlatformRanks, PlayerProfile, Rank

DATA_VERSION = 1
"""Version of the bytes of profiles and careers: raise it when older bytes no longer decode to the models."""

CATALOG_DATA_VERSION = 1
"""The same for the facts of the catalog, of any kind. Raising it has each of them fetched again."""

FIGURES_VERSION = 1
"""The same for the figures in histories, which nothing can make again: whoever raises it still reads the older ones."""

MAX_DECODED_BYTES = 64 * 1024 * 1024
"""No record is near this; bytes that claim more are damaged, and must not fill the memory."""

REMEMBERED_PROFILES = 1_000
"""Unpacked profiles that stay in memory, some 15 kB each: unpacking is most of the work of reading one."""

_LEVEL = 9

_Fact = TypeVar("_Fact")
_log = structlog.get_logger()
_encoder = msgspec.json.Encoder()
_profile_decoder = msgspec.json.Decoder(PlayerProfile)
_career_decoder = msgspec.json.Decoder(Career)
_figures_decoder = msgspec.json.Decoder(ProfileFigures)


class Undecodable(ValueError):
    """Kept bytes are not what this code writes: damaged, or of another version."""


@dataclass(frozen=True, slots=True)
class EncodedPlayer:
    """A fetched player as bytes. `facts_hash` is equal for equal visible facts (the battletag aside), `figures_hash`
    for equal figures (the addresses of pictures aside)."""

    profile: bytes
    career: bytes
    page: bytes
    facts_hash: str
    figures: bytes
    figures_hash: str


def encode_player(player: FetchedPlayer) -> EncodedPlayer:
    """All parts of a player at once. Takes milliseconds: callers keep it off the event loop."""
    # The battletag is kept beside the profile: it may be learnt later, which changes no visible fact.
    profile = _encoder.encode(replace(player.profile, battletag=None))
    career = _encoder.encode(player.career)
    figures = figures_of(player.profile)
    return EncodedPlayer(
        profile=_compress(profile),
        career=_compress(career),
        page=_compress(player.source.page.encode()),
        facts_hash=_digest(profile, career),
        figures=_compress(_encoder.encode(figures)),
        figures_hash=hash_figures(figures),
    )


@dataclass(frozen=True, slots=True)
class EncodedEntry:
    """An entry of the catalog as bytes. `facts_hash` is equal for equal facts."""

    facts: bytes
    source: bytes
    facts_hash: str


def encode_entry(entry: FetchedEntry[Any]) -> EncodedEntry:
    """Facts and source of an entry. Takes up to milliseconds: callers keep it off the event loop."""
    facts = _encoder.encode(entry.facts)
    return EncodedEntry(_compress(facts), _compress(entry.source.encode()), _digest(facts))


def decode_facts(kind: CatalogKind[Facts], kept: bytes) -> Facts:
    """The facts of an entry of that kind. Raises `Undecodable`."""
    decoder: msgspec.json.Decoder[Facts] = _facts_decoder(kind)
    return _decode(decoder, kept)


@cache
def _facts_decoder(kind: CatalogKind[Any]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind.facts)


def decode_profile(kept: bytes) -> PlayerProfile:
    """The profile without its battletag. Raises `Undecodable`."""
    return _decode(_profile_decoder, kept)


def decode_career(kept: bytes) -> Career:
    """The career. Raises `Undecodable`."""
    return _decode(_career_decoder, kept)


def decode_figures(kept: bytes) -> ProfileFigures:
    """The figures of a snapshot. Raises `Undecodable`."""
    return _decode(_figures_decoder, kept)


def hash_figures(figures: ProfileFigures) -> str:
    """The `figures_hash`: a rank is its division and tier. Upstream moves its pictures without any rank changing."""
    return _digest(_encoder.encode(replace(figures, competitive=_without_pictures(figures.competitive))))


def decode_page(kept: bytes) -> str:
    """The page's text. Raises `Undecodable`."""
    try:
        return _decompress(kept).decode()
    except UnicodeDecodeError as error:
        raise Undecodable(str(error)) from error


def pack(fact: object) -> bytes:
    """Any facts as JSON, compressed: for copies, which have a version of their own."""
    return _compress(_encoder.encode(fact))


def unpack(decoder: msgspec.json.Decoder[_Fact], packed: bytes) -> _Fact:
    """What `pack` made into bytes. Raises `Undecodable`."""
    return _decode(decoder, packed)


def hash_kept(*kept: bytes) -> str:
    """The `facts_hash` of kept parts, from what they hold. Raises `Undecodable`."""
    return _digest(*(_decompress(part) for part in kept))


def decode_or_none(decode: Callable[[bytes], _Fact], kept: bytes, **where: str) -> _Fact | None:
    """What `decode` makes of kept bytes. Damaged ones count as not kept, so that one damaged record costs one fetch,
    not every query that names it; `where` says in the log which one it is."""
    try:
        return decode(kept)
    except Undecodable as error:
        _log.error("kept record is damaged", **where, reason=str(error))
        return None


def _without_pictures(ranks: CompetitiveRanks | None) -> CompetitiveRanks | None:
    return ranks and CompetitiveRanks(pc=_plain(ranks.pc), console=_plain(ranks.console))


def _plain(ranks: PlatformRanks | None) -> PlatformRanks | None:
    return ranks and PlatformRanks(
        season=ranks.season,
        tank=_bare(ranks.tank),
        damage=_bare(ranks.damage),
        support=_bare(ranks.support),
        open=_bare(ranks.open),
    )


def _bare(rank: Rank | None) -> Rank | None:
    return rank and replace(rank, role_icon=None, rank_icon=None, tier_icon=None)


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
