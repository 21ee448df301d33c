"""The raw drivers: they send again what storage sent, word for word, and unpack the answers by hand.

What storage sends is noted at the driver's own door, so that nothing can differ but our code above it.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import aiosqlite
import asyncpg
import msgspec
import zstandard
from redis.asyncio import Redis

from models.players import KeptPlayer, PlayerProfile, PlayerRecord
from storage import StorageOptions

Call = tuple[Any, ...]
"""What a driver's method was called with."""

Send = Callable[..., Awaitable[Any]]

_profile = msgspec.json.Decoder(PlayerProfile)
_record = msgspec.json.Decoder(PlayerRecord)
_envelope = msgspec.msgpack.Decoder(tuple[int, int, bytes, bytes])
_unpacker = zstandard.ZstdDecompressor()


@dataclass(frozen=True, slots=True)
class Peer:
    """A raw driver. `door` is the method through which storage sends, too; `opened` connects, and gives that method
    of a connection, or pool, of its own; `unpack(asked, answer)` makes an answer what `get_many` gives."""

    door: tuple[type, str]
    opened: Callable[[StorageOptions], AbstractAsyncContextManager[Send]]
    unpack: Callable[[Sequence[str], Any], Mapping[str, KeptPlayer]]


@contextmanager
def noted(peer: Peer) -> Iterator[list[Call]]:
    """Everything that is sent through the driver's door during the block."""
    owner, name = peer.door
    method = getattr(owner, name)
    calls: list[Call] = []

    async def noting(self: object, *words: Any, **options: Any) -> Any:
        calls.append(words)
        return await method(self, *words, **options)

    setattr(owner, name, noting)
    try:
        yield calls
    finally:
        setattr(owner, name, method)


@asynccontextmanager
async def _aiosqlite(options: StorageOptions) -> AsyncIterator[Send]:
    path = options.sqlite.path.resolve()
    async with aiosqlite.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None) as connection:
        yield connection.execute_fetchall


@asynccontextmanager
async def _asyncpg(options: StorageOptions) -> AsyncIterator[Send]:
    assert options.postgres is not None
    most = options.postgres.pool_max
    # Nothing is reset between two calls, as in storage: it would be a round trip more.
    async with asyncpg.create_pool(
        options.postgres.url, min_size=1, max_size=most, reset=_nothing_to_reset
    ) as pool:
        yield pool.fetch


async def _nothing_to_reset(_connection: object) -> None:
    pass


@asynccontextmanager
async def _redis_py(options: StorageOptions) -> AsyncIterator[Send]:
    assert options.redis is not None
    async with Redis.from_url(options.redis.url, protocol=3) as client:
        yield client.execute_command


def _of_rows(_: Sequence[str], rows: Any) -> dict[str, KeptPlayer]:
    """Of a statement's rows; every id is that of a kept player, as in the run."""
    kept = {}
    for asked, blizzard_id, battletag, version, parser_version, _version, fetched_at, profile, *_note in rows:
        facts = _profile.decode(_unpacker.decompress(profile))
        kept[asked] = _made(facts, blizzard_id, battletag, (version, fetched_at, parser_version))
    return kept


def _of_script(asked: Sequence[str], answer: Any) -> dict[str, KeptPlayer]:
    """Of the answer of the script that reads players."""
    leads, places, stamps, profiles, _notes = answer
    found = {}
    for place, stamp, profile in zip(places, stamps, profiles, strict=True):
        version, _hash, parser_version, _version, fetched_at, _created, _changed, battletag = stamp.split(
            b"\0"
        )
        facts = _profile.decode(_unpacker.decompress(profile))
        numbers = (int(version), int(fetched_at), int(parser_version))
        found[place] = _made(facts, place.decode(), battletag[1:].decode() or None, numbers)
    return {player_id: found[lead] for player_id, lead in zip(asked, leads, strict=True)}


def _of_copies(asked: Sequence[str], answer: Any) -> dict[str, KeptPlayer]:
    """Of the copies, before which the mark that all of them share is answered."""
    kept = {}
    for player_id, copy in zip(asked, answer[1:], strict=True):
        packed = _envelope.decode(memoryview(copy)[16:])[3]
        kept[player_id] = KeptPlayer(_record.decode(_unpacker.decompress(packed)))
    return kept


def _made(
    facts: PlayerProfile, blizzard_id: str, battletag: str | None, numbers: tuple[int, int, int]
) -> KeptPlayer:
    version, fetched_at, parser_version = numbers
    record = PlayerRecord(
        blizzard_id=blizzard_id,
        battletag=battletag,
        username=facts.username,
        avatar=facts.avatar,
        namecard=facts.namecard,
        title=facts.title,
        endorsement=facts.endorsement,
        privacy=facts.privacy,
        last_updated_at=facts.last_updated_at,
        competitive=facts.competitive,
        hero_totals=facts.hero_totals,
        version=version,
        fetched_at=fetched_at,
        parser_version=parser_version,
    )
    return KeptPlayer(record)


PEERS = {
    "sqlite": Peer((aiosqlite.Connection, "execute_fetchall"), _aiosqlite, _of_rows),
    "postgres": Peer((asyncpg.Connection, "fetch"), _asyncpg, _of_rows),
    "redis": Peer((Redis, "execute_command"), _redis_py, _of_script),
    "hybrid": Peer((Redis, "execute_command"), _redis_py, _of_copies),
}
"""By backend."""
