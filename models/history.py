"""How a player's figures changed: one snapshot for each visible change of them, newest first in every list."""

from dataclasses import dataclass

from models import paging
from models.paging import (
    Connection,
    Edge,
    PageArguments,
    read_cursor,
    requested_size,
    written_cursor,
)
from models.players import CompetitiveRanks, PlayerProfile
from models.stats_summary import summarize

_CURSOR = "version"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileFigures:
    """What history tells of a profile; None for what is not visible. `winrate` is per cent, `time_played` seconds,
    `endorsement` the level: those of the headline figures over both gamemodes and both platforms."""

    competitive: CompetitiveRanks | None
    games_played: int | None
    time_played: int | None
    winrate: float | None
    kda: float | None
    endorsement: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileSnapshot(ProfileFigures):
    """The figures as they were from `taken_at` on, when upstream first gave them, until the next snapshot.
    `version` is that of the record which had them first."""

    version: int
    taken_at: int


@dataclass(frozen=True, slots=True)
class HistoryRequest:
    """A page of a player's snapshots, newest first.

    The list is what was taken at `since` or later, and before `until` (milliseconds since 1970). Of its versions
    above `newer_than` and below `older_than`, the page has the newest `limit`, or with `from_oldest` the oldest.
    """

    blizzard_id: str
    limit: int
    since: int | None = None
    until: int | None = None
    newer_than: int | None = None
    older_than: int | None = None
    from_oldest: bool = False


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Snapshots, newest first; how many the whole list has, and whether some of them are newer or older."""

    snapshots: tuple[ProfileSnapshot, ...] = ()
    total: int = 0
    has_newer: bool = False
    has_older: bool = False


def figures_of(profile: PlayerProfile) -> ProfileFigures:
    """The figures that a profile shows now."""
    summary = summarize(profile.hero_totals, {})
    general = summary.general if summary else None
    return ProfileFigures(
        competitive=profile.competitive,
        games_played=general.games_played if general else None,
        time_played=general.time_played if general else None,
        winrate=general.winrate if general else None,
        kda=general.kda if general else None,
        endorsement=profile.endorsement.level if profile.endorsement else None,
    )


def page_from(
    request: HistoryRequest, snapshots: tuple[ProfileSnapshot, ...], total: int, ahead: int, inside: int
) -> HistoryPage:
    """The page of a list of `total`, of which `ahead` are not older than where the request begins and `inside` lie
    between its cursors."""
    size = max(0, min(request.limit, inside))
    start = ahead + inside - size if request.from_oldest else ahead
    return HistoryPage(snapshots, total, has_newer=start > 0, has_older=start + size < total)


def history_request(
    blizzard_id: str, page: PageArguments, since: int | None, until: int | None
) -> HistoryRequest:
    """What to ask for a page that a client wants. BadUserInput as of `requested_size` and `read_cursor`."""
    size, is_last = requested_size(page)
    return HistoryRequest(
        blizzard_id,
        size,
        since,
        until,
        newer_than=None if page.before is None else read_cursor(_CURSOR, page.before, "before"),
        older_than=None if page.after is None else read_cursor(_CURSOR, page.after, "after"),
        from_oldest=is_last,
    )


def connection_of(page: HistoryPage) -> Connection[ProfileSnapshot]:
    """A page as Relay has it; cursors are versions, so that they stay right while snapshots are added."""
    return paging.connection_of(
        (Edge(written_cursor(_CURSOR, each.version), each) for each in page.snapshots),
        total=page.total,
        has_next=page.has_older,
        has_previous=page.has_newer,
    )
