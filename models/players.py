"""What is known of a player: the profile, the career, and that there is none.

A player is kept in two parts. The *profile* is small and answers most queries; the *career* holds
thousands of statistics and is read only when a query asks for it.
All times are milliseconds since 1970, all spans whole seconds.
"""

from dataclasses import dataclass
from enum import Enum


class Privacy(Enum):
    """Whether Blizzard shows the statistics of a profile."""

    PUBLIC = "public"
    PRIVATE = "private"


class Platform(Enum):
    """The two input worlds Blizzard keeps apart."""

    PC = "pc"
    CONSOLE = "console"


class PlayerGamemode(Enum):
    """The two kinds of play a career page tells of."""

    QUICKPLAY = "quickplay"
    COMPETITIVE = "competitive"


@dataclass(frozen=True, slots=True)
class Endorsement:
    """How other players rate this one. `level` is 0 to 5; `frame` is an image URL."""

    level: int
    frame: str


@dataclass(frozen=True, slots=True)
class Rank:
    """A competitive rank. `division` is bronze ... ultimate; `tier` is 1 (best) to 5, None when not shown."""

    division: str
    tier: int | None
    role_icon: str | None
    rank_icon: str | None
    tier_icon: str | None


@dataclass(frozen=True, slots=True)
class PlatformRanks:
    """Ranks of one platform in its latest season; a role not ranked is None."""

    season: int | None
    tank: Rank | None = None
    damage: Rank | None = None
    support: Rank | None = None
    open: Rank | None = None


@dataclass(frozen=True, slots=True)
class CompetitiveRanks:
    """Ranks per platform; None where the player has no competitive record."""

    pc: PlatformRanks | None
    console: PlatformRanks | None


@dataclass(frozen=True, slots=True)
class HeroTotals:
    """The raw figures of one hero in one platform and gamemode that every summary adds up."""

    platform: Platform
    gamemode: PlayerGamemode
    hero_key: str
    games_played: int
    games_won: int
    games_lost: int
    time_played: int
    eliminations: int
    assists: int
    deaths: int
    damage: int
    healing: int


@dataclass(frozen=True, slots=True)
class CareerStat:
    """One statistic. Durations are seconds, percentages 0 to 100; a value that cannot be read is None."""

    key: str
    label: str
    value: int | float | None


@dataclass(frozen=True, slots=True)
class CareerStatCategory:
    """Statistics of one category, in the page's order; repeated rows are kept."""

    category: str
    label: str
    stats: tuple[CareerStat, ...]


@dataclass(frozen=True, slots=True)
class HeroCareerStats:
    """Everything a career page says of one hero; `hero_key` is `all-heroes` for the sum."""

    hero_key: str
    categories: tuple[CareerStatCategory, ...]


@dataclass(frozen=True, slots=True)
class HeroComparisonValue:
    """One hero's figure in a comparison; a value that cannot be read is None."""

    hero_key: str
    value: int | float | None


@dataclass(frozen=True, slots=True)
class HeroComparison:
    """Heroes side by side in one category, best first as the page has them."""

    category: str
    label: str
    values: tuple[HeroComparisonValue, ...]


@dataclass(frozen=True, slots=True)
class GamemodeCareer:
    """The career in one gamemode of one platform."""

    career_stats: tuple[HeroCareerStats, ...] = ()
    hero_comparisons: tuple[HeroComparison, ...] = ()


@dataclass(frozen=True, slots=True)
class PlatformCareer:
    """The career on one platform; None where the page has nothing for that gamemode."""

    quickplay: GamemodeCareer | None = None
    competitive: GamemodeCareer | None = None


@dataclass(frozen=True, slots=True)
class Career:
    """All statistics of a player; None for a platform that was never played or is not shown."""

    pc: PlatformCareer | None = None
    console: PlatformCareer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayerProfile:
    """What a career page and the player's search row say, without the bulk of the statistics.

    `blizzard_id` is Blizzard's own id with `|` in it and the key under which the player is kept.
    `battletag` is written `Name-1234`, None when only the id was ever asked for.
    `last_updated_at` is when Blizzard last changed the profile, None when no search row was found.
    """

    blizzard_id: str
    battletag: str | None
    username: str
    avatar: str | None
    namecard: str | None
    title: str | None
    endorsement: Endorsement | None
    privacy: Privacy
    last_updated_at: int | None
    competitive: CompetitiveRanks | None
    hero_totals: tuple[HeroTotals, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayerRecord(PlayerProfile):
    """A profile as kept.

    `version` grows by one at each visible change. `fetched_at` is when upstream last confirmed it.
    `parser_version` is that of the parser that made it.
    """

    version: int
    fetched_at: int
    parser_version: int


def kept_profile(
    profile: PlayerProfile,
    *,
    blizzard_id: str,
    battletag: str | None,
    version: int,
    fetched_at: int,
    parser_version: int,
) -> PlayerRecord:
    """The record of a profile, whose id and battletag are kept beside it."""
    return PlayerRecord(
        blizzard_id=blizzard_id,
        battletag=battletag,
        username=profile.username,
        avatar=profile.avatar,
        namecard=profile.namecard,
        title=profile.title,
        endorsement=profile.endorsement,
        privacy=profile.privacy,
        last_updated_at=profile.last_updated_at,
        competitive=profile.competitive,
        hero_totals=profile.hero_totals,
        version=version,
        fetched_at=fetched_at,
        parser_version=parser_version,
    )


@dataclass(frozen=True, slots=True)
class UnknownPlayer:
    """A fact too: upstream was asked `check_count` times and has no such player; ask again at `retry_at`."""

    player_id: str
    check_count: int
    checked_at: int
    retry_at: int


@dataclass(frozen=True, slots=True)
class KeptPlayer:
    """What storage has under one id: a record, a note that there is none, or both.

    Both means that upstream stopped knowing a player whose profile is still kept.
    """

    record: PlayerRecord | None = None
    unknown: UnknownPlayer | None = None


@dataclass(frozen=True, slots=True)
class SearchRow:
    """One row of Blizzard's player search: who it is, and what only the search tells.

    `blizzard_id` has `|` in it. `title` is the English one. `json_text` is the row as sent.
    """

    blizzard_id: str
    name: str
    is_public: bool
    last_updated_at: int
    avatar: str | None
    namecard: str | None
    title: str | None
    json_text: str


@dataclass(frozen=True, slots=True)
class PlayerSource:
    """What upstream sent, kept so that a newer parser can read it again.

    `page` is the career page's text; `search_row` is the player's row of the search answer as JSON text,
    None when there was none.
    """

    page: str
    search_row: str | None


@dataclass(frozen=True, slots=True)
class FetchedPlayer:
    """One good answer of upstream, parsed: what a refresh saves."""

    profile: PlayerProfile
    career: Career
    source: PlayerSource
    fetched_at: int
    parser_version: int
