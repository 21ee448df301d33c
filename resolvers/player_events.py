"""What happens to players that somebody follows: what changed, and which refreshes failed."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace

from errors import BadUserInput, RetryableError, StorageUnavailable
from models.events import job_topic, player_topic
from models.jobs import Job, JobKind, JobState
from models.players import Career, KeptPlayer, PlayerRecord
from models.refreshes import PlayerRefreshed, PlayerRefreshFailed, Told
from resolvers.context import RequestContext
from resolvers.player_values import values_of
from resolvers.players import MAX_PLAYERS, settle_many
from resolvers.refreshes import as_error
from resolvers.streams import follow

PlayerEvent = PlayerRefreshed | PlayerRefreshFailed

_CAREERS_AT_ONCE = 10


async def player_refreshed(
    context: RequestContext, player_ids: Sequence[str], *, snapshot: bool
) -> AsyncGenerator[PlayerEvent, None]:
    """One event at each visible change of any of the players, and at each refresh of one that failed.

    Of one player versions grow, and the last one always arrives; those in between may be skipped. With `snapshot` the
    present state comes first, read as a query reads it. No ids: no events. More than 100 are BadUserInput.
    Raises StorageUnavailable when nothing can be read at the beginning; later it waits for storage to come back.
    """
    if len(player_ids) > MAX_PLAYERS:
        raise BadUserInput(f"playerIds: {len(player_ids)} given, at most {MAX_PLAYERS} are allowed.")
    if not player_ids:
        return
    watched = _Watched(context, list(dict.fromkeys(player_ids)))
    async with aclosing(follow(context.following, watched.topics)) as turns:
        await anext(turns)
        async for event in watched.begin(snapshot=snapshot):
            yield event
        async for _ in turns:
            with suppress(StorageUnavailable):
                async for event in watched.look():
                    yield event


def subject(event: PlayerEvent) -> tuple[type, str]:
    """What an event is about: a later one about the same makes it worthless."""
    if isinstance(event, PlayerRefreshed):
        return PlayerRefreshed, event.player.blizzard_id
    return PlayerRefreshFailed, event.player_id


def changed(parent: PlayerRefreshed) -> list[str]:
    """The fields whose values differ from what the subscriber was told last; none for what was there at first."""
    found = parent.told.changed(parent.player.blizzard_id, parent.player.version, parent.values)
    return [] if parent.is_snapshot else found


@dataclass(frozen=True, slots=True)
class _Seen:
    """How far a subscriber has seen a player. `facts` is a number that differs when what the record says does."""

    version: int
    fetched_at: int
    facts: int

    @classmethod
    def of(cls, record: PlayerRecord) -> "_Seen":
        """As far as this record."""
        # A BattleTag that becomes known later makes no new version.
        facts = hash(replace(record, battletag=None, version=0, fetched_at=0, parser_version=0))
        return cls(record.version, record.fetched_at, facts)

    def is_older_than(self, record: PlayerRecord) -> bool:
        if record.version > self.version:
            return True
        # A player who was forgotten and found again begins at version 1, which may be the one that was seen; a mere old
        # copy was fetched before.
        is_later = record.fetched_at > self.fetched_at
        return is_later and (record.version < self.version or self.facts != _Seen.of(record).facts)


_Run = tuple[str, int, int]
"""A run of a job: the job, when it was asked for (a dead letter may be again), and how many runs it is."""


class _Watched:
    """The players of one subscriber: who they are as far as is known, and what the subscriber has seen of them."""

    def __init__(self, context: RequestContext, player_ids: Sequence[str]) -> None:
        self._context = context
        self._ids = player_ids
        # Jobs go by the id that their asker used; the value is the id by which the subscriber knows the player.
        self._job_keys = {player_id: player_id for player_id in player_ids}
        self._blizzard_ids: set[str] = set()
        self._seen: dict[str, _Seen] = {}
        # By key: the run that the subscriber knows of; None where there was none at the first look.
        self._runs: dict[str, _Run | None] = {}
        self._told = Told()

    def topics(self) -> set[str]:
        """Where signals about them come from."""
        players = {player_topic(each) for each in (*self._ids, *self._blizzard_ids)}
        return players | {job_topic(JobKind.PLAYER.value, key) for key in self._job_keys}

    async def begin(self, *, snapshot: bool) -> AsyncIterator[PlayerEvent]:
        """Take note of what is there; with `snapshot`, tell it."""
        kept = await self._read()
        self._runs = {key: _run(job) for key, job in (await self._ended_runs()).items()}
        records = _records(kept)
        if snapshot:
            found = await settle_many(self._context, self._ids, kept)
            for player_id, each in zip(self._ids, found, strict=True):
                if isinstance(each, RetryableError):
                    yield PlayerRefreshFailed(player_id, each)
                else:
                    self._learn(player_id, each)
            records = {each.blizzard_id: each for each in found if isinstance(each, PlayerRecord)}
        async for event in self._events(records.values()):
            if snapshot:
                yield PlayerRefreshed(event.player, event.values, event.told, is_snapshot=True)
            else:
                self._told.begin(event.player.blizzard_id, event.values)

    async def look(self) -> AsyncIterator[PlayerEvent]:
        """Tell what is new."""
        kept = await self._read()
        runs = await self._ended_runs()
        async for event in self._events(filter(self._is_news, _records(kept).values())):
            yield event
        for job in self._failures(runs):
            player_id = self._job_keys[job.key]
            yield PlayerRefreshFailed(player_id, as_error(self._context, job, kept.get(player_id)))

    async def _read(self) -> Mapping[str, KeptPlayer]:
        """What is kept of them, in one read; nothing that an earlier read has found is used again."""
        kept = await self._context.refresher.read_many(self._ids)
        for player_id, each in kept.items():
            if each.record is not None:
                self._learn(player_id, each.record)
        return kept

    def _learn(self, player_id: str, record: PlayerRecord) -> None:
        self._blizzard_ids.add(record.blizzard_id)
        for key in (record.blizzard_id, record.battletag):
            if key is not None:
                self._job_keys.setdefault(key, player_id)

    def _is_news(self, record: PlayerRecord) -> bool:
        """Whether the subscriber has not seen this of the player."""
        seen = self._seen.get(record.blizzard_id)
        if seen is None or seen.is_older_than(record):
            return True
        if record.fetched_at > seen.fetched_at:
            # The facts were compared: not again before the next fetch.
            self._seen[record.blizzard_id] = replace(seen, fetched_at=record.fetched_at)
        return False

    async def _ended_runs(self) -> Mapping[str, Job | None]:
        """The latest job for each key; None for one that runs, since what it says is of the run before."""
        jobs = await self._context.jobs.get_latest(JobKind.PLAYER, self._job_keys)
        ended = {key: job for key, job in jobs.items() if job.state is not JobState.RUNNING}
        return {key: ended.get(key) for key in self._job_keys}

    def _failures(self, runs: Mapping[str, Job | None]) -> Iterator[Job]:
        """Those that failed since the last look. Under a key looked at for the first time there are none: that run
        ended before the subscriber came, or before it was known whose key it is."""
        for key, job in runs.items():
            known = self._runs.setdefault(key, _run(job))
            if job is not None and _run(job) != known:
                self._runs[key] = _run(job)
                if job.error is not None:
                    yield job

    async def _events(self, records: Iterable[PlayerRecord]) -> AsyncIterator[PlayerRefreshed]:
        """The events for records not seen before, some at a time: a career takes time to read."""
        waiting = list(records)
        while waiting:
            some, waiting = waiting[:_CAREERS_AT_ONCE], waiting[_CAREERS_AT_ONCE:]
            careers = await self._context.players.get_careers([each.blizzard_id for each in some])
            for each in some:
                values = values_of(each, careers.get(each.blizzard_id, Career()))
                self._seen[each.blizzard_id] = _Seen.of(each)
                yield PlayerRefreshed(each, values, self._told)
            await asyncio.sleep(0)


def _run(job: Job | None) -> _Run | None:
    return None if job is None else (job.id, job.queued_at, job.attempts)


def _records(kept: Mapping[str, KeptPlayer]) -> dict[str, PlayerRecord]:
    """Each player once, under whichever ids it was asked for."""
    return {each.record.blizzard_id: each.record for each in kept.values() if each.record is not None}
