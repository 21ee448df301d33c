"""What every backend must do: one narrow Protocol per repository. The contract is in the docstrings.

Rules for all of them. A method is one transaction, unless its class says otherwise: it happens whole or not at all,
also when the caller is cancelled; a cancelled call is over when its task is. Keyed reads are plural and leave out
what is not there. "In one read" is true of a thousand keys at least; more may be asked for in several reads, of
different moments. Time comes in as an argument (milliseconds since 1970); no answer depends on the server's own
clock. Text of any kind is kept unchanged, except that NUL and lone surrogates never get this far (they are refused as
bad input).
A backend that is out of reach, too slow or unwilling raises `errors.StorageUnavailable`.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import msgspec

from models.catalog import CatalogKind, CatalogRecord, Facts, FetchedEntry
from models.conversations import (
    Appended,
    Conversation,
    ConversationDraft,
    ConversationPage,
    ConversationRequest,
    Message,
    MessageDraft,
    MessageRange,
    Removed,
    Started,
)
from models.events import Pointer
from models.history import HistoryPage, HistoryRequest
from models.jobs import (
    Job,
    JobError,
    JobKind,
    JobPlace,
    JobRequest,
    JobState,
    ScheduledRequest,
)
from models.players import (
    Career,
    FetchedPlayer,
    KeptPlayer,
    PlayerRecord,
    PlayerSource,
    UnknownPlayer,
)
from models.storage import KindStatistics
from storage.game_protocols import BoxScores, GameRecords, Games
from storage.items import Item, ItemKind

ItemT = TypeVar("ItemT", bound=Item)


class Players(Protocol):
    """Profiles, careers and pages of players, and the ids that upstream does not know.

    A player is kept once, under Blizzard's id. Every id under which a fetch found the player is an alias of it.
    """

    async def get_many(self, player_ids: Collection[str]) -> Mapping[str, KeptPlayer]:
        """What is kept under each id (any alias), in one read. Ids with nothing kept are left out.

        While the database is away, the error's `found` has those whose copies a cache holds; of `get_careers` too.
        A record made by code whose bytes this code cannot read counts as not kept; its source is still there.
        """
        ...

    async def get_careers(self, blizzard_ids: Collection[str]) -> Mapping[str, Career]:
        """The statistics of players, by Blizzard's id, in one read. Players not kept are left out."""
        ...

    async def get_sources(self, blizzard_ids: Collection[str]) -> Mapping[str, PlayerSource]:
        """The pages that records were parsed from, by Blizzard's id, in one read."""
        ...

    async def save(self, player: FetchedPlayer, player_ids: Collection[str]) -> PlayerRecord:
        """Keep a good answer of upstream and remember `player_ids` as aliases of it.

        First time: version 1. Facts that differ from the kept ones: version + 1. Equal facts: the version
        stays and `fetched_at` moves. An answer fetched before the kept one changes nothing but the aliases.
        A battletag once known is not forgotten when the answer has none. An id that was an alias of another
        player now belongs to this one. Notes that any of these ids (or Blizzard's) is unknown are dropped, but
        a note about this player that upstream gave after this answer stays: reading a kept page again is no
        news. A kept record that this code cannot read gives way to any answer; its version is followed as if it
        could, and the later of the two times is kept. Returns what is kept afterwards.

        Figures other than those of the latest snapshot in the player's history (or the first ones) are added to it in
        the same transaction, under the record's version and `fetched_at`.
        """
        ...

    async def confirm(
        self, blizzard_id: str, fetched_at: int, player_ids: Collection[str]
    ) -> PlayerRecord | None:
        """Upstream says that nothing changed: move `fetched_at` forward (never back) and remember aliases.

        Drops notes that these ids are unknown, as `save` does. None when no such player is kept; then nothing is
        written.
        """
        ...

    async def save_unknown(self, unknown: UnknownPlayer, expected_count: int) -> UnknownPlayer:
        """Keep that upstream has no such player, if its kept `check_count` is `expected_count` (0 = no note yet).

        A note about an alias of a kept player is kept under Blizzard's id, so every alias shares it.
        Otherwise another caller was quicker: nothing is written. Returns what is kept afterwards; when that is
        no note at all (the player was found meanwhile), a note with a `check_count` of 0 that is due at once.
        A kept profile stays as it is.
        """
        ...

    async def prune(self, fetched_before: int, limit: int) -> int:
        """Forget at most `limit` players whose `fetched_at` is before that time, the oldest first, each with its
        career, its history, its aliases and the note about it; then notes about ids that lead to no player whose
        `retry_at` is before that time, within the same limit. Returns how many of both went; 0 = nothing is left to
        forget.
        """
        ...


class History(Protocol):
    """The snapshots of players' figures. `Players.save` adds to them, and whatever removes a player removes its own.

    A later version is never taken earlier. What a copy into the store has left of another past, versions that the
    record has not reached, goes when the next snapshot is added.
    """

    async def pages(self, requests: Collection[HistoryRequest]) -> Mapping[HistoryRequest, HistoryPage]:
        """Pages of the histories of any number of players, all in one read. Every request is answered; that for a
        player without a history by an empty page. A snapshot whose bytes this code cannot read is missing on its
        page, and is counted."""
        ...

    async def prune(self, taken_before: int, limit: int) -> int:
        """Forget at most `limit` snapshots taken before that time, the oldest first; the newest one of each player
        stays, whatever its age. Returns how many went; 0 = nothing is left to forget."""
        ...


class Catalog(Protocol):
    """Facts that upstream publishes for everybody: heroes, roles, usage, searches. Kept by kind and key."""

    async def get_many(
        self, kind: CatalogKind[Facts], keys: Collection[str]
    ) -> Mapping[str, CatalogRecord[Facts]]:
        """What is kept of a kind under each key, in one read. Keys with nothing kept are left out.

        A record whose bytes this code cannot read counts as not kept; its source is still there.
        """
        ...

    async def get_sources(self, kind: CatalogKind[Any], keys: Collection[str]) -> Mapping[str, str]:
        """The texts that records were parsed from, in one read."""
        ...

    async def save(
        self, kind: CatalogKind[Facts], key: str, entry: FetchedEntry[Facts]
    ) -> CatalogRecord[Facts]:
        """Keep a good answer of upstream.

        First time: version 1. Facts that differ from the kept ones: version + 1. Equal facts: the version stays
        and `fetched_at` moves. An answer fetched before the kept one changes nothing. A kept record that this code
        cannot read gives way to any answer, as that of a player does. Returns what is kept afterwards.
        """
        ...


class Conversations(Protocol):
    """Conversations and their messages, each with one caller that it belongs to.

    A conversation is gone from its `expires_at` on, for every method here but `sweep` and `erase`: a read leaves it
    out, a write raises `errors.NotFound`. So does a write to one of another caller, or to one that never was. Messages
    go with their conversation and not otherwise.
    """

    async def start(
        self,
        draft: ConversationDraft,
        *,
        resume_id: str | None,
        now: int,
        expires_at: int | None,
        limit: int,
    ) -> Started:
        """Resume the conversation `resume_id` if it is alive and belongs to the draft's caller, user and channel; else
        make a new one under the draft's id. Either way it is active `now` and ends at `expires_at`; of a resumed one,
        neither moves when it was active later than `now`.

        `errors.LimitExceeded` when the caller has `limit` living conversations and this would be one more; however many
        start at once, the limit holds.
        """
        ...

    async def append(
        self,
        conversation_id: str,
        draft: MessageDraft,
        *,
        caller: str,
        now: int,
        expires_at: int | None,
        limit: int,
    ) -> Appended:
        """Add a message: its sequence is the number of messages with it. The conversation's activity moves as `start`
        says. However many append at once, sequences are 1 to n without a gap.

        A client key that this conversation has seen: its first message again, and nothing changes, whatever else the
        draft says. `errors.NotFound`: no such living conversation of this caller. `errors.RuleViolation`: `parent_id`
        is no message of this conversation. `errors.LimitExceeded`: it has `limit` messages. They are looked for in
        this order.
        """
        ...

    async def get_many(self, conversation_ids: Collection[str], *, now: int) -> Mapping[str, Conversation]:
        """Living conversations by id, whoever's they are, in one read. Ids without one are left out."""
        ...

    async def list(
        self, requests: Collection[ConversationRequest], *, now: int
    ) -> Mapping[ConversationRequest, ConversationPage]:
        """Pages of callers' conversations, all in one read; every request is answered."""
        ...

    async def get_ranges(
        self, ranges: Collection[MessageRange], *, now: int
    ) -> Mapping[MessageRange, Sequence[Message]]:
        """Messages by conversation and sequence, oldest first, all ranges in one read; every range is answered. What
        is not there, or belongs to a conversation that is gone, is left out of the sequence."""
        ...

    async def get_messages(self, message_ids: Collection[str], *, now: int) -> Mapping[str, Message]:
        """Messages of living conversations by id, in one read. Ids without one are left out."""
        ...

    async def get_replies(
        self, message_ids: Collection[str], *, limit: int, now: int
    ) -> Mapping[str, Sequence[Message]]:
        """The messages whose parent each of these is, the first `limit` of each by sequence, in one read. Ids of
        messages without any are left out."""
        ...

    async def delete(self, conversation_id: str, *, caller: str, now: int) -> int:
        """Remove a conversation with its messages. Returns how many messages went; `errors.NotFound` as `append`."""
        ...

    async def sweep(self, now: int, limit: int) -> int:
        """Remove at most `limit` conversations that are gone at `now`, each with its messages. Returns how many; 0 =
        nothing is left to sweep."""
        ...

    async def erase(self, caller: str, limit: int) -> Removed:
        """Remove at most `limit` conversations of a caller, living or not, each with its messages. Returns how much
        went; no conversation = nothing is left of this caller."""
        ...


class CacheEntry(msgspec.Struct, frozen=True):
    """A copy. It is gone when now >= `expires_at`. `order` grows with what it is a copy of."""

    value: bytes
    expires_at: int
    order: int = 0


class Cache(Protocol):
    """Copies that may vanish at any time, expired or not: nothing here is the only one of its kind.

    Keys are text of any kind. An expired entry is as good as none for every method but `delete`.

    Each key is a change of its own here: a call that fails or is cancelled, or that another one runs beside, may have
    set or deleted some keys and not others, and a read of many keys may see that.
    """

    async def get_many(self, keys: Collection[str], *, now: int) -> Mapping[str, CacheEntry]:
        """The copies under these keys, in one read. Keys without one are left out."""
        ...

    async def set_many(self, entries: Mapping[str, CacheEntry], *, now: int) -> None:
        """Keep copies. One that is kept already stays when its `order` is higher than the new one's, so that a slow
        reader cannot put an old copy back."""
        ...

    async def replace(self, key: str, entry: CacheEntry, *, expected_order: int | None, now: int) -> bool:
        """Keep a copy in the place of the one of exactly that order; None: only where there is none. False, with
        nothing changed, when something else is there, or nothing where one was expected.

        However many try to replace the same copy at once, one of them does, as long as each brings another order than
        the one it expects. A call that is cancelled or fails may have happened. Unlike the other methods this one
        raises `StorageUnavailable` also where copies can be done without.
        """
        ...

    async def delete(self, keys: Collection[str]) -> int:
        """Drop copies whatever their order. Returns how many there were, expired ones not yet swept included."""
        ...

    async def exists(self, keys: Collection[str], *, now: int) -> frozenset[str]:
        """Those of the keys that have a copy; reads no value."""
        ...

    async def keys(self, prefix: str, *, now: int, limit: int) -> Sequence[str]:
        """At most `limit` keys that begin with `prefix` (of letters, digits and signs: compared as text, no
        patterns), sorted by code point. Walks what is kept: for operators, not for requests."""
        ...


class Counters(Protocol):
    """Counts that end at a moment, for limits."""

    async def add(self, key: str, amount: int, *, now: int, expires_at: int) -> int:
        """Add to a count and return the sum. A count that is not there, or has ended (now >= its end), begins at
        `amount` and ends at `expires_at`; a count that is there keeps its end."""
        ...

    async def get_many(self, keys: Collection[str], *, now: int) -> Mapping[str, int]:
        """Counts that have not ended, in one read; others are left out."""
        ...


class Leases(Protocol):
    """The right to do something, for a while: one holder at a time, known by a token of its own making.

    A lease ends when now >= `expires_at`: a holder that died blocks nobody for longer. Leases save double work.
    Correctness must not rest on them: a store that was restarted or flushed may have forgotten one.
    """

    async def acquire(self, name: str, token: str, *, now: int, expires_at: int) -> bool:
        """Take the lease if nobody else holds it. Taking it again with the same token moves its end."""
        ...

    async def renew(self, name: str, token: str, *, now: int, expires_at: int) -> bool:
        """Move the end of a lease that this token still holds. False when it ended or is another's."""
        ...

    async def release(self, name: str, token: str) -> bool:
        """Give back a lease that this token holds. False, with nothing changed, when another's token holds it or
        nobody does."""
        ...


class Subscription(Protocol):
    """What a subscriber waits on. It holds the latest pointer of each topic since the last look, never more."""

    async def wait(self) -> Sequence[Pointer]:
        """Wait until something was published on the topics, then give the highest pointer of each topic since the
        last call. A pointer of version 0 says that signals may have been lost (a connection broke and is back):
        read the log. It stands in the place of any other version of its topic, since the log has those too. A call
        that is cancelled loses nothing. Raises nothing when the bus is out of reach; it then waits, as callers look
        by themselves on a slow tick."""
        ...


class EventBus(Protocol):
    """Wakes whoever waits for a topic, in this process and, where the backend has a server, in all others.

    Signals may be lost, doubled or late: they say where to look, storage says what there is.
    """

    async def publish(self, pointers: Collection[Pointer]) -> None:
        """Wake the subscribers of these topics. Raises nothing: a bus out of reach is counted and logged, and this
        process's own subscribers are woken all the same."""
        ...

    def subscribe(self, topics: Collection[str]) -> AbstractAsyncContextManager[Subscription]:
        """Wait on topics. Everything published by anybody after the block is entered wakes it (or is told as
        possibly lost)."""
        ...


class JobRecords(Protocol):
    """Background work, for those who ask for it and look at it.

    A job is open from its enqueueing to its end: QUEUED or RUNNING. Of one kind and key at most one job is ever run
    at a time, and at most two are open: the second, a follow-up, waits for the end of the first. Whatever is
    enqueued is run at least once, unless it is joined to a job that is. Ended jobs stay until they are swept. Jobs
    of kinds that this code does not know are left out of every answer.
    """

    async def enqueue(self, requests: Mapping[str, JobRequest], *, now: int) -> Mapping[str, Job]:
        """Ask for work, each request under the id that a new job for it is to have. Returns the job that does it,
        by that id: the job's own id is another when the request was joined to an open job.

        Nothing of this kind and key is open: a new QUEUED job. A QUEUED one is: the request joins it. A RUNNING one
        is: the request joins it, or with `after_run` gets a follow-up, which is made if there is none. What is
        joined takes the higher priority, and the earlier `not_before` when it has never been run (a job that waits
        for another attempt keeps its time); the RUNNING one takes the priority too. Several requests of one kind
        and key count as one after the other.
        """
        ...

    async def enqueue_scheduled(
        self, requests: Mapping[str, ScheduledRequest], *, now: int
    ) -> Mapping[str, Job]:
        """Enqueue those requests for which this method did so `every` milliseconds ago or longer, or never. Returns
        them as `enqueue` does; the others are left out. However many ask at the same moment, one of them gets it.
        Different requests have different kinds or keys."""
        ...

    async def get_many(self, job_ids: Collection[str]) -> Mapping[str, Job]:
        """Jobs by id, in one read. Ids without one are left out."""
        ...

    async def get_latest(self, kind: JobKind, keys: Collection[str]) -> Mapping[str, Job]:
        """By key, in one read: the job that runs or is to run next, else the one that ended last. Keys without any
        are left out."""
        ...

    async def list(self, state: JobState, *, after: JobPlace | None, limit: int) -> Sequence[Job]:
        """At most `limit` jobs in a state, the last enqueued first, from behind a place on. Of two enqueued in the
        same millisecond the greater id comes first."""
        ...

    async def requeue(self, job_ids: Collection[str], *, now: int) -> Mapping[str, Job]:
        """Give FAILED jobs another try: QUEUED again under their ids, at `now`, with no attempt made and no error.
        Where their kind and key is open by now, the failed job is dropped and the open one stands for it, with the
        higher priority. Returns what stands for each id; ids of jobs that have not failed are left out."""
        ...

    async def counts(self) -> Mapping[tuple[JobKind, JobState], int]:
        """How many jobs there are of each kind and state; what there is none of is left out. For operators."""
        ...

    async def sweep(self, finished_before: int, limit: int) -> int:
        """Remove at most `limit` jobs that ended before that time. Returns how many; 0 = nothing is left to sweep."""
        ...


class JobClaims(Protocol):
    """Background work, for those who do it. A worker has a token of its own making, and is known by it.

    A worker that is late finds its job gone: what it says about a job that another token has claimed since, or that
    has ended, changes nothing. Until then its word counts, also after its lease ran out.
    """

    async def claim(
        self,
        token: str,
        kinds: Collection[JobKind],
        *,
        limit: int,
        now: int,
        lease_until: int,
        max_attempts: int,
    ) -> Sequence[Job]:
        """Take at most `limit` jobs of these kinds that are due, by priority, then by age, then by id. They are
        RUNNING from then on, with one more attempt; nobody else gets them before `lease_until`.

        Due are QUEUED jobs from their `not_before` on, and RUNNING ones from their `lease_until` on: their worker
        is gone. One of the latter that has been tried `max_attempts` times is FAILED instead, so that work that
        kills its worker comes to an end. However many claim at once, each job is taken by one. An answer shorter
        than `limit` says that nothing else was due that others were not just taking.
        """
        ...

    async def renew(self, token: str, job_ids: Collection[str], *, lease_until: int) -> frozenset[str]:
        """Move the end of the leases of these jobs. Returns those that the token still holds; the others are lost."""
        ...

    async def finish(
        self, token: str, job_id: str, *, state: JobState, error: JobError | None, now: int
    ) -> Job | None:
        """End a job as SUCCEEDED or FAILED; its follow-up can then be claimed. Returns it as it is afterwards; None
        when the token does not hold it."""
        ...

    async def postpone(self, token: str, job_id: str, *, not_before: int, error: JobError) -> Job | None:
        """Put a job back for another attempt, not before that time; this one counts. None as for `finish`."""
        ...

    async def give_back(self, token: str, job_ids: Collection[str]) -> frozenset[str]:
        """Put jobs back as if they had not been claimed: this attempt does not count, and they are due at once.
        Returns those that the token held."""
        ...


class ArchiveReader(Protocol[ItemT]):
    """Everything kept of one kind, as it is kept: bytes are neither decoded nor made anew."""

    @property
    def kind(self) -> ItemKind[ItemT]:
        """Which kind."""
        ...

    async def count(self) -> int:
        """How many items there are."""
        ...

    async def list(self, *, after: str | None, limit: int) -> Sequence[ItemT]:
        """At most `limit` items whose keys come after `after` (None: from the first on), in an order of the
        backend's own that does not change. Items added meanwhile may or may not be met; each other one is met
        once."""
        ...

    async def get_many(self, keys: Collection[str]) -> Mapping[str, ItemT]:
        """Items by key, in one read. Keys without one are left out."""
        ...


class Archive(ArchiveReader[ItemT], Protocol):
    """The same, to be written: for copies, restores and clearing. Not for requests."""

    async def put_many(self, items: Sequence[ItemT]) -> None:
        """Keep items exactly as they are, in the place of those of the same key; all or none."""
        ...

    async def clear(self, limit: int) -> int:
        """Remove at most `limit` items. Returns how many; 0 = nothing is left."""
        ...

    async def statistics(self, now: int) -> KindStatistics:
        """Count, bytes and ages of the items, without reading what they hold.

        The bytes are those of the parts that are bytes: profile, career and page, facts and source; and those of a
        message's content in UTF-8. Notes and conversations have none.
        Ages are by `fetched_at`, in the nearest-rank way: p50 of n ages, sorted, is the one at place ceil(n / 2).
        Kinds that have no such time have no ages.
        """
        ...


Snapshot = Mapping[str, ArchiveReader[Any]]
"""The archives of one moment, by the name of their kind."""


@dataclass(frozen=True, slots=True)
class Storage:
    """The repositories of one backend, opened together by `storage.open_storage`.

    `backend` is the value of STORAGE_TYPE; `server_version` names the database that answered, `schema_version` the
    number of its last migration.
    """

    backend: str
    server_version: str
    schema_version: int
    players: Players
    history: History
    catalog: Catalog
    conversations: Conversations
    jobs: JobRecords
    job_claims: JobClaims
    cache: Cache
    counters: Counters
    leases: Leases
    bus: EventBus
    ping: Callable[[], Awaitable[None]]
    """Asks the database for nothing and returns; raises `errors.StorageUnavailable`."""
    archives: Mapping[str, Archive[Any]]
    """All kinds of items that must not be lost, by name, parents before children."""
    snapshot: Callable[[], AbstractAsyncContextManager[Snapshot]]
    """The archives as they are at one moment, while others go on writing."""
    check: Callable[[], Awaitable[Sequence[str]]]
    """The backend's own check of itself (its files, its indexes): what is wrong, a line each; empty when nothing is."""
    trouble: Callable[[], str | None]
    """What is missing that the backend can do without (hybrid without Redis), in a sentence; None when nothing is."""
    sweep: Callable[[int, int], Awaitable[int]]
    """`sweep(now, limit)`: remove at most so many cache entries, counts and leases that ended. Returns how many;
    0 = nothing is left to sweep."""
    ephemeral_statistics: Callable[[int], Awaitable[Sequence[KindStatistics]]]
    """`ephemeral_statistics(now)`: count and bytes of what may go: cache, counters, leases. What ended is not
    counted."""
    connections_in_use: Callable[[], int]
    """Connections that calls hold at this moment; zero when nothing is under way."""
    notes: Sequence[str] = field(default=(), kw_only=True)
    """What an operator should know of the server that answered, a sentence each; nothing is wrong because of it."""
    # None on a backend that keeps no games yet.
    games: Games | None = field(default=None, kw_only=True)
    game_records: GameRecords | None = field(default=None, kw_only=True)
    box_scores: BoxScores | None = field(default=None, kw_only=True)
