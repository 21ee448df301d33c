"""Players on Redis. The contract is on `storage.protocols.Players`."""

import asyncio
import hashlib
from collections.abc import Collection, Mapping, Sequence

from metrics import Metrics
from models.players import (
    Career,
    FetchedPlayer,
    KeptPlayer,
    PlayerProfile,
    PlayerRecord,
    PlayerSource,
    UnknownPlayer,
    kept_profile,
)
from storage import codec
from storage.redis.connection import RedisServer, Value
from storage.redis.counted import CountedServer
from storage.redis.records import (
    Stamp,
    batches,
    decode_numbers,
    decode_stamp,
    encode_numbers,
    encode_snapshot,
    first_stamp,
    signed,
)
from storage.redis.script import read_script
from storage.remembered import Remembered

_GET_PLAYERS = read_script("get_players", "parts", "players")
_READ_TABLES = read_script("read_tables")
_SAVE = read_script("save_player", "parts", "players", "history")
_CONFIRM = read_script("confirm_player", "parts", "players")
_SAVE_NOTE = read_script("save_note", "parts", "players")
_PRUNE = read_script("prune_players", "parts", "players", "history")

# While a script removes players, the server does nothing else: 15 ms for this many.
_PRUNED_AT_ONCE = 1_000

_DAMAGE = 6
"""Place of the digest among the values for `_SAVE`."""


class RedisPlayers:
    """Players of one server."""

    def __init__(self, server: RedisServer, metrics: Metrics) -> None:
        self._server = CountedServer(server, metrics, "players")
        self._keys = server.keys.players()
        self._tables = self._keys.all()
        self._remembered: Remembered[KeptPlayer] = Remembered(codec.REMEMBERED_PROFILES)

    async def get_many(self, player_ids: Collection[str]) -> Mapping[str, KeptPlayer]:
        kept: dict[str, KeptPlayer] = {}
        for asked in batches(player_ids):
            leads, places, *columns = await self._server.read(_GET_PLAYERS, self._tables, asked)
            found = {place: self._kept(place, parts) for place, *parts in zip(places, *columns, strict=True)}
            for player_id, lead in zip(asked, leads, strict=True):
                player = found[lead or player_id.encode()]
                if player.record or player.unknown:
                    kept[player_id] = player
        return kept

    async def get_careers(self, blizzard_ids: Collection[str]) -> Mapping[str, Career]:
        careers: dict[str, Career] = {}
        for asked in batches(blizzard_ids):
            columns = await self._server.read(_READ_TABLES, [self._keys.records, self._keys.careers], asked)
            # Decoding is milliseconds for each, which other requests should not wait for.
            careers |= await asyncio.to_thread(_careers, asked, *columns)
        return careers

    async def get_sources(self, blizzard_ids: Collection[str]) -> Mapping[str, PlayerSource]:
        sources: dict[str, PlayerSource] = {}
        for asked in batches(blizzard_ids):
            columns = await self._server.read(_READ_TABLES, [self._keys.pages, self._keys.search_rows], asked)
            sources |= await asyncio.to_thread(_sources, asked, *columns)
        return sources

    async def save(self, player: FetchedPlayer, player_ids: Collection[str]) -> PlayerRecord:
        encoded = await asyncio.to_thread(codec.encode_player, player)
        values = _values(player, encoded, player_ids)
        record, damaged = await self._save(player, values)
        while record is None:
            # A later answer is kept and damaged, which counts as not kept: this one takes the place of just those
            # bytes. Should others have come meanwhile, they are looked at anew.
            values[_DAMAGE] = hashlib.sha1(damaged, usedforsecurity=False).hexdigest()
            record, damaged = await self._save(player, values)
        return record

    async def confirm(
        self, blizzard_id: str, fetched_at: int, player_ids: Collection[str]
    ) -> PlayerRecord | None:
        values: list[Value] = [blizzard_id, fetched_at, codec.DATA_VERSION, *player_ids]
        kept = await self._server.write(_CONFIRM, self._tables, values)
        return None if kept is None else _record(blizzard_id, *kept)

    async def save_unknown(self, unknown: UnknownPlayer, expected_count: int) -> UnknownPlayer:
        numbers = encode_numbers(unknown.check_count, unknown.checked_at, unknown.retry_at)
        values: list[Value] = [unknown.player_id, numbers, unknown.retry_at, expected_count]
        place, kept = await self._server.write(_SAVE_NOTE, self._tables, values)
        if kept is None:
            return UnknownPlayer(unknown.player_id, 0, unknown.checked_at, unknown.checked_at)
        return UnknownPlayer(place.decode(), *decode_numbers(kept))

    async def prune(self, fetched_before: int, limit: int) -> int:
        values = [fetched_before, min(limit, _PRUNED_AT_ONCE)]
        return int(await self._server.write(_PRUNE, self._tables, values, patient=True))

    def _kept(self, place: bytes, parts: Sequence[bytes | None]) -> KeptPlayer:
        """What is kept in a place, remembered as long as its parts stay the same."""
        player = self._remembered.get(place, parts)
        if player is None:
            player = _kept(place.decode(), *parts)
            if player.record:
                self._remembered.put(place, parts, player)
        return player

    async def _save(
        self, player: FetchedPlayer, values: Sequence[Value]
    ) -> tuple[PlayerRecord | None, bytes]:
        """The record kept afterwards; None, and its damaged bytes, when a later one that cannot be read stayed."""
        stamp, profile = await self._server.write(_SAVE, self._tables, values)
        if profile is None:
            return _made(player.profile, player.profile.blizzard_id, decode_stamp(stamp)), b""
        return _record(player.profile.blizzard_id, stamp, profile), profile


def _values(player: FetchedPlayer, encoded: codec.EncodedPlayer, player_ids: Collection[str]) -> list[Value]:
    stamp = first_stamp(
        encoded.facts_hash,
        player.parser_version,
        codec.DATA_VERSION,
        player.fetched_at,
        player.profile.battletag,
    )
    return [
        player.profile.blizzard_id,
        stamp.encode(),
        encoded.profile,
        encoded.career,
        encoded.page,
        signed(player.source.search_row),
        "",
        encode_snapshot(encoded.figures_hash, codec.FIGURES_VERSION, encoded.figures),
        *player_ids,
    ]


def _kept(place: str, stamp: bytes | None, profile: bytes | None, note: bytes | None) -> KeptPlayer:
    return KeptPlayer(
        record=None if stamp is None or profile is None else _record(place, stamp, profile),
        unknown=None if note is None else UnknownPlayer(place, *decode_numbers(note)),
    )


def _record(blizzard_id: str, kept: bytes, profile: bytes) -> PlayerRecord | None:
    """The record, None when it is of another data version or damaged."""
    stamp = decode_stamp(kept)
    if stamp.data_version != codec.DATA_VERSION:
        return None
    decoded = codec.decode_or_none(codec.decode_profile, profile, blizzard_id=blizzard_id, column="profile")
    return None if decoded is None else _made(decoded, blizzard_id, stamp)


def _made(profile: PlayerProfile, blizzard_id: str, stamp: Stamp) -> PlayerRecord:
    return kept_profile(
        profile,
        blizzard_id=blizzard_id,
        battletag=stamp.battletag,
        version=stamp.version,
        fetched_at=stamp.fetched_at,
        parser_version=stamp.parser_version,
    )


def _careers(
    asked: Sequence[str], stamps: Sequence[bytes | None], careers: Sequence[bytes | None]
) -> dict[str, Career]:
    found: dict[str, Career] = {}
    for blizzard_id, stamp, kept in zip(asked, stamps, careers, strict=True):
        if stamp is None or kept is None or decode_stamp(stamp).data_version != codec.DATA_VERSION:
            continue
        career = codec.decode_or_none(codec.decode_career, kept, blizzard_id=blizzard_id, column="career")
        if career is not None:
            found[blizzard_id] = career
    return found


def _sources(
    asked: Sequence[str], pages: Sequence[bytes | None], search_rows: Sequence[bytes | None]
) -> dict[str, PlayerSource]:
    found: dict[str, PlayerSource] = {}
    for blizzard_id, kept, search_row in zip(asked, pages, search_rows, strict=True):
        if kept is None:
            continue
        page = codec.decode_or_none(codec.decode_page, kept, blizzard_id=blizzard_id, column="page")
        if page is not None:
            found[blizzard_id] = PlayerSource(page, None if search_row is None else search_row.decode())
    return found
