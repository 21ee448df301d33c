"""Answers of the player search about invented players."""

import json
from collections.abc import Iterable

from blizzard.simulator.players import Moment, SimulatedPlayer


def search_answer(players: Iterable[SimulatedPlayer], moment: Moment, images: str) -> str:
    """The text of an answer that lists `players`."""
    rows = [_row(player, moment, images) for player in players]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def _row(player: SimulatedPlayer, moment: Moment, images: str) -> dict[str, object]:
    return {
        "name": player.name,
        "isPublic": player.is_public,
        "lastUpdated": moment.last_updated(player),
        "namecard": f"{images}/namecards/{player.number % 24}.svg",
        "avatar": f"{images}/avatars/{player.name}-{player.number}.svg",
        "title": _title(player.title),
        "url": player.blizzard_id.replace("|", "%7C"),
    }


def _title(title: str | None) -> object:
    """A title in several languages, as upstream has it; these are words of ours and stay as they are."""
    return "" if title is None else dict.fromkeys(("en_US", "en_GB", "de_DE", "fr_FR", "ja_JP"), title)
