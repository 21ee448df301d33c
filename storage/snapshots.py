"""A snapshot of a player's figures, made of what a backend keeps of it."""

from models.history import ProfileSnapshot
from storage import codec


def made_snapshot(
    blizzard_id: str, *, version: int, taken_at: int, data_version: int, figures: bytes
) -> ProfileSnapshot | None:
    """The snapshot; None when this code cannot read it: its bytes are damaged, or of another version."""
    if data_version != codec.FIGURES_VERSION:
        return None
    decoded = codec.decode_or_none(codec.decode_figures, figures, blizzard_id=blizzard_id, column="figures")
    if decoded is None:
        return None
    return ProfileSnapshot(
        version=version,
        taken_at=taken_at,
        competitive=decoded.competitive,
        games_played=decoded.games_played,
        time_played=decoded.time_played,
        winrate=decoded.winrate,
        kda=decoded.kda,
        endorsement=decoded.endorsement,
    )
