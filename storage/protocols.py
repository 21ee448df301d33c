"""What every backend must do: one narrow Protocol per repository. The contract is in the docstrings.

Rules for all of them. A method is one transaction: it happens whole or not at all, also when the caller is
cancelled. Keyed reads are plural and leave out what is not there. Time comes in as an argument
(milliseconds since 1970); no answer depends on the server's own clock. Text of any kind is kept unchanged,
except that NUL and lone surrogates never get this far (they are refused as bad input).
A backend that is out of reach, too slow or unwilling raises `errors.StorageUnavailable`.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from models.catalog import CatalogKind, CatalogRecord, Facts, FetchedEntry
from models.players import (
    Career,
    FetchedPlayer,
    KeptPlayer,
    PlayerRecord,
    PlayerSource,
    UnknownPlayer,
)


class Players(Protocol):
    """Profiles, careers and pages of players, and the ids that upstream does not know.

    A player is kept once, under Blizzard's id. Every id under which a fetch found the player is an alias of it.
    """

    async def get_many(self, player_ids: Collection[str]) -> Mapping[str, KeptPlayer]:
        """What is kept under each id (any alias), in one read. Ids with nothing kept are left out.

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
        news. Returns what is kept afterwards.
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
        and `fetched_at` moves. An answer fetched before the kept one changes nothing. Returns what is kept
        afterwards.
        """
        ...


@dataclass(frozen=True, slots=True)
class Storage:
    """The repositories of one backend, opened together by `storage.open_storage`.

    `backend` is the value of STORAGE_TYPE; `server_version` names the database that answered. `ping` asks it
    for nothing and returns, or raises `errors.StorageUnavailable`.
    """

    backend: str
    server_version: str
    players: Players
    catalog: Catalog
    ping: Callable[[], Awaitable[None]]
