"""Invented figures and snapshots for the tests of history."""

from dataclasses import replace

from models.history import HistoryRequest, ProfileSnapshot, figures_of
from models.players import Endorsement, FetchedPlayer
from storage import Storage, codec
from storage.items import SnapshotItem, snapshot_item_key
from tests.storage.made import ID, NOW, made_player, made_profile


def endorsed(level: int, at: int = 0, blizzard_id: str = ID, *, title: str = "Bytefixer") -> FetchedPlayer:
    """An invented player at so many milliseconds after NOW, with an endorsement level to tell figures by."""
    player = made_player(blizzard_id, fetched_at=NOW + at)
    profile = replace(player.profile, endorsement=Endorsement(level, "https://frame.svg"), title=title)
    return replace(player, profile=profile)


def made_snapshot(player: FetchedPlayer, version: int, taken_at: int | None = None) -> ProfileSnapshot:
    """What history tells of a player as it was fetched."""
    figures = figures_of(player.profile)
    return ProfileSnapshot(
        version=version,
        taken_at=player.fetched_at if taken_at is None else taken_at,
        competitive=figures.competitive,
        games_played=figures.games_played,
        time_played=figures.time_played,
        winrate=figures.winrate,
        kda=figures.kda,
        endorsement=figures.endorsement,
    )


def made_snapshot_item(blizzard_id: str = ID, version: int = 1, at: int = 0, level: int = 3) -> SnapshotItem:
    """What is kept of an invented snapshot taken so many milliseconds after NOW."""
    profile = replace(made_profile(blizzard_id), endorsement=Endorsement(level, "https://frame.svg"))
    encoded = codec.encode_player(replace(made_player(blizzard_id), profile=profile))
    return SnapshotItem(
        key=snapshot_item_key(blizzard_id, version),
        taken_at=NOW + at,
        figures_hash=encoded.figures_hash,
        data_version=codec.FIGURES_VERSION,
        figures=encoded.figures,
    )


async def history_of(storage: Storage, blizzard_id: str = ID) -> list[ProfileSnapshot]:
    """All snapshots of a player, newest first."""
    request = HistoryRequest(blizzard_id, 1_000)
    return list((await storage.history.pages([request]))[request].snapshots)


async def versions_of(storage: Storage, blizzard_id: str = ID) -> list[int]:
    """The versions of all snapshots of a player, newest first."""
    return [each.version for each in await history_of(storage, blizzard_id)]
