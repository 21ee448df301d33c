"""Invented players for the tests of storage."""

from pathlib import Path

from models.players import (
    Career,
    CareerStat,
    CareerStatCategory,
    CompetitiveRanks,
    Endorsement,
    FetchedPlayer,
    GamemodeCareer,
    HeroCareerStats,
    HeroComparison,
    HeroComparisonValue,
    HeroTotals,
    Platform,
    PlatformCareer,
    PlatformRanks,
    PlayerGamemode,
    PlayerProfile,
    PlayerRecord,
    PlayerSource,
    Privacy,
    Rank,
    UnknownPlayer,
)

NOW = 1_800_000_000_000
ID = "a1b2|c3d4"
OTHER = "e5f6|0789"


def made_profile(blizzard_id: str = ID, eliminations: int = 7, battletag: str | None = None) -> PlayerProfile:
    rank = Rank("gold", 3, "https://role.svg", "https://rank.png", None)
    return PlayerProfile(
        blizzard_id=blizzard_id,
        battletag=battletag,
        username="Ana",
        avatar="https://avatar.png",
        namecard=None,
        title="Bytefixer",
        endorsement=Endorsement(3, "https://frame.svg"),
        privacy=Privacy.PUBLIC,
        last_updated_at=NOW - 5_000,
        competitive=CompetitiveRanks(pc=PlatformRanks(season=12, tank=rank), console=None),
        hero_totals=(
            HeroTotals(
                Platform.PC, PlayerGamemode.QUICKPLAY, "ana", 20, 12, 8, 3600, eliminations, 2, 3, 4, 5
            ),
        ),
    )


def made_career(eliminations: int = 7, label: str = "Eliminations") -> Career:
    stats = (CareerStat("eliminations", label, eliminations), CareerStat("accuracy", "Accuracy", 41.5))
    hero = HeroCareerStats(
        "ana", (CareerStatCategory("combat", "Combat", (*stats, CareerStat("x", "X", None))),)
    )
    comparison = HeroComparison("time_played", "Time Played", (HeroComparisonValue("ana", 3600),))
    return Career(pc=PlatformCareer(quickplay=GamemodeCareer((hero,), (comparison,))))


def made_player(
    blizzard_id: str = ID,
    *,
    eliminations: int = 7,
    battletag: str | None = None,
    fetched_at: int = NOW,
    source: PlayerSource | None = None,
) -> FetchedPlayer:
    return FetchedPlayer(
        made_profile(blizzard_id, eliminations, battletag),
        made_career(eliminations),
        source or PlayerSource("<main>page</main>", '{"name": "Ana"}'),
        fetched_at,
        parser_version=4,
    )


def made_record(player: FetchedPlayer, *, version: int = 1, battletag: str | None = None) -> PlayerRecord:
    """What storage answers for a player."""
    profile = player.profile
    return PlayerRecord(
        blizzard_id=profile.blizzard_id,
        battletag=battletag or profile.battletag,
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
        fetched_at=player.fetched_at,
        parser_version=player.parser_version,
    )


def made_note(player_id: str, check_count: int = 1, checked_at: int = NOW) -> UnknownPlayer:
    return UnknownPlayer(player_id, check_count, checked_at, checked_at + 600_000)


def files_in(folder: Path) -> list[str]:
    """Names of what is in a folder."""
    return sorted(path.name for path in folder.iterdir())
