"""Our answers in the shape of the REST peer, whose recorded answers we compare with, field by field."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

SUMMARY = """
  username avatar namecard title lastUpdatedAt
  endorsement { level frame }
  competitive {
    pc { season tank { ...rank } damage { ...rank } support { ...rank } open { ...rank } }
    console { season tank { ...rank } damage { ...rank } support { ...rank } open { ...rank } }
  }
"""
RANK = "fragment rank on Rank { division tier roleIcon rankIcon tierIcon }"
STATS = """
  fragment stats on Stats {
    gamesPlayed gamesWon gamesLost timePlayed winrate kda
    total { eliminations assists deaths damage healing }
    average { eliminations assists deaths damage healing }
  }
"""
STATS_SUMMARY = """
  general { ...stats } roles { role stats { ...stats } } heroes { heroKey hero { key } stats { ...stats } }
"""
CAREER_STATS = "heroKey categories { category label stats { key label value } }"
COMPARISONS = "category label values { heroKey value }"

# The fifteen categories that the peer always lists, null where a page has none.
CATEGORIES = (
    "time_played",
    "games_won",
    "win_percentage",
    "weapon_accuracy_best_in_game",
    "eliminations_per_life",
    "kill_streak_best",
    "multikill_best",
    "eliminations_avg_per_10_min",
    "deaths_avg_per_10_min",
    "final_blows_avg_per_10_min",
    "solo_kills_avg_per_10_min",
    "objective_kills_avg_per_10_min",
    "objective_time_avg_per_10_min",
    "hero_damage_done_avg_per_10_min",
    "healing_done_avg_per_10_min",
)


def snake_case(value: Any) -> Any:
    """The same JSON with its names written as the peer writes them."""
    if isinstance(value, list):
        return [snake_case(each) for each in value]
    if isinstance(value, Mapping):
        return {re.sub(r"([A-Z])", r"_\1", key).lower(): snake_case(each) for key, each in value.items()}
    return value


def summary(player: Mapping[str, Any]) -> dict[str, Any]:
    """What `/players/{id}/summary` answers."""
    rest: dict[str, Any] = snake_case(player)
    moment = rest["last_updated_at"]
    rest["last_updated_at"] = moment and datetime.fromisoformat(moment).timestamp()
    return rest


def stats_summary(found: Mapping[str, Any] | None) -> dict[str, Any]:
    """What `/players/{id}/stats/summary` answers."""
    if found is None:
        return {}
    return {
        "general": snake_case(found["general"]),
        "roles": {each["role"].lower(): snake_case(each["stats"]) for each in found["roles"]},
        "heroes": {each["heroKey"]: snake_case(each["stats"]) for each in found["heroes"]},
    }


def labelled_stats(heroes: list[Mapping[str, Any]]) -> dict[str, Any]:
    """What `/players/{id}/stats` answers."""
    return {hero["heroKey"]: hero["categories"] for hero in heroes}


def plain_stats(heroes: list[Mapping[str, Any]]) -> dict[str, Any]:
    """What `/players/{id}/stats/career` answers: of repeated rows the last."""
    return {
        hero["heroKey"]: {
            category["category"]: {stat["key"]: stat["value"] for stat in category["stats"]}
            for category in hero["categories"]
        }
        for hero in heroes
    }


def comparisons(found: list[Mapping[str, Any]]) -> dict[str, Any]:
    """The comparisons of `/players/{id}`."""
    given = {
        each["category"]: {
            "label": each["label"],
            "values": [{"hero": bar["heroKey"], "value": bar["value"]} for bar in each["values"]],
        }
        for each in found
    }
    return dict.fromkeys(CATEGORIES) | given
