"""Players read through a cache: what it has not is read from the database, and put there under a guard.

Only records are copied, never a note that upstream knows no such player: a copy may be old, and an old note would
refuse a player who was found since. An old record is at worst stale, which its own `fetched_at` shows.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from contextlib import contextmanager

import structlog

from errors import StorageUnavailable
from models.players import Career, FetchedPlayer, KeptPlayer, PlayerRecord, PlayerSource, UnknownPlayer
from storage.cached_copies import Copies, Ordered
from storage.copies import CAREER_COPIES, LAST_ORDER, PLAYER_COPIES, order_after, order_of
from storage.protocols import Players

IdsOf = Callable[[str], Awaitable[Collection[str]]]
"""Every id that leads to a player, by Blizzard's id."""

_log = structlog.get_logger()


class CachedPlayers:
    """The players of `players`, with copies of records by each id asked for, and of careers by Blizzard's id.

    A method that writes does so in the database first; then it puts the new copies under every id of the player.
    """

    def __init__(
        self, players: Players, ids_of: IdsOf, records: Copies[KeptPlayer], careers: Copies[Career]
    ) -> None:
        self._players = players
        self._ids_of = ids_of
        self._records = records
        self._careers = careers

    async def get_many(self, player_ids: Collection[str]) -> Mapping[str, KeptPlayer]:
        looked = await self._records.look(PLAYER_COPIES, player_ids)
        if not looked.missing:
            return looked.found
        with _telling(looked.found):
            read = await self._players.get_many(looked.missing)
        await self._records.put(PLAYER_COPIES, _copied(read), looked.epoch)
        return {**looked.found, **read}

    async def get_careers(self, blizzard_ids: Collection[str]) -> Mapping[str, Career]:
        looked = await self._careers.look(CAREER_COPIES, blizzard_ids)
        if not looked.missing:
            return looked.found
        # A career has no version. Its copy has the order that the last write left in its place, so that after another
        # write it comes too late.
        with _telling(looked.found):
            read = await self._players.get_careers(looked.missing)
        copied = {key: Ordered(career, looked.orders.get(key, 0)) for key, career in read.items()}
        await self._careers.put(CAREER_COPIES, copied, looked.epoch)
        return {**looked.found, **read}

    async def get_sources(self, blizzard_ids: Collection[str]) -> Mapping[str, PlayerSource]:
        return await self._players.get_sources(blizzard_ids)

    async def save(self, player: FetchedPlayer, player_ids: Collection[str]) -> PlayerRecord:
        blizzard_id = player.profile.blizzard_id
        with (
            self._records.distrusted_if_cancelled([blizzard_id, *player_ids]),
            self._careers.distrusted_if_cancelled([blizzard_id]),
        ):
            record = await self._players.save(player, player_ids)
            await self._renew(blizzard_id, player_ids, with_career=True)
        return record

    async def confirm(
        self, blizzard_id: str, fetched_at: int, player_ids: Collection[str]
    ) -> PlayerRecord | None:
        with self._records.distrusted_if_cancelled([blizzard_id, *player_ids]):
            record = await self._players.confirm(blizzard_id, fetched_at, player_ids)
            if record is not None:
                await self._renew(blizzard_id, player_ids)
        return record

    async def save_unknown(self, unknown: UnknownPlayer, expected_count: int) -> UnknownPlayer:
        with self._records.distrusted_if_cancelled([unknown.player_id]):
            note = await self._players.save_unknown(unknown, expected_count)
            await self._renew(note.player_id, [unknown.player_id])
        return note

    async def prune(self, fetched_before: int, limit: int) -> int:
        try:
            count = await self._players.prune(fetched_before, limit)
            if count:
                await self.drop_copies()
        except asyncio.CancelledError:
            self._distrust_copies()
            raise
        return count

    async def drop_copies(self) -> None:
        """Have everything read from the database again."""
        await self._records.drop_all()
        await self._careers.drop_all()

    def _distrust_copies(self) -> None:
        self._records.distrust_all()
        self._careers.distrust_all()

    async def _renew(
        self, blizzard_id: str, player_ids: Collection[str], *, with_career: bool = False
    ) -> None:
        """Copy what is kept now under every id of a player. Raises nothing of storage's: the write is done."""
        try:
            await self._put_renewed(blizzard_id, player_ids, with_career=with_career)
        except asyncio.CancelledError:
            # Which ids there are is not known, but it is known that the write was done.
            self._distrust_copies()
            raise

    async def _put_renewed(self, blizzard_id: str, player_ids: Collection[str], *, with_career: bool) -> None:
        known = {blizzard_id, *player_ids}
        try:
            ids = known | {*await self._ids_of(blizzard_id)}
            looked = await self._records.peek(PLAYER_COPIES, ids)
            kept = {} if looked.epoch is None else await self._players.get_many(ids)
        except StorageUnavailable as error:
            _log.warning("copies not renewed", error=error.message)
            await self._records.drop(known)
            await self._careers.drop([blizzard_id])
            return
        await self._records.renew(PLAYER_COPIES, _renewed(kept, looked.found), looked.epoch)
        if gone := [each for each in looked.found if each not in kept or not kept[each].record]:
            await self._records.drop(gone)
        record = kept[blizzard_id].record if blizzard_id in kept else None
        if with_career:
            block: dict[str, Ordered[Career]] = {}
            if record is not None:
                block[blizzard_id] = Ordered(None, order_of(record))
            await self._careers.renew(CAREER_COPIES, block, looked.epoch)


@contextmanager
def _telling(found: Mapping[str, object]) -> Iterator[None]:
    """Put round the read of what there is no copy of: when it fails, the error tells the copies there are."""
    try:
        yield
    except StorageUnavailable as error:
        error.found = found
        raise


def _copied(read: Mapping[str, KeptPlayer]) -> dict[str, Ordered[KeptPlayer]]:
    """What of the answers may be copied."""
    return {
        player_id: Ordered(kept, order_of(kept.record))
        for player_id, kept in read.items()
        if kept.record is not None and kept.unknown is None
    }


def _renewed(
    kept: Mapping[str, KeptPlayer], found: Mapping[str, KeptPlayer]
) -> dict[str, Ordered[KeptPlayer]]:
    """What to put after a write, where `found` are the copies there are."""
    renewed = _copied(kept)
    for player_id, now in kept.items():
        before = found.get(player_id)
        if now.record is None:
            continue
        if before and before.record and before.record.blizzard_id != now.record.blizzard_id:
            # Orders of two players say nothing of each other: this id is read from the database for a while.
            renewed[player_id] = Ordered(None, LAST_ORDER)
        elif now.unknown is not None:
            renewed[player_id] = Ordered(None, order_after(now.record))
    return renewed
