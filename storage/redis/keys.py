"""Every key on Redis. Those with the same word in braces lie on one node of a Cluster, as a script asks."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlayerKeys:
    """The tables of players. Those without a note are hashes by Blizzard's id; parts of a value are parted by NUL."""

    records: str
    """version, facts_hash, parser_version, data_version, fetched_at, created_at, changed_at, and the battletag as
    "+Name-1234" or nothing."""
    profiles: str
    careers: str
    pages: str
    search_rows: str
    """Only of players that had one."""
    aliases: str
    """Any id under which a player was found, to Blizzard's id; the player's own is one of them."""
    owned: str
    """A sorted set of "blizzard_id NUL alias", all with score 0: the aliases of a player, in order."""
    ids: str
    """A sorted set of Blizzard's ids, all with score 0: the order in which players are listed."""
    fetched: str
    """A sorted set of Blizzard's ids by `fetched_at`."""
    notes: str
    """check_count, checked_at, retry_at; by the id that upstream does not know."""
    note_ids: str
    """A sorted set of those ids, all with score 0."""
    retries: str
    """A sorted set of those ids by `retry_at`."""
    sizes: str
    """Bytes of content: of players under "players", of their histories under "player_history"."""
    snapshots: str
    """taken_at, figures_hash, data_version, figures; by "blizzard_id NUL version", the version in sixteen digits."""
    timeline: str
    """A sorted set of the same "blizzard_id NUL version", all with score 0: the snapshots of a player, in order."""
    superseded: str
    """A sorted set of them by `taken_at`, the newest one of each player left out: what may go when it is old."""

    def all(self) -> tuple[str, ...]:
        """All of them, in the order in which scripts take them."""
        return tuple(getattr(self, name) for name in self.__slots__)


@dataclass(frozen=True, slots=True)
class CatalogKeys:
    """The tables of the catalog: hashes by "kind/key"."""

    records: str
    """As of players, without a battletag."""
    facts: str
    sources: str
    ids: str
    """A sorted set of "kind/key", all with score 0."""
    fetched: str
    """A sorted set of "kind/key" by `fetched_at`."""
    sizes: str
    """Bytes of content, under "catalog"."""

    def all(self) -> tuple[str, ...]:
        """All of them, in the order in which scripts take them."""
        return tuple(getattr(self, name) for name in self.__slots__)


@dataclass(frozen=True, slots=True)
class ConversationKeys:
    """The tables of conversations and their messages. Parts of a value are parted by NUL. A place is "conversation NUL
    sequence", the sequence in sixteen digits: so places sort as text."""

    records: str
    """A hash by id; `scripts/conversations.lua` names the parts of a conversation."""
    ids: str
    """A sorted set of ids, all with score 0: the order in which conversations are gone through."""
    activity: str
    """A sorted set of "caller NUL last_activity_at id NUL expires_at NUL user_id NUL channel_id", all with score 0, the
    first time in sixteen digits: a caller's conversations in order, with all that a list asks of them."""
    ends: str
    """A sorted set of the ids of those that expire, by `expires_at`."""
    messages: str
    """A hash by place; `scripts/conversations.lua` names the parts of a message."""
    contents: str
    """A hash by place: what was said."""
    timeline: str
    """A sorted set of places, all with score 0."""
    places: str
    """A hash by a message's id: its place."""
    client_keys: str
    """A sorted set of "conversation NUL client key NUL sequence", all with score 0, the sequence in sixteen digits."""
    replies: str
    """A sorted set of "parent's id NUL sequence", all with score 0, the sequence in sixteen digits."""
    sizes: str
    """Bytes of content, under "messages"."""

    def all(self) -> tuple[str, ...]:
        """All of them, in the order in which scripts take them."""
        return tuple(getattr(self, name) for name in self.__slots__)


@dataclass(frozen=True, slots=True)
class JobKeys:
    """The tables of jobs. Parts of a value are parted by NUL. A place is the time of enqueueing in sixteen digits, the
    job's id, NUL and its kind; a turn is 99 less the priority in two digits, and the place. So both sort as text."""

    records: str
    """A hash by id; `scripts/jobs.lua` names the parts of a job."""
    heads: str
    """A hash by "kind NUL key": the id of the open job that runs or is to run next."""
    follow_ups: str
    """A hash by the same: the id of the job that waits for the end of that one."""
    later: str
    """A sorted set of the turns of heads, by the time at which they are due: for a running one, when its lease ends."""
    ready: str
    """A sorted set of the turns of heads that were found due, all with score 0: the order in which they are run."""
    queued: str
    """A sorted set of the places of jobs in this state, all with score 0; so are the next three."""
    running: str
    succeeded: str
    failed: str
    ends: str
    """A sorted set of the ids of ended jobs by `finished_at`."""
    past: str
    """A sorted set of "kind NUL key NUL finished_at id" of ended jobs, all with score 0, the time in sixteen digits."""
    counts: str
    """A hash by "kind NUL state": how many jobs there are."""
    marks: str
    """A hash by "kind NUL key": when work that comes round was last asked for."""

    def all(self) -> tuple[str, ...]:
        """All of them, in the order in which scripts take them."""
        return tuple(getattr(self, name) for name in self.__slots__)


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys under one prefix. `part` of players, catalog and conversations is nothing, or names a snapshot of
    them."""

    prefix: str

    def players(self, part: str = "") -> PlayerKeys:
        """The tables of players."""
        return PlayerKeys(*(f"{self.prefix}{{players}}:{part}{name}" for name in PlayerKeys.__slots__))

    def catalog(self, part: str = "") -> CatalogKeys:
        """The tables of the catalog."""
        return CatalogKeys(*(f"{self.prefix}{{catalog}}:{part}{name}" for name in CatalogKeys.__slots__))

    def conversations(self, part: str = "") -> ConversationKeys:
        """The tables of conversations."""
        names = ConversationKeys.__slots__
        return ConversationKeys(*(f"{self.prefix}{{conversations}}:{part}{name}" for name in names))

    def jobs(self) -> JobKeys:
        """The tables of jobs."""
        return JobKeys(*(f"{self.prefix}{{jobs}}:{name}" for name in JobKeys.__slots__))

    def snapshot_mark(self, tag: str, part: str) -> str:
        """What says that a snapshot is whole, beside its tables: how many of them there are."""
        return f"{self.prefix}{{{tag}}}:{part}mark"

    @property
    def layout(self) -> str:
        """The version of all of this."""
        return f"{self.prefix}{{layout}}:version"

    def cache(self, key: str) -> str:
        """A copy. No braces of ours: each lies where its key sends it; braces of the key itself do no harm."""
        return f"{self.prefix}cache:{key}"

    def counter(self, key: str) -> str:
        """A count."""
        return f"{self.prefix}count:{key}"

    def lease(self, name: str) -> str:
        """A lease."""
        return f"{self.prefix}lease:{name}"

    @property
    def channel(self) -> str:
        """The channel of the bus."""
        return f"{self.prefix}events"


def starts_with(text: str) -> str:
    """The pattern of SCAN for what begins with a text, in which no sign has a meaning."""
    return re.sub(r"([\\*?\[\]^-])", r"\\\1", text) + "*"
