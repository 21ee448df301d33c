"""What a subscriber can see of a player, field by field, in a form that is cheap to keep and to compare."""

from models.players import Career, PlatformCareer, PlayerRecord
from models.refreshes import Values
from resolvers import players


def values_of(record: PlayerRecord, career: Career) -> Values:
    """A number for each field of `Player` that says something of the player; equal values have equal numbers within
    one process. `version` and `freshness` are left out: they change by themselves."""
    pc, console = career.pc or PlatformCareer(), career.console or PlatformCareer()
    gamemodes = (pc.quickplay, pc.competitive, console.quickplay, console.competitive)
    return {
        "playerId": hash(players.public_id(record)),
        "battletag": hash(record.battletag),
        "blizzardId": hash(record.blizzard_id),
        "username": hash(record.username),
        "avatar": hash(record.avatar),
        "namecard": hash(record.namecard),
        "title": hash(record.title),
        "endorsement": hash(record.endorsement),
        "privacy": hash(record.privacy),
        "lastUpdatedAt": hash(record.last_updated_at),
        "competitive": hash(record.competitive),
        "statsSummary": hash(record.hero_totals),
        "careerStats": hash(tuple(each and each.career_stats for each in gamemodes)),
        "heroComparisons": hash(tuple(each and each.hero_comparisons for each in gamemodes)),
    }
